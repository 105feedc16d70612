//! Where a request's body ends: one reading of it, the same for us and for the upstream, or no request.

use super::{get, post, refused, say, smuggled};
use crate::attacks::arena::{Arena, MARK};
use crate::harness::upstream::Received;
use crate::harness::{Front, HOST};

/// A body in chunks.
const CHUNKED: &str = "3\r\nabc\r\n0\r\n\r\n";

/// hyper forgets the length before anybody sees the head, reads by chunks and closes: so there is one reading, ours, and what
/// stands behind is nobody's. That it closes is what is held here.
#[tokio::test(flavor = "multi_thread")]
async fn a01_content_length_and_transfer_encoding() {
    let arena = Arena::open().await;
    let mut came = 0;
    for (lines, body) in [
        // CL.TE and TE.CL, in both orders, with lengths that are right, short and long.
        ("Content-Length: 13\r\nTransfer-Encoding: chunked", CHUNKED),
        ("Transfer-Encoding: chunked\r\nContent-Length: 13", CHUNKED),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked", CHUNKED),
        ("Transfer-Encoding: chunked\r\nContent-Length: 4", CHUNKED),
        ("Content-Length: 0\r\nTransfer-Encoding: chunked", CHUNKED),
        ("Transfer-Encoding: chunked\r\nContent-Length: 200", CHUNKED),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive", CHUNKED),
        ("Connection: transfer-encoding\r\nContent-Length: 4\r\nTransfer-Encoding: chunked", CHUNKED),
    ] {
        for front in Front::ALL {
            let said = say(&arena, front, post(lines, body) + &smuggled()).await;
            assert!(said.closed, "{lines:?} {front:?}: {said:?}");
            assert_eq!(said.statuses(), [200], "{lines:?} {front:?}");
            came += 1;
            let received = arena.received();
            assert_eq!(received.len(), came, "{lines:?} {front:?}: {received:#?}");
            let last = &received[came - 1];
            assert_eq!((last.line(), last.body.as_slice()), ("POST /open/x HTTP/1.1", &b"abc"[..]), "{lines:?}");
            assert_eq!(last.all("transfer-encoding"), ["chunked"], "{lines:?}");
            assert!(last.all("content-length").is_empty(), "{lines:?}: {}", last.head);
        }
        arena.innocent(lines).await;
    }
    // To a protected address, where nobody reads the body at all.
    for lines in ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"] {
        let request = post(lines, CHUNKED).replace("/open/x", "/inside");
        let said = say(&arena, Front::Direct, request + &smuggled()).await;
        assert!(said.closed && said.statuses() == [401], "{lines:?}: {said:?}");
        assert_eq!(arena.received().len(), came);
        arena.innocent(lines).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_obfuscated_or_repeated_transfer_encoding() {
    let arena = Arena::open().await;
    for lines in [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: , chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
    ] {
        refused(&arena, post(lines, CHUNKED), &[501]).await;
    }
    // hyper knows of no end of these, and refuses them before there is a request.
    for lines in [
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding: chunked\x0b",
        "Transfer-Encoding: \0chunked",
        "Transfer-Encoding:",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        " Transfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: 13\r\nTransfer-Encoding: identity",
    ] {
        refused(&arena, post(lines, CHUNKED), &[400]).await;
    }
    // One plain `chunked` is the only coding there is, with white space around it as RFC 9110 has it (section 5.6.3).
    for lines in [
        "Transfer-Encoding: chunked",
        "transfer-encoding: Chunked",
        "Transfer-Encoding: \t chunked\t",
        "Transfer-Encoding:chunked",
    ] {
        let said = say(&arena, Front::Direct, post(&format!("{lines}\r\nConnection: close"), CHUNKED)).await;
        assert_eq!(said.statuses(), [200], "{lines:?}");
        let last = arena.upstream.last();
        assert_eq!((last.line(), last.body.as_slice()), ("POST /open/x HTTP/1.1", &b"abc"[..]), "{lines:?}");
        assert_eq!(last.all("transfer-encoding"), ["chunked"], "{lines:?}");
    }
    // A name that some servers fold into it is none: without a length there is no body, and what follows is no request.
    let before = arena.received().len();
    let said = say(&arena, Front::Direct, post("Transfer_Encoding: chunked", "zz\r\n\r\n")).await;
    assert_eq!((said.statuses(), said.closed), (vec![200, 400], true), "{said:?}");
    let received = arena.received();
    assert_eq!(received.len(), before + 1);
    assert!(received[before].all("transfer_encoding").is_empty() && received[before].body.is_empty());
    arena.innocent("a folded name").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_malformed_or_repeated_content_length() {
    let arena = Arena::open().await;
    for value in [
        "+5",
        "-5",
        "5, 5",
        "5,6",
        "5 5",
        "0x5",
        "5;",
        "5.0",
        "5e0",
        "\"5\"",
        "",
        " ",
        "five",
        "5\x0b",
        "5\0",
        "\u{665}",
        "18446744073709551616",
        "99999999999999999999999999999999",
    ] {
        refused(&arena, post(&format!("Content-Length: {value}"), "hello"), &[400]).await;
    }
    for lines in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 6\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 5\r\nContent-Length: 0",
        "Content-Length: 5\r\nContent-Length: +5",
        "Content-Length : 5",
        "Content-Length\t: 5",
        " Content-Length: 5",
        "Content-Length: 5\r\n 0",
    ] {
        refused(&arena, post(lines, "hello"), &[400]).await;
    }
    // Longer than any portal takes.
    refused(&arena, post("Content-Length: 9223372036854775807", "hello"), &[400, 413]).await;
    // Equal lines say one thing: hyper merges them, and the upstream is told once, by us.
    for lines in ["Content-Length: 5", "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 005", "Content-Length:\t5 "] {
        let said = say(&arena, Front::Direct, post(&format!("{lines}\r\nConnection: close"), "hello")).await;
        assert_eq!(said.statuses(), [200], "{lines:?}");
        let last = arena.upstream.last();
        assert_eq!((last.all("content-length"), last.body.as_slice()), (vec!["5"], &b"hello"[..]), "{lines:?}");
    }
    arena.innocent("equal lengths").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a04_transfer_encoding_or_no_length_on_http10() {
    let arena = Arena::open().await;
    for lines in [
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 13",
        "Connection: keep-alive\r\nTransfer-Encoding: chunked",
    ] {
        refused(&arena, post(lines, CHUNKED).replace("HTTP/1.1", "HTTP/1.0"), &[400]).await;
    }
    // A body that ends where the connection does: whoever reads it until then takes what follows for a part of it.
    for method in ["POST", "PUT", "PATCH"] {
        let request = format!("{method} /open/x HTTP/1.0\r\nHost: {HOST}\r\nConnection: keep-alive\r\n\r\nhello");
        refused(&arena, request, &[400]).await;
    }
    // With a length it is a request like any other, and told upstream as one of HTTP/1.1.
    let request = post("Content-Length: 5", "hello").replace("HTTP/1.1", "HTTP/1.0");
    let said = say(&arena, Front::Direct, request + &smuggled()).await;
    assert!(said.closed && said.statuses() == [200], "{said:?}");
    let received = arena.received();
    assert_eq!((received.len(), received[0].line()), (1, "POST /open/x HTTP/1.1"), "{received:#?}");
    assert_eq!((received[0].all("content-length"), received[0].body.as_slice()), (vec!["5"], &b"hello"[..]));
    arena.innocent("HTTP/1.0 with a length").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_chunk_sizes_and_extensions_without_bounds() {
    let arena = Arena::open().await;
    let endless = format!("3;{}\r\nabc\r\n0\r\n\r\n", "x".repeat(20_000));
    let many = format!("{}0\r\n\r\n", "1;x=yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\na\r\n".repeat(1000));
    let digits = format!("{}3\r\nabc\r\n0\r\n\r\n", "0".repeat(20_000));
    for body in [
        "10000000000000003\r\nabc\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\nabc\r\n0\r\n\r\n",
        "-3\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "3 3\r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n",
        "g\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabc0\r\n\r\n",
        "3\r\nabc\r\n0;x\ny\r\n\r\n",
        &endless,
        &many,
    ] {
        // The head is a good one, so it goes upstream; what is behind it is broken off there, never a whole request.
        refused(&arena, post("Transfer-Encoding: chunked", body), &[400]).await;
    }
    // Zeroes in front are no other number; whether there may be so many is not said anywhere.
    let said = say(&arena, Front::Direct, post("Transfer-Encoding: chunked\r\nConnection: close", &digits)).await;
    assert!(matches!(said.statuses()[..], [200 | 400]), "{said:?}");
    let unfinished = arena.upstream.connections().into_iter().filter(|heard| heard.ended);
    for heard in unfinished {
        assert!(!String::from_utf8_lossy(&heard.bytes).contains(MARK), "{:?}", String::from_utf8_lossy(&heard.bytes));
    }
    // An extension is passed over and stays with us.
    let said =
        say(&arena, Front::Direct, post("Transfer-Encoding: chunked\r\nConnection: close", "3;a=b \r\nabc\r\n0;c\r\n\r\n")).await;
    assert_eq!((said.statuses(), arena.upstream.last().body), (vec![200], b"abc".to_vec()));
    arena.innocent("extensions").await;
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
async fn a07_bodies_of_get_head_and_delete() {
    let arena = Arena::open().await;
    for method in ["GET", "HEAD", "DELETE", "OPTIONS"] {
        // Framed: one body, told upstream with its length; what follows is a request of its own, as its sender meant it.
        for (lines, body) in [("Content-Length: 5", "hello"), ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")] {
            let before = arena.received().len();
            let next = format!("GET /open/next HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
            let request = post(lines, body).replace("POST", method) + &next;
            let said = say(&arena, Front::Direct, request).await;
            assert_eq!(said.statuses(), [200, 200], "{method} {lines}");
            let received = arena.received();
            let lines_came: Vec<&str> = received[before..].iter().map(Received::line).collect();
            assert_eq!(lines_came, [&*format!("{method} /open/x HTTP/1.1"), "GET /open/next HTTP/1.1"], "{lines}");
            assert_eq!(received[before].body, b"hello", "{method} {lines}: {}", received[before].head);
            assert!(received[before + 1].body.is_empty());
        }
        // Not framed: no body, and what follows is none of a request either.
        let before = arena.received().len();
        let request = format!("{method} /open/x HTTP/1.1\r\nHost: {HOST}\r\n\r\nhello\r\n\r\n");
        let said = say(&arena, Front::Direct, request + &smuggled()).await;
        assert_eq!((said.statuses(), said.closed), (vec![200, 400], true), "{method}: {said:?}");
        let received = arena.received();
        assert_eq!((received.len(), received[before].body.len()), (before + 1, 0), "{method}");
        assert!(received[before].all("content-length").is_empty() && received[before].all("transfer-encoding").is_empty());
        arena.innocent(method).await;
    }
}

/// Everything that answers before the body has come: sign in first, forbidden, no such host, too large, too many.
#[tokio::test(flavor = "multi_thread")]
async fn a08_answers_that_come_before_the_body() {
    const SHUT: &str = "max_body = \"1MiB\"\n[[portal.rule]]\npath = \"/shut/**\"\nrequire = \"deny\"";
    let limits = "anonymous_per_client = \"1/s burst 200\"";
    let arena = Arena::with(|setup| setup.portal(SHUT).section("limits", limits)).await;
    let navigation = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html\r\n";
    let early = |host: &str, path: &str, lines: &str| format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{lines}");
    let requests = [
        (early(HOST, "/inside", ""), vec![401]),
        (early(HOST, "/inside", navigation), vec![303]),
        (early(HOST, "/shut/x", ""), vec![403]),
        (early("other.example.com", "/open/x", ""), vec![421]),
        (early(HOST, "/open/%00", ""), vec![400]),
        (early(HOST, "/.vestibule/nothing", ""), vec![400, 403, 404, 405, 413]),
        (early(HOST, "/inside", "Cookie: __Host-vestibule=wrong\r\n"), vec![401]),
    ];
    // So little that it comes with the head, more than any buffer holds, and in chunks.
    let small = smuggled();
    let large = smuggled().repeat(10_000);
    let whole = [
        format!("Content-Length: {}\r\n\r\n{small}", small.len()),
        format!("Content-Length: {}\r\n\r\n{large}", large.len()),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{small}\r\n0\r\n\r\n", small.len()),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n", large.len()),
    ];
    // Half a body and the rest never; and one that is only announced.
    let half = [
        format!("Content-Length: {}\r\n\r\n{small}", small.len() * 2),
        format!("Expect: 100-continue\r\nContent-Length: {}\r\n\r\n", small.len()),
    ];
    // What follows a body is a request again, or comes too late.
    let next = format!("GET /inside HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    for (request, statuses) in &requests {
        for body in &whole {
            let said = say(&arena, Front::Direct, format!("{request}{body}{next}")).await;
            let shown = format!("{request}{}", &body[..40]);
            let [first, rest @ ..] = &said.statuses()[..] else { panic!("{shown}: {said:?}") };
            assert!(said.closed && statuses.contains(first) && matches!(rest, [] | [401]), "{shown}: {said:?}");
            arena.nothing_came(&shown);
        }
        // Our own pages wait for a form that is on its way, for 15 seconds.
        for body in half.iter().filter(|_| !request.contains("/.vestibule/")) {
            let mut wire = arena.wire(Front::Direct).await;
            wire.send(format!("{request}{body}")).await;
            let status = wire.status().await;
            assert!(statuses.contains(&status), "{request}{}: {status}", &body[..20]);
            arena.nothing_came(request);
        }
        arena.innocent(request).await;
    }
    // To an address that is open, but longer than it takes.
    let long = smuggled().repeat(20_000);
    let said = say(&arena, Front::Direct, post(&format!("Content-Length: {}", long.len()), &long)).await;
    assert_eq!((said.statuses(), said.closed), (vec![413], true), "{}", said.text);
    arena.nothing_came("too large");
    arena.innocent("too large").await;
    // And when somebody has asked too often: from another address, so that nobody else is meant.
    let asking = format!("GET /inside HTTP/1.1\r\nHost: {HOST}\r\n\r\n").repeat(300);
    let said = say(&arena, Front::Balancer, format!("{asking}{}{}{next}", requests[0].0, whole[0])).await;
    let statuses = said.statuses();
    assert!(
        said.closed && matches!(statuses.len(), 301 | 302) && statuses[300..].iter().all(|status| *status == 429),
        "{statuses:?}"
    );
    assert!(statuses.iter().all(|status| matches!(status, 401 | 429)), "{statuses:?}");
    arena.nothing_came("too many");
    arena.innocent("too many").await;
}
