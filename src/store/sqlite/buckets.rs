//! Durable rates: GCRA, one row per bucket. A row holds the theoretical arrival time; none means that the bucket is full.

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;

use super::db::Db;
use super::rows::Columns as _;
use crate::auth::credentials::{Charge, Charged};
use crate::clock::Timestamp;
use crate::ports::StoreError;

/// Each charge in turn, within one transaction, so that a key named twice is charged twice. A key that was never seen costs
/// the same one write as any other.
pub(super) async fn charge(db: &Db, charges: &[Charge], now: Timestamp) -> Result<Charged, StoreError> {
    // Whoever is slowed already and goes on does not get hold of the one connection that writes.
    if let Some(until) = full_until(db, charges, now).await? {
        return Ok(Charged::Until(until));
    }
    let mut tx = db.write().await?;
    let mut until: Option<Timestamp> = None;
    for charge in charges {
        let arrival = next_arrival(&mut tx, charge, now).await?;
        until = until.max(wait_until(charge, arrival, now));
        sqlx::query("INSERT INTO buckets (key, tat) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET tat = excluded.tat")
            .bind(charge.key.as_slice())
            .bind(arrival.millis())
            .execute(&mut *tx)
            .await?;
    }
    match until {
        Some(until) => tx.abandon(Charged::Until(until)).await,
        None => tx.commit(Charged::Taken).await,
    }
}

pub(super) async fn refund(db: &Db, charges: &[Charge]) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    for charge in charges {
        // Below `now` a bucket is full: a refund that comes late gives nothing beyond that.
        sqlx::query("UPDATE buckets SET tat = tat - ?2 WHERE key = ?1")
            .bind(charge.key.as_slice())
            .bind(i64::try_from(interval(charge).as_millis()).unwrap_or(i64::MAX))
            .execute(&mut *tx)
            .await?;
    }
    tx.commit(()).await
}

/// Until when one of these has no room, as far as can be read. `None` promises nothing: somebody else may be faster.
async fn full_until(db: &Db, charges: &[Charge], now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut tx = db.read().await?;
    let mut until = None;
    for charge in charges {
        let arrival = next_arrival(&mut tx, charge, now).await?;
        until = until.max(wait_until(charge, arrival, now));
    }
    tx.done(until).await
}

/// The theoretical arrival time after one more.
async fn next_arrival(conn: &mut SqliteConnection, charge: &Charge, now: Timestamp) -> Result<Timestamp, StoreError> {
    Ok(arrival(conn, &charge.key).await?.map_or(now, |tat| tat.max(now)) + interval(charge))
}

/// When there is room for one more that would have this arrival time, if not now.
fn wait_until(charge: &Charge, arrival: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let room_from = arrival - interval(charge).saturating_mul(charge.burst);
    (room_from > now).then_some(room_from)
}

async fn arrival(conn: &mut SqliteConnection, key: &[u8; 32]) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query("SELECT tat FROM buckets WHERE key = ?1").bind(key.as_slice()).fetch_optional(conn).await?;
    row.map(|row| row.time(0)).transpose()
}

/// What is stored has milliseconds; none would be no limit at all.
fn interval(charge: &Charge) -> Duration {
    charge.interval.max(Duration::from_millis(1))
}
