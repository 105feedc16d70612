//! What a request head may look like on HTTP/1.1, and how large it may be.

use super::{Said, post, refused, say, smuggled};
use crate::attacks::arena::{Arena, MARK, Speaks, Way};
use crate::harness::frames::{self, END_HEADERS, END_STREAM, Field, block, frame, kind};
use crate::harness::{Front, HOST};

/// A GET of `/open/x` with these lines.
fn get(lines: &str) -> String {
    format!("GET /open/x HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a06_bare_line_feeds_and_carriage_returns() {
    let arena = Arena::open().await;
    for request in [
        get("A: b\rc"),
        get("A: b\r"),
        get("A\r: b"),
        get("A: b\r\rX: y"),
        get("\rA: b"),
        format!("GET /open/x\r HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET /open/x HTTP/1.1\rHost: {HOST}\r\r"),
        format!("GET /open/x HTTP/1.1\r\r\nHost: {HOST}\r\n\r\n"),
    ] {
        refused(&arena, request, &[400]).await;
    }
    for body in [
        "3\nabc\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3\rabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n0\n\r\n",
        "3;a\nb\r\nabc\r\n0\r\n\r\n",
        "3\n\r\nabc\r\n0\r\n\r\n",
    ] {
        refused(&arena, post("Transfer-Encoding: chunked", body), &[400]).await;
    }
    // A bare LF as the end of a line in a head is taken (RFC 9112, section 2.2, allows it), since nothing of a head is passed on as
    // it came: the upstream gets CRLF.
    for request in [
        format!("GET /open/x HTTP/1.1\nHost: {HOST}\nX-Own: 1\nConnection: close\n\n"),
        format!("GET /open/x HTTP/1.1\r\nHost: {HOST}\r\nX-Own: 1\nConnection: close\r\n\n"),
        format!("GET /open/x HTTP/1.1\r\nHost: {HOST}\r\nX-Own: 1\r\nConnection: close\n\r\n"),
        format!("\r\n\n\r\nGET /open/x HTTP/1.1\r\nHost: {HOST}\r\nX-Own: 1\r\nConnection: close\r\n\r\n"),
    ] {
        let said = say(&arena, Front::Direct, &request).await;
        assert_eq!(said.statuses(), [200], "{request:?}: {said:?}");
        let last = arena.upstream.last();
        assert_eq!((last.line(), last.all("x-own")), ("GET /open/x HTTP/1.1", vec!["1"]), "{request:?}");
        let feeds = last.head.matches('\n').count();
        assert_eq!((feeds, last.head.matches('\r').count()), (last.head.matches("\r\n").count(), feeds), "{:?}", last.head);
    }
    arena.innocent("bare LF").await;
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a22_cookies_in_pieces_and_heads_without_end() {
    let arena = Arena::open().await;
    for lines in [
        "A: b\r\n".repeat(101),
        "A: b\r\n".repeat(20_000),
        format!("A: {}\r\n", MARK.repeat(90_000)),
        format!("{}: b\r\n", "a".repeat(1 << 20)),
    ] {
        let said = say(&arena, Front::Direct, get(lines.trim_end())).await;
        assert_eq!((said.statuses(), said.closed), (vec![431], true), "{}: {}", lines.len(), said.text);
    }
    let said = say(&arena, Front::Direct, format!("GET /open/{} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", "x".repeat(1 << 20))).await;
    assert!(matches!(said.statuses()[..], [414 | 431]) && said.closed, "{}", said.text);
    let pieces = "Cookie: a=b\r\n".repeat(300);
    let Said { text, closed } = say(&arena, Front::Direct, get(pieces.trim_end())).await;
    assert!(text.starts_with("HTTP/1.1 431 ") && closed, "{text}");
    // HTTP/2: a field of each cookie, and more of them than lines are taken; one list of a MiB; one without end.
    let piece: Field<'_> = (b"cookie", b"a=b");
    for (fields, what) in [
        (vec![piece; 300], "pieces"),
        (vec![(&b"a"[..], &b"b"[..]); 2000], "lines"),
        (vec![(&b"a"[..], &[b'x'; 60_000][..]); 20], "a MiB"),
    ] {
        let mut frames = arena.frames(Front::Direct).await;
        let mut all = frames::request("GET", HOST, "/open/x");
        all.extend(fields);
        let (stream, block) = (frames.stream(), block(&all));
        let mut parts = block.chunks(16_000).peekable();
        let mut bytes =
            frame(kind::HEADERS, END_STREAM | if block.len() > 16_000 { 0 } else { END_HEADERS }, stream, parts.next().unwrap());
        while let Some(part) = parts.next() {
            let flags = if parts.peek().is_none() { END_HEADERS } else { 0 };
            bytes.extend(frame(kind::CONTINUATION, flags, stream, part));
        }
        frames.send(bytes).await;
        let outcome = frames.outcome(stream).await;
        assert!(outcome.status == Some(431) || outcome.is_error(), "{what}: {outcome:?}");
    }
    let mut frames = arena.frames(Front::Direct).await;
    let stream = frames.stream();
    frames.send(frame(kind::HEADERS, END_STREAM, stream, &block(&frames::request("GET", HOST, "/open/x")))).await;
    for _ in 0..2000 {
        frames.send(frame(kind::CONTINUATION, 0, stream, &block(&[(b"a", &[b'x'; 1000])]))).await;
    }
    let outcome = frames.outcome(stream).await;
    assert!(outcome.status == Some(431) || outcome.is_error() || outcome.closed, "{outcome:?}");
    drop(frames);
    arena.nothing_came("heads without end");
    arena.innocent("heads without end").await;
    // As many pieces as browsers send are one line upstream, without ours.
    let mut browser = arena.attacking(Way { speaks: Speaks::Http2, front: Front::Direct });
    for number in 0..50 {
        browser.cookies.insert(format!("c{number:02}"), "v".to_owned());
    }
    let fields: Vec<(String, String)> = browser.cookies.clone().into_iter().collect();
    let pieces: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut all = frames::request("GET", HOST, "/inside");
    all.extend(pieces.iter().map(|piece| (&b"cookie"[..], piece.as_bytes())));
    let mut frames = arena.frames(Front::Direct).await;
    let stream = frames.ask(&all).await;
    assert_eq!(frames.outcome(stream).await.status, Some(200));
    let last = arena.upstream.last();
    assert_eq!(last.all("cookie"), [(0..50).map(|number| format!("c{number:02}=v")).collect::<Vec<_>>().join("; ")]);
    drop(frames);
    arena.innocent("cookies in pieces").await;
}
