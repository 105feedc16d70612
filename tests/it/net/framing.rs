//! What is a request and what is not, and what a panic or a refusal leaves behind.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tokio::io::AsyncWriteExt as _;

use super::{Gate, HOST, answer, body_of, get, say, settings, soon, to_the_end};

/// A body that looks like a request, longer than any buffer, so that it cannot be drained with what was already read.
fn poisonous(path: &str) -> Vec<u8> {
    let body = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n".repeat(40_000);
    let mut request = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    request.extend(body);
    request
}

#[tokio::test]
async fn an_unread_body_is_never_parsed_as_a_request() {
    let gate = Gate::start();
    for path in ["/refuse", "/refuse-and-close", "/panic"] {
        let mut stream = gate.h1().await;
        let sent = poisonous(path);
        // The gate may close before all of it is sent.
        let (mut reader, mut writer) = tokio::io::split(&mut stream);
        let (_, got) = tokio::join!(soon(writer.write_all(&sent)), to_the_end(&mut reader));
        assert_eq!(got.matches("HTTP/1.1 ").count(), 1, "{path}: {got}");
        assert!(got.ends_with(if path == "/panic" { "Panicked" } else { "no" }), "{path}: the answer arrives whole: {got}");
    }
    assert_eq!(gate.stage.seen(), ["POST /refuse", "POST /refuse-and-close", "POST /panic"]);
}

#[tokio::test]
async fn a_small_unread_body_is_passed_over_and_what_follows_is_a_request() {
    let gate = Gate::start();
    let mut stream = gate.h1().await;
    stream.write_all(b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nGET /x HTTP").await.unwrap();
    assert!(answer(&mut stream).await.ends_with("no"));
    stream.write_all(b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(to_the_end(&mut stream).await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(gate.stage.seen(), ["POST /refuse", "GET /next"]);
}

#[tokio::test]
async fn a_body_that_is_announced_but_not_sent_is_not_waited_for() {
    let gate = Gate::start();
    for expect in ["", "Expect: 100-continue\r\n"] {
        let got = say(&gate, format!("POST /refuse HTTP/1.1\r\nHost: x\r\n{expect}Content-Length: 9\r\n\r\n").as_bytes()).await;
        assert!(got.starts_with("HTTP/1.1 401 Unauthorized\r\n") && got.ends_with("no"), "{got}");
    }
    let mut stream = gate.h1().await;
    stream.write_all(b"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").await.unwrap();
    assert_eq!(answer(&mut stream).await, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hi").await.unwrap();
    assert!(answer(&mut stream).await.ends_with("\r\n\r\nhi"));
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_worker_lives() {
    let gate = Gate::start();
    let mut stream = gate.h1().await;
    stream.write_all(b"GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200 OK\r\n"));
    let (mut client, _connection) = gate.h2().await;
    let (status, body) = body_of(soon(client.send_request(get("/panic"))).await.unwrap()).await;
    assert_eq!((status.as_u16(), body.as_str()), (500, "Panicked"));
    assert_eq!(soon(client.send_request(get("/"))).await.unwrap().status(), 200);
    gate.metric_becomes("vestibule_panics_total", 2.0).await;
}

#[tokio::test]
async fn what_never_became_a_request_is_answered_barely_counted_and_not_handled() {
    let gate = Gate::start();
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(70_000));
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(100));
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "x".repeat(70_000));
    let cases: [(&str, &str); 8] = [
        ("rubbish\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "400 Bad Request"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 Bad Request"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n", "400 Bad Request"),
        (&many, "431 Request Header Fields Too Large"),
        (&large, "431 Request Header Fields Too Large"),
        (&long, "431 Request Header Fields Too Large"),
    ];
    for (request, status) in cases {
        let got = say(&gate, request.as_bytes()).await;
        let head: Vec<&str> = got.split("\r\n").collect();
        let shown = &request[..request.len().min(60)];
        assert_eq!(head[0], format!("HTTP/1.1 {status}"), "{shown:?}");
        let names: Vec<&str> = head[1..].iter().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
        assert_eq!(names, ["connection", "content-length", "date"], "{shown:?}: {got}");
        assert!(got.contains("connection: close\r\n") && got.ends_with("\r\n\r\n"), "{shown:?}: {got}");
    }
    assert!(gate.stage.seen().is_empty());
    gate.metric_becomes("vestibule_malformed_total", 8.0).await;
}

#[tokio::test]
async fn header_lines_are_counted_on_http2_too() {
    let gate = Gate::with(super::Settings { max_headers: 20, ..settings() });
    let (mut client, _connection) = gate.h2().await;
    let mut request = Request::get(format!("https://{HOST}/"));
    for _ in 0..21 {
        request = request.header("a", "b");
    }
    let response = soon(client.send_request(request.body(Full::<Bytes>::default()).unwrap())).await.unwrap();
    assert_eq!(response.status(), 431);
    let got = say(&gate, format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(21)).as_bytes()).await;
    assert!(got.starts_with("HTTP/1.1 431 "), "{got}");
    assert!(gate.stage.seen().is_empty());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let gate = Gate::start();
    let got = say(
        &gate,
        b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\noneGET /refuse HTTP/1.1\r\nHost: x\r\n\r\n\
          GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    let statuses: Vec<&str> = got.split("HTTP/1.1 ").skip(1).map(|part| &part[..3]).collect();
    assert_eq!(statuses, ["200", "401", "200"]);
}

#[tokio::test]
async fn the_plain_listener_has_its_own_handler() {
    let gate = Gate::start();
    let mut tcp = tokio::net::TcpStream::connect(gate.http).await.unwrap();
    tcp.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut tcp).await.ends_with("http 127.0.0.1 None Http1"));
}

#[tokio::test]
async fn broken_http2_is_counted_and_a_client_that_just_leaves_is_not() {
    let gate = Gate::start();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".as_slice();
    let mut leaving = gate.connect(&[b"h2"]).await;
    leaving.write_all(preface).await.unwrap();
    drop(leaving);
    gate.metric_becomes("vestibule_connections", 0.0).await;
    gate.metric_becomes("vestibule_malformed_total", 0.0).await;
    // DATA on stream 0.
    for rubbish in [[preface, b"\0\0\x01\0\0\0\0\0\0x"].concat(), b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()] {
        let mut stream = gate.connect(&[b"h2"]).await;
        stream.write_all(&rubbish).await.unwrap();
        to_the_end(&mut stream).await;
    }
    gate.metric_becomes("vestibule_malformed_total", 2.0).await;
    assert!(gate.stage.seen().is_empty());
}
