//! What admins do to accounts: each act, its record, and what nobody can do.

use http::StatusCode;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn each_act_does_what_it_says_and_is_recorded_with_old_and_new() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let page = page_of(&gate, "anna@example.com").await;
    let done = format!("{page}?said=done");

    assert_eq!(does(&gate, &mut boss, "end-sessions", "anna@example.com").await.location(), done);
    Gate::soon("her session is over", || async { !anna.clone().is_inside().await }).await;
    assert_eq!(told(&gate, "session.end").await, serde_json::json!({"old": 1, "new": 0}));
    assert_eq!(does(&gate, &mut boss, "end-sessions", "anna@example.com").await.location(), format!("{page}?said=nothing"));

    anna.sign_in(&gate, "/").await;
    assert_eq!(does(&gate, &mut boss, "disable", "anna@example.com").await.location(), done);
    Gate::soon("she is out", || async { !anna.clone().is_inside().await }).await;
    assert_eq!(told(&gate, "user.disable").await, serde_json::json!({"old": "active", "new": "disabled"}));
    let record = recorded(&gate, "user.disable").await.remove(0);
    assert_eq!((record.actor.as_str(), record.login.as_str()), ("account:boss@example.com", "anna@example.com"));
    assert_eq!(record.client, "127.0.0.1");
    assert_eq!(does(&gate, &mut boss, "enable", "anna@example.com").await.location(), done);
    assert_eq!(told(&gate, "user.enable").await, serde_json::json!({"old": "disabled", "new": "active"}));

    // Ten wrong codes from browsers that she never used.
    for _ in 0..2 {
        let mut stranger = anna.in_new_browser(&gate);
        stranger.reach_page_two().await;
        for _ in 0..5 {
            let code = stranger.wrong_code(&gate);
            stranger.enter(&code).await;
        }
    }
    assert!(gate.account("anna@example.com").await.locked_at.is_some());
    assert!(boss.browser.get(&format!("{ACCOUNTS}?show=locked")).await.text().contains("anna@example.com"));
    assert_eq!(does(&gate, &mut boss, "unlock", "anna@example.com").await.location(), done);
    assert_eq!(told(&gate, "user.unlock").await, serde_json::json!({"old": "locked", "new": "active"}));
    assert!(gate.account("anna@example.com").await.locked_at.is_none());

    assert_eq!(send(&mut boss, &page, &page, &[("deed", "open-enrolment")]).await.location(), format!("{page}?said=nothing"));
    assert!(gate.account("anna@example.com").await.mfa.is_some(), "not without the tick");
    assert_eq!(does(&gate, &mut boss, "open-enrolment", "anna@example.com").await.location(), done);
    assert!(gate.account("anna@example.com").await.mfa.is_none());
    assert_eq!(told(&gate, "user.reset-mfa").await, serde_json::json!({"old": "active", "new": "invited"}));
    let shown = boss.browser.get(&page).await.text();
    assert!(shown.contains("vestibule user invite anna@example.com"), "without mail the operator prints the link");

    assert_eq!(does(&gate, &mut boss, "remove", "anna@example.com").await.location(), format!("{ACCOUNTS}?said=done"));
    assert_eq!(told(&gate, "user.remove").await["old"]["state"], "invited");
    assert_eq!(boss.browser.get(&page).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn opened_enrolment_leaves_nothing_of_whoever_was_in() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.enrolled("anna@example.com").await;
    gate.number(
        "INSERT INTO mobiles (account, number, since, usable_from) SELECT id, x'00', 1, 1 FROM accounts WHERE login = 'anna@example.com' RETURNING 1",
    )
    .await;
    does(&gate, &mut boss, "open-enrolment", "anna@example.com").await.location();
    assert!(gate.account("anna@example.com").await.mfa.is_none());
    assert_eq!(gate.number("SELECT count(*) FROM mobiles").await, 0, "a thief may have put their own number there");
}

#[tokio::test(flavor = "multi_thread")]
async fn unlock_takes_off_what_holds_somebody_back_and_asks_for_what_the_file_says_now() {
    let upstream = Upstream::start();
    let setup = || Setup::new(&[upstream.addr()]).section("listen", "admin = \"127.0.0.1:0\"");
    let gate = Gate::start(setup()).await;
    gate.without_rates();
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.enrolled("anna@example.com").await;
    let page = page_of(&gate, "anna@example.com").await;
    let offers = |text: String| text.contains("value=\"unlock\"");
    assert!(!offers(boss.browser.get(&page).await.text()), "nothing is held back");
    let reset = "UPDATE accounts SET reset_at = (SELECT max(created) FROM accounts) WHERE login = 'anna@example.com' RETURNING 1";
    gate.number(reset).await;
    assert!(offers(boss.browser.get(&page).await.text()), "a password was reset by mail");
    assert_eq!(does(&gate, &mut boss, "unlock", "anna@example.com").await.location(), format!("{page}?said=done"));
    let anna = gate.account("anna@example.com").await;
    assert!(anna.reset_at.is_none() && !anna.recovery_due);
    assert_eq!(does(&gate, &mut boss, "unlock", "anna@example.com").await.location(), format!("{page}?said=nothing"));

    gate.rewrite(&setup().section("mfa", "unlock = \"recovery\"").section("brand", "name = \"Reloaded\""));
    Gate::until("the reload", || async { gate.browser().get("/.vestibule/login").await.text().contains("Reloaded") }).await;
    gate.number(reset).await;
    assert_eq!(does(&gate, &mut boss, "unlock", "anna@example.com").await.location(), format!("{page}?said=done"));
    assert!(gate.account("anna@example.com").await.recovery_due, "as the file says now");
    assert_eq!(told(&gate, "user.unlock").await["recovery_due"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_shows_a_link_or_a_secret() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let anna = gate.signed_in("anna@example.com").await;
    let link = gate.invite("bert@example.com", &[]).await;
    let token = link.rsplit('/').next().unwrap();
    send(&mut boss, INVITE, INVITE, &[("people", "carl@example.com")]).await.location();
    let pages = [
        HOME.to_owned(),
        ACCOUNTS.to_owned(),
        page_of(&gate, "anna@example.com").await,
        page_of(&gate, "bert@example.com").await,
        page_of(&gate, "carl@example.com").await,
        AUDIT.to_owned(),
        format!("{AUDIT}?format=json"),
    ];
    for page in pages {
        let text = boss.browser.get(&page).await.text();
        assert!(!text.contains(&anna.secret) && !text.contains(token), "{page}");
        assert!(!text.contains("/.vestibule/register/") && !text.contains("/.vestibule/enrol/"), "{page}");
        assert!(anna.recovery.iter().all(|code| !text.contains(code)), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_invited_at_once_or_nobody() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let wrong = "anna\nbert@example.com,Bert,\"a,b\"\nboss2@example.com\nboss2@example.com\n";
    let answer = send(&mut boss, INVITE, INVITE, &[("people", wrong)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.text();
    assert!(text.contains("Line 1") && text.contains("Line 2") && text.contains("Line 4"), "{text}");
    assert!(text.contains("bert@example.com,Bert"), "what was typed is kept");
    let taken = send(&mut boss, INVITE, INVITE, &[("people", "new@example.com\nboss@example.com")]).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.text().contains("boss@example.com has an account already"));
    assert_eq!(gate.credentials().await.accounts().await.unwrap().len(), 1, "nobody was made");

    let people: String =
        (0..20).fold("login,name,groups\n".to_owned(), |all, n| all + &format!("p{n}@example.com,P {n},staff;it\n"));
    assert_eq!(send(&mut boss, INVITE, INVITE, &[("people", &people)]).await.location(), format!("{ACCOUNTS}?said=done"));
    let made = gate.account("p7@example.com").await;
    assert_eq!(
        (made.name.as_str(), made.groups.as_slice(), made.admin),
        ("P 7", &["it".to_owned(), "staff".to_owned()][..], false)
    );
    assert_eq!(recorded(&gate, "user.invite").await.iter().filter(|record| record.actor.starts_with("account:")).count(), 20);
    // An operator prints the link.
    let link = gate.new_link("p7@example.com", vestibule::auth::credentials::LinkKind::Invitation).await;
    Person::new("p7@example.com", gate.browser()).register(&link).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_is_neither_locked_out_nor_demoted() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    // Another admin who never enrolled cannot sign in, so does not count.
    gate.invite_as("idle@example.com", &[], true).await;
    let page = page_of(&gate, "boss@example.com").await;
    for deed in ["disable", "remove", "demote", "open-enrolment"] {
        assert_eq!(
            does(&gate, &mut boss, deed, "boss@example.com").await.location(),
            format!("{page}?said=last-admin"),
            "{deed}"
        );
    }
    assert!(recorded(&gate, "admin.delay").await.is_empty());
    // While there are two, either may go; the second is kept when the day has come.
    super::boss(&gate, "other@example.com").await;
    for login in ["other@example.com", "boss@example.com"] {
        assert!(does(&gate, &mut boss, "demote", login).await.location().ends_with("said=waits"), "{login}");
        gate.hands.advance(SECOND);
    }
    gate.hands.advance(DAY);
    Gate::until("nothing waits", || async { gate.open_store(false).await.office().delayed().await.unwrap().is_empty() }).await;
    assert!(gate.account("boss@example.com").await.admin && !gate.account("other@example.com").await.admin);
    assert!(recorded(&gate, "admin.cancel").await[0].detail.contains("last admin"));
    assert_eq!(recorded(&gate, "admin.carry-out").await.len(), 1);
}
