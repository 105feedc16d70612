//! Clients behind a load balancer that names them.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::{Gate, Settings, answer, impatient, settings, to_the_end};

const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\x30\x39\x01\xbb";

fn behind_a_proxy(settings: Settings) -> Settings {
    Settings { proxy_protocol_from: vec!["127.0.0.1/32".parse().unwrap()], ..settings }
}

async fn who(gate: &Gate, header: &[u8]) -> String {
    let mut tcp = TcpStream::connect(gate.https).await.unwrap();
    tcp.write_all(header).await.unwrap();
    let mut stream = gate.handshake(tcp, &[b"http/1.1"]).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    answer(&mut stream).await.split(' ').rev().nth(2).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn both_versions_name_the_client() {
    let gate = Gate::with(behind_a_proxy(settings()));
    assert_eq!(who(&gate, b"PROXY TCP4 203.0.113.9 192.0.2.1 12345 443\r\n").await, "203.0.113.9");
    assert_eq!(who(&gate, b"PROXY TCP6 2001:db8::9 2001:db8::1 12345 443\r\n").await, "2001:db8::9");
    assert_eq!(who(&gate, b"PROXY UNKNOWN\r\n").await, "127.0.0.1");
    assert_eq!(who(&gate, V2).await, "203.0.113.9");
}

#[tokio::test]
async fn what_comes_in_one_packet_with_the_header_is_not_lost() {
    let gate = Gate::with(behind_a_proxy(settings()));
    for header in [b"PROXY TCP4 203.0.113.9 192.0.2.1 12345 443\r\n".as_slice(), V2] {
        let mut tcp = TcpStream::connect(gate.http).await.unwrap();
        tcp.write_all(&[header, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"].concat()).await.unwrap();
        assert!(answer(&mut tcp).await.ends_with("http 203.0.113.9 None Http1"));
    }
}

#[tokio::test]
async fn who_must_send_one_and_does_not_is_dropped() {
    let gate = Gate::with(behind_a_proxy(impatient()));
    let tcp = TcpStream::connect(gate.https).await.unwrap();
    assert!(gate.handshake(tcp, &[]).await.is_err());
    for bad in [b"GET / HTTP/1.1\r\n\r\n".as_slice(), b"PROXY TCP4 203.0.113.9", b"PROXY TCP4 a b 1 2\r\n", b""] {
        let mut tcp = TcpStream::connect(gate.http).await.unwrap();
        tcp.write_all(bad).await.unwrap();
        assert_eq!(to_the_end(&mut tcp).await, "", "{bad:?}");
    }
    assert!(gate.stage.seen().is_empty());
}

#[tokio::test]
async fn nobody_else_may_send_one() {
    let gate = Gate::start();
    let mut tcp = TcpStream::connect(gate.https).await.unwrap();
    tcp.write_all(V2).await.unwrap();
    assert!(gate.handshake(tcp, &[]).await.is_err());
    let mut tcp = TcpStream::connect(gate.http).await.unwrap();
    tcp.write_all(b"PROXY TCP4 203.0.113.9 192.0.2.1 12345 443\r\nGET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(to_the_end(&mut tcp).await.starts_with("HTTP/1.1 400 "));
    assert!(gate.stage.seen().is_empty());
}

#[tokio::test]
async fn the_cap_counts_whom_the_header_names() {
    let gate = Gate::with(behind_a_proxy(Settings { connections_per_client: 1, ..settings() }));
    let mut held = TcpStream::connect(gate.http).await.unwrap();
    held.write_all(&[V2, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"].concat()).await.unwrap();
    answer(&mut held).await;
    let mut refused = TcpStream::connect(gate.http).await.unwrap();
    refused.write_all(V2).await.unwrap();
    assert_eq!(to_the_end(&mut refused).await, "");
    assert_eq!(who(&gate, b"PROXY TCP4 203.0.113.10 192.0.2.1 12345 443\r\n").await, "203.0.113.10");
}
