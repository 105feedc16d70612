//! What a client gets to see of a response, and which responses it never sees.

use std::time::Duration;

use tokio::join;

use super::stage::{Stage, get, run, settle};
use super::wire::{OK, Upstream, header};

/// What the client gets when the upstream sends this and then says no more.
fn got(response: &str) -> (String, &'static str) {
    let mut got = (String::new(), "");
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (answer, wire) = join!(stage.get("/"), async {
            let (mut wire, _) = upstream.answer(response).await;
            settle().await;
            wire.rest().await
        });
        let _ = wire;
        assert_eq!(stage.proxy.idle(), 0, "that connection never serves again");
        let (second, _) = join!(stage.get("/"), upstream.answer(OK));
        assert!(second.ends_with("ok"), "and nobody else is harmed: {second}");
        got = (answer, stage.failure());
    });
    got
}

#[test]
fn what_is_no_http_or_could_be_read_in_two_ways_is_never_passed_on() {
    for (response, cause) in [
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "upstream-broken"),
        ("\0\0\0\r\n\r\n", "upstream-broken"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "upstream-broken"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", "upstream-bad-response"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "upstream-bad-response"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "upstream-bad-response"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nabc", "upstream-bad-response"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "upstream-broken"),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "upstream-broken"),
        ("HTTP/1.1 200 OK\r\nA\x01b: c\r\n\r\n", "upstream-broken"),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", "upstream-bad-response"),
        ("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", "upstream-bad-response"),
    ] {
        let (answer, why) = got(response);
        assert!(answer.starts_with("HTTP/1.1 502 "), "{response}: {answer}");
        assert_eq!(why, cause, "{response}");
    }
}

#[test]
fn a_flood_of_interim_responses_ends() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (answer, ()) = join!(stage.get("/"), async {
            let mut wire = upstream.accept().await;
            wire.request().await;
            let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(100);
            while wire.try_write(&hints).await {}
        });
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        let hinted = format!("HTTP/1.1 100 Continue\r\n\r\n{OK}");
        let (answer, _) = join!(stage.get("/"), upstream.answer(&hinted));
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok"), "one or two are skipped");
    });
}

#[test]
fn a_head_without_end_is_refused() {
    let (answer, why) = got(&format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: {}\r\n\r\n", "a".repeat(100 << 10)));
    assert!(answer.starts_with("HTTP/1.1 502 ") && why == "upstream-broken", "{answer}");
    let (answer, _) = got(&format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{}\r\n", "A: b\r\n".repeat(101)));
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
}

#[test]
fn a_broken_body_breaks_off_for_the_client_too() {
    for response in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ] {
        run(async {
            let upstream = Upstream::listen().await;
            let stage = Stage::before(&upstream, |_| ()).await;
            let (answer, ()) = join!(stage.get("/"), async { drop(upstream.answer(response).await) });
            assert!(answer.contains("200 OK") && !answer.ends_with("0\r\n\r\n"), "{answer}");
            assert!(header(&answer, "content-length").is_none() || !answer.ends_with("abcde"), "{answer}");
            assert_eq!(stage.proxy.idle(), 0);
        });
    }
}

#[test]
fn trailers_pass_if_they_are_announced_and_nobody_elses() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let request = get("/").replace("Conn", "TE: trailers\r\nConn");
        let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, X-Forwarded-User, Set-Cookie\r\n\r\n2\r\nok\r\n0\r\n\
                        X-Sum: 7\r\nX-Forwarded-User: root\r\nSet-Cookie: __Host-vestibule=x\r\n\r\n";
        let (answer, (_wire, seen)) = join!(stage.ask(&request), upstream.answer(response));
        assert!(header(&seen, "te").is_none(), "{seen}");
        assert!(answer.ends_with("2\r\nok\r\n0\r\nx-sum: 7\r\n\r\n"), "{answer}");
        settle().await;
        assert_eq!(stage.proxy.idle(), 1);
    });
}

#[test]
fn the_head_is_cleaned_and_redirects_come_back_to_the_portal() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let response = format!(
            "HTTP/1.1 302 Found\r\nLocation: {}/next\r\nSet-Cookie: __Host-vestibule=; Path=/; Secure\r\nSet-Cookie: a=1\r\n\
             Strict-Transport-Security: max-age=0\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
            upstream.url
        );
        let (answer, _) = join!(stage.get("/"), async { upstream.answer(&response).await });
        assert_eq!(header(&answer, "location"), Some("https://portal.example.com/next"));
        assert_eq!(header(&answer, "set-cookie"), Some("a=1"));
        assert!(
            !answer.contains("vestibule") && !answer.contains("strict-transport") && !answer.contains("keep-alive"),
            "{answer}"
        );
    });
}

#[test]
fn an_old_upstream_makes_no_old_gate() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (answer, ()) = join!(stage.get("/"), async { drop(upstream.answer("HTTP/1.0 200 OK\r\n\r\nold").await) });
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("3\r\nold\r\n0\r\n\r\n"), "{answer}");
        assert_eq!(stage.proxy.idle(), 0);
        let closing = OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
        let (answer, _wire) = join!(stage.get("/"), upstream.answer(&closing));
        assert!(answer.ends_with("ok"));
        settle().await;
        let (answer, _) = join!(stage.get("/"), upstream.answer(OK));
        assert!(answer.ends_with("ok"), "a connection that is to be closed is not used again");
    });
}

#[test]
fn an_upstream_that_says_nothing_is_given_up() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |settings| settings.response_timeout = Duration::from_secs(6)).await;
        let (answer, ()) = join!(stage.get("/"), async {
            let mut wire = upstream.accept().await;
            wire.request().await;
            settle().await;
            stage.pass(Duration::from_secs(6)).await;
            assert!(stage.failures.borrow().is_empty(), "not too early");
            stage.pass(Duration::from_secs(2)).await;
            assert_eq!(wire.rest().await, "");
        });
        assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
        assert_eq!(stage.failure(), "upstream-timeout");
    });
}

#[test]
fn an_upstream_that_falls_silent_in_a_response_is_given_up() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let mut client = stage.client().await;
        client.write(get("/")).await;
        let (mut wire, _) = upstream.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc").await;
        client.until("abc").await;
        settle().await;
        stage.pass(Duration::from_mins(5)).await;
        wire.write("d").await;
        client.until("d").await;
        settle().await;
        stage.pass(Duration::from_secs(302)).await;
        assert_eq!(client.rest().await, "");
        assert_eq!(wire.rest().await, "");
    });
}
