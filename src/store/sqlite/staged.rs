//! What a session is being shown: the secret of a new authenticator, or new recovery codes. One at a time.

use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::db::Db;
use super::rows::{Columns as _, bent, bytes};
use super::{feed, trail};
use crate::audit::Event;
use crate::auth::self_service::Staged;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;

const SECRET: i64 = 1;
const CODES: i64 = 2;

pub(super) async fn of_session(db: &Db, session: Uuid, now: Timestamp) -> Result<Option<Staged>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query(
        "SELECT x.purpose, x.sealed, x.handed_out FROM staged x JOIN live_sessions s ON s.id = x.session
         WHERE x.session = ?1 AND x.expires > ?2 AND s.expires > ?2",
    )
    .bind(bytes(&session))
    .bind(now.millis())
    .fetch_optional(&mut *tx)
    .await?;
    let found = match row {
        None => None,
        Some(row) => {
            let sealed = row.optional_bytes(1)?.ok_or_else(|| bent("something staged"))?;
            Some(match row.number(0)? {
                SECRET => Staged::Secret(sealed),
                _ => Staged::Codes { sealed, handed_out: row.flag(2)? },
            })
        }
    };
    tx.done(found).await
}

pub(super) async fn put_secret(
    conn: &mut SqliteConnection,
    session: Uuid,
    sealed: &[u8],
    expires: Timestamp,
) -> Result<(), StoreError> {
    put(conn, session, SECRET, sealed, expires).await
}

pub(super) async fn put_codes(
    conn: &mut SqliteConnection,
    session: Uuid,
    sealed: &[u8],
    expires: Timestamp,
) -> Result<(), StoreError> {
    put(conn, session, CODES, sealed, expires).await
}

async fn put(
    conn: &mut SqliteConnection,
    session: Uuid,
    purpose: i64,
    sealed: &[u8],
    expires: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT OR REPLACE INTO staged (session, purpose, sealed, expires) VALUES (?1, ?2, ?3, ?4)")
        .bind(bytes(&session))
        .bind(purpose)
        .bind(sealed)
        .bind(expires.millis())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether this very secret is what the session is being shown.
pub(super) async fn is_secret(
    conn: &mut SqliteConnection,
    session: Uuid,
    sealed: &[u8],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT count(*) FROM staged WHERE session = ?1 AND purpose = ?2 AND sealed = ?3 AND expires > ?4")
        .bind(bytes(&session))
        .bind(SECRET)
        .bind(sealed)
        .bind(now.millis())
        .fetch_one(conn)
        .await?;
    row.flag(0)
}

pub(super) async fn handed_out(db: &Db, session: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    if owner_of_codes(&mut tx, session, now).await?.is_none() {
        return tx.abandon(false).await;
    }
    sqlx::query("UPDATE staged SET handed_out = 1 WHERE session = ?1").bind(bytes(&session)).execute(&mut *tx).await?;
    tx.commit(true).await
}

pub(super) async fn saved(db: &Db, session: Uuid, now: Timestamp, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let Some(account) = owner_of_codes(&mut tx, session, now).await? else { return tx.abandon(false).await };
    sqlx::query("DELETE FROM staged WHERE session = ?1").bind(bytes(&session)).execute(&mut *tx).await?;
    sqlx::query("UPDATE accounts SET codes_saved = 1 WHERE id = ?1").bind(bytes(&account.0)).execute(&mut *tx).await?;
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

/// Whose live session this is, if codes are staged in it.
async fn owner_of_codes(conn: &mut SqliteConnection, session: Uuid, now: Timestamp) -> Result<Option<AccountId>, StoreError> {
    let row = sqlx::query(
        "SELECT s.account FROM staged x JOIN live_sessions s ON s.id = x.session
         WHERE x.session = ?1 AND x.purpose = ?2 AND x.expires > ?3 AND s.expires > ?3",
    )
    .bind(bytes(&session))
    .bind(CODES)
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.account_id(0)).transpose()
}
