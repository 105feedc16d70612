//! How many connections there may be, and who serves them.

use std::collections::BTreeMap;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Gate, Settings, answer, settings, to_the_end};

#[tokio::test]
async fn beyond_the_cap_of_a_client_connections_are_closed_at_once() {
    let gate = Gate::with(Settings { connections_per_client: 2, workers: 2, ..settings() });
    let (first, _second) = (gate.h1().await, gate.h1().await);
    for address in [gate.https, gate.http] {
        let mut refused = TcpStream::connect(address).await.unwrap();
        assert_eq!(to_the_end(&mut refused).await, "");
    }
    gate.metric_becomes("vestibule_rate_limited_total{limit=\"connections_per_client\"}", 2.0).await;
    drop(first);
    gate.metric_becomes("vestibule_connections", 1.0).await;
    drop(gate.h1().await);
}

#[tokio::test]
async fn the_exempt_have_only_the_global_cap() {
    let exempt = vec!["127.0.0.0/8".parse().unwrap()];
    let gate = Gate::with(Settings { connections_per_client: 1, connections: 3, exempt, ..settings() });
    let _open = (gate.h1().await, gate.h1().await, gate.h1().await);
    let mut refused = TcpStream::connect(gate.https).await.unwrap();
    assert_eq!(to_the_end(&mut refused).await, "");
    gate.metric_becomes("vestibule_rate_limited_total{limit=\"connections\"}", 1.0).await;
}

/// Who serves each of these.
async fn dealt(streams: &mut [impl AsyncRead + AsyncWrite + Unpin]) -> Vec<usize> {
    let mut workers = BTreeMap::new();
    for stream in streams {
        stream.write_all(b"GET /worker HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        *workers.entry(answer(stream).await.lines().last().unwrap().to_owned()).or_insert(0) += 1;
    }
    workers.into_values().collect()
}

#[tokio::test]
async fn few_connections_are_spread_over_all_workers_whatever_the_kernel_deals() {
    let gate = Gate::with(Settings { workers: 4, connections_per_client: 99, ..settings() });
    let mut secure = Vec::new();
    for _ in 0..8 {
        secure.push(gate.h1().await);
    }
    assert_eq!(dealt(&mut secure).await, [2, 2, 2, 2]);
    // Those of the other listener count, too.
    let mut plain = Vec::new();
    for _ in 0..4 {
        let mut one = [TcpStream::connect(gate.http).await.unwrap()];
        assert_eq!(dealt(&mut one).await, [1]);
        plain.extend(one);
    }
    assert_eq!(dealt(&mut plain).await, [1, 1, 1, 1]);
}
