//! What must not become a tunnel: bytes before the 101, other protocols, answers that are none to the handshake.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Said, say, smuggled};
use crate::attacks::arena::{Arena, MARK, answer};
use crate::harness::frames::{END_HEADERS, Field, block, frame, kind, request};
use crate::harness::upstream::Received;
use crate::harness::wire::{Wire, websocket};
use crate::harness::{Front, Gate, HOST};

/// What opens the tunnel for the key that the harness sends (RFC 6455, section 1.3).
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

fn handshake(arena: &Arena, front: Front, path: &str) -> String {
    let host = format!("Host: {HOST}\r\n");
    websocket(&arena.attacker.browser, path).replace(&host, &format!("{host}{}", front.line()))
}

/// Whether any upstream connection has carried the mark of the attack, as a request or as anything else.
fn carried(arena: &Arena) -> bool {
    arena.upstream.connections().iter().any(|heard| String::from_utf8_lossy(&heard.bytes).contains(MARK))
}

#[tokio::test(flavor = "multi_thread")]
async fn a09_bytes_behind_an_upgrade_wait_for_its_answer() {
    // What the upstream finds on its socket before it has answered.
    let early: Arc<Mutex<Vec<usize>>> = Arc::default();
    let found = Arc::clone(&early);
    let script = move |received: &Received, stream: &mut std::net::TcpStream| {
        let mut bytes = [0; 64];
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        found.lock().unwrap().push(stream.peek(&mut bytes).unwrap_or(0));
        stream.set_read_timeout(None).unwrap();
        match received.line().split(' ').nth(1).unwrap() {
            "/ws" => stream
                .write_all(format!("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n").as_bytes())
                .is_ok(),
            _ => answer(received, stream),
        }
    };
    let arena = Arena::scripted(script, |setup| setup).await;
    // Frames for a tunnel, and a request that somebody may have meant for whoever is at its end.
    let frame = format!("\u{1}\u{5}{MARK}\r\n\r\n");
    let request = format!("GET /inside/{MARK} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    for front in Front::ALL {
        for (behind, second) in [(&frame, 400), (&request, 401)] {
            // No tunnel, whether the upstream says so or we do: what came behind is judged as a request of its own, or is none.
            for (asked, first) in [
                (handshake(&arena, front, "/no-socket"), 200),
                (handshake(&arena, front, "/ws").replace("Cookie", "X-Cookie"), 401),
            ] {
                let mut wire = arena.wire(front).await;
                wire.send(asked + behind).await;
                let (text, closed) = wire.all().await;
                let said = Said { text, closed };
                assert!(said.closed && said.statuses() == [first, second], "{front:?}: {said:?}");
                assert!(!carried(&arena), "{front:?}");
                drop(wire);
                arena.innocent("no tunnel").await;
            }
        }
    }
    assert!(!carried(&arena));
    // Taken: they come through the tunnel, and not before it is one.
    let mut wire = arena.wire(Front::Direct).await;
    wire.send(handshake(&arena, Front::Direct, "/ws") + &smuggled()).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 101 "));
    Gate::until("what waited comes through the tunnel", || async { carried(&arena) }).await;
    drop(wire);
    assert!(early.lock().unwrap().iter().all(|bytes| *bytes == 0), "{early:?}");
    let lines: Vec<String> = arena.received().iter().map(|received| received.line().to_owned()).collect();
    assert_eq!(lines.iter().filter(|line| line.contains("/no-socket")).count(), 6, "{lines:?}");
    arena.innocent("a tunnel").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_upgrade_to_anything_but_a_web_socket() {
    let switching = |received: &Received, stream: &mut std::net::TcpStream| {
        if received.line().contains("/switch") {
            return stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n").is_ok();
        }
        answer(received, stream)
    };
    let arena = Arena::scripted(switching, |setup| setup).await;
    for lines in [
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        "Upgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        "Upgrade: H2C\r\nConnection: upgrade",
        "Upgrade: websocket, h2c\r\nConnection: Upgrade",
        "Upgrade: h2c\r\nUpgrade: websocket\r\nConnection: Upgrade",
        "Upgrade: TLS/1.0\r\nConnection: Upgrade",
        "Upgrade: connect-udp\r\nConnection: Upgrade\r\nCapsule-Protocol: ?1",
        "Upgrade: websocket\r\nConnection: Upgrade",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short",
        "_Upgrade: h2c\r\nUp-grade: h2c\r\nConnection: Upgrade",
    ] {
        for path in ["/open/x", "/open/switch"] {
            for front in Front::ALL {
                let came = arena.received().len();
                let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n\r\n");
                let said = say(&arena, front, request + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
                let first = if path == "/open/x" { 200 } else { 502 };
                assert!(said.closed && said.statuses().first() == Some(&first), "{lines:?} {front:?}: {said:?}");
                let received = arena.received();
                assert_eq!(received.len(), came + 1, "{lines:?} {front:?}: {received:#?}");
                let head = received[came].head.to_ascii_lowercase();
                for word in ["upgrade", "http2", "h2c", "connection:"] {
                    assert!(!head.contains(word), "{lines:?}: {head}");
                }
            }
        }
        let bytes = arena.upstream.connections();
        assert!(bytes.iter().all(|heard| !String::from_utf8_lossy(&heard.bytes).contains("PRI *")), "{lines:?}");
        arena.innocent(lines).await;
    }
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
        let bytes = format!("{request}{}", smuggled());
        for front in Front::ALL {
            let said = say(&arena, front, &bytes).await;
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
            bytes.extend(frame(kind::DATA, 0, stream, smuggled().as_bytes()));
            frames.send(bytes).await;
            let outcome = frames.outcome(stream).await;
            assert!(outcome.is_error() || matches!(outcome.status, Some(400 | 405 | 501)), "{fields:?} {front:?}: {outcome:?}");
            arena.nothing_came("CONNECT on HTTP/2");
        }
        arena.innocent("CONNECT on HTTP/2").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a12_answers_to_a_web_socket_that_open_none() {
    let script = |received: &Received, stream: &mut std::net::TcpStream| {
        let switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n";
        let page = |status: &str| format!("HTTP/1.1 {status}\r\nContent-Length: 4\r\n\r\npage");
        let says = match received.line().split(' ').nth(1).unwrap() {
            "/200" => page("200 OK"),
            "/403" => page("403 Forbidden"),
            "/426" => page("426 Upgrade Required"),
            "/none" => format!("{switching}\r\n"),
            "/wrong" => format!("{switching}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOO=\r\n\r\n"),
            "/twice" => format!("{switching}Sec-WebSocket-Accept: {ACCEPT}\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n"),
            "/other" => format!("{switching}Upgrade: h2c\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n"),
            "/bare" => format!("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\r\n"),
            _ => return answer(received, stream),
        };
        stream.write_all(says.as_bytes()).is_ok()
    };
    let arena = Arena::scripted(script, |setup| setup).await;
    for (path, status) in [
        ("/200", 200),
        ("/403", 403),
        ("/426", 426),
        ("/none", 502),
        ("/wrong", 502),
        ("/twice", 502),
        ("/other", 502),
        ("/bare", 502),
    ] {
        for front in Front::ALL {
            let mut wire: Wire = arena.wire(front).await;
            wire.send(handshake(&arena, front, path)).await;
            assert_eq!(wire.status().await, status, "{path} {front:?}");
            wire.send(smuggled()).await;
            drop(wire);
        }
        // The socket on which it was tried serves nobody again.
        Gate::until("the upstream's sockets are closed", || async { arena.upstream.open() == 0 }).await;
        // What was sent behind it is a request of its own to a place that is open to all: on another socket, or not at all.
        let asked = format!("GET {path} HTTP");
        let behind = |bytes: &[u8]| {
            let heard = String::from_utf8_lossy(bytes);
            heard.contains(&asked) && heard.contains(MARK)
        };
        assert!(!arena.upstream.connections().iter().any(|heard| behind(&heard.bytes)), "{path}");
        arena.innocent(path).await;
        Gate::until("the innocent's too", || async { arena.upstream.open() <= 1 }).await;
    }
}
