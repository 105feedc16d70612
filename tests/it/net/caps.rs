//! How many connections there may be.

use tokio::net::TcpStream;

use super::{Gate, Settings, settings, to_the_end};

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
