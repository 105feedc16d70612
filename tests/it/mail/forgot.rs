//! A forgotten password: the same answer for everybody, a link that works once, and nobody signed in by it.

use std::time::Duration;

use http::StatusCode;

use super::{ANNA, forgot, gate, waiting};
use crate::harness::{Gate, Person, PostOffice, Setup, Upstream};

const NEW: &str = "Another-Horse-8-Staple";

async fn set(person: &mut Person, link: &str, password: &str) -> StatusCode {
    if person.browser.get(link).await.status != StatusCode::SEE_OTHER {
        return StatusCode::GONE;
    }
    let fields = [("new_password", password), ("new_password_again", password)];
    person.browser.post("/.vestibule/reset", &fields).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_link_sets_a_new_password_and_signs_nobody_in() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let mut anna = gate.signed_in(ANNA).await;
    let before = gate.account(ANNA).await;
    let mut lost = anna.in_new_browser(&gate);
    assert!(lost.browser.get("/.vestibule/login").await.text().contains("/.vestibule/forgot"));
    assert_eq!(forgot(&mut lost.browser, " ANNA@example.com ").await.status, StatusCode::OK);

    let mail = office.expect(1).await.remove(0);
    assert_eq!((mail.to.as_str(), mail.from.as_str(), mail.encrypted), (ANNA, "portal@example.com", true));
    assert_eq!(mail.login, "gate Canary-Of-The-Mail-Server");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    let link = mail.link();
    assert!(link.starts_with("/.vestibule/reset/"), "{link}");
    assert!(mail.part("text/html").contains(&format!("href=\"https://portal.example.com{link}\"")));

    // Looked at by a mail program first: nothing is consumed by that.
    assert_eq!(gate.browser().get(&link).await.location(), "/.vestibule/reset");
    let opened = lost.browser.get(&link).await;
    assert_eq!((opened.location(), opened.header("referrer-policy")), ("/.vestibule/reset", "no-referrer"));
    let page = lost.browser.get("/.vestibule/reset").await;
    assert!(page.text().contains(ANNA) && !page.text().contains(link.rsplit('/').next().unwrap()));
    let weak = [("new_password", "short"), ("new_password_again", "short")];
    assert_eq!(lost.browser.post("/.vestibule/reset", &weak).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = [("new_password", NEW), ("new_password_again", "Another-Horse-9-Staple")];
    assert_eq!(lost.browser.post("/.vestibule/reset", &other).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(anna.is_inside().await, "nothing has happened yet");
    let done = lost.browser.post("/.vestibule/reset", &[("new_password", NEW), ("new_password_again", NEW)]).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.text().contains("https://portal.example.com/.vestibule/"), "where to sign in");

    assert!(lost.browser.cookies.keys().all(|name| name != "__Host-vestibule" && name != "__Host-vestibule-pending"));
    assert!(!lost.is_inside().await);
    Gate::soon("all are signed out", || async { !anna.clone().is_inside().await }).await;
    let after = gate.account(ANNA).await;
    let factor = |account: &vestibule::auth::account::Account| account.mfa.as_ref().map(|mfa| mfa.sealed_secret.clone());
    assert_eq!((factor(&after), after.codes_saved, after.locked_at), (factor(&before), before.codes_saved, before.locked_at));
    assert!(after.epoch > before.epoch && after.reset_at.is_some());
    assert_eq!(anna.log_in("/").await.status, StatusCode::UNPROCESSABLE_ENTITY, "the old password");
    NEW.clone_into(&mut anna.password);
    anna.sign_in(&gate, "/").await;
    assert_eq!(lost.browser.get(&link).await.status, StatusCode::GONE);
    let told = office.find("was changed").await;
    assert!(told.part("text/plain").contains("127.0.0.1") && told.link().starts_with("/.vestibule/not-me/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_has_an_account() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    gate.signed_in(ANNA).await;
    gate.signed_in("bert@example.com").await;
    gate.set_disabled("bert@example.com", true).await;
    gate.invite("carl@example.com", &[]).await;
    let mut seen = Vec::new();
    for login in [ANNA, "bert@example.com", "carl@example.com", "dora@example.com", "no login id", ""] {
        let answer = forgot(&mut gate.browser(), login).await;
        let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| *name != "x-request-id" && *name != "date").collect();
        headers.retain(|(name, _)| *name != "content-length");
        let headers = format!("{headers:?}");
        let text = answer.text().replace(&format!("<strong>{login}</strong>"), "<strong></strong>");
        seen.push((answer.status, headers, text));
    }
    assert_eq!(seen[0].0, StatusCode::OK);
    assert!(seen.iter().all(|other| *other == seen[0]), "{seen:#?}");
    office.expect(1).await;
    Gate::until("what has nobody to go to is erased", || async { waiting(&gate).await == 0 }).await;
    assert_eq!(office.expect(1).await[0].to, ANNA);
    assert_eq!(gate.open_store(false).await.outbox().unsent(10).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_fills_a_mailbox_or_the_outbox() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    gate.signed_in(ANNA).await;
    for _ in 0..5 {
        assert_eq!(forgot(&mut gate.browser(), ANNA).await.status, StatusCode::OK);
    }
    // Older links are replaced before they are sent, or dead once they are; never more than three.
    Gate::until("all are through", || async { waiting(&gate).await == 0 }).await;
    assert!((1..=3).contains(&office.arrived().len()), "{}", office.arrived().len());
    for number in 0..5 {
        assert_eq!(forgot(&mut gate.browser(), &format!("{number}@example.com")).await.status, StatusCode::OK);
    }
    let refused = forgot(&mut gate.browser(), ANNA).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!refused.header("retry-after").is_empty());
    gate.hands.advance(Duration::from_mins(21));
    assert_eq!(forgot(&mut gate.browser(), ANNA).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once_in_twenty_parallel_forms() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let anna = gate.signed_in(ANNA).await;
    forgot(&mut gate.browser(), ANNA).await;
    let link = office.expect(1).await[0].link();
    let mut opened = anna.in_new_browser(&gate);
    opened.browser.get(&link).await.location();
    let forms = (0..20).map(|number| {
        let mut browser = opened.browser.clone();
        let password = format!("Another-Horse-{number}-Staple");
        async move {
            browser.post("/.vestibule/reset", &[("new_password", &password), ("new_password_again", &password)]).await.status
        }
    });
    let answers = futures_util::future::join_all(forms).await;
    let done = answers.iter().filter(|status| **status == StatusCode::OK).count();
    // Those that found the hashing pool full have changed nothing.
    let others = answers.iter().filter(|status| matches!(**status, StatusCode::GONE | StatusCode::SERVICE_UNAVAILABLE)).count();
    assert_eq!((done, done + others), (1, 20), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_dies_with_time_with_a_newer_one_and_with_the_account() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let anna = gate.signed_in(ANNA).await;
    let ask = async |number: usize| {
        forgot(&mut gate.browser(), ANNA).await;
        office.expect(number).await.pop().unwrap().link()
    };
    let (first, second) = (ask(1).await, ask(2).await);
    assert_eq!(set(&mut anna.in_new_browser(&gate), &first, NEW).await, StatusCode::GONE, "replaced");
    let mut late = anna.in_new_browser(&gate);
    late.browser.get(&second).await.location();
    gate.hands.advance(Duration::from_mins(30));
    let fields = [("new_password", NEW), ("new_password_again", NEW)];
    assert_eq!(late.browser.post("/.vestibule/reset", &fields).await.status, StatusCode::GONE, "opened in time, used too late");
    gate.hands.advance(Duration::from_hours(2));
    let third = ask(3).await;
    gate.set_disabled(ANNA, true).await;
    assert_eq!(set(&mut anna.in_new_browser(&gate), &third, NEW).await, StatusCode::GONE, "disabled");
    gate.set_disabled(ANNA, false).await;
    assert_eq!(set(&mut anna.in_new_browser(&gate), &third, NEW).await, StatusCode::GONE, "enabled again, of another epoch");
    let fourth = ask(4).await;
    let wrong_page = fourth.replace("/reset/", "/not-me/");
    assert_eq!(gate.browser().get(&wrong_page).await.status, StatusCode::GONE);
    let wrong_page = fourth.replace("/reset/", "/register/");
    assert_eq!(gate.browser().get(&wrong_page).await.status, StatusCode::GONE);
    assert_eq!(set(&mut anna.in_new_browser(&gate), &fourth, NEW).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_the_page_says_whom_to_ask_and_nothing_is_written() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("brand", "help = \"Call 203-555-0100\"")).await;
    gate.without_rates();
    let mut anna = gate.signed_in(ANNA).await;
    anna.in_new_browser(&gate).sign_in(&gate, "/").await;
    for _ in 0..2 {
        let page = anna.browser.get("/.vestibule/forgot").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("203-555-0100") && !page.text().contains("name=\"login\""), "{}", page.text());
        assert_eq!(forgot(&mut anna.browser, ANNA).await.text(), page.text());
    }
    assert_eq!(waiting(&gate).await, 0);
}
