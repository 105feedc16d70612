//! Sessions and known browsers, ended and forgotten by their owner.

use http::StatusCode;

use super::{SESSIONS, recorded, speak, tunnel};
use crate::harness::{Answer, Gate, Person, Stage, Upstream};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

async fn act(person: &mut Person, act: &str, id: &str) -> Answer {
    person.fill_in(SESSIONS, &[("act", act), ("id", id)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_what_is_signed_in_and_what_is_known() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.in_new_browser(&gate);
    other.browser.extra.push(("user-agent".to_owned(), FIREFOX.to_owned()));
    other.sign_in(&gate, "/").await;
    let bert = gate.signed_in("bert@example.com").await;
    let page = anna.browser.get(SESSIONS).await.text();
    assert_eq!(page.matches("Firefox on Linux").count(), 4, "a session and a known browser, each with its button: {page}");
    assert_eq!(page.matches("This browser").count(), 2);
    for said in ["From 127.0.0.1, since", "In use now.", "Last seen just now.", "Next code in 29 days.", "Known since"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains(&other.session_id(&gate)));
    assert!(!page.contains(&format!("value=\"{}\"", anna.session_id(&gate))), "this one is left by signing out");
    assert!(!page.contains(&bert.session_id(&gate)));
    for token in anna.browser.cookies.values().chain(other.browser.cookies.values()) {
        assert!(!page.contains(token.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_session_is_ended_with_all_that_is_open_in_it() {
    let stage = Stage::start();
    let gate = Gate::before(&stage.upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let (mut second, mut third) = (anna.elsewhere(&gate).await, anna.elsewhere(&gate).await);
    let (mut here, mut there) = (tunnel(&anna.browser).await, tunnel(&second.browser).await);
    let id = second.session_id(&gate);
    assert_eq!(act(&mut anna, "end", &id).await.location(), "/.vestibule/account/sessions?done=ended");
    assert!(!second.is_inside().await, "at once");
    assert!(!there.end().await.is_empty());
    assert!(third.is_inside().await);
    assert_eq!(act(&mut anna, "end", &id).await.location(), "/.vestibule/account/sessions?done=over");

    assert_eq!(act(&mut anna, "end-others", "").await.location(), "/.vestibule/account/sessions?done=others");
    assert!(!third.is_inside().await);
    assert!(anna.is_inside().await);
    speak(&mut here).await;
    let ends = recorded(&gate, &["session.end"]).await;
    assert_eq!(ends.len(), 2);
    assert_eq!(ends[0].1["ended"], serde_json::json!([id]));

    // This one: the same as signing out.
    let id = anna.session_id(&gate);
    assert_eq!(act(&mut anna, "end", &id).await.location(), "/.vestibule/login?why=signed-out");
    assert!(!anna.is_inside().await);
    assert!(!here.end().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_or_forgets_what_is_not_theirs() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut bert = gate.signed_in("bert@example.com").await;
    let device = vestibule::ports::Token::parse(&bert.browser.cookies["__Host-vestibule-device"]).unwrap().hash();
    let now = gate.now().secure;
    let known = gate.credentials().await.device(&device, now).await.unwrap().unwrap().0;
    for (what, id) in [("end", bert.session_id(&gate)), ("forget", known.0.to_string()), ("end", known.0.to_string())] {
        assert_eq!(act(&mut anna, what, &id).await.location(), "/.vestibule/account/sessions?done=over", "{what}");
    }
    assert_eq!(act(&mut anna, "end-others", "").await.location(), "/.vestibule/account/sessions?done=over");
    for (what, id) in [("end", ""), ("end", "x"), ("forget", "1"), ("", ""), ("reset", "")] {
        assert_eq!(act(&mut anna, what, id).await.status, StatusCode::BAD_REQUEST, "{what} {id}");
    }
    assert!(bert.is_inside().await);
    assert!(gate.credentials().await.device(&device, now).await.unwrap().is_some());
    assert!(recorded(&gate, &["session.end", "browser.forget"]).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_browser_is_a_stranger() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.elsewhere(&gate).await;
    let device = vestibule::ports::Token::parse(&other.browser.cookies["__Host-vestibule-device"]).unwrap().hash();
    let credentials = gate.credentials().await;
    let known = credentials.device(&device, gate.now().secure).await.unwrap().unwrap().0.0.to_string();
    assert!(anna.browser.get(SESSIONS).await.text().contains(&known));
    assert_eq!(act(&mut anna, "forget", &known).await.location(), "/.vestibule/account/sessions?done=forgotten");
    assert!(credentials.device(&device, gate.now().secure).await.unwrap().is_none());
    assert!(other.is_inside().await, "its session is another thing");
    assert!(!anna.browser.get(SESSIONS).await.text().contains(&known));
    assert_eq!(recorded(&gate, &["browser.forget"]).await[0].1["browser"], known.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_leaves_nothing() {
    let stage = Stage::start();
    let gate = Gate::before(&stage.upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.elsewhere(&gate).await;
    let (mut here, mut there) = (tunnel(&anna.browser).await, tunnel(&other.browser).await);
    // And somebody who knows the password, on page two.
    let mut thief = anna.in_new_browser(&gate);
    thief.reach_page_two().await;
    let (left, mut bert) = (anna.browser.clone(), gate.signed_in("bert@example.com").await);
    let answer = act(&mut anna, "everywhere", "").await;
    assert_eq!(answer.location(), "/.vestibule/login?why=everywhere");
    assert_eq!(answer.header("clear-site-data"), "\"storage\"");
    assert!(anna.browser.cookies.is_empty(), "{:?}", anna.browser.cookies);
    assert!(anna.browser.get(answer.location()).await.text().contains("You are signed out everywhere"));
    assert!(!here.end().await.is_empty() && !there.end().await.is_empty());
    anna.browser = left;
    assert!(!anna.is_inside().await && !other.is_inside().await);
    let code = thief.next_code(&gate);
    assert_eq!(thief.enter(&code).await.location(), "/.vestibule/login?why=expired");
    for browser in [&anna.browser, &other.browser] {
        let token = vestibule::ports::Token::parse(&browser.cookies["__Host-vestibule-device"]).unwrap();
        assert!(gate.credentials().await.device(&token.hash(), gate.now().secure).await.unwrap().is_none());
    }
    assert!(bert.is_inside().await);
    let ended = &recorded(&gate, &["session.end-everywhere"]).await[0].1["ended"];
    assert_eq!(ended.as_array().unwrap().len(), 2);
    let mut again = anna.in_new_browser(&gate);
    again.sign_in(&gate, "/").await;
    assert!(again.is_inside().await, "password and app are as they were");
}
