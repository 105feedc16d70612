//! What people are told about their account, and *This was not me*.

use std::time::Duration;

use http::StatusCode;

use super::{ANNA, gate, waiting};
use crate::account::{CODES, MFA, MFA_ENABLE, NEW_PASSWORD};
use crate::harness::person::{code_at, secret_of};
use crate::harness::{Gate, Person, PostOffice, Setup, Upstream};

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_browser_is_told_of_and_a_known_one_is_not() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let mut anna = gate.signed_in(ANNA).await;
    assert_eq!(waiting(&gate).await, 0, "the first sign-in surprises nobody");
    anna.browser.cookies.remove("__Host-vestibule");
    anna.sign_in(&gate, "/").await;
    assert_eq!(waiting(&gate).await, 0, "nor does a browser that is known");
    let mut other = anna.in_new_browser(&gate);
    other.browser.extra.push(("user-agent".parse().unwrap(), FIREFOX.parse().unwrap()));
    other.sign_in(&gate, "/").await;
    let mail = office.expect(1).await.remove(0);
    let text = mail.part("text/plain");
    for fact in ["New sign-in", "127.0.0.1", "Firefox on Windows", "Hello Anna Example,", " UTC"] {
        assert!(text.contains(fact) || mail.header("Subject").contains(fact), "{fact} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recovery_and_a_new_authenticator_are_told_of() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let anna = gate.signed_in(ANNA).await;
    let mut lost = anna.in_new_browser(&gate);
    lost.reach_page_two().await;
    lost.browser.post("/.vestibule/recover", &[("code", &anna.recovery[0])]).await.location();
    office.find("was recovered").await;
    lost.set_up(&gate).await;
    let told = office.find("Another authenticator app").await;
    assert!(told.link().starts_with("/.vestibule/not-me/"));
    assert_eq!(gate.open_store(false).await.outbox().unsent(9).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_on_the_account_pages_is_told_of() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let mut anna = gate.signed_in(ANNA).await;
    let (old, code) = (anna.password.clone(), anna.next_code(&gate));
    anna.change_password(&old, &code, NEW_PASSWORD).await.location();
    NEW_PASSWORD.clone_into(&mut anna.password);
    let code = anna.next_code(&gate);
    assert_eq!(anna.prove(CODES, &code).await.status, StatusCode::OK);
    let code = anna.next_code(&gate);
    let page = anna.prove(MFA, &code).await;
    let (secret, token) = (secret_of(&page.text()), page.field("form_token").unwrap());
    let code = code_at(&secret, u64::try_from(gate.hands.wall_now().secs()).unwrap());
    anna.browser.post(MFA_ENABLE, &[("form_token", &token), ("code", &code)]).await.location();
    for subject in ["was changed", "New recovery codes", "Another authenticator app"] {
        let mail = office.find(subject).await;
        assert!(mail.to == ANNA && mail.link().starts_with("/.vestibule/not-me/"), "{subject}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_told_of_once() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let anna = gate.signed_in(ANNA).await;
    for _ in 0..2 {
        let mut thief = anna.in_new_browser(&gate);
        thief.reach_page_two().await;
        for _ in 0..5 {
            let wrong = thief.wrong_code(&gate);
            thief.enter(&wrong).await;
        }
    }
    assert!(gate.account(ANNA).await.locked_at.is_some());
    let mail = office.expect(1).await.remove(0);
    assert!(mail.header("Subject").contains("locked") && !mail.part("text/plain").contains("not-me"));
}

#[tokio::test(flavor = "multi_thread")]
async fn this_was_not_me_freezes_the_account_once() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let mut anna = gate.signed_in(ANNA).await;
    let mut thief = anna.in_new_browser(&gate);
    thief.sign_in(&gate, "/").await;
    let link = office.expect(1).await[0].link();
    let mut owner = gate.browser();
    assert_eq!(owner.get(&link).await.location(), "/.vestibule/not-me");
    let page = owner.get("/.vestibule/not-me").await;
    assert!(page.text().contains(ANNA) && page.status == StatusCode::OK);
    assert!(thief.is_inside().await, "a look at the page has changed nothing");
    assert_eq!(gate.browser().post("/.vestibule/not-me", &[]).await.status, StatusCode::GONE, "without the link");
    let mut twice = owner.clone();
    assert_eq!(owner.post("/.vestibule/not-me", &[]).await.status, StatusCode::OK);
    Gate::soon("the thief is out", || async { !thief.clone().is_inside().await }).await;
    assert!(!anna.is_inside().await);
    assert!(gate.account(ANNA).await.disabled);
    assert_eq!(anna.log_in("/").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let trail = gate.open_store(false).await.trail().records(0, None, None, 1000).await.unwrap();
    assert!(trail.iter().any(|record| record.action == "user.freeze" && record.detail.contains("not me")));
    gate.set_disabled(ANNA, false).await;
    assert_eq!(twice.post("/.vestibule/not-me", &[]).await.status, StatusCode::GONE, "it works once");
    assert_eq!(twice.get(&link).await.status, StatusCode::GONE);
    assert!(!gate.account(ANNA).await.disabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_was_not_me_works_after_the_thief_changed_everything_and_for_a_week() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let anna = gate.signed_in(ANNA).await;
    anna.in_new_browser(&gate).sign_in(&gate, "/").await;
    let link = office.expect(1).await[0].link();
    gate.reset_mfa(ANNA).await;
    assert_eq!(gate.browser().get(&link).await.location(), "/.vestibule/not-me", "the epoch has moved");
    let mut late = gate.browser();
    late.get(&link).await.location();
    gate.hands.advance(Duration::from_hours(7 * 24));
    assert_eq!(gate.browser().get(&link).await.status, StatusCode::GONE);
    assert_eq!(late.post("/.vestibule/not-me", &[]).await.status, StatusCode::GONE);
    assert!(!gate.account(ANNA).await.disabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_in_the_language_of_the_person() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let mut anna = gate.signed_in(ANNA).await;
    anna.browser.cookies.remove("__Host-vestibule");
    anna.browser.cookies.insert("__Host-vestibule-language".to_owned(), "de".to_owned());
    anna.sign_in(&gate, "/").await;
    // Whoever asks does not choose the language of somebody else's mail.
    super::forgot(&mut gate.browser(), ANNA).await;
    assert!(office.expect(1).await[0].part("text/html").contains("<html lang=\"de\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_that_an_operator_took_off_is_told_of() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let mut anna = gate.signed_in(ANNA).await;
    let printed = gate.told(&["user", "reset-mfa", ANNA, "--reason", "lost the phone"]);
    let mail = office.find("was removed").await;
    let text = mail.part("text/plain");
    assert_eq!(mail.to, ANNA);
    assert!(text.contains("have removed the authenticator app from your account"), "{text}");
    assert!(!text.contains("lost the phone") && !text.contains("/.vestibule/enrol/"), "neither the reason nor the link: {text}");
    assert!(!text.contains("Network address"), "nobody's browser did it: {text}");
    assert!(printed.contains("/.vestibule/enrol/"), "{printed}");
    Gate::soon("she is signed out", || async { !anna.clone().is_inside().await }).await;
    // *This was not me* works, although the epoch has moved.
    let mut owner = gate.browser();
    assert_eq!(owner.get(&mail.link()).await.location(), "/.vestibule/not-me");
    assert_eq!(owner.post("/.vestibule/not-me", &[]).await.status, StatusCode::OK);
    assert!(gate.account(ANNA).await.disabled);

    // Nothing is taken from somebody who has none.
    gate.invite("new@example.com", &[]).await;
    gate.told(&["user", "reset-mfa", "new@example.com", "--reason", "again"]);
    assert_eq!(waiting(&gate).await, 0);
    assert_eq!(office.arrived().iter().filter(|mail| mail.to == "new@example.com").count(), 0);
    anna.browser.cookies.clear();
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_in_the_name_of_the_portal_where_it_happened() {
    const OTHER: &str = "other.example.com";
    let (office, upstream) = (PostOffice::open().await, Upstream::start());
    let other = format!(
        "[[portal]]\nurl = \"https://{OTHER}\"\nupstreams = [\"http://{}\"]\ngroups = [\"second\"]\n\
         [portal.brand]\nname = \"Second desk\"\nhelp = \"Call 555-0200\"\n",
        upstream.addr()
    );
    let setup = Setup::new(&[upstream.addr()])
        .portal("groups = [\"first\"]")
        .section("mail", &office.section())
        .section("brand", "name = \"First desk\"\nhelp = \"Call 555-0100\"\n")
        .more(&other);
    let gate = Gate::start(setup).await;
    gate.without_rates();
    let anna = gate.signed_in_with(ANNA, &["first", "second"]).await;
    let mut there = Person { browser: gate.browser(), ..anna.clone() };
    OTHER.clone_into(&mut there.browser.host);
    there.sign_in(&gate, "/").await;
    anna.in_new_browser(&gate).sign_in(&gate, "/").await;
    let mails = office.expect(2).await;
    for (brand, help, address, foreign) in [
        ("Second desk", "Call 555-0200", "https://other.example.com/.vestibule/", "First desk"),
        ("First desk", "Call 555-0100", "https://portal.example.com/.vestibule/", "Second desk"),
    ] {
        let mail = mails.iter().find(|mail| mail.header("Subject").contains(brand)).unwrap_or_else(|| panic!("{mails:#?}"));
        let text = mail.part("text/plain");
        assert!(mail.header("From").contains(brand) && mail.header("From").contains("portal@example.com"), "{mail:?}");
        assert!(text.contains(address) && !text.contains(foreign), "{text}");
        // The whole of it: in the text it stands behind the signature's hyphens.
        let html = mail.part("text/html");
        assert!(html.contains(brand) && html.contains(help) && !html.contains(foreign), "{html}");
    }
}
