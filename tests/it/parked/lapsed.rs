//! A session that lapsed, by idle or lifetime: what was sent waits for the next full sign-in of the same account.

use std::time::Duration;

use http::StatusCode;

use super::{BODY, DAY, MINUTE, PARKED, posts, send_form, send_it, waiting};
use crate::harness::{Gate, Person, Setup, Upstream};

const HOUR: Duration = Duration::from_hours(1);

async fn waits_for_the_next_sign_in(upstream: &Upstream, gate: &Gate, mut anna: Person) {
    let held = send_form(&mut anna.browser, "/save", BODY).await;
    assert_eq!(held.location(), "/.vestibule/login?to=/edit%3Fid%3D7");
    assert!(held.header("set-cookie").starts_with("__Host-vestibule-park="), "{:?}", held.headers);
    // Somebody else at this browser is shown nothing.
    let mut ben = gate.signed_in("ben@example.com").await;
    ben.browser.cookies.insert("__Host-vestibule-park".to_owned(), anna.browser.cookies["__Host-vestibule-park"].clone());
    assert_eq!(ben.sign_in(gate, "/bens").await.location(), "/bens");
    assert!(waiting(&ben.browser.get(PARKED).await).1.is_empty());
    assert_eq!(ben.browser.get(PARKED).await.status, StatusCode::OK);
    // Nor is the same account in another browser.
    let mut elsewhere = anna.in_new_browser(gate);
    assert_eq!(elsewhere.sign_in(gate, "/there").await.location(), "/there");
    assert!(waiting(&elsewhere.browser.get(PARKED).await).1.is_empty());
    gate.hands.advance(MINUTE);
    assert_eq!(anna.sign_in(gate, "/edit").await.location(), PARKED);
    assert_eq!(upstream.count(), 0);
    assert_eq!(send_it(&mut anna.browser).await.status, StatusCode::OK);
    assert_eq!((posts(upstream).len(), upstream.last().body.as_slice()), (1, BODY));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_idle() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("session", "idle = \"1h\"")).await;
    let anna = gate.signed_in("anna@example.com").await;
    gate.hands.advance(HOUR * 2);
    waits_for_the_next_sign_in(&upstream, &gate, anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_lifetime_as_a_browser_sees_it_that_has_dropped_the_cookie() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.hands.advance(DAY * 180 + MINUTE);
    anna.browser.cookies.remove("__Host-vestibule");
    waits_for_the_next_sign_in(&upstream, &gate, anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_lifetime_on_a_shared_computer_after_a_restart_and_a_sweep() {
    let upstream = Upstream::start();
    let mut gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let mut anna = gate.enrolled("anna@example.com").await;
    let code = anna.next_code(&gate);
    anna.browser.post("/.vestibule/verify", &[("code", &code), ("shared_computer", "on")]).await.location();
    assert!(!anna.browser.cookies.contains_key("__Host-vestibule-device"));
    gate.hands.advance(DAY * 180 + MINUTE);
    gate.open_store(false).await.session_log().sweep(gate.now().secure).await.unwrap();
    gate.crash_and_restart().await;
    anna.browser.addr = gate.addr();
    waits_for_the_next_sign_in(&upstream, &gate, anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_inside_a_session_takes_what_waits_along() {
    let (upstream, gate, mut anna) = super::late(|setup| setup).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    assert_eq!(anna.sign_in(&gate, "/edit").await.location(), PARKED);
    assert_eq!(send_it(&mut anna.browser).await.status, StatusCode::OK);
    assert_eq!(posts(&upstream).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_signed_out_or_was_never_here_has_no_form_kept() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let before = anna.browser.clone();
    let token = anna.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    anna.browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
    let mut long_ago = gate.signed_in("carl@example.com").await.browser;
    gate.hands.advance(DAY * 181 + HOUR);
    let mut invented = gate.browser();
    invented.cookies.insert("__Host-vestibule".to_owned(), "A".repeat(43));
    for browser in [&mut anna.browser, &mut before.clone(), &mut gate.browser(), &mut invented, &mut long_ago] {
        let held = send_form(browser, "/save", BODY).await;
        assert!(held.location().starts_with("/.vestibule/login"));
        assert!(held.headers.get("set-cookie").is_none(), "{:?}", held.headers);
    }
    assert_eq!(upstream.count(), 0);
}
