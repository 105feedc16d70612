//! Known browsers: where an account has signed in fully before.

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;

use super::db::Db;
use super::rows::{Columns as _, bytes};
use crate::auth::credentials::DeviceId;
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
    now: Timestamp,
) -> Result<(), StoreError> {
    if let Some(old) = old {
        sqlx::query("DELETE FROM devices WHERE id = ?1").bind(bytes(&old.0)).execute(&mut *conn).await?;
    }
    sqlx::query(
        "INSERT INTO devices (id, token, account, epoch, created, expires)
         SELECT ?1, ?2, id, epoch, ?4, ?5 FROM accounts WHERE id = ?3",
    )
    .bind(bytes(&id.0))
    .bind(token.0.as_slice())
    .bind(bytes(&account.0))
    .bind(now.millis())
    .bind((now + LIFE).millis())
    .execute(conn)
    .await?;
    Ok(())
}
