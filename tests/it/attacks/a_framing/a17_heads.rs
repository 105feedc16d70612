//! What a request head may look like on HTTP/1.1, and how large it may be.

use super::{get, refused, say, smuggled};
use crate::attacks::arena::Arena;
use crate::harness::{Front, HOST, frames};

#[tokio::test(flavor = "multi_thread")]
async fn a17_header_lines_that_are_none() {
    let arena = Arena::open().await;
    for lines in [
        "A: b\r\n c",
        "A: b\r\n\tc",
        " A: b",
        "\tA: b",
        "no colon",
        ": b",
        "A B: c",
        "A : b",
        "A\t: b",
        "(A): b",
        "A@: b",
        "\"A\": b",
        "A[0]: b",
        "A\u{e9}: b",
        "A\x7f: b",
        "A: b\0",
        "A: \x01",
        "A: b\x0bc",
        "A: b\x7f",
    ] {
        refused(&arena, get(lines), &[400]).await;
    }
    refused(&arena, format!("GET /open/x HTTP/1.1\r\n Host: {HOST}\r\n\r\n"), &[400]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_hosts_that_disagree_or_are_none() {
    let arena = Arena::open().await;
    for request in [
        get(&format!("Host: {HOST}")),
        get("Host: other.example.com"),
        format!("GET /open/x HTTP/1.1\r\nHost: other.example.com\r\nHost: {HOST}\r\n\r\n"),
        "GET /open/x HTTP/1.1\r\n\r\n".to_owned(),
        "GET /open/x HTTP/1.1\r\nHost:\r\n\r\n".to_owned(),
        format!("GET https://other.example.com/open/x HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET https://{HOST}/open/x HTTP/1.1\r\nHost: other.example.com\r\n\r\n"),
        format!("GET https://{HOST}@other.example.com/open/x HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET http://{HOST}/open/x HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET //{HOST} HTTP/1.1\r\nHost: other.example.com\r\n\r\n"),
    ] {
        refused_once(&arena, request).await;
    }
    for host in [
        "evil@portal.example.com",
        "portal.example.com@evil",
        "portal.example.com,evil",
        "portal.example.com, portal.example.com",
        "portal.example.com/x",
        "portal.example.com?x",
        "portal.example.com#x",
        "portal.example.com:0",
        "portal.example.com:65536",
        "portal.example.com:99999999999",
        "portal.example.com:",
        "portal.example.com:44x",
        "portal.example.com:+443",
        "portal.example.com: 443",
        "portal.example.com:443:443",
        "portal.example.com:80",
        "portal.example.com evil",
        "portal.example.com..",
        ".portal.example.com",
        "evil.example",
        "127.0.0.1",
        "[::1]",
        "[portal.example.com]",
        "portal%2eexample.com",
        "https://portal.example.com",
        "*",
    ] {
        refused_once(&arena, format!("GET /open/x HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
    }
}

/// Refused in every way; a request without a body may leave its connection open, but here nothing good comes after it.
async fn refused_once(arena: &Arena, request: String) {
    for front in Front::ALL {
        let said = say(arena, front, request.replace("HTTP/1.1\r\n", "HTTP/1.1\r\nConnection: close\r\n")).await;
        assert!(said.closed && matches!(said.statuses()[..], [400 | 421]), "{request:?} {front:?}: {said:?}");
        arena.nothing_came(&request);
    }
    arena.innocent(&request).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a19_other_versions_and_targets() {
    let arena = Arena::open().await;
    for request in [
        "GET /open/x\r\n\r\n".to_owned(),
        get("").replace("HTTP/1.1", "HTTP/0.9"),
        get("").replace("HTTP/1.1", "HTTP/1.2"),
        get("").replace("HTTP/1.1", "HTTP/1"),
        get("").replace("HTTP/1.1", "HTTP/11"),
        get("").replace("HTTP/1.1", "HTTP/3.0"),
        get("").replace("HTTP/1.1", "http/1.1"),
        get("").replace("HTTP/1.1", "HTTP/1.1 x"),
        get("").replace("GET /open/x", "GET  /open/x"),
        get("").replace("GET /open/x", "GET /open/x y"),
        get("").replace("GET /open/x", "GET\t/open/x"),
        get("").replace("GET", "G(T"),
        get("").replace("GET /open/x", "GET open/x"),
        get("").replace("GET /open/x", "OPTIONS *"),
        get("").replace("GET /open/x", "GET *"),
    ] {
        refused(&arena, request, &[400]).await;
    }
    // The preface of HTTP/2 where HTTP/1.1 was agreed upon, at first and later: no answer is needed, an end is.
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for before in ["", &get("")] {
        let came = arena.received().len();
        let said = say(&arena, Front::Direct, format!("{before}{preface}{}", smuggled())).await;
        assert!(said.closed, "{said:?}");
        let answers: Vec<u16> = said.statuses().into_iter().filter(|status| *status != 400).collect();
        assert_eq!(answers.len(), usize::from(!before.is_empty()), "{said:?}");
        assert_eq!(arena.received().len(), came + answers.len());
        arena.innocent(preface).await;
    }
    let came = arena.received().len();
    let mut frames = arena.frames(Front::Direct).await;
    let stream = frames.ask(&frames::request("OPTIONS", HOST, "*")).await;
    let outcome = frames.outcome(stream).await;
    assert!(outcome.is_error() || outcome.status == Some(400), "{outcome:?}");
    drop(frames);
    assert_eq!(arena.received().len(), came);
    arena.innocent("OPTIONS *").await;
}
