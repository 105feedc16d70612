//! Forgetting: what has expired goes in small transactions, so that nobody waits long for the writing connection.

use std::time::Duration;

use super::db::Db;
use super::{failures, feed, outbox};
use crate::admin::act::DELAY;
use crate::clock::Timestamp;
use crate::notify::outbox::KEEP_FAILED;
use crate::ports::StoreError;

const BATCH: u32 = 1000;
/// Longer than any span that a budget counts over.
const KEEP_ATTEMPTS: Duration = Duration::from_hours(90 * 24);
/// Those that count in a pending login only; no pending login lives that long.
const KEEP_PENDING_ATTEMPTS: Duration = Duration::from_hours(24);
/// A session that reached the end of its lifetime: what was parked from it waits for the next sign-in. Longer than that is known
/// as lapsed and the longest `park.keep` together.
const KEEP_LAPSED: Duration = Duration::from_hours(26);
/// Whoever has not read the feed for so long reads everything anew.
const KEEP_CHANGES: Duration = Duration::from_hours(1);

/// Statements that forget at most `?2` rows which ended at `?1` or before.
const EXPIRED: [&str; 9] = [
    "DELETE FROM staged WHERE session IN (SELECT session FROM staged WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM parked WHERE id IN (SELECT id FROM parked WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM pendings WHERE token IN (SELECT token FROM pendings WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM links WHERE id IN (SELECT id FROM links WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM tickets WHERE id IN (SELECT id FROM tickets WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM texted_codes WHERE (holder, purpose) IN (SELECT holder, purpose FROM texted_codes WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM recovery_waits WHERE account IN (SELECT account FROM recovery_waits WHERE expires <= ?1 LIMIT ?2)",
    "DELETE FROM buckets WHERE key IN (SELECT key FROM buckets WHERE tat <= ?1 LIMIT ?2)",
];

pub(super) async fn sweep(db: &Db, now: Timestamp) -> Result<u64, StoreError> {
    let mut gone = failures::flush(db, now).await? + outbox::expire(db, now).await?;
    for statement in EXPIRED {
        gone += forget(db, statement, now).await?;
    }
    gone += forget(db, "DELETE FROM attempts WHERE id IN (SELECT id FROM attempts WHERE at <= ?1 LIMIT ?2)", now - KEEP_ATTEMPTS)
        .await?;
    gone += forget(
        db,
        "DELETE FROM attempts WHERE id IN (SELECT id FROM attempts WHERE at <= ?1 AND scope = 0 LIMIT ?2)",
        now - KEEP_PENDING_ATTEMPTS,
    )
    .await?;
    gone +=
        forget(db, "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE failed_at <= ?1 LIMIT ?2)", now - KEEP_FAILED)
            .await?;
    gone += forget(
        db,
        "DELETE FROM acts_done WHERE (kind, account) IN (SELECT kind, account FROM acts_done WHERE at <= ?1 LIMIT ?2)",
        now - DELAY,
    )
    .await?;
    gone +=
        forget(db, "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires <= ?1 LIMIT ?2)", now - KEEP_LAPSED)
            .await?;
    mark(db, now).await?;
    gone += forget(
        db,
        "DELETE FROM changes WHERE seq IN (
             SELECT seq FROM changes WHERE seq <= (SELECT max(seq) FROM change_marks WHERE at <= ?1) ORDER BY seq LIMIT ?2)",
        now - KEEP_CHANGES,
    )
    .await?;
    Ok(gone)
}

async fn forget(db: &Db, statement: &'static str, until: Timestamp) -> Result<u64, StoreError> {
    let mut gone = 0;
    loop {
        let mut tx = db.write().await?;
        let done = sqlx::query(statement).bind(until.millis()).bind(BATCH).execute(&mut *tx).await?.rows_affected();
        if done == 0 {
            return tx.abandon(gone).await;
        }
        tx.commit(()).await?;
        gone += done;
        if done < u64::from(BATCH) {
            return Ok(gone);
        }
    }
}

/// Notes how far the feed has come. Of the marks that are old only the newest says anything.
async fn mark(db: &Db, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    let newest = feed::newest(&mut tx).await?;
    sqlx::query("INSERT INTO change_marks (seq, at) VALUES (?1, ?2) ON CONFLICT (seq) DO NOTHING")
        .bind(newest)
        .bind(now.millis())
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM change_marks WHERE seq < (SELECT max(seq) FROM change_marks WHERE at <= ?1)")
        .bind((now - KEEP_CHANGES).millis())
        .execute(&mut *tx)
        .await?;
    tx.commit(()).await
}
