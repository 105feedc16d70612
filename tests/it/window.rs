//! The reauthorization window: it is measured from the last accepted code, and nothing else moves it.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::attacks::arena::{Speaks, Way};
use crate::harness::browser::Kind;
use crate::harness::wire::{Wire, websocket};
use crate::harness::{Answer, Browser, Front, Gate, Setup, Upstream};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

type Sent = (Method, Kind, &'static [(&'static str, &'static str)]);

/// Everything that a browser with an open page sends by itself or for its user.
const TRAFFIC: [Sent; 7] = [
    (Method::GET, Kind::Navigation, &[]),
    (Method::GET, Kind::Fetch, &[]),
    (Method::GET, Kind::Bare, &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"), ("accept", "image/*")]),
    (Method::HEAD, Kind::Fetch, &[]),
    (Method::POST, Kind::Fetch, &[("content-type", "application/json")]),
    (Method::GET, Kind::Bare, &[("range", "bytes=0-0")]),
    (Method::POST, Kind::Navigation, &[("referer", "https://portal.example.com/form?x=1")]),
];

async fn send(browser: &mut Browser, turn: usize) -> Answer {
    let (method, kind, headers) = TRAFFIC[turn % TRAFFIC.len()].clone();
    let body = if method == Method::POST { Bytes::from_static(b"{}") } else { Bytes::new() };
    browser.send(method, "/deep/page?a=b", kind, headers, body).await
}

/// What the gate requires of a program, or nothing.
async fn required(browser: &Browser) -> Option<String> {
    let answer = browser.clone().fetch("/api").await;
    let required = Some(answer.header("vestibule-required").to_owned());
    required.filter(|_| answer.status == StatusCode::UNAUTHORIZED)
}

/// Both sides of the deadline, the nearer one first; nothing of the refused reaches the upstream.
async fn ends_at(gate: &Gate, upstream: &Upstream, browser: &mut Browser, window: Duration) {
    let deadline = gate.code_at(browser) + window;
    gate.move_to(deadline - SECOND);
    assert_eq!(browser.fetch("/last").await.status, StatusCode::OK, "a second before the deadline");
    let before = upstream.count();
    gate.move_to(deadline);
    assert_eq!(required(browser).await.as_deref(), Some("code"), "at the deadline");
    assert_eq!(upstream.count(), before);
}

/// Everything that a browser sends by itself, for a month, in one way of coming.
pub async fn traffic_moves_nothing(way: Way) {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("listen", Front::LISTEN)).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser.behind(way.front);
    anna.http2 = way.speaks == Speaks::Http2;
    let code_at = gate.code_at(&anna);
    // Every hour of the first day, every day of the month, every second of the last minute.
    let hours = (1..24).map(|hour| HOUR * hour);
    let days = (1..30).map(|day| DAY * day);
    let seconds = (2..60).rev().map(|left| (DAY * 30).saturating_sub(SECOND * left));
    for (turn, step) in hours.chain(days).chain(seconds).enumerate() {
        gate.move_to(code_at + step);
        let answer = send(&mut anna, turn).await;
        assert_eq!(answer.status, StatusCode::OK, "{step:?} after the code");
        assert!(answer.headers.get("set-cookie").is_none(), "traffic renews nothing");
    }
    ends_at(&gate, &upstream, &mut anna, DAY * 30).await;
    let before = upstream.count();
    for turn in 0..TRAFFIC.len() * 2 {
        refused_for_a_code(&send(&mut anna, turn).await, turn);
        gate.hands.advance(DAY);
    }
    assert_eq!(upstream.count(), before, "nothing of it reached the upstream");
    assert!(anna.cookies.contains_key("__Host-vestibule"), "the session survives");
}

#[track_caller]
fn refused_for_a_code(answer: &Answer, turn: usize) {
    let (method, kind, _) = &TRAFFIC[turn % TRAFFIC.len()];
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("x-request-id").is_empty());
    if *kind == Kind::Navigation {
        let to = if *method == Method::GET { "/deep/page%3Fa%3Db" } else { "/form%3Fx%3D1" };
        assert_eq!(answer.location(), format!("/.vestibule/verify?to={to}"));
        return;
    }
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {kind:?}");
    let expected = [
        ("content-type", "application/problem+json"),
        ("vestibule-required", "code"),
        ("www-authenticate", "Vestibule"),
        ("location", "/.vestibule/verify"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), value, "{name}");
    }
    if *method == Method::HEAD {
        return;
    }
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    for name in ["type", "title", "detail"] {
        assert!(problem[name].is_string(), "{name}");
    }
    assert_eq!(
        (&problem["status"], &problem["required"], &problem["location"], &problem["request_id"]),
        (&401.into(), &"code".into(), &"/.vestibule/verify".into(), &answer.header("x-request-id").into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_kept_open_past_the_deadline_carries_nothing_more() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let request = format!(
        "GET /kept HTTP/1.1\r\nHost: {}\r\nCookie: __Host-vestibule={}\r\n\r\n",
        anna.host, anna.cookies["__Host-vestibule"]
    );
    let mut wire = Wire::to(&anna).await;
    gate.move_to(gate.code_at(&anna) + DAY * 30 - SECOND);
    wire.send(&request).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 200"));
    gate.hands.advance(SECOND);
    wire.send(request.repeat(3)).await;
    for _ in 0..3 {
        assert!(wire.until("HTTP/1.1 401").await.len() < 4096);
    }
    assert_eq!(upstream.count(), 1);
    let mut wire = Wire::to(&anna).await;
    wire.send(websocket(&anna, "/socket")).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 401"), "no tunnel either");
    assert_eq!(upstream.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_ask_for_a_shorter_window() {
    let upstream = Upstream::start();
    let rule = "[[portal.rule]]\npath = \"/billing/**\"\nreauth = \"1h\"\n";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(rule)).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let code_at = gate.code_at(&anna.browser);
    gate.move_to(code_at + HOUR - SECOND);
    assert_eq!(anna.browser.get("/billing/1").await.status, StatusCode::OK);
    gate.move_to(code_at + HOUR);
    assert_eq!(anna.browser.get("/billing/1").await.location(), "/.vestibule/verify?to=/billing/1");
    assert_eq!(anna.browser.get("/elsewhere").await.status, StatusCode::OK);
    // And the page says so: the code is too old for this place, whatever it is good for elsewhere.
    for (to, early) in [("/billing/1", false), ("/elsewhere", true)] {
        let page = anna.browser.get(&format!("/.vestibule/verify?to={to}")).await.text();
        assert_eq!(page.contains("Yours is still good"), early, "{to}: {page}");
    }
    assert_eq!(anna.confirm(&gate, "/billing/1").await.location(), "/billing/1");
    assert_eq!(anna.browser.get("/billing/1").await.status, StatusCode::OK);
    // The admin's window holds where it is the shorter one.
    gate.set_window(Some(HOUR)).await;
    Gate::soon("the setting is there", || async { gate.app().parts().window.load() == HOUR }).await;
    ends_at(&gate, &upstream, &mut anna.browser, HOUR).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_cookie_is_good_for_a_moment_for_what_it_was_good_for() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let first = gate.code_at(&anna.browser);
    // Early: entering the code takes half a minute, so that ten seconds are left of the first window.
    gate.move_to(first + DAY * 30 - SECOND * 40);
    let old = anna.browser.clone();
    assert_eq!(anna.confirm(&gate, "/here?a=b").await.location(), "/here?a=b");
    assert_ne!(old.cookies["__Host-vestibule"], anna.browser.cookies["__Host-vestibule"]);
    assert_eq!(required(&old).await, None, "still within its own window");
    gate.move_to(first + DAY * 30);
    assert_eq!(required(&old).await.as_deref(), Some("code"), "the new code is not its code");
    assert_eq!(required(&anna.browser).await, None);
    let second = gate.code_at(&anna.browser);
    gate.move_to(second + SECOND * 29);
    assert_eq!(required(&old).await.as_deref(), Some("code"));
    gate.move_to(second + SECOND * 30);
    assert_eq!(required(&old).await.as_deref(), Some("login"), "forgotten after 30 seconds");
    ends_at(&gate, &upstream, &mut anna.browser, DAY * 30).await;
    // Late: the old value opens nothing, not even within its 30 seconds.
    let old = anna.browser.clone();
    anna.confirm(&gate, "/").await.location();
    assert_eq!(required(&old).await.as_deref(), Some("code"));
    assert_eq!(required(&anna.browser).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_set_from_outside_bites_at_once_and_ends_no_session() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.move_to(gate.code_at(&anna.browser) + HOUR);
    assert_eq!(required(&anna.browser).await, None);
    gate.set_window(Some(HOUR)).await;
    Gate::soon("the shorter window bites", || async { required(&anna.browser).await.as_deref() == Some("code") }).await;
    gate.set_window(None).await;
    Gate::soon("the longer window bites", || async { required(&anna.browser).await.is_none() }).await;
    gate.set_window(Some(HOUR * 2)).await;
    Gate::soon("the setting is there", || async { gate.app().parts().window.load() == HOUR * 2 }).await;
    ends_at(&gate, &upstream, &mut anna.browser, HOUR * 2).await;
}
