//! A request that its sender holds back after it was let in: what has ended by the time it is complete does not pass.

use std::time::Duration;

use vestibule::session::log::Which;

use crate::harness::wire::Wire;
use crate::harness::{Gate, Person, Setup, Upstream};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);
const BODY: &str = "amount=1000000&to=me";

/// A form of which the gate waits for the last byte: it has asked for the body, so that it has let the request in.
async fn held_back(anna: &Person) -> Wire {
    let mut wire = Wire::to(&anna.browser).await;
    let head = format!(
        "POST /pay HTTP/1.1\r\nHost: {}\r\nCookie: __Host-vestibule={}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        anna.browser.host,
        anna.browser.cookies["__Host-vestibule"],
        BODY.len()
    );
    wire.send(head).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 100"));
    wire.send(&BODY[..BODY.len() - 1]).await;
    wire
}

/// What becomes of it: the status, and what it says is required.
async fn answer(wire: &mut Wire) -> (u16, String) {
    let status = wire.status().await;
    let text = String::from_utf8_lossy(&wire.unread).into_owned();
    let required = text.lines().find_map(|line| line.strip_prefix("vestibule-required: "));
    (status, required.unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_thrown_out_meanwhile_sends_nothing() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let anna = gate.signed_in("anna@example.com").await;
    let (mut silent, mut late) = (held_back(&anna).await, held_back(&anna).await);
    let id = gate.id_of(&anna.login).await;
    let ended = gate.open_store(false).await.session_log().end(Which::Of(id), gate.event("session.end")).await;
    assert_eq!(ended.unwrap(), 1);
    Gate::soon("it bites", || async { anna.browser.clone().fetch("/x").await.header("vestibule-required") == "login" }).await;
    late.send(&BODY[BODY.len() - 1..]).await;
    assert_eq!(answer(&mut late).await, (401, "login".to_owned()));
    assert_eq!(answer(&mut silent).await, (401, "login".to_owned()), "not even the last byte is waited for");
    assert!(upstream.received().iter().all(|received| !received.line().starts_with("POST ")), "nothing of it went out");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_let_the_window_pass_meanwhile_sends_nothing() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let anna = gate.signed_in("anna@example.com").await;
    let deadline = gate.code_at(&anna.browser) + DAY * 30;
    gate.move_to(deadline - SECOND * 30);
    let mut passes = held_back(&anna).await;
    passes.send(&BODY[BODY.len() - 1..]).await;
    assert_eq!(answer(&mut passes).await.0, 200, "in time");
    let (mut silent, mut late) = (held_back(&anna).await, held_back(&anna).await);
    gate.move_to(deadline);
    late.send(&BODY[BODY.len() - 1..]).await;
    assert_eq!(answer(&mut late).await, (401, "code".to_owned()));
    assert_eq!(answer(&mut silent).await, (401, "code".to_owned()), "not even the last byte is waited for");
    assert_eq!(upstream.count(), 1);
}
