//! What stays open: it ends with the window that let it in, with its session, and with the process, whatever flows through it.

use std::time::Duration;

use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use vestibule::session::log::Which;

use crate::failures::{Away, becomes_ready, is_noticed};
use crate::harness::browser::Kind;
use crate::harness::stage::TICK_FRAME;
use crate::harness::wire::{SOON, Wire, websocket};
use crate::harness::{Browser, Gate, Setup, Stage};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A close frame with 1008, policy violation (RFC 6455, section 7.4.1), as it begins.
pub const CLOSE_1008: [u8; 2] = 1008_u16.to_be_bytes();
/// 1013, try again later.
const CLOSE_1013: [u8; 2] = 1013_u16.to_be_bytes();
const CLOSE_1001: [u8; 2] = 1001_u16.to_be_bytes();

async fn gate_before(stage: &Stage) -> Gate {
    Gate::before(&stage.upstream).await
}

/// An open tunnel that has carried something.
pub async fn tunnel(browser: &Browser, path: &str) -> Wire {
    let mut wire = Wire::to(browser).await;
    wire.send(websocket(browser, path)).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 101"), "{path}");
    if path == "/ws/busy" {
        wire.until("tick").await;
    } else {
        speak(&mut wire).await;
    }
    wire
}

async fn speak(wire: &mut Wire) {
    wire.send(b"\x81\x82\0\0\0\0hi").await;
    wire.until("echo").await;
}

/// The tunnel's end: whole frames up to a close frame with this code, and nothing after it.
#[track_caller]
pub fn closes_with(rest: &[u8], code: [u8; 2]) {
    let frames = rest.strip_prefix(TICK_FRAME).map_or(rest, |mut rest| {
        while let Some(more) = rest.strip_prefix(TICK_FRAME) {
            rest = more;
        }
        rest
    });
    assert_eq!((frames.first(), frames.get(2..4)), (Some(&0x88), Some(&code[..])), "{:?}", String::from_utf8_lossy(rest));
    assert_eq!(frames.len(), 2 + usize::from(frames[1]), "nothing after the farewell");
}

/// A response that stays open, after its first bytes.
pub async fn stream(browser: &Browser, path: &str) -> Incoming {
    let request = browser.request(&Method::GET, path, Kind::Fetch, &[], bytes::Bytes::new());
    let response = browser.open(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    body
}

/// Reads on until the end, which comes soon: whether it was an orderly one.
pub async fn end_of(body: &mut Incoming) -> bool {
    let reading = async {
        loop {
            match body.frame().await {
                None => return true,
                Some(Err(_)) => return false,
                Some(Ok(_)) => {}
            }
        }
    };
    tokio::time::timeout(SOON, reading).await.expect("an end soon")
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_deadline_tunnels_say_why_and_close() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    gate.move_to(gate.code_at(&anna) + DAY * 30 - SECOND * 10);
    let (mut silent, mut busy) = (tunnel(&anna, "/ws").await, tunnel(&anna, "/ws/busy").await);
    speak(&mut silent).await;
    gate.hands.advance(SECOND * 10);
    closes_with(&silent.end().await, CLOSE_1008);
    closes_with(&busy.end().await, CLOSE_1008);
    let heard = stage.heard();
    silent.send(b"\x81\x82\0\0\0\0hi").await;
    for path in ["/ws", "/ws/busy"] {
        Gate::soon("the upstream sees the end", || async { stage.has_seen_the_end(path, 1) }).await;
    }
    assert_eq!(stage.heard(), heard, "nothing goes there any more");
}

async fn event_streams_end(http2: bool) {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    anna.http2 = http2;
    gate.move_to(gate.code_at(&anna) + DAY * 30 - SECOND * 10);
    let (mut silent, mut busy) = (stream(&anna, "/events").await, stream(&anna, "/events/busy").await);
    gate.hands.advance(SECOND * 10);
    assert!(end_of(&mut silent).await, "an orderly end, so that the browser comes back and is asked for a code");
    assert!(end_of(&mut busy).await);
    Gate::soon("the upstream sees the end", || async { stage.has_seen_the_end("/events", 1) }).await;
    assert_eq!(anna.fetch("/events").await.header("vestibule-required"), "code");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_deadline_event_streams_end_over_http1() {
    event_streams_end(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_deadline_event_streams_end_over_http2() {
    event_streams_end(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_store_is_away_for_longer_than_the_grace_what_is_open_ends() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    let (mut quiet, mut busy) = (tunnel(&anna, "/ws").await, tunnel(&anna, "/ws/busy").await);
    let mut events = stream(&anna, "/events").await;
    let poll = anna.clone();
    let poll = tokio::spawn(async move { poll.clone().fetch("/poll").await });
    Gate::until("it waits", || async { stage.upstream.count() == 4 }).await;
    let away = Away::take(&gate);
    is_noticed(&gate).await;
    gate.hands.advance(MINUTE * 14);
    speak(&mut quiet).await;
    busy.until("tick").await;
    assert!(!poll.is_finished());
    gate.hands.advance(MINUTE * 2);
    closes_with(&quiet.end().await, CLOSE_1013);
    closes_with(&busy.end().await, CLOSE_1013);
    assert!(end_of(&mut events).await);
    let answer = tokio::time::timeout(SOON, poll).await.expect("an answer soon").unwrap();
    assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::SERVICE_UNAVAILABLE, ""));
    drop(away);
    becomes_ready(&gate).await;
    assert_eq!(anna.get("/x").await.status, StatusCode::OK, "the session was not ended");
    speak(&mut tunnel(&anna, "/ws").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_the_clock_is_no_outage() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    let mut quiet = tunnel(&anna, "/ws").await;
    for _ in 0..5 {
        gate.hands.advance(DAY);
        assert_eq!(anna.get("/x").await.status, StatusCode::OK);
        speak(&mut quiet).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_deadline_a_long_poll_is_answered() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    gate.move_to(gate.code_at(&anna) + DAY * 30 - SECOND * 10);
    let waiting: Vec<_> = [(Kind::Fetch, false), (Kind::Navigation, false), (Kind::Fetch, true)]
        .into_iter()
        .map(|(kind, http2)| {
            let mut anna = anna.clone();
            anna.http2 = http2;
            tokio::spawn(async move { anna.send(Method::GET, "/poll", kind, &[], bytes::Bytes::new()).await })
        })
        .collect();
    Gate::until("all wait", || async { stage.upstream.count() == 3 }).await;
    gate.hands.advance(SECOND * 10);
    let mut answers = Vec::new();
    for waiting in waiting {
        answers.push(tokio::time::timeout(SOON, waiting).await.expect("an answer soon").unwrap());
    }
    assert_eq!((answers[0].status, answers[0].header("vestibule-required")), (StatusCode::UNAUTHORIZED, "code"));
    assert_eq!(answers[1].location(), "/.vestibule/verify?to=/poll");
    assert_eq!((answers[2].status, answers[2].header("vestibule-required")), (StatusCode::UNAUTHORIZED, "code"));
    Gate::soon("the upstream is let go", || async { stage.has_seen_the_end("/poll", 3) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_has_its_grace_and_no_more() {
    let stage = Stage::start();
    let setup = Setup::new(&[stage.upstream.addr()]).section("session", "download_grace = \"3s\"");
    let gate = Gate::start(setup).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let mut events = stream(&anna, "/events").await;
    let mut file = stream(&anna, "/file").await;
    gate.move_to(gate.code_at(&anna) + DAY * 30);
    assert!(end_of(&mut events).await, "now the window has passed, for all that is open");
    for _ in 0..20 {
        file.frame().await.expect("still coming").expect("not cut yet");
    }
    let cut = tokio::time::timeout(SECOND * 6, async { while let Some(Ok(_)) = file.frame().await {} }).await;
    assert!(cut.is_ok(), "the grace has an end");
    Gate::soon("the upstream sees it", || async { stage.has_seen_the_end("/file", 1) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_in_another_tab_keeps_open_what_is_open() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let first = gate.code_at(&anna.browser);
    gate.move_to(first + DAY * 30 - SECOND * 60);
    let (mut socket, mut events) = (tunnel(&anna.browser, "/ws").await, stream(&anna.browser, "/events/busy").await);
    anna.confirm(&gate, "/").await.location();
    gate.move_to(first + DAY * 30 + HOUR);
    // Long enough for the pulse to have looked.
    assert!(tokio::time::timeout(SECOND, async { while events.frame().await.is_some() {} }).await.is_err(), "it goes on");
    speak(&mut socket).await;
    gate.move_to(gate.code_at(&anna.browser) + DAY * 30);
    closes_with(&socket.end().await, CLOSE_1008);
    assert!(end_of(&mut events).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_window_cuts_what_is_open_and_so_does_a_rule() {
    let stage = Stage::start();
    let rule = "[[portal.rule]]\npath = \"/events/**\"\nreauth = \"1h\"\n";
    let gate = Gate::start(Setup::new(&[stage.upstream.addr()]).portal(rule)).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let (mut socket, mut events) = (tunnel(&anna, "/ws").await, stream(&anna, "/events/busy").await);
    gate.move_to(gate.code_at(&anna) + HOUR);
    assert!(end_of(&mut events).await, "the rule's window");
    speak(&mut socket).await;
    gate.set_window(Some(HOUR)).await;
    closes_with(&socket.end().await, CLOSE_1008);
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_jump_lengthen_no_tunnel() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    gate.move_to(gate.code_at(&anna) + DAY * 29);
    let (mut one, mut two) = (tunnel(&anna, "/ws").await, tunnel(&anna, "/ws/busy").await);
    gate.hands.jump(-86_400);
    speak(&mut one).await;
    gate.hands.advance(DAY);
    closes_with(&one.end().await, CLOSE_1008);
    closes_with(&two.end().await, CLOSE_1008);
    let bert = gate.browser();
    assert_eq!(bert.clone().get("/ws").await.location(), "/.vestibule/login?to=/ws");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_clock_set_forward_closes_tunnels() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let mut socket = tunnel(&anna, "/ws").await;
    gate.hands.jump(30 * 86_400);
    closes_with(&socket.end().await, CLOSE_1008);
}

/// What somebody has open, all of which must end with the session.
pub struct Opened {
    socket: Wire,
    events: Incoming,
    file: Incoming,
}

pub async fn open_all(browser: &Browser) -> Opened {
    Opened {
        socket: tunnel(browser, "/ws/busy").await,
        events: stream(browser, "/events/busy").await,
        file: stream(browser, "/file").await,
    }
}

impl Opened {
    /// All of it does, soon.
    pub async fn all_end(mut self) {
        closes_with(&self.socket.end().await, CLOSE_1008);
        assert!(end_of(&mut self.events).await);
        assert!(!end_of(&mut self.file).await, "no grace for what nobody may have: cut, not completed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_closes_everything_within_a_second() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let opened = open_all(&anna).await;
    let store = gate.open_store(false).await;
    let id = gate.id_of("anna@example.com").await;
    store.session_log().end(Which::Of(id), gate.event("session.end")).await.unwrap();
    opened.all_end().await;

    let bert = gate.signed_in("bert@example.com").await.browser;
    let opened = open_all(&bert).await;
    let id = gate.id_of("bert@example.com").await;
    assert!(gate.desk().await.disable(id).await.unwrap());
    opened.all_end().await;

    let carl = gate.signed_in("carl@example.com").await.browser;
    let opened = open_all(&carl).await;
    let id = gate.id_of("carl@example.com").await;
    assert!(gate.desk().await.reset_mfa(id, gate.enrolment_link()).await.unwrap());
    opened.all_end().await;

    let dora = gate.signed_in("dora@example.com").await.browser;
    let opened = open_all(&dora).await;
    let id = gate.id_of("dora@example.com").await;
    assert!(gate.desk().await.remove(id).await.unwrap());
    opened.all_end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_closes_tunnels_and_event_streams() {
    let stage = Stage::start();
    let gate = gate_before(&stage).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let (mut socket, mut events) = (tunnel(&anna, "/ws").await, stream(&anna, "/events").await);
    gate.app().shutdown().request();
    closes_with(&socket.end().await, CLOSE_1001);
    assert!(end_of(&mut events).await);
}
