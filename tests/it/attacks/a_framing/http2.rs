//! What HTTP/2 must not carry into HTTP/1.1: framing of another protocol, lengths that are wrong, line ends in names and values.

use std::collections::BTreeSet;

use crate::attacks::arena::{Arena, MARK};
use crate::harness::frames::{END_HEADERS, Field, Outcome, block, frame, kind, request};
use crate::harness::{Front, HOST};

/// One request on a connection of its own.
async fn outcome(arena: &Arena, front: Front, fields: &[Field<'_>], body: Option<(&[u8], Option<&[Field<'_>]>)>) -> Outcome {
    let mut frames = arena.frames(front).await;
    let mut fields = fields.to_vec();
    if let Some((name, value)) = front.header() {
        fields.push((name.as_bytes(), value.as_bytes()));
    }
    let stream = match body {
        None => frames.ask(&fields).await,
        Some((body, trailers)) => frames.post(&fields, body, trailers).await,
    };
    frames.outcome(stream).await
}

/// No answer but an error of the stream or the connection, however the client comes, and nothing whole upstream.
async fn broken_off(arena: &Arena, fields: &[Field<'_>], body: Option<(&[u8], Option<&[Field<'_>]>)>) {
    let shown =
        format!("{:?}", fields.iter().map(|(n, v)| (String::from_utf8_lossy(n), String::from_utf8_lossy(v))).collect::<Vec<_>>());
    for front in Front::ALL {
        let outcome = outcome(arena, front, fields, body).await;
        assert!(outcome.is_error(), "{shown} {front:?}: {outcome:?}");
        arena.nothing_came(&shown);
    }
    arena.innocent(&shown).await;
}

/// A request with one more field.
fn with<'a>(method: &'a str, name: &'a [u8], value: &'a [u8]) -> Vec<Field<'a>> {
    let mut fields = request(method, HOST, "/open/x");
    fields.push((name, value));
    fields
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_http2_with_framing_of_http1() {
    let arena = Arena::open().await;
    let chunked: &[u8] = b"0\r\n\r\nGET /open/smuggled HTTP/1.1\r\nHost: portal.example.com\r\n\r\n";
    for (name, value) in [
        (&b"transfer-encoding"[..], &b"chunked"[..]),
        (b"transfer-encoding", b"identity"),
        (b"connection", b"close"),
        (b"connection", b"x-forwarded-user"),
        (b"connection", b"keep-alive, transfer-encoding"),
        (b"keep-alive", b"timeout=5"),
        (b"proxy-connection", b"keep-alive"),
        (b"upgrade", b"websocket"),
        (b"upgrade", b"h2c"),
        (b"te", b"chunked"),
        (b"te", b"gzip, trailers"),
    ] {
        broken_off(&arena, &with("GET", name, value), None).await;
        broken_off(&arena, &with("POST", name, value), Some((chunked, None))).await;
    }
    // Lengths that are none, or not that of the body.
    for (length, body) in [
        (&b"3"[..], &b"hello"[..]),
        (b"0", b"hello"),
        (b"+5", b"hello"),
        (b"5, 5", b"hello"),
        (b"0x5", b"hello"),
        (b"-5", b"hello"),
        (b"", b"hello"),
        (b"99999999999999999999", b"hello"),
        (b"7", b"hello"),
    ] {
        let fields = with("POST", b"content-length", length);
        for front in Front::ALL {
            let outcome = outcome(&arena, front, &fields, Some((body, None))).await;
            assert!(outcome.is_error() || outcome.status == Some(400), "{length:?} {front:?}: {outcome:?}");
            arena.nothing_came(&format!("{length:?}"));
        }
        arena.innocent(&format!("length {length:?}")).await;
    }
    let mut twice = with("POST", b"content-length", b"5");
    twice.push((b"content-length", b"6"));
    let two = outcome(&arena, Front::Direct, &twice, Some((b"hello", None))).await;
    assert!(two.is_error() || two.status == Some(400), "{two:?}");
    arena.nothing_came("two lengths");
    // A length without a body, at a request that seems to have none.
    let none = outcome(&arena, Front::Direct, &with("GET", b"content-length", b"5"), None).await;
    assert!(none.is_error() || none.status == Some(400), "{none:?}");
    arena.nothing_came("a length and no body");
    // What is right passes, framed by us.
    let right = outcome(&arena, Front::Direct, &with("POST", b"content-length", b"5"), Some((b"hello", None))).await;
    assert_eq!((right.status, arena.upstream.last().all("content-length")), (Some(200), vec!["5"]));
    let none = outcome(&arena, Front::Direct, &request("POST", HOST, "/open/x"), Some((b"hello", None))).await;
    assert_eq!((none.status, arena.upstream.last().all("transfer-encoding")), (Some(200), vec!["chunked"]));
    assert_eq!(arena.upstream.last().body, b"hello");
    arena.innocent("lengths").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_line_ends_and_separators_in_http2_fields() {
    let arena = Arena::open().await;
    for (name, value) in [
        (&b"a\r\nx-forwarded-user"[..], &b"root"[..]),
        (b"a\nb", b"c"),
        (b"a\rb", b"c"),
        (b"a\0b", b"c"),
        (b"a: b", b"c"),
        (b"a:b", b"c"),
        (b"a b", b"c"),
        (b" a", b"c"),
        (b"A", b"c"),
        (b"X-Forwarded-User", b"root"),
        (b"", b"c"),
        (b"\xff", b"c"),
        (b"a", b"b\r\nx-forwarded-user: root"),
        (b"a", b"b\nc"),
        (b"a", b"b\rc"),
        (b"a", b"b\0c"),
        (b"a", b"b\r\n\r\nGET /open/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"),
        (b"cookie", b"a=b\r\nx: y"),
        (b":path", b"/open/y"),
        (b":unknown", b"x"),
        (b":status", b"200"),
        (b":protocol", b"websocket"),
    ] {
        broken_off(&arena, &with("GET", name, value), None).await;
    }
    // In what makes the request line: never a request, and never one upstream.
    let smuggle = format!("/open/x HTTP/1.1\r\nHost: {HOST}\r\n\r\nGET /open/{MARK}");
    for (name, value) in [
        (":path", smuggle.as_str()),
        (":path", "/open/x\r\n"),
        (":path", "/open/x y"),
        (":path", "/open/\0"),
        (":path", "/open/\n"),
        (":path", "open/x"),
        (":path", ""),
        (":path", "*"),
        (":path", "https://other.example.com/open/x"),
        (":method", "GET /open/y HTTP/1.1\r\nA:"),
        (":method", "G ET"),
        (":method", ""),
        (":method", "get"),
        (":scheme", "http"),
        (":scheme", "https://other.example.com/?"),
        (":scheme", "x y"),
        (":scheme", ""),
        (":authority", "portal.example.com\r\nX: y"),
        (":authority", "evil@portal.example.com"),
        (":authority", "portal.example.com/x"),
        (":authority", "portal.example.com:0"),
        (":authority", "portal.example.com:65536"),
        (":authority", "portal.example.com, x"),
        (":authority", "other.example.com"),
        (":authority", ""),
    ] {
        let mut fields = request("GET", HOST, "/open/x");
        fields.iter_mut().filter(|field| field.0 == name.as_bytes()).for_each(|field| field.1 = value.as_bytes());
        for front in Front::ALL {
            let outcome = outcome(&arena, front, &fields, None).await;
            let refused = outcome.status.is_some_and(|status| matches!(status, 400 | 421 | 501));
            assert!(outcome.is_error() || refused, "{name} {value:?} {front:?}: {outcome:?}");
            arena.nothing_came(value);
        }
        arena.innocent(value).await;
    }
    // A fragment is cut off before anything is decided: what is judged is what goes upstream.
    let fragment = outcome(&arena, Front::Direct, &request("GET", HOST, "/open/x#y"), None).await;
    assert_eq!((fragment.status, arena.upstream.last().line()), (Some(200), "GET /open/x HTTP/1.1"));
    let came = arena.received().len();
    // Left out, or doubled by a host that disagrees.
    for missing in [":method", ":scheme", ":path", ":authority"] {
        let mut fields = request("GET", HOST, "/open/x");
        fields.retain(|field| field.0 != missing.as_bytes());
        let outcome = outcome(&arena, Front::Direct, &fields, None).await;
        assert!(outcome.is_error() || outcome.status == Some(400), "{missing}: {outcome:?}");
    }
    let disagreeing = outcome(&arena, Front::Direct, &with("GET", b"host", b"other.example.com"), None).await;
    assert!(disagreeing.is_error() || disagreeing.status == Some(400), "{disagreeing:?}");
    assert_eq!(arena.received().len(), came);
    arena.innocent("what makes the request line").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_trailers_on_http2() {
    let arena = Arena::open().await;
    let cookie = arena.cookie();
    for trailers in [
        &[(&b"x-forwarded-user"[..], &b"root"[..])][..],
        &[(b"x_forwarded_user", b"root"), (b"cookie", b"a=root")],
        &[(b"x-own", b"root")],
    ] {
        for path in ["/open/x", "/inside"] {
            let mut fields = request("POST", HOST, path);
            fields.extend([(&b"cookie"[..], cookie.as_bytes()), (b"trailer", b"x-forwarded-user, x-own"), (b"te", b"trailers")]);
            let outcome = outcome(&arena, Front::Direct, &fields, Some((b"abc", Some(trailers)))).await;
            assert_eq!(outcome.status, Some(200), "{trailers:?}: {outcome:?}");
            let last = arena.upstream.last();
            assert!(last.body == b"abc" && last.head.ends_with("\r\n\r\n\r\n"), "{:?}", last.head);
            assert!(!last.head.contains("root") && !last.head.to_ascii_lowercase().contains("trailer"), "{}", last.head);
        }
        arena.innocent("trailers").await;
    }
    // Trailers that are pseudo fields, or that belong to a connection: refused, or dropped with all the others.
    for trailers in [&[(&b":path"[..], &b"/open/y"[..])][..], &[(b"connection", b"close")], &[(b"transfer-encoding", b"chunked")]]
    {
        let fields = request("POST", HOST, "/open/x");
        let outcome = outcome(&arena, Front::Direct, &fields, Some((b"abc", Some(trailers)))).await;
        assert!(outcome.is_error() || matches!(outcome.status, Some(200 | 400)), "{trailers:?}: {outcome:?}");
        let last = arena.upstream.last();
        assert!(last.line() != "POST /open/y HTTP/1.1" && last.head.ends_with("\r\n\r\n\r\n"), "{:?}", last.head);
        assert!(last.all("connection").is_empty() && last.all("transfer-encoding") == ["chunked"], "{:?}", last.head);
    }
    arena.innocent("false trailers").await;
}

/// HTTP/3 is not spoken: nobody is told of it, so that there is no third way in.
#[tokio::test(flavor = "multi_thread")]
async fn a11_connect_in_every_protocol() {
    let arena = Arena::open().await;
    let mut answered = BTreeSet::new();
    let cookie = arena.cookie();
    for request in [
        format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\nCookie: {cookie}\r\n\r\n"),
        format!("CONNECT {HOST} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n"),
        format!("CONNECT /open/x HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("CONNECT https://{HOST}/open/x HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n".to_owned(),
        format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\nContent-Length: 5\r\n\r\nhello"),
        format!("CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
        format!("TRACE /open/x HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
    ] {
        let bytes = format!("{request}{}", super::smuggled());
        for front in Front::ALL {
            let said = super::say(&arena, front, &bytes).await;
            let [status] = said.statuses()[..] else { panic!("{request:?}: {said:?}") };
            assert!(said.closed && matches!(status, 400 | 405 | 421), "{request:?} {front:?}: {said:?}");
            assert!(!said.text.to_ascii_lowercase().contains("alt-svc"), "{said:?}");
            answered.insert(status);
            arena.nothing_came(&request);
        }
        arena.innocent(&request).await;
    }
    assert!(answered.contains(&405), "{answered:?}");
    let connect: [Field<'_>; 2] = [(b":method", b"CONNECT"), (b":authority", b"portal.example.com:443")];
    let mut extended = request("CONNECT", HOST, "/open/x");
    extended.push((b":protocol", b"websocket"));
    for fields in [&connect[..], &extended, &request("CONNECT", HOST, "/open/x"), &request("TRACE", HOST, "/open/x")] {
        for front in Front::ALL {
            // The stream stays open, as it would for a tunnel.
            let mut frames = arena.frames(front).await;
            let stream = frames.stream();
            let mut bytes = frame(kind::HEADERS, END_HEADERS, stream, &block(fields));
            bytes.extend(frame(kind::DATA, 0, stream, super::smuggled().as_bytes()));
            frames.send(bytes).await;
            let outcome = frames.outcome(stream).await;
            assert!(outcome.is_error() || matches!(outcome.status, Some(400 | 405 | 501)), "{fields:?} {front:?}: {outcome:?}");
            arena.nothing_came("CONNECT on HTTP/2");
        }
        arena.innocent("CONNECT on HTTP/2").await;
    }
}
