//! What outlives its connection's conversation, and what beats for it.

use tokio::io::AsyncWriteExt as _;

use super::{Gate, answer, say, soon, to_the_end};

const UPGRADE: &[u8] = b"GET /tunnel HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

#[tokio::test]
async fn one_direction_of_a_tunnel_may_close_before_the_other() {
    let gate = Gate::start();
    let mut stream = gate.h1().await;
    stream.write_all(UPGRADE).await.unwrap();
    assert!(to_the_end(&mut stream).await.ends_with("\r\n\r\nwelcome"), "the gate has closed its direction");
    gate.metric_becomes("vestibule_connections", 1.0).await;
    stream.write_all(b"still there").await.unwrap();
    stream.shutdown().await.unwrap();
    soon(gate.stage.arrived.notified()).await;
    assert_eq!(gate.stage.seen(), ["GET /tunnel", "Ok(11) still there"]);
    drop(stream);
    gate.metric_becomes("vestibule_connections", 0.0).await;
}

#[tokio::test]
async fn a_tunnel_is_told_of_the_drain_and_waited_for() {
    let gate = Gate::start();
    let mut stream = gate.h1().await;
    stream.write_all(UPGRADE).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    to_the_end(&mut stream).await;
    gate.shutdown.request();
    soon(gate.stage.arrived.notified()).await;
    assert_eq!(gate.stage.seen()[1], "told to end");
    soon(tokio::task::spawn_blocking(move || gate.join())).await.unwrap();
}

#[tokio::test]
async fn a_worker_has_a_pulse() {
    let gate = Gate::start();
    assert!(say(&gate, b"GET /beat HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.ends_with("alive"));
}
