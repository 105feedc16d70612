//! Known browsers: where an account has signed in fully before.

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;

use super::db::Db;
use super::rows::{Columns as _, bytes};
use crate::auth::credentials::DeviceId;
use crate::auth::self_service::KnownBrowser;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};

/// How long a browser is known after its last full sign-in: as long as browsers keep a cookie at all (RFC 6265bis, 400 days).
const LIFE: Duration = Duration::from_hours(400 * 24);

pub(super) async fn by_token(db: &Db, token: &TokenHash, now: Timestamp) -> Result<Option<(DeviceId, AccountId)>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query("SELECT id, account FROM live_devices WHERE token = ?1 AND expires > ?2")
        .bind(token.0.as_slice())
        .bind(now.millis())
        .fetch_optional(&mut *tx)
        .await?;
    let found = row.map(|row| Ok::<_, StoreError>((DeviceId(row.id(0)?), row.account_id(1)?))).transpose()?;
    tx.done(found).await
}

/// Whether this is a known browser of this account.
pub(super) async fn lives(
    conn: &mut SqliteConnection,
    id: DeviceId,
    account: AccountId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT count(*) FROM live_devices WHERE id = ?1 AND account = ?2 AND expires > ?3")
        .bind(bytes(&id.0))
        .bind(bytes(&account.0))
        .bind(now.millis())
        .fetch_one(conn)
        .await?;
    row.flag(0)
}

/// Makes one under the account's epoch of now, in the place of `old`.
pub(super) async fn replace(
    conn: &mut SqliteConnection,
    account: AccountId,
    old: Option<DeviceId>,
    (id, token): (DeviceId, TokenHash),
    agent: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let gone = match old {
        Some(old) => {
            let gone = sqlx::query("DELETE FROM devices WHERE id = ?1 AND account = ?2 RETURNING known_since");
            gone.bind(bytes(&old.0)).bind(bytes(&account.0)).fetch_optional(&mut *conn).await?
        }
        None => None,
    };
    let since = gone.map(|row| row.number(0)).transpose()?;
    sqlx::query(
        "INSERT INTO devices (id, token, account, epoch, created, expires, known_since, agent)
         SELECT ?1, ?2, id, epoch, ?4, ?5, coalesce(?6, ?4), ?7 FROM accounts WHERE id = ?3",
    )
    .bind(bytes(&id.0))
    .bind(token.0.as_slice())
    .bind(bytes(&account.0))
    .bind(now.millis())
    .bind((now + LIFE).millis())
    .bind(since)
    .bind(agent)
    .execute(conn)
    .await?;
    Ok(())
}

/// Of all known browsers of this account one stays, under its epoch of now and with a new cookie.
pub(super) async fn keep_only(
    conn: &mut SqliteConnection,
    account: AccountId,
    kept: Option<(DeviceId, TokenHash)>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let id = kept.map(|(id, _)| id.0);
    sqlx::query("DELETE FROM devices WHERE account = ?1 AND id IS NOT ?2")
        .bind(bytes(&account.0))
        .bind(id.as_ref().map(bytes))
        .execute(&mut *conn)
        .await?;
    let Some((id, token)) = kept else { return Ok(()) };
    sqlx::query(
        "UPDATE devices SET token = ?1, epoch = (SELECT epoch FROM accounts WHERE id = account), created = ?2, expires = ?3
         WHERE id = ?4 AND account = ?5",
    )
    .bind(token.0.as_slice())
    .bind(now.millis())
    .bind((now + LIFE).millis())
    .bind(bytes(&id.0))
    .bind(bytes(&account.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// The last used first.
pub(super) async fn of_account(db: &Db, account: AccountId, now: Timestamp) -> Result<Vec<KnownBrowser>, StoreError> {
    let mut tx = db.read().await?;
    let rows = sqlx::query(
        "SELECT id, agent, known_since, created FROM live_devices WHERE account = ?1 AND expires > ?2 ORDER BY created DESC, id",
    )
    .bind(bytes(&account.0))
    .bind(now.millis())
    .fetch_all(&mut *tx)
    .await?;
    let known = rows
        .iter()
        .map(|row| Ok(KnownBrowser { id: DeviceId(row.id(0)?), agent: row.text(1)?, since: row.time(2)?, last: row.time(3)? }));
    let known = known.collect::<Result<_, StoreError>>()?;
    tx.done(known).await
}
