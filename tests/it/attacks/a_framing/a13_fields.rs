//! What stands beside the framing and must not change it: expectations, fields of another protocol, line ends, trailers.

use super::{post, say, smuggled};
use crate::attacks::arena::{Arena, MARK};
use crate::harness::frames::{Field, Outcome, request};
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
async fn a13_expect_and_lengths_that_are_not_meant() {
    let arena = Arena::open().await;
    // Answered here, and never told upstream, however it is written.
    let mut wire = arena.wire(Front::Direct).await;
    wire.send(post("Expect: 100-continue\r\nContent-Length: 5", "")).await;
    assert_eq!(wire.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(arena.upstream.connections().iter().all(|heard| !String::from_utf8_lossy(&heard.bytes).contains("hello")));
    wire.send("hello").await;
    assert!(wire.head().await.starts_with("HTTP/1.1 200 "));
    drop(wire);
    assert_eq!((arena.upstream.last().all("expect").len(), arena.upstream.last().body), (0, b"hello".to_vec()));
    for expect in [
        "Expect: 100-Continue",
        "Expect: y 100-continue",
        "Expect: 100-continue, x",
        "Expect: 100-continue\r\nExpect: x",
        "Expect: x",
        "Expect:",
        "eXpect:  100-continue\t",
        "_Expect: 100-continue",
    ] {
        for method in ["POST", "GET", "OPTIONS"] {
            let before = arena.received().len();
            let lines = format!("{expect}\r\nContent-Length: 5\r\nConnection: close");
            let said = say(&arena, Front::Direct, post(&lines, "hello").replace("POST", method) + &smuggled()).await;
            let last: Vec<u16> = said.statuses().into_iter().filter(|status| *status != 100).collect();
            assert_eq!((last, said.closed), (vec![200], true), "{method} {expect:?}: {said:?}");
            let received = arena.received();
            assert_eq!((received.len(), received[before].body.as_slice()), (before + 1, &b"hello"[..]), "{method} {expect:?}");
            assert!(!received[before].head.to_ascii_lowercase().contains("expect"), "{}", received[before].head);
        }
        arena.innocent(expect).await;
    }
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
    // Without a path before it, what is judged is the root.
    let bare = outcome(&arena, Front::Direct, &request("GET", HOST, "#/open/x"), None).await;
    assert!(bare.is_error() || bare.status.is_some_and(|status| status >= 300), "{bare:?}");
    assert_eq!(arena.received().len(), 1, "and it is shut");
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
async fn a16_trailers_that_say_who_somebody_is() {
    let arena = Arena::open().await;
    for trailers in [
        "X-Forwarded-User: root\r\n",
        "X_Forwarded_User: root\r\nx-forwarded-groups: admin\r\n",
        "Content-Length: 9\r\nTransfer-Encoding: identity\r\nHost: evil.example\r\n",
        "Cookie: a=b\r\nAuthorization: Basic eDp5\r\nX-Own: 1\r\n",
    ] {
        for path in ["/open/x", "/inside"] {
            let lines = format!(
                "Cookie: {}\r\nTrailer: X-Forwarded-User, X-Own\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nConnection: close",
                arena.cookie()
            );
            let request = post(&lines, &format!("3\r\nabc\r\n0\r\n{trailers}\r\n")).replace("/open/x", path);
            let said = say(&arena, Front::Direct, request).await;
            assert_eq!(said.statuses(), [200], "{trailers:?}");
            let last = arena.upstream.last();
            // The upstream of the harness keeps trailers with the head.
            assert!(last.head.ends_with("\r\n\r\n\r\n") && last.body == b"abc", "{:?}", last.head);
            for word in ["root", "x-own", "evil", "authorization", "trailer"] {
                assert!(!last.head.to_ascii_lowercase().contains(word), "{trailers:?}: {}", last.head);
            }
        }
        arena.innocent(trailers).await;
    }
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
