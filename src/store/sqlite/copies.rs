//! An older copy of the database in its own place: how it is recognised, and what it must not bring back to life.

use super::db::Db;
use super::rows::{Columns as _, signed};
use super::{feed, trail};
use crate::audit::{Actor, Event};
use crate::auth::totp;
use crate::clock::Reading;
use crate::ports::StoreError;
use crate::store::Mark;

/// What was made before. Parked requests, staged secrets and texted recoveries go with their session or pending login.
const MADE_BEFORE: [&str; 10] = [
    "DELETE FROM sessions",
    "DELETE FROM pendings",
    "DELETE FROM devices",
    "DELETE FROM links",
    "DELETE FROM tickets",
    "DELETE FROM texted_codes",
    "DELETE FROM recovery_waits",
    // Which of them were used since nobody can tell.
    "DELETE FROM recovery_codes",
    // They were sent, and their links are dead.
    "DELETE FROM outbox",
    "DELETE FROM delayed_acts",
];

pub(super) async fn mark(db: &Db) -> Result<Mark, StoreError> {
    let mut tx = db.read().await?;
    let head = trail::check_head(&mut tx, &db.keys).await?;
    tx.done(Mark { seq: head.seq, mac: head.mac }).await
}

pub(super) async fn holds(db: &Db, mark: &Mark) -> Result<bool, StoreError> {
    if mark.seq == 0 {
        return Ok(true);
    }
    let mut tx = db.read().await?;
    let row = sqlx::query("SELECT mac FROM audit WHERE seq = ?1").bind(mark.seq).fetch_optional(&mut *tx).await?;
    let held = row.map(|row| row.fixed(0)).transpose()?.is_some_and(|mac: [u8; 32]| mac == mark.mac);
    tx.done(held).await
}

pub(super) async fn begin_anew(db: &Db, now: Reading) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    for statement in MADE_BEFORE {
        sqlx::query(statement).execute(&mut *tx).await?;
    }
    // One step of tolerance: the next code may have been used already, too. And whoever signs in again gets new recovery codes.
    sqlx::query("UPDATE accounts SET epoch = epoch + 1, last_step = max(last_step, ?1), codes_saved = 0")
        .bind(signed(now.wall.secs().unsigned_abs() / totp::STEP + 1))
        .execute(&mut *tx)
        .await?;
    feed::everything(&mut tx).await?;
    trail::append(&mut tx, &db.keys, &Event::new(now.wall, Actor::System, "store.restored")).await?;
    tx.commit(()).await
}
