//! One's own sessions and known browsers, ended and forgotten by their owner. Every statement names the account, so that the
//! id of somebody else's session is the id of nothing.

use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::db::Db;
use super::rows::{Columns as _, bytes};
use super::{accounts, feed, trail};
use crate::audit::Event;
use crate::auth::credentials::DeviceId;
use crate::auth::self_service::{Ending, OwnSession};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;

pub(super) async fn all(db: &Db, account: AccountId, now: Timestamp) -> Result<Vec<OwnSession>, StoreError> {
    let mut tx = db.read().await?;
    let rows = sqlx::query(
        "SELECT id, portal, client, agent, created, code_at, last_seen FROM live_sessions
         WHERE account = ?1 AND expires > ?2 ORDER BY last_seen DESC, id",
    )
    .bind(bytes(&account.0))
    .bind(now.millis())
    .fetch_all(&mut *tx)
    .await?;
    let own = rows.iter().map(|row| {
        Ok(OwnSession {
            id: row.id(0)?,
            portal: row.text(1)?,
            client: row.address(2)?,
            agent: row.text(3)?,
            created: row.time(4)?,
            code_at: row.time(5)?,
            last_seen: row.time(6)?,
        })
    });
    let own = own.collect::<Result<_, StoreError>>()?;
    tx.done(own).await
}

/// Nothing ended: nothing to tell.
pub(super) async fn end(db: &Db, account: AccountId, which: Ending, event: Event) -> Result<Vec<Uuid>, StoreError> {
    let mut tx = db.write().await?;
    let (statement, id) = match which {
        Ending::One(id) => ("DELETE FROM sessions WHERE account = ?1 AND id = ?2 RETURNING id", id),
        Ending::Others(id) => ("DELETE FROM sessions WHERE account = ?1 AND id <> ?2 RETURNING id", id),
    };
    let rows = sqlx::query(statement).bind(bytes(&account.0)).bind(bytes(&id)).fetch_all(&mut *tx).await?;
    if rows.is_empty() {
        return tx.abandon(Vec::new()).await;
    }
    let ended: Vec<Uuid> = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
    match ended.as_slice() {
        [one] => feed::session(&mut tx, one).await?,
        _ => feed::account(&mut tx, account).await?,
    }
    trail::append(&mut tx, &db.keys, &event.with("ended", named(&ended))).await?;
    tx.commit(ended).await
}

pub(super) async fn end_everything(db: &Db, account: AccountId, event: Event) -> Result<Vec<Uuid>, StoreError> {
    let mut tx = db.write().await?;
    if accounts::find(&mut tx, account).await?.is_none() {
        return tx.abandon(Vec::new()).await;
    }
    let ended = ids(&mut tx, account).await?;
    accounts::new_epoch(&mut tx, account).await?;
    accounts::clear_out(&mut tx, account).await?;
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, &event.with("ended", named(&ended))).await?;
    tx.commit(ended).await
}

pub(super) async fn forget_browser(db: &Db, account: AccountId, browser: DeviceId, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let gone = sqlx::query("DELETE FROM devices WHERE account = ?1 AND id = ?2")
        .bind(bytes(&account.0))
        .bind(bytes(&browser.0))
        .execute(&mut *tx)
        .await?;
    if gone.rows_affected() == 0 {
        return tx.abandon(false).await;
    }
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

async fn ids(conn: &mut SqliteConnection, account: AccountId) -> Result<Vec<Uuid>, StoreError> {
    let rows = sqlx::query("SELECT id FROM sessions WHERE account = ?1").bind(bytes(&account.0)).fetch_all(conn).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

fn named(ids: &[Uuid]) -> Vec<String> {
    ids.iter().map(Uuid::to_string).collect()
}
