//! What else ends a session by time, and clocks that jump: nothing of it makes a window longer.

use std::time::Duration;

use http::StatusCode;

use crate::harness::{Browser, Gate, Setup, Upstream};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What a program is told: `passes`, or what it must do first.
async fn verdict(browser: &Browser) -> String {
    let answer = browser.clone().fetch("/api").await;
    match answer.status {
        StatusCode::OK => "passes".to_owned(),
        StatusCode::UNAUTHORIZED => answer.header("vestibule-required").to_owned(),
        other => other.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_lies_idle_is_over_and_a_busy_one_still_needs_its_code() {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).section("session", "idle = \"15m\"").section("mfa", "reauth_window = \"1h\"");
    let gate = Gate::start(setup).await;
    let busy = gate.signed_in("anna@example.com").await.browser;
    let code_at = gate.code_at(&busy);
    for minutes in [10, 20, 30, 40, 50, 59] {
        gate.move_to(code_at + MINUTE * minutes);
        assert_eq!(verdict(&busy).await, "passes");
    }
    gate.move_to(code_at + HOUR);
    assert_eq!(verdict(&busy).await, "code", "being busy is no code");
    let idle = gate.signed_in("bert@example.com").await.browser;
    assert_eq!(verdict(&idle).await, "passes");
    gate.hands.advance(SECOND * 899);
    assert_eq!(verdict(&idle).await, "passes");
    gate.hands.advance(MINUTE * 15 + SECOND);
    assert_eq!(verdict(&idle).await, "login");
    assert_eq!(verdict(&idle).await, "login", "asking does not wake it up");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_keeps_a_session_beyond_its_lifetime() {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).section("session", "lifetime = \"2d\"").section("mfa", "reauth_window = \"1d\"");
    let gate = Gate::start(setup).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let created = gate.code_at(&anna.browser);
    gate.move_to(created + HOUR * 23);
    anna.confirm(&gate, "/").await.location();
    gate.move_to(created + HOUR * 46);
    anna.confirm(&gate, "/").await.location();
    gate.move_to(created + DAY * 2 - SECOND);
    assert_eq!(verdict(&anna.browser).await, "passes");
    gate.move_to(created + DAY * 2);
    assert_eq!(verdict(&anna.browser).await, "login");
}

/// A day back, ten days back. Line G6 of the attack table.
pub async fn a_wall_clock_set_back_makes_no_window_longer() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let deadline = gate.code_at(&anna) + DAY * 30;
    gate.move_to(deadline - DAY - SECOND);
    gate.hands.jump(-86_400);
    assert_eq!(verdict(&anna).await, "passes");
    gate.hands.advance(DAY);
    assert_eq!(verdict(&anna).await, "passes", "a second is left, whatever the wall clock says");
    gate.hands.advance(SECOND);
    assert_eq!(verdict(&anna).await, "code", "a day back is no day more");
    gate.hands.jump(-10 * 86_400);
    assert_eq!(verdict(&anna).await, "code");
}

/// Forward can only shorten. Line G6 of the attack table.
pub async fn a_wall_clock_set_forward_is_followed_and_never_taken_back() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    gate.hands.jump(29 * 86_400);
    assert_eq!(verdict(&anna).await, "passes");
    gate.hands.jump(86_400);
    assert_eq!(verdict(&anna).await, "code", "forward is believed: it can only shorten");
    gate.hands.jump(-86_400);
    assert_eq!(verdict(&anna).await, "code");
}

/// The mark in the store holds over restarts. Line G6 of the attack table.
pub async fn a_restart_with_the_clock_set_back_gives_no_time() {
    let upstream = Upstream::start();
    let mut gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    let deadline = gate.code_at(&anna) + DAY * 30;
    for days in [10, 5, 1] {
        gate.move_to(deadline - DAY * days);
        gate.hands.jump(-86_400 * 20);
        gate.crash_and_restart().await;
        anna.addr = gate.addr();
        assert_eq!(verdict(&anna).await, "passes");
    }
    gate.move_to(deadline - SECOND * 2);
    assert_eq!(verdict(&anna).await, "passes");
    gate.move_to(deadline);
    assert_eq!(verdict(&anna).await, "code");
    gate.hands.jump(-86_400 * 20);
    gate.crash_and_restart().await;
    anna.addr = gate.addr();
    assert_eq!(verdict(&anna).await, "code");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_of_the_portal_is_the_same_door() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("hosts = [\"other.example.com\"]")).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let mut alias = anna.clone();
    alias.host = "other.example.com".to_owned();
    assert_eq!(verdict(&alias).await, "passes");
    assert_eq!(upstream.last().all("host"), ["other.example.com"], "as the client sent it");
    gate.move_to(gate.code_at(&anna) + DAY * 30);
    assert_eq!((verdict(&anna).await, verdict(&alias).await), ("code".to_owned(), "code".to_owned()));
}
