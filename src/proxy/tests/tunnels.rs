//! `WebSocket`s: opened only as they should be, and closed with their session.

use std::time::Duration;

use tokio::join;

use super::stage::{NEARLY, Stage, WINDOW, get, run, settle};
use super::wire::{OK, Upstream, Wire, header};

const ASK: &str = "GET /socket HTTP/1.1\r\nHost: portal.example.com\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: chat\r\n\r\n";
const YES: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\
                   Set-Cookie: __Host-vestibule=x\r\n\r\n";

async fn opened(upstream: &Upstream, stage: &Stage) -> (Wire, Wire) {
    let mut client = stage.client().await;
    client.write(ASK).await;
    let mut wire = upstream.accept().await;
    let request = wire.request().await;
    assert_eq!((header(&request, "upgrade"), header(&request, "connection")), (Some("websocket"), Some("upgrade")));
    assert_eq!(header(&request, "x-forwarded-user"), Some("anna@example.com"));
    wire.write(YES).await;
    let answer = client.until("\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 101 ") && !answer.contains("vestibule"), "{answer}");
    assert_eq!(header(&answer, "sec-websocket-protocol"), Some("chat"));
    settle().await;
    (client, wire)
}

#[test]
fn bytes_pass_both_ways_until_one_end_closes() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage).await;
        assert_eq!(stage.tunnels.len(), 1);
        wire.write("\u{1}\u{5}hello").await;
        client.until("hello").await;
        client.write("\u{1}\u{5}world").await;
        wire.until("world").await;
        stage.pass(Duration::from_mins(10)).await;
        wire.write("\u{1}\u{5}still").await;
        client.until("still").await;
        drop(wire);
        assert_eq!(client.rest().await, "");
        drop(client);
        settle().await;
        stage.tunnels.close();
        stage.tunnels.wait().await;
        assert_eq!(stage.proxy.idle(), 0);
    });
}

#[test]
fn what_the_client_sends_ahead_waits_for_the_101() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let mut client = stage.client().await;
        client.write(format!("{ASK}GET /smuggled HTTP/1.1\r\n\r\n")).await;
        let mut wire = upstream.accept().await;
        wire.request().await;
        settle().await;
        assert!(tokio::time::timeout(Duration::from_millis(50), wire.more()).await.is_err(), "not before the 101");
        wire.write(YES).await;
        wire.until("GET /smuggled HTTP/1.1\r\n\r\n").await;
        // And when there is none, it never goes out.
        let mut client = stage.client().await;
        client.write(format!("{}GET /smuggled HTTP/1.1\r\n\r\n", ASK.replace("keep-alive", "close"))).await;
        let (mut wire, _) = upstream.answer(OK).await;
        assert!(client.until("ok").await.starts_with("HTTP/1.1 200 "));
        assert_eq!(wire.rest().await, "", "that connection is not used again");
    });
}

#[test]
fn only_the_right_answer_opens_a_tunnel() {
    for (answer, status) in [
        (YES.replace("s3pP", "S3pP"), "502"),
        (YES.replace("Sec-WebSocket-Accept", "X"), "502"),
        (YES.replace("Upgrade: websocket", "Upgrade: h2c"), "502"),
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_owned(), "403"),
        (OK.to_owned(), "200"),
    ] {
        run(async {
            let upstream = Upstream::listen().await;
            let stage = Stage::before(&upstream, |_| ()).await;
            let mut client = stage.client().await;
            client.write(ASK).await;
            let (mut wire, _) = upstream.answer(&answer).await;
            let head = client.until("\r\n\r\n").await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
            assert_eq!(wire.rest().await, "", "that connection is not used again");
            assert_eq!((stage.proxy.idle(), stage.tunnels.len()), (0, 0));
            let (answer, _) = join!(stage.get("/"), upstream.answer(OK));
            assert!(answer.ends_with("ok"));
        });
    }
}

#[test]
fn a_101_that_nobody_asked_for_opens_nothing() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (answer, _) = join!(stage.get("/"), upstream.answer(YES));
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert_eq!(stage.tunnels.len(), 0);
        let request = get("/").replace("Connection: close", "Connection: close, upgrade\r\nUpgrade: h2c");
        let (answer, _) = join!(stage.ask(&request), upstream.answer(YES));
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    });
}

#[test]
fn a_tunnel_is_closed_with_1008_when_its_window_has_passed() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage).await;
        wire.write("\u{1}\u{5}hello").await;
        client.until("hello").await;
        stage.beat(NEARLY).await;
        client.write("ping").await;
        wire.until("ping").await;
        stage.beat(WINDOW.saturating_sub(NEARLY)).await;
        let _ = client.try_write("too late").await;
        assert_eq!(client.rest().await, "\u{fffd}\u{16}\u{3}\u{fffd}A new code is needed");
        assert_eq!(wire.rest().await, "", "nothing of what came after");
    });
}

#[test]
fn the_close_frame_does_not_break_into_another_one() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage).await;
        wire.write("\u{1}\u{8}half").await;
        client.until("half").await;
        stage.session.end();
        let (rest, ()) = join!(client.rest(), async {
            stage.beat(Duration::ZERO).await;
            wire.write("full\u{1}\u{4}more").await;
        });
        assert_eq!(rest, "full\u{fffd}\u{16}\u{3}\u{fffd}A new code is needed", "the frame is finished, the next is not begun");
    });
}

#[test]
fn a_frame_that_is_never_finished_holds_nothing_open() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage).await;
        wire.write("\u{1}\u{8}half").await;
        client.until("half").await;
        stage.session.end();
        stage.beat(Duration::ZERO).await;
        assert_eq!(client.rest().await, "");
        assert_eq!(wire.rest().await, "");
    });
}

#[test]
fn a_busy_tunnel_is_closed_just_as_soon() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage).await;
        let busy = "\u{1}\u{4}busy".repeat(1000);
        let (rest, ()) = join!(client.rest(), async {
            let mut rounds = 0;
            while wire.try_write(&busy).await {
                rounds += 1;
                if rounds == 10 {
                    stage.beat(WINDOW).await;
                }
                assert!(rounds < 10_000, "it goes on and on");
            }
        });
        assert!(rest.ends_with("A new code is needed"));
    });
}

#[test]
fn a_tunnel_is_closed_with_1001_when_the_worker_drains() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, _wire) = opened(&upstream, &stage).await;
        stage.drain.cancel();
        stage.beat(Duration::ZERO).await;
        assert_eq!(client.rest().await, "\u{fffd}\u{c}\u{3}\u{fffd}Restarting");
        drop(client);
        stage.tunnels.close();
        stage.tunnels.wait().await;
    });
}

#[test]
fn one_end_does_not_outlive_the_other_for_long() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (client, mut wire) = opened(&upstream, &stage).await;
        drop(client);
        settle().await;
        stage.pass(Duration::from_secs(14)).await;
        assert_eq!(wire.rest().await, "");
        stage.tunnels.close();
        stage.tunnels.wait().await;
    });
}
