//! The door to the admin pages: as strict as the portals' own, and not to be blocked by strangers.

use http::StatusCode;
use sqlx::Connection as _;

use super::*;
use crate::harness::wire::Wire;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_framed_in_two_ways_is_refused_here_too() {
    let (gate, _upstream) = gate().await;
    let boss = boss(&gate, "boss@example.com").await;
    let host = format!("localhost:{}", boss.browser.port);
    for (head, status) in [
        (format!("POST {SETTINGS} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 501),
        (format!("POST {SETTINGS} HTTP/1.0\r\nHost: {host}\r\n\r\n"), 400),
    ] {
        let mut wire = Wire::to(&boss.browser).await;
        wire.send(&head).await;
        let (said, closed) = wire.all().await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")) || said.starts_with(&format!("HTTP/1.0 {status} ")), "{said}");
        assert!(closed, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_at_page_one_take_no_room_from_whoever_is_inside() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    // While nothing can be written, whoever signs in waits.
    let url = format!("sqlite://{}", gate.dir().join("vestibule.db").display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let mut wires = Vec::new();
    for _ in 0..100 {
        let mut wire = Wire::to(&boss.browser).await;
        let form = "login=nobody%40example.com&password=wrong";
        wire.send(format!(
            "POST /.vestibule/login HTTP/1.1\r\nHost: localhost:{}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\n\
             Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            boss.browser.port,
            form.len()
        ))
        .await;
        wires.push(wire);
        // Whatever they take, it is not hers.
        if wires.len() % 10 == 0 {
            let answer = boss.browser.get(HOME).await;
            assert_eq!(answer.status, StatusCode::OK, "beside {}: {}", wires.len(), answer.text());
        }
    }
    drop(wires);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
}
