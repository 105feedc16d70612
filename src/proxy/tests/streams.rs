//! What stays open ends with its session: on time, whatever flows, and in a way that its reader understands.

use std::time::Duration;

use tokio::join;

use super::stage::{NEARLY, Stage, WINDOW, get, run, settle};
use super::wire::{Upstream, Wire};
use crate::proxy::BEAT;

const EVENTS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
const OPEN: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const DOWNLOAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n";
const END: &str = "0\r\n\r\n";

/// A response that has begun, and both of its ends.
async fn opened(upstream: &Upstream, stage: &Stage, head: &str) -> (Wire, Wire) {
    let mut client = stage.client().await;
    client.write(get("/stream")).await;
    let (mut wire, _) = upstream.answer(head).await;
    let (sent, seen) = if head == DOWNLOAD { ("one", "one") } else { ("3\r\none\r\n", "one\r\n") };
    wire.write(sent).await;
    client.until(seen).await;
    settle().await;
    (client, wire)
}

#[test]
fn an_event_stream_ends_cleanly_when_its_window_has_passed() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage, EVENTS).await;
        stage.beat(NEARLY).await;
        wire.write("3\r\ntwo\r\n").await;
        client.until("two\r\n").await;
        stage.beat(WINDOW.saturating_sub(NEARLY)).await;
        assert_eq!(client.rest().await, END);
        assert_eq!(wire.rest().await, "");
        assert_eq!(stage.proxy.idle(), 0);
    });
}

#[test]
fn a_busy_event_stream_ends_just_as_soon() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage, EVENTS).await;
        let busy = "4\r\nbusy\r\n".repeat(1000);
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
        assert!(rest.ends_with(END));
    });
}

#[test]
fn a_code_keeps_an_event_stream_open_and_the_end_of_the_session_does_not() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage, EVENTS).await;
        stage.session.confirmed(stage.session.code_at() + WINDOW, 1);
        stage.beat(WINDOW).await;
        wire.write("3\r\ntwo\r\n").await;
        client.until("two\r\n").await;
        stage.session.end();
        stage.beat(Duration::ZERO).await;
        assert_eq!(client.rest().await, END);
    });
}

#[test]
fn an_event_stream_ends_when_the_worker_drains_and_a_download_does_not() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut events, _wire) = opened(&upstream, &stage, EVENTS).await;
        let (mut download, mut wire) = opened(&upstream, &stage, DOWNLOAD).await;
        stage.drain.cancel();
        stage.beat(Duration::ZERO).await;
        assert_eq!(events.rest().await, END);
        wire.write("x".repeat(197)).await;
        assert_eq!(download.rest().await.len(), 197);
    });
}

#[test]
fn who_waits_for_an_answer_is_told_when_a_code_is_needed() {
    for end in [true, false] {
        run(async {
            let upstream = Upstream::listen().await;
            let stage = Stage::before(&upstream, |_| ()).await;
            let mut client = stage.client().await;
            client.write(get("/poll")).await;
            let mut wire = upstream.accept().await;
            wire.request().await;
            settle().await;
            if end {
                stage.session.end();
            }
            stage.beat(if end { Duration::ZERO } else { WINDOW }).await;
            assert!(client.rest().await.starts_with("HTTP/1.1 401 "));
            assert_eq!(stage.failure(), "session-over");
            assert_eq!(wire.rest().await, "", "and the upstream is left");
        });
    }
}

#[test]
fn a_request_of_nobody_waits_for_as_long_as_it_takes() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let mut client = stage.client().await;
        client.write(get("/open/poll")).await;
        let mut wire = upstream.accept().await;
        wire.request().await;
        settle().await;
        stage.session.end();
        stage.beat(WINDOW * 2).await;
        wire.write(super::wire::OK).await;
        assert!(client.rest().await.ends_with("ok"));
    });
}

#[test]
fn a_download_has_its_grace_and_no_more() {
    for head in [DOWNLOAD, OPEN] {
        run(async {
            let upstream = Upstream::listen().await;
            let stage = Stage::before(&upstream, |settings| settings.download_grace = Duration::from_secs(10)).await;
            let (mut client, mut wire) = opened(&upstream, &stage, head).await;
            stage.beat(WINDOW).await;
            // A beat more than the grace, since the window may have passed just before one.
            for _ in 0..=20 {
                wire.write(if head == OPEN { "4\r\nmore\r\n" } else { "more" }).await;
                client.until("more").await;
                settle().await;
                stage.beat(BEAT).await;
            }
            stage.beat(BEAT).await;
            assert!(!client.rest().await.ends_with(END), "it must not look whole");
            assert_eq!(wire.rest().await, "");
        });
    }
}

#[test]
fn a_response_that_just_stays_open_has_no_grace() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage, OPEN).await;
        stage.beat(WINDOW).await;
        for _ in 0..2 {
            stage.beat(BEAT).await;
        }
        assert!(!client.rest().await.ends_with(END));
        assert_eq!(wire.rest().await, "");
    });
}

#[test]
fn the_end_of_a_session_ends_its_downloads() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (mut client, mut wire) = opened(&upstream, &stage, DOWNLOAD).await;
        stage.session.end();
        stage.beat(Duration::ZERO).await;
        assert_eq!(client.rest().await, "");
        assert_eq!(wire.rest().await, "");
    });
}
