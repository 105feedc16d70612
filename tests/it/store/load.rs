//! What a start with many sessions costs.

use std::fmt::Write as _;

use sqlx::Executor as _;

use vestibule::session::log::{Outline, SessionRow, Snapshot, Tally};

use super::bench::{Bench, T0};

pub async fn a_hundred_thousand_sessions_are_read_at_once(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    b.signed_in(&anna, 2).await;
    let mut raw = b.raw().await;
    let mut copies = String::from("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) ");
    write!(
        copies,
        "INSERT INTO sessions SELECT randomblob(16), randomblob(32), NULL, NULL, NULL, account, portal, epoch, created,
         code_at, code_step, last_seen, expires, client, agent, shared, 0, NULL FROM sessions, n"
    )
    .unwrap();
    raw.execute(sqlx::AssertSqlSafe(copies)).await.unwrap();
    let read = Tally::default();
    let found = b.log().snapshot(T0, &read).await.unwrap();
    assert_eq!((found.sessions.len(), found.accounts.len(), read.so_far()), (100_000, 1, 100_000));
    all_are_told_of_part_by_part(&b, &found).await;
    let seen: Vec<_> = found.sessions.iter().map(|session| (session.id, T0 + super::bench::HOUR)).collect();
    b.log().touch(&seen).await.unwrap();
    let after = b.log().snapshot(T0, &Tally::default()).await.unwrap();
    assert!(after.sessions.iter().all(|session| session.last_seen == T0 + super::bench::HOUR));
    assert_eq!(b.end_all().await, 100_000);
    let (last, changes) = b.log().changes(found.seq, 200_000).await.unwrap();
    assert!(changes.is_empty() && last > found.seq, "not one by one, but that all is to be read anew");
}

async fn all_are_told_of_part_by_part(b: &Bench, found: &Snapshot) {
    let mut expected: Vec<_> = found.sessions.iter().map(SessionRow::outline).collect();
    expected.sort_by_key(|outline| outline.id);
    let mut told = Vec::new();
    loop {
        let part = b.log().outlines(told.last().map(|last: &Outline| last.id), T0).await.unwrap();
        if part.is_empty() {
            break;
        }
        told.extend(part);
    }
    assert!(told == expected, "{} of {}", told.len(), expected.len());
}
