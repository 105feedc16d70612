//! Recovery codes: one of them leads into a fresh enrolment, and everything that the lost phone could open dies.

use std::time::Duration;

use http::StatusCode;

use crate::harness::person::secret_of;
use crate::harness::{Answer, Gate, Person, Upstream};

const ANNA: &str = "anna@example.com";
const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn gate() -> Gate {
    let gate = Gate::before(&Upstream::start()).await;
    gate.without_rates();
    gate
}

async fn recover(person: &mut Person, code: &str) -> Answer {
    person.browser.post("/.vestibule/recover", &[("code", code)]).await
}

async fn until_out(person: &Person) {
    let browser = person.browser.clone();
    Gate::until("the session is over", || {
        let mut browser = browser.clone();
        async move { browser.fetch("/x").await.status == 401 }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_recovery_code_to_a_new_phone() {
    let gate = gate().await;
    let mut anna = gate.signed_in(ANNA).await;
    let mut other = anna.in_new_browser(&gate);
    other.sign_in(&gate, "/").await;
    let mut between = anna.in_new_browser(&gate);
    between.reach_page_two().await;

    let mut lost = anna.in_new_browser(&gate);
    assert_eq!(lost.browser.get("/.vestibule/recover").await.location(), "/.vestibule/login?why=recovery");
    assert_eq!(lost.log_in("/tickets").await.location(), "/.vestibule/verify");
    let page = lost.browser.get("/.vestibule/recover").await;
    assert!(page.text().contains("will stop working"), "{}", page.text());
    let spelled = format!(" {} ", anna.recovery[4].to_lowercase());
    let accepted = recover(&mut lost, &spelled).await;
    assert_eq!(accepted.location(), "/.vestibule/setup");
    assert!(!lost.browser.cookies.contains_key("__Host-vestibule"), "a recovery code signs nobody in");
    assert!(!lost.is_inside().await);

    // What is dead now: sessions, pending logins, known browsers, the old secret, the other codes.
    until_out(&anna).await;
    until_out(&other).await;
    assert_eq!(between.enter(&anna.next_code(&gate)).await.location(), "/.vestibule/login?why=expired");
    assert_eq!(anna.log_in("/").await.status, StatusCode::FORBIDDEN, "a known browser needs a link like any other");
    assert!(gate.account(ANNA).await.mfa.is_none());

    lost.set_up(&gate).await;
    assert_ne!(lost.secret, anna.secret);
    assert!(lost.recovery.iter().all(|code| !anna.recovery.contains(code)));
    assert_eq!(lost.finish_sign_in(&gate).await.location(), "/tickets");
    assert!(lost.is_inside().await);

    let mut old = anna.in_new_browser(&gate);
    old.reach_page_two().await;
    let code = old.next_code(&gate);
    assert_eq!(old.enter(&code).await.status, UNPROCESSABLE, "the old phone");
    for code in &anna.recovery[3..6] {
        assert_eq!(recover(&mut old, code).await.status, UNPROCESSABLE, "an old recovery code");
    }
    assert!(lost.is_inside().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_of_others_spent_ones_and_nonsense() {
    let gate = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let eve = gate.signed_in("eve@example.com").await;
    let mut thief = anna.in_new_browser(&gate);
    thief.reach_page_two().await;
    let unicode = anna.recovery[0].replace('-', "\u{2011}");
    for malformed in
        ["", "ABCD", "123456", &anna.recovery[0][..18], &format!("{}0", anna.recovery[0]), "ÄÄÄÄ-ÄÄÄÄ-ÄÄÄÄ-ÄÄÄÄ", &unicode]
    {
        let answer = recover(&mut thief, malformed).await;
        assert_eq!(answer.status, UNPROCESSABLE, "{malformed:?}");
        assert!(answer.text().contains("This try was not counted"), "{malformed:?}: {}", answer.text());
    }
    for (number, code) in eve.recovery[..4].iter().enumerate() {
        let answer = recover(&mut thief, code).await;
        assert_eq!(answer.status, UNPROCESSABLE);
        let left = if number == 3 { "one more try".to_owned() } else { format!("{} tries", 4 - number) };
        assert!(answer.text().contains(&left), "{}", answer.text());
    }
    assert_eq!(recover(&mut thief, &eve.recovery[4]).await.location(), "/.vestibule/login?why=expired");
    // None of Eve's was spent by that, and a right one of Anna's still works.
    let mut eve = eve.in_new_browser(&gate);
    eve.reach_page_two().await;
    let code = eve.recovery[0].clone();
    assert_eq!(recover(&mut eve, &code).await.location(), "/.vestibule/setup");
    let mut anna = anna.in_new_browser(&gate);
    anna.reach_page_two().await;
    let code = anna.recovery[0].clone();
    assert_eq!(recover(&mut anna, &code).await.location(), "/.vestibule/setup");
}

#[tokio::test(flavor = "multi_thread")]
async fn left_half_way_only_a_new_link_goes_on() {
    let gate = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let mut lost = anna.in_new_browser(&gate);
    lost.reach_page_two().await;
    recover(&mut lost, &anna.recovery[0]).await.location();
    let shown = lost.browser.post("/.vestibule/setup", &[]).await;
    let staged = secret_of(&shown.text());

    // Within the quarter of an hour, this browser may begin again with the password; no other may.
    let mut again = lost.clone();
    again.browser.cookies.remove("__Host-vestibule-pending");
    assert_eq!(again.log_in("/").await.location(), "/.vestibule/setup");
    assert_eq!(anna.in_new_browser(&gate).log_in("/").await.status, StatusCode::FORBIDDEN);
    assert_ne!(secret_of(&again.browser.post("/.vestibule/setup", &[]).await.text()), staged);

    gate.hands.advance(Duration::from_mins(15));
    let mut late = lost.clone();
    late.secret = staged;
    let code = late.code(&gate);
    let answer = late.browser.post("/.vestibule/setup", &[("code", &code)]).await;
    assert_eq!(answer.location(), "/.vestibule/login?why=expired");
    let refused = late.log_in("/").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "the grant has run out");
    let said = refused.text();
    assert!(said.contains("no new authenticator app was set up") && said.contains("Ask the people who run"), "{said}");
    assert!(gate.account(ANNA).await.mfa.is_none());
    let link = gate.reset_mfa(ANNA).await;
    let mut back = anna.in_new_browser(&gate);
    assert_eq!(back.browser.get(&link).await.location(), "/.vestibule/enrol");
    back.enrol(&gate).await;
    back.finish_sign_in(&gate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_left_the_wizard_at_the_codes_gets_a_new_set() {
    let gate = gate().await;
    let link = gate.invite(ANNA, &[]).await;
    let mut anna = Person::new(ANNA, gate.browser());
    anna.register(&link).await;
    anna.log_in("/").await.location();
    anna.secret = secret_of(&anna.browser.post("/.vestibule/setup", &[]).await.text());
    let code = anna.code(&gate);
    assert_eq!(anna.browser.post("/.vestibule/setup", &[("code", &code)]).await.location(), "/.vestibule/setup/codes");
    let first = anna.browser.post("/.vestibule/setup/codes", &[("act", "show")]).await;
    let unsaved = anna.browser.post("/.vestibule/setup/codes", &[("act", "next")]).await;
    assert_eq!(unsaved.status, UNPROCESSABLE, "shown is not saved");
    // Somebody with the password alone comes no further than page two, where the codes are not.
    let mut back = anna.in_new_browser(&gate);
    back.reach_page_two().await;
    assert_eq!(back.browser.post("/.vestibule/setup/codes", &[("act", "show")]).await.location(), "/.vestibule/verify");
    assert_eq!(back.enter(&code).await.status, UNPROCESSABLE, "the code that enabled");
    let code = back.next_code(&gate);
    assert_eq!(back.enter(&code).await.location(), "/.vestibule/setup/codes");
    assert!(!back.is_inside().await);
    let second = back.browser.post("/.vestibule/setup/codes", &[("act", "show")]).await;
    let of = |page: &Answer| -> Vec<String> {
        let text = page.text();
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        words.filter(|word| word.len() == 19 && word.matches('-').count() == 3).map(str::to_owned).collect()
    };
    assert_eq!((of(&first).len(), of(&second).len()), (10, 10), "{}", first.text());
    assert!(of(&first).iter().all(|code| !of(&second).contains(code)));
    let next = back.browser.post("/.vestibule/setup/codes", &[("act", "next"), ("saved", "on")]).await;
    assert_eq!(next.location(), "/.vestibule/verify");
    back.finish_sign_in(&gate).await;
    let mut thief = anna.in_new_browser(&gate);
    thief.reach_page_two().await;
    assert_eq!(recover(&mut thief, &of(&first)[0]).await.status, UNPROCESSABLE, "the old set is dead");
    assert_eq!(recover(&mut thief, &of(&second)[0]).await.location(), "/.vestibule/setup");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_codes_is_in_the_language_of_the_page_and_in_the_operators_name() {
    let upstream = Upstream::start();
    let gate = Gate::start(crate::harness::Setup::new(&[upstream.addr()]).section("brand", "name = \"Acme & Sons\"\n")).await;
    for (tag, login, words) in [
        ("en", "en@example.com", "Each of these codes lets you in once"),
        ("de", "de@example.com", "Jeder dieser Codes"),
        ("fr", "fr@example.com", "Chacun de ces codes"),
        ("es", "es@example.com", "Cada uno de estos códigos"),
        ("pt", "pt@example.com", "Cada um destes códigos"),
    ] {
        let link = gate.invite(login, &[]).await;
        let mut person = Person::new(login, gate.browser());
        person.browser.cookies.insert("__Host-vestibule-language".to_owned(), tag.to_owned());
        person.register(&link).await;
        person.log_in("/").await.location();
        person.secret = secret_of(&person.browser.post("/.vestibule/setup", &[]).await.text());
        let code = person.code(&gate);
        person.browser.post("/.vestibule/setup", &[("code", &code)]).await.location();
        let file = person.browser.post("/.vestibule/setup/codes", &[("act", "download")]).await;
        let text = file.text();
        for part in [words, "Acme & Sons", login, &year(&gate)] {
            assert!(text.contains(part), "{tag}: {part} in {text}");
        }
        assert!(text.replace("\r\n", "").find(['\r', '\n']).is_none(), "{text:?}");
        assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    }
}

fn year(gate: &Gate) -> String {
    gate.now().wall.to_string().split('-').next().unwrap().to_owned()
}
