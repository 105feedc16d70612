//! Links and grants: what is opened is not consumed, what is consumed is dead, and a password alone never enrols.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use vestibule::auth::budget::Rate;
use vestibule::auth::credentials::LinkKind;

use crate::harness::browser::Kind;
use crate::harness::person::{PASSWORD, secret_of};
use crate::harness::{Answer, Gate, Person, Upstream};

const ANNA: &str = "anna@example.com";

async fn gate() -> Gate {
    let gate = Gate::before(&Upstream::start()).await;
    gate.without_rates();
    gate
}

/// Somebody with the link in a new browser, who knows the password.
async fn with_link(gate: &Gate, link: &str) -> Person {
    let mut person = Person::new(ANNA, gate.browser());
    let opened = person.browser.get(link).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text());
    person
}

fn says_gone(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::GONE, "{}", answer.text());
    assert!(answer.text().contains("You need a new link"));
    assert!(!answer.headers.contains_key("set-cookie"));
}

/// It has done its work: that is said, with the way on, and nothing is opened.
fn says_done(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::GONE, "{}", answer.text());
    let text = answer.text();
    assert!(text.contains("You have registered already") && text.contains("href=\"/.vestibule/login\">Log in</a>"), "{text}");
    assert!(!text.contains(ANNA) && !answer.headers.contains_key("set-cookie"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_has_done_its_work_says_so_for_as_long_as_it_would_have_lived() {
    let gate = gate().await;
    let link = gate.invite(ANNA, &[]).await;
    let mut anna = with_link(&gate, &link).await;
    anna.register(&link).await;
    anna.enrol(&gate).await;
    says_done(&gate.browser().get(&link).await);
    says_gone(&gate.browser().get(&link.replace("register", "enrol")).await);
    let failures = "SELECT coalesce(sum(count), 0) FROM failures WHERE action = 'link.refuse'";
    assert_eq!(gate.number(failures).await, 1, "it was no failure");
    gate.set_disabled(ANNA, true).await;
    says_gone(&gate.browser().get(&link).await);
    gate.reset_mfa(ANNA).await;
    says_gone(&gate.browser().get(&link).await);
    let link = gate.invite("bert@example.com", &[]).await;
    let mut bert = Person { login: "bert@example.com".to_owned(), ..with_link(&gate, &link).await };
    bert.register(&link).await;
    bert.enrol(&gate).await;
    says_done(&gate.browser().get(&link).await);
    gate.hands.advance(Duration::from_hours(7 * 24));
    says_gone(&gate.browser().get(&link).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_links_are_limited_and_then_write_nothing() {
    let gate = Gate::before(&Upstream::start()).await;
    let slow = Rate::new(3, Duration::from_mins(1));
    gate.adjust(|settings| settings.rates.client = slow);
    let good = gate.invite(ANNA, &[]).await;
    let mut stranger = gate.browser();
    let wrong = format!("/.vestibule/register/{}", "A".repeat(43));
    for _ in 0..3 {
        says_gone(&stranger.get(&wrong).await);
    }
    let written =
        "SELECT total FROM (SELECT (SELECT coalesce(sum(count), 0) FROM failures) + (SELECT sum(tat) FROM buckets) AS total)";
    let before = gate.number(written).await;
    for bad in [wrong.as_str(), "/.vestibule/register/x", "/.vestibule/enrol/x"] {
        let slowed = stranger.get(bad).await;
        assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS, "{bad}: {}", slowed.text());
        assert!((1..=60).contains(&slowed.header("retry-after").parse::<u64>().unwrap()), "{bad}");
        assert!(slowed.text().contains("Please wait a little"), "{bad}");
    }
    assert_eq!(gate.number(written).await, before);
    // Behind the same address: who was sent a link opens it.
    assert_eq!(gate.browser().get(&good).await.location(), "/.vestibule/register");
    gate.hands.advance(Duration::from_mins(1));
    says_gone(&stranger.get(&wrong).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_a_link_consumes_nothing() {
    let gate = gate().await;
    let link = gate.invite(ANNA, &[]).await;
    for _ in 0..3 {
        let scanner = gate.browser().send(Method::GET, &link, Kind::Bare, &[], Bytes::new()).await;
        assert_eq!(scanner.location(), "/.vestibule/register");
        assert!(!scanner.text().contains(ANNA), "a scanner learns nothing from the redirect");
        let head = gate.browser().send(Method::HEAD, &link, Kind::Bare, &[], Bytes::new()).await;
        assert_eq!(head.status, StatusCode::SEE_OTHER);
    }
    let mut anna = with_link(&gate, &link).await;
    for _ in 0..2 {
        assert_eq!(anna.browser.get("/.vestibule/register").await.status, StatusCode::OK);
    }
    assert!(gate.account(ANNA).await.password.is_none());
    let posted = gate.browser().post(&link, &[("new_password", PASSWORD), ("new_password_again", PASSWORD)]).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
    anna.register(&link).await;
    anna.enrol(&gate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_in_any_browser_until_enrolment_is_done() {
    let gate = gate().await;
    let link = gate.invite(ANNA, &[]).await;
    let mut first = with_link(&gate, &link).await;
    first.register(&link).await;
    let set = gate.account(ANNA).await.password;
    assert_eq!(first.log_in("/").await.location(), "/.vestibule/setup");

    let mut second = with_link(&gate, &link).await;
    assert_eq!(second.browser.get("/.vestibule/register").await.location(), "/.vestibule/login?why=registered");
    let other = "Another-Horse-8-Battery";
    let again = second.browser.post("/.vestibule/register", &[("new_password", other), ("new_password_again", other)]).await;
    assert_eq!(again.location(), "/.vestibule/login?why=registered", "the password is asked for, not set");
    assert_eq!(gate.account(ANNA).await.password, set);
    assert_eq!(second.log_in("/").await.location(), "/.vestibule/setup");

    // Both stand at the set-up page with secrets of their own. Whoever completes it first has it.
    let shown = first.browser.post("/.vestibule/setup", &[]).await;
    first.secret = secret_of(&shown.text());
    second.set_up(&gate).await;
    assert_ne!(first.secret, second.secret);
    let late = first.browser.post("/.vestibule/setup", &[("code", &first.code(&gate))]).await;
    assert_eq!(late.location(), "/.vestibule/login?why=expired");
    says_done(&gate.browser().get(&link).await);
    assert_eq!(first.log_in("/").await.location(), "/.vestibule/verify", "the old grant is worth nothing");
    let loser = first.next_code(&gate);
    assert_eq!(first.enter(&loser).await.status, StatusCode::UNPROCESSABLE_ENTITY, "nor is the secret that lost");
    second.finish_sign_in(&gate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_at_once_leave_one_secret() {
    let gate = gate().await;
    for round in 0..3 {
        let login = format!("anna{round}@example.com");
        let link = gate.invite(&login, &[]).await;
        let mut people = Vec::new();
        for _ in 0..4 {
            let mut person = Person { login: login.clone(), ..with_link(&gate, &link).await };
            if people.is_empty() {
                person.register(&link).await;
            }
            assert_eq!(person.log_in("/").await.location(), "/.vestibule/setup");
            person.secret = secret_of(&person.browser.post("/.vestibule/setup", &[]).await.text());
            people.push(person);
        }
        let tasks = people.iter().map(|person| {
            let (mut person, code) = (person.clone(), person.code(&gate));
            tokio::spawn(async move { person.browser.post("/.vestibule/setup", &[("code", &code)]).await })
        });
        let mut enabled = 0;
        for task in tasks.collect::<Vec<_>>() {
            enabled += usize::from(task.await.unwrap().header("location") == "/.vestibule/setup/codes");
        }
        assert_eq!(enabled, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_links_and_tampered_ones_open_nothing() {
    let gate = gate().await;
    let older = gate.invite(ANNA, &[]).await;
    let mut holder = with_link(&gate, &older).await;
    let link = gate.new_link(ANNA, LinkKind::Invitation).await;
    says_gone(&gate.browser().get(&older).await);
    assert_eq!(holder.browser.get("/.vestibule/register").await.status, StatusCode::FORBIDDEN, "its grant died with it");
    let both = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];
    assert_eq!(holder.browser.post("/.vestibule/register", &both).await.status, StatusCode::FORBIDDEN);
    assert!(gate.account(ANNA).await.password.is_none());

    let token = link.rsplit('/').next().unwrap().to_owned();
    let flipped = if token.starts_with('A') { token.replacen('A', "B", 1) } else { format!("A{}", &token[1..]) };
    for bad in [&flipped, &token[1..], &format!("{token}A"), &token.to_lowercase(), "x", &"A".repeat(43)] {
        says_gone(&gate.browser().get(&format!("/.vestibule/register/{bad}")).await);
    }
    says_gone(&gate.browser().get(&link.replace("register", "enrol")).await);
    // A grant cookie that was changed, cut or made up.
    let good = with_link(&gate, &link).await;
    let cookie = good.browser.cookies["__Host-vestibule-grant"].clone();
    let last = if cookie.ends_with('A') { 'B' } else { 'A' };
    let swapped = format!("{}{last}", &cookie[..cookie.len() - 1]);
    let middle = format!("{}{}{}", &cookie[..30], if &cookie[30..31] == "A" { "B" } else { "A" }, &cookie[31..]);
    for bad in [swapped.as_str(), &middle, &cookie[1..], "x", ""] {
        let mut browser = gate.browser();
        browser.cookies.insert("__Host-vestibule-grant".to_owned(), bad.to_owned());
        assert_eq!(browser.get("/.vestibule/register").await.status, StatusCode::FORBIDDEN, "{bad}");
        assert_eq!(browser.post("/.vestibule/register", &both).await.status, StatusCode::FORBIDDEN, "{bad}");
    }
    gate.hands.advance(Duration::from_hours(7 * 24) - Duration::from_mins(1));
    let mut last_minute = with_link(&gate, &link).await;
    assert_eq!(last_minute.browser.get("/.vestibule/register").await.status, StatusCode::OK);
    gate.hands.advance(Duration::from_secs(61));
    says_gone(&gate.browser().get(&link).await);
    assert_eq!(last_minute.browser.post("/.vestibule/register", &both).await.status, StatusCode::FORBIDDEN);
    assert!(gate.account(ANNA).await.password.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_grant_is_asked_for_at_the_last_moment_too() {
    let gate = gate().await;
    let link = gate.invite(ANNA, &[]).await;
    let mut anna = with_link(&gate, &link).await;
    anna.register(&link).await;
    anna.log_in("/").await.location();
    anna.secret = secret_of(&anna.browser.post("/.vestibule/setup", &[]).await.text());
    let newer = gate.new_link(ANNA, LinkKind::Invitation).await;
    let code = anna.code(&gate);
    let refused = anna.browser.post("/.vestibule/setup", &[("code", &code)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    assert_eq!(anna.browser.post("/.vestibule/setup", &[]).await.status, StatusCode::FORBIDDEN);
    assert!(gate.account(ANNA).await.mfa.is_none());
    let mut again = with_link(&gate, &newer).await;
    again.enrol(&gate).await;
    again.finish_sign_in(&gate).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_account_enrols_with_its_password_and_its_link() {
    let gate = gate().await;
    let link = gate.import(ANNA, PASSWORD).await;
    let mut anna = Person::new(ANNA, gate.browser());
    let refused = anna.log_in("/").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("A password alone never sets up") && !refused.headers.contains_key("set-cookie"));
    says_gone(&gate.browser().get(&link.replace("enrol", "register")).await);
    assert_eq!(anna.browser.get(&link).await.location(), "/.vestibule/enrol");
    assert!(anna.browser.get("/.vestibule/enrol").await.text().contains(ANNA));
    let other = [("new_password", "Another-Horse-8-Battery"), ("new_password_again", "Another-Horse-8-Battery")];
    assert_eq!(anna.browser.post("/.vestibule/register", &other).await.location(), "/.vestibule/login?why=registered");
    anna.enrol(&gate).await;
    anna.finish_sign_in(&gate).await;
    assert!(anna.is_inside().await);
    says_done(&gate.browser().get(&link).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_everything_and_only_its_link_goes_on() {
    let gate = gate().await;
    let mut anna = gate.signed_in(ANNA).await;
    let mut between = anna.in_new_browser(&gate);
    between.reach_page_two().await;
    let link = gate.reset_mfa(ANNA).await;
    let browser = anna.browser.clone();
    Gate::until("the session is over", || {
        let mut browser = browser.clone();
        async move { browser.fetch("/x").await.status == 401 }
    })
    .await;
    assert!(!anna.is_inside().await);
    let code = anna.next_code(&gate);
    assert_eq!(between.enter(&code).await.location(), "/.vestibule/login?why=expired");
    anna.browser.cookies.remove("__Host-vestibule");
    assert_eq!(anna.log_in("/").await.status, StatusCode::FORBIDDEN, "known browser, right password: no link");
    let old = anna.clone();
    assert_eq!(anna.browser.get(&link).await.location(), "/.vestibule/enrol");
    anna.enrol(&gate).await;
    assert_ne!(anna.secret, old.secret);
    anna.finish_sign_in(&gate).await;
    let mut thief = Person { secret: old.secret, ..anna.in_new_browser(&gate) };
    thief.reach_page_two().await;
    let code = thief.next_code(&gate);
    assert_eq!(thief.enter(&code).await.status, StatusCode::UNPROCESSABLE_ENTITY, "the old secret is dead");
    let recovery = [("code", old.recovery[0].as_str())];
    assert_eq!(thief.browser.post("/.vestibule/recover", &recovery).await.status, 422, "and so are the old recovery codes");
    says_done(&gate.browser().get(&link).await);
}
