//! Bodies both ways: as long as allowed, as fast as the slower end, and no longer than somebody wants them.

use std::time::Duration;

use tokio::join;

use super::stage::{Stage, get, run, settle};
use super::wire::{OK, Upstream, Wire};

const HEAD: &str = "POST / HTTP/1.1\r\nHost: portal.example.com\r\nConnection: close\r\n";

/// What the sockets of two connections may hold at most.
const SOCKETS: usize = 32 << 20;

#[test]
fn a_body_that_says_it_is_too_long_is_refused_before_anything_is_sent() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |settings| settings.max_body = 10).await;
        let answer = stage.ask(&format!("{HEAD}Content-Length: 11\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert_eq!(stage.failure(), "body-too-large");
        assert!(upstream.is_left_alone().await);
        let request = format!("{HEAD}Content-Length: 10\r\n\r\n0123456789");
        let (answer, _) = join!(stage.ask(&request), upstream.answer(OK));
        assert!(answer.ends_with("ok"));
    });
}

#[test]
fn a_body_that_turns_out_too_long_is_broken_off() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |settings| settings.max_body = 10).await;
        let request = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n");
        let (answer, seen) = join!(stage.ask(&request), async { upstream.accept().await.rest().await });
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(!seen.contains('x') || !seen.ends_with("0\r\n\r\n"), "upstream must not take it for whole: {seen}");
        // Not before the answer has begun: then there is nothing to say any more.
        let mut client = stage.client().await;
        client.write(format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n")).await;
        let mut wire = upstream.accept().await;
        wire.until("1\r\na\r\n").await;
        wire.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await;
        client.until("half").await;
        client.write("a\r\n0123456789\r\n").await;
        assert_eq!(client.rest().await, "");
        wire.rest().await;
    });
}

#[test]
fn a_client_that_stops_sending_is_given_up() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |settings| settings.response_timeout = Duration::from_hours(1)).await;
        let mut client = stage.client().await;
        client.write(format!("{HEAD}Content-Length: 9\r\n\r\nabc")).await;
        let mut wire = upstream.accept().await;
        wire.until("abc").await;
        settle().await;
        stage.pass(Duration::from_secs(30)).await;
        client.write("d").await;
        wire.until("d").await;
        settle().await;
        stage.pass(Duration::from_secs(30)).await;
        assert_eq!(stage.failure(), "none");
        stage.pass(Duration::from_secs(2)).await;
        assert!(client.until("\r\n\r\n").await.starts_with("HTTP/1.1 408 "));
        assert_eq!(wire.rest().await, "");
    });
}

#[test]
fn a_long_upload_is_no_silence_of_the_upstream() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |settings| settings.response_timeout = Duration::from_secs(4)).await;
        let mut client = stage.client().await;
        client.write(format!("{HEAD}Content-Length: 9\r\n\r\n")).await;
        let mut wire = upstream.accept().await;
        for digit in 1..10 {
            client.write(digit.to_string()).await;
            wire.until(&digit.to_string()).await;
            settle().await;
            stage.pass(Duration::from_secs(4)).await;
        }
        wire.write(OK).await;
        assert!(client.rest().await.ends_with("ok"));
    });
}

#[test]
fn a_client_that_goes_away_takes_its_connection_with_it() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        // In the middle of its body, while waiting, in the middle of the response.
        let mut client = stage.client().await;
        client.write(format!("{HEAD}Content-Length: 9\r\n\r\nabc")).await;
        let mut wire = upstream.accept().await;
        wire.until("abc").await;
        drop(client);
        assert_eq!(wire.rest().await, "");

        let mut client = stage.client().await;
        client.write(get("/")).await;
        let mut wire = upstream.accept().await;
        wire.request().await;
        drop(client);
        assert_eq!(wire.rest().await, "");

        let mut client = stage.client().await;
        client.write(get("/")).await;
        let (mut wire, _) = upstream.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
        client.until("abc").await;
        drop(client);
        assert_eq!(wire.rest().await, "");
        assert_eq!(stage.proxy.idle(), 0);
    });
}

#[test]
fn an_answer_before_the_end_of_the_question_leaves_no_connection_behind() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let mut client = stage.client().await;
        client.write(format!("{HEAD}Content-Length: 9\r\n\r\nabc")).await;
        let mut wire = upstream.accept().await;
        wire.until("abc").await;
        wire.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno").await;
        assert!(client.until("no").await.starts_with("HTTP/1.1 403 "));
        assert_eq!(wire.rest().await, "");
        assert_eq!(stage.proxy.idle(), 0);
    });
}

/// Writes until nothing more is taken; how much was.
async fn fill(wire: &mut Wire, piece: &[u8], at_most: usize) -> usize {
    let mut written = 0;
    while written < at_most {
        let stuck = tokio::time::timeout(Duration::from_millis(200), wire.write(piece)).await.is_err();
        // A part of the piece may have gone; it is all zeros, and the reader counts.
        if stuck {
            return written;
        }
        written += piece.len();
    }
    written
}

#[test]
fn nothing_is_buffered_on_the_way_up() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |settings| settings.max_body = 200 << 20).await;
        let mut client = stage.client().await;
        client.write(format!("{HEAD}Content-Length: {}\r\n\r\n", 100 << 20)).await;
        let mut wire = upstream.accept().await;
        wire.until("\r\n\r\n").await;
        let piece = vec![0; 1 << 20];
        let taken = fill(&mut client, &piece, 100 << 20).await;
        assert!(taken < SOCKETS, "{taken}");
        // More than is left: the rest is cut off with the connection.
        let ((), ()) = join!(async { while client.try_write(&piece).await {} }, async {
            wire.skip(100 << 20).await;
            wire.write(OK).await;
        });
    });
}

#[test]
fn nothing_is_buffered_on_the_way_down() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let mut client = stage.client().await;
        client.write(get("/")).await;
        let (mut wire, _) = upstream.answer(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 100 << 20)).await;
        client.until("\r\n\r\n").await;
        let piece = vec![0; 1 << 20];
        let taken = fill(&mut wire, &piece, 100 << 20).await;
        assert!(taken < SOCKETS, "{taken}");
        let ((), ()) = join!(async { while wire.try_write(&piece).await {} }, async {
            client.skip(100 << 20).await;
            assert_eq!(client.rest().await, "");
        });
    });
}
