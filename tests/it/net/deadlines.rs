//! Every phase of a connection ends by itself.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Gate, Settings, answer, get, impatient, soon, to_the_end};

#[tokio::test]
async fn a_handshake_that_does_not_come() {
    let gate = Gate::with(impatient());
    for begin in [b"".as_slice(), b"\x16\x03\x01\x02\x00\x01"] {
        let mut tcp = TcpStream::connect(gate.https).await.unwrap();
        tcp.write_all(begin).await.unwrap();
        assert_eq!(to_the_end(&mut tcp).await, "");
    }
    gate.metric_becomes("vestibule_tls_handshakes_total{result=\"timeout\"}", 2.0).await;
    gate.metric_becomes("vestibule_connections", 0.0).await;
}

#[tokio::test]
async fn a_proxy_header_that_does_not_come_is_no_handshake() {
    let gate = Gate::with(Settings { proxy_protocol_from: vec!["127.0.0.0/8".parse().unwrap()], ..impatient() });
    for listener in [gate.http, gate.https] {
        let mut tcp = TcpStream::connect(listener).await.unwrap();
        tcp.write_all(b"PROXY TCP4 192.0.2.1 ").await.unwrap();
        assert_eq!(to_the_end(&mut tcp).await, "");
    }
    gate.metric_becomes("vestibule_malformed_total", 2.0).await;
    assert!(gate.metric("vestibule_tls_handshakes_total{result=\"timeout\"}").abs() < 0.1);
}

#[tokio::test]
async fn a_head_that_does_not_end() {
    let gate = Gate::with(impatient());
    let mut silent = gate.h1().await;
    let mut slow = gate.h1().await;
    let trickle = async {
        let (mut reader, mut writer) = tokio::io::split(&mut slow);
        writer.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let drip = async {
            // Bytes alone do not move the deadline.
            while writer.write_all(b"A: b\r\n").await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        tokio::select! { got = to_the_end(&mut reader) => got, () = drip => String::new() }
    };
    assert_eq!(soon(trickle).await, "");
    assert_eq!(to_the_end(&mut silent).await, "");
    assert!(gate.stage.seen().is_empty());
    gate.metric_becomes("vestibule_malformed_total", 1.0).await;
}

#[tokio::test]
async fn the_second_head_has_a_deadline_too_and_a_pause_before_it_has_a_longer_one() {
    let gate = Gate::with(impatient());
    let mut stream = gate.h1().await;
    let request = b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    answer(&mut stream).await;
    // Longer than the deadline of a head, shorter than that of idling: the pause is what is tested.
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    stream.write_all(request).await.unwrap();
    answer(&mut stream).await;
    stream.write_all(b"GET /ec").await.unwrap();
    assert_eq!(to_the_end(&mut stream).await, "");
    gate.metric_becomes("vestibule_malformed_total", 1.0).await;
}

#[tokio::test]
async fn idle_connections() {
    let gate = Gate::with(impatient());
    let (mut client, connection) = gate.h2().await;
    assert_eq!(soon(client.send_request(get("/"))).await.unwrap().status(), 200);
    let mut stream = gate.h1().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    answer(&mut stream).await;
    assert_eq!(to_the_end(&mut stream).await, "");
    soon(connection).await.unwrap().unwrap();
    let (_never_used, connection) = gate.h2().await;
    soon(connection).await.unwrap().unwrap();
    drop(stream);
    gate.metric_becomes("vestibule_connections", 0.0).await;
    gate.metric_becomes("vestibule_malformed_total", 0.0).await;
}

#[tokio::test]
async fn a_running_request_is_not_idle() {
    let gate = Gate::with(impatient());
    let (mut client, _connection) = gate.h2().await;
    let mut stream = gate.h1().await;
    stream.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    soon(gate.stage.arrived.notified()).await;
    let waiting = tokio::spawn(client.send_request(get("/wait")));
    soon(gate.stage.arrived.notified()).await;
    // Longer than every deadline there is.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    gate.stage.go.notify_waiters();
    assert!(answer(&mut stream).await.ends_with("at last"));
    assert_eq!(soon(waiting).await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn a_client_that_does_not_read() {
    let gate = Gate::with(impatient());
    let mut stream = gate.h1().await;
    stream.write_all(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    soon(gate.stage.arrived.notified()).await;
    gate.metric_becomes("vestibule_connections", 0.0).await;
    assert_eq!(Arc::strong_count(&gate.stage.answering), idle_count(&gate));
}

#[tokio::test]
async fn a_stream_whose_window_stays_closed() {
    let gate = Gate::with(impatient());
    let mut stream = gate.connect(&[b"h2"]).await;
    let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    // SETTINGS: INITIAL_WINDOW_SIZE 0. HEADERS of stream 1: GET https /endless, authority x.
    hello.extend(b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0");
    let block = b"\x82\x87\x41\x01x\x44\x08/endless";
    hello.extend([0, 0, u8::try_from(block.len()).unwrap(), 1, 5, 0, 0, 0, 1]);
    hello.extend(block);
    stream.write_all(&hello).await.unwrap();
    soon(gate.stage.arrived.notified()).await;
    let reset = soon(async {
        loop {
            let mut head = [0; 9];
            stream.read_exact(&mut head).await.unwrap();
            let mut payload = vec![0; usize::from(head[1]) << 8 | usize::from(head[2])];
            stream.read_exact(&mut payload).await.unwrap();
            assert_ne!(head[3], 0, "no DATA may come");
            if head[3] == 3 {
                return payload;
            }
        }
    })
    .await;
    assert_eq!(reset, 8_u32.to_be_bytes(), "CANCEL");
    assert_eq!(Arc::strong_count(&gate.stage.answering), idle_count(&gate), "what the answer held is free");
}

/// How many hold the stage's marker when nothing is being answered: the test, and the two handlers' copies and the one
/// they were made from.
fn idle_count(_: &Gate) -> usize {
    4
}
