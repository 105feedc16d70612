//! When a window ends: whatever goes on in it, whatever its clocks and its operators do.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::attacks::arena::{Arena, Speaks, Way, ways};
use crate::clocks;
use crate::config::workshop::{PORTAL, Workshop};
use crate::harness::browser::Kind;
use crate::harness::upstream::Upstream;
use crate::harness::wire::{Wire, websocket};
use crate::harness::{Answer, Browser, Front, Gate, Setup};
use crate::window::traffic_moves_nothing;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What a program is told it needs; nothing if it passes.
async fn required(browser: &Browser, path: &str) -> String {
    let answer = browser.clone().fetch(path).await;
    assert!([200, 401, 403].contains(&answer.status.as_u16()), "{}", answer.status);
    if answer.status == StatusCode::FORBIDDEN { "refused".to_owned() } else { answer.header("vestibule-required").to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_traffic_never_moves_the_deadline() {
    for way in [
        Way { speaks: Speaks::Http1, front: Front::Direct },
        Way { speaks: Speaks::Http2, front: Front::Direct },
        Way { speaks: Speaks::Http1, front: Front::Balancer },
        Way { speaks: Speaks::Http2, front: Front::Proxy },
    ] {
        traffic_moves_nothing(way).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g02_nor_does_a_socket_that_is_never_silent() {
    let stage = crate::harness::Stage::start();
    let gate = Gate::start(Setup::new(&[stage.upstream.addr()]).section("listen", Front::LISTEN)).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let deadline = gate.code_at(&anna) + DAY * 30;
    gate.move_to(deadline - SECOND * 30);
    let mut open = Vec::new();
    for front in Front::ALL {
        let mut wire = Wire::to(&anna.clone().behind(front)).await;
        wire.send(websocket(&anna, "/ws/busy").replace("\r\n\r\n", &format!("\r\n{}\r\n", front.line()))).await;
        assert!(wire.head().await.starts_with("HTTP/1.1 101"), "{front:?}");
        for _ in 0..10 {
            wire.until("tick").await;
            // A ping, as browsers and libraries send them to keep things alive.
            wire.send(b"\x89\x80\0\0\0\0").await;
        }
        open.push(wire);
    }
    gate.move_to(deadline);
    Gate::soon("all of them end", || async { stage.has_seen_the_end("/ws/busy", 3) }).await;
    drop(open);
    assert_eq!(required(&anna, "/x").await, "code");
}

#[tokio::test(flavor = "multi_thread")]
async fn g04_what_an_operator_tightens_holds_for_the_next_request() {
    let upstream = Upstream::start();
    let plain = || Setup::new(&[upstream.addr()]).section("listen", Front::LISTEN).section("listen", "admin = \"127.0.0.1:0\"");
    let gate = Gate::start(plain()).await;
    let anna = gate.signed_in_with("anna@example.com", &["staff"]).await;
    let everywhere = async |path: &str| {
        let mut told = Vec::new();
        for way in ways() {
            let mut browser = anna.browser.clone().behind(way.front);
            browser.http2 = way.speaks == Speaks::Http2;
            told.push(required(&browser, path).await);
        }
        told.dedup();
        told
    };
    let becomes = async |path: &str, what: &str| {
        Gate::until(&format!("{path}: {what:?}"), || async { required(&anna.browser, path).await == what }).await;
        assert_eq!(everywhere(path).await, [what], "{path}");
    };
    gate.move_to(gate.code_at(&anna.browser) + HOUR * 2);
    becomes("/x", "").await;
    // A shorter window, by a command beside the running gate; and back again.
    gate.told(&["settings", "set", "reauth-window", "1h"]);
    becomes("/x", "code").await;
    gate.told(&["settings", "unset", "reauth-window"]);
    becomes("/x", "").await;
    // A path gets a shorter window, then a group that she is not in.
    gate.rewrite(&plain().portal("[[portal.rule]]\npath = \"/billing/**\"\nreauth = \"1h\""));
    becomes("/billing/1", "code").await;
    becomes("/x", "").await;
    gate.rewrite(&plain().portal("[[portal.rule]]\npath = \"/billing/**\"\ngroups = [\"billing\"]"));
    becomes("/billing/1", "refused").await;
    gate.rewrite(&plain().portal("groups = [\"board\"]"));
    becomes("/x", "refused").await;
    gate.rewrite(&plain());
    becomes("/x", "").await;
    // An admin is one no longer: felt on the admin pages.
    crate::admin::boss(&gate, "first@example.com").await;
    let mut second = crate::admin::boss(&gate, "second@example.com").await;
    assert_eq!(second.browser.get(crate::admin::HOME).await.status, StatusCode::OK);
    gate.told(&["user", "disable", "second@example.com"]);
    Gate::soon("no admin any more", || async { second.clone().browser.get(crate::admin::HOME).await.status != StatusCode::OK })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g05_no_window_is_set_that_is_none() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let workshop = Workshop::new();
    let refused =
        ["0", "0s", "-1h", "31d", "30d1s", "721h", "59m", "1", "", "1x", "h", "1.5h", "99999999999999999999d", "off", "∞"];
    for bad in refused {
        let complaints = workshop.complaints(&format!("[mfa]\nreauth_window = \"{bad}\"\n{PORTAL}"), &[]);
        assert!(complaints.iter().any(|complaint| complaint.contains("mfa.reauth_window")), "{bad:?}: {complaints:?}");
        let output = gate.command(&["settings", "set", "reauth-window", "--", bad]);
        assert!(!output.status.success(), "{bad:?}: {output:?}");
    }
    for bad in ["0s", "-1h", "31d", "59s", "1", "99999999999999999999d"] {
        let rule = format!("{PORTAL}[[portal.rule]]\npath = \"/x\"\nreauth = \"{bad}\"\n");
        let complaints = workshop.complaints(&rule, &[]);
        assert!(complaints.iter().any(|complaint| complaint.contains("reauth")), "{bad:?}: {complaints:?}");
    }
    for bad in ["0", "3600", "true", "[\"1h\"]"] {
        assert!(!workshop.complaints(&format!("[mfa]\nreauth_window = {bad}\n{PORTAL}"), &[]).is_empty(), "{bad}");
    }
    assert!(workshop.complaints(PORTAL, &[("VESTIBULE__MFA__REAUTH_WINDOW", "31d")]).iter().any(|line| line.contains("31d")));
    assert_eq!(gate.open_store(false).await.session_log().settings().await.unwrap().reauth_window, None, "nothing was set");
    assert_eq!(gate.app().parts().window.load(), DAY * 30);
}

/// The clocks of two nodes 3 s apart: there are no two, since one `serve` has a database; commands beside it store no time that a
/// window is measured from. A suspend is time that passes at once.
#[tokio::test(flavor = "multi_thread")]
async fn g06_no_clock_that_jumps_makes_a_window_longer() {
    clocks::a_wall_clock_set_back_makes_no_window_longer().await;
    clocks::a_wall_clock_set_forward_is_followed_and_never_taken_back().await;
    clocks::a_restart_with_the_clock_set_back_gives_no_time().await;
    // Summer time, leap seconds and a time server that cannot make up its mind: to and fro, every minute of the last hour.
    let arena = Arena::open().await;
    let browser = arena.attacker.browser.clone();
    let deadline = arena.gate.code_at(&browser) + DAY * 30;
    arena.gate.move_to(deadline - HOUR);
    for minute in 0..58 {
        let jump = [-3600, -3, -86_400, -1][minute % 4];
        arena.gate.hands.jump(jump);
        arena.gate.hands.advance(Duration::from_mins(1));
        assert_eq!(required(&browser, "/x").await, "", "minute {minute}");
        arena.gate.hands.jump(-jump);
    }
    arena.gate.hands.jump(-7200);
    arena.gate.hands.advance(Duration::from_mins(2));
    for way in ways() {
        assert_eq!(required(&arena.attacking(way), "/x").await, "code", "{way:?}");
    }
    // An alarm: the difference is shown.
    let drift = async || {
        let (_, metrics) = arena.gate.ops("/metrics").await;
        let line = metrics.lines().find(|line| line.starts_with("vestibule_clock_drift_seconds ")).map(str::to_owned);
        line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or_default()
    };
    Gate::until("the drift is metered", || async { drift().await > 3600.0 }).await;
    assert_eq!(arena.gate.ops("/readyz").await.0, 503);
}

/// Many requests at once on a few connections.
async fn all_at_once(browsers: &[Browser], each: usize) -> Vec<(Kind, Answer)> {
    let mut all = Vec::new();
    for browser in browsers {
        let io = TokioIo::new(browser.connect().await);
        let (sender, connection) =
            hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        for number in 0..each {
            let kind = if number % 2 == 0 { Kind::Navigation } else { Kind::Fetch };
            let request: Request<_> = browser.request(&Method::GET, &format!("/page/{number}"), kind, &[], Bytes::new());
            let mut sender = sender.clone();
            all.push(async move {
                let (parts, body) = sender.send_request(request).await.expect("an answer").into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                (kind, Answer { status: parts.status, headers: parts.headers, body })
            });
        }
    }
    join_all(all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn g13_five_hundred_requests_at_the_deadline_get_one_answer() {
    let arena = Arena::open().await;
    let browsers: Vec<_> = [Front::Direct, Front::Balancer, Front::Proxy, Front::Direct, Front::Direct]
        .map(|front| arena.attacking(Way { speaks: Speaks::Http2, front }))
        .into();
    arena.gate.move_to(arena.gate.code_at(&arena.attacker.browser) + DAY * 30);
    let answers = all_at_once(&browsers, 100).await;
    assert_eq!(answers.len(), 500);
    for (number, (kind, answer)) in answers.iter().enumerate() {
        assert!(answer.headers.get("set-cookie").is_none(), "no storm of cookies");
        if *kind == Kind::Navigation {
            let page = format!("/.vestibule/verify?to=/page/{}", number % 100);
            assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
        } else {
            assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::UNAUTHORIZED, "code"));
        }
    }
    arena.nothing_came("five hundred at the deadline");
    // One code, and all of them pass.
    let mut person = arena.attacker.clone();
    person.confirm(&arena.gate, "/").await.location();
    let mut browsers = browsers;
    for browser in &mut browsers {
        browser.cookies.clone_from(&person.browser.cookies);
    }
    let passed = all_at_once(&browsers, 100).await;
    assert!(passed.iter().all(|(_, answer)| answer.status == StatusCode::OK));
    assert_eq!(arena.received().len(), 500);
}
