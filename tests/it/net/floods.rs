//! What HTTP/2 lets a client do cheaply and a server answer dearly.

use tokio::io::AsyncWriteExt as _;

use super::{Gate, answer, get, soon, to_the_end};

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// GET https /wait, authority x.
const WAIT: &[u8] = b"\x82\x87\x41\x01x\x44\x05/wait";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn hello() -> Vec<u8> {
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[])].concat()
}

/// Sends it, sees the gate end the connection, and that everyone else is served as before.
async fn ends(gate: &Gate, bytes: &[u8]) {
    let mut bystander = gate.h1().await;
    let mut stream = gate.connect(&[b"h2"]).await;
    {
        let (mut reader, mut writer) = tokio::io::split(&mut stream);
        let _ = tokio::join!(soon(writer.write_all(bytes)), to_the_end(&mut reader));
    }
    drop(stream);
    bystander.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut bystander).await.starts_with("HTTP/1.1 200 OK\r\n"));
    let (mut client, _connection) = gate.h2().await;
    assert_eq!(soon(client.send_request(get("/"))).await.unwrap().status(), 200);
}

#[tokio::test]
async fn streams_reset_as_soon_as_they_are_opened() {
    let gate = Gate::start();
    let mut bytes = hello();
    for stream in (0..2000).map(|n| 2 * n + 1) {
        bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, WAIT));
        bytes.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
    }
    ends(&gate, &bytes).await;
    assert!(gate.stage.seen().len() < 300, "{}", gate.stage.seen().len());
}

#[tokio::test]
async fn a_head_without_an_end() {
    let gate = Gate::start();
    let mut bytes = [hello(), frame(HEADERS, END_STREAM, 1, WAIT)].concat();
    let line = [b"\0\x01a\x7f\xe1\x06".as_slice(), &[b'x'; 1000]].concat();
    for _ in 0..2000 {
        bytes.extend(frame(CONTINUATION, 0, 1, &line));
    }
    ends(&gate, &bytes).await;
    let empty: Vec<u8> = (0..20_000).flat_map(|_| frame(CONTINUATION, 0, 1, &[])).collect();
    ends(&gate, &[hello(), frame(HEADERS, END_STREAM, 1, WAIT), empty].concat()).await;
    assert!(gate.stage.seen().iter().all(|seen| seen == "GET /"));
}

#[tokio::test]
async fn more_streams_than_allowed() {
    let gate = Gate::start();
    let mut bytes = hello();
    for stream in (0..400).map(|n| 2 * n + 1) {
        bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, WAIT));
    }
    ends(&gate, &bytes).await;
    let waiting = gate.stage.seen().iter().filter(|seen| *seen == "GET /wait").count();
    assert!(waiting <= 128, "{waiting}");
}
