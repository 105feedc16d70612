//! The change feed: written in the transaction that changes something, read by every process that serves.
//!
//! SQLite lets one transaction write at a time, so numbers are given in the order of commits, and a reader never passes one
//! that may still come.

use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::db::Db;
use super::rows::{Columns as _, bent, bytes};
use crate::identity::AccountId;
use crate::ports::StoreError;
use crate::session::log::Change;

/// This session was made, moved or ended.
pub(super) async fn session(conn: &mut SqliteConnection, id: &Uuid) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO changes (kind, subject) VALUES (1, ?1)").bind(bytes(id)).execute(conn).await?;
    Ok(())
}

/// This account was changed, perhaps with all that hangs on it.
pub(super) async fn account(conn: &mut SqliteConnection, id: AccountId) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO changes (kind, subject) VALUES (2, ?1)").bind(bytes(&id.0)).execute(conn).await?;
    Ok(())
}

/// A setting was changed.
pub(super) async fn settings(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO changes (kind) VALUES (3)").execute(conn).await?;
    Ok(())
}

/// So much was changed at once that everything is to be read anew: what was told is forgotten, and with it the row of one more
/// number, so that whoever reads on finds that something is missing (see [`after`]).
pub(super) async fn everything(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    settings(conn).await?;
    sqlx::query("DELETE FROM changes").execute(conn).await?;
    Ok(())
}

/// The number of the newest change, also when its row was forgotten since.
pub(super) async fn newest(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetch_optional(conn).await?;
    row.map_or(Ok(0), |row| row.number(0))
}

pub(super) async fn after(db: &Db, seq: i64, limit: u32) -> Result<(i64, Vec<Change>), StoreError> {
    let mut tx = db.read_at_once().await?;
    let rows = sqlx::query("SELECT seq, kind, subject FROM changes WHERE seq > ?1 ORDER BY seq LIMIT ?2")
        .bind(seq)
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?;
    // Numbers have no gaps: one that is rolled back is given again. So a gap was swept, and a number beyond the newest is of
    // another database.
    let first = rows.first().map(|row| row.number(0)).transpose()?;
    if first.is_none_or(|first| first > seq.saturating_add(1)) {
        let newest = newest(&mut tx).await?;
        return tx.abandon((newest, Vec::new())).await;
    }
    let last = rows.last().map_or(Ok(seq), |row| row.number(0))?;
    let changes = rows.iter().map(|row| match row.number(1)? {
        1 => Ok(Change::Session(row.id(2)?)),
        2 => Ok(Change::Account(row.account_id(2)?)),
        3 => Ok(Change::Settings),
        _ => Err(bent("a change")),
    });
    let changes = changes.collect::<Result<_, StoreError>>()?;
    tx.abandon((last, changes)).await
}
