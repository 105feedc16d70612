//! How it ends.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use vestibule::net::{Doors, Workers};
use vestibule::shutdown::Shutdown;

use super::actor::Mute;
use super::{Gate, Settings, answer, get, settings, soon, to_the_end};

#[tokio::test]
async fn running_requests_are_finished_and_nothing_new_is_taken() {
    let gate = Gate::start();
    let (mut client, connection) = gate.h2().await;
    let mut idle = gate.h1().await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    answer(&mut idle).await;
    let mut busy = gate.h1().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    soon(gate.stage.arrived.notified()).await;
    let waiting = tokio::spawn(client.send_request(get("/wait")));
    soon(gate.stage.arrived.notified()).await;

    gate.shutdown.request();
    assert_eq!(to_the_end(&mut idle).await, "", "idle ones end at once");
    drop(idle);
    soon(async { while TcpStream::connect(gate.https).await.is_ok() {} }).await;
    gate.stage.go.notify_waiters();
    let last = to_the_end(&mut busy).await;
    assert!(last.contains("connection: close\r\n") && last.ends_with("at last"), "{last}");
    assert_eq!(soon(waiting).await.unwrap().unwrap().status(), 200);
    soon(connection).await.unwrap().unwrap();
    drop(busy);
    soon(tokio::task::spawn_blocking(move || gate.join())).await.unwrap();
}

#[tokio::test]
async fn what_does_not_end_is_dropped_after_the_drain_or_by_the_hard_token() {
    for (drain, hard) in [(Duration::from_millis(100), false), (Duration::from_mins(5), true)] {
        let gate = Gate::with(Settings { drain, ..settings() });
        let mut busy = gate.h1().await;
        busy.write_all(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        soon(gate.stage.arrived.notified()).await;
        gate.shutdown.request();
        if hard {
            gate.shutdown.request();
        }
        assert_eq!(to_the_end(&mut busy).await, "");
        soon(tokio::task::spawn_blocking(move || gate.join())).await.unwrap();
    }
}

#[tokio::test]
async fn an_address_in_use_is_an_error_of_start_and_so_is_a_handler_that_cannot_be_made() {
    let gate = Gate::start();
    let shutdown = Shutdown::new();
    let taken = Settings { https: None, http: Some(gate.http), ..settings() };
    let make = |_: &_| Doors { https: Mute, http: Mute };
    let error = Workers::start(taken, None, &shutdown, make).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    let nowhere = Settings { https: None, http: None, ..settings() };
    assert!(Workers::start(nowhere, None, &shutdown, make).is_err());

    let plain = Settings { https: None, workers: 2, ..settings() };
    let make = |context: &vestibule::net::WorkerContext| {
        assert_eq!(context.index, 0, "on purpose");
        Doors { https: Mute, http: Mute }
    };
    assert!(Workers::start(plain, None, &shutdown, make).is_err());
    assert!(shutdown.hard().is_cancelled(), "a worker that panics stops the process");
}
