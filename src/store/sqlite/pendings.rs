//! Pending logins: the room between the two doors.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::db::Db;
use super::rows::{Columns as _, bent, bytes, signed};
use super::{accounts, devices};
use crate::auth::account::Account;
use crate::auth::credentials::{DeviceId, LinkId, NewPending, Pending, Stage};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};

/// So many of each kind (unknown and known browsers) per account. Apart, so that a stranger who knows the password pushes
/// nobody out who comes from a known browser.
const PER_KIND: u32 = 10;

/// A live pending login, as far as the steps that follow from it need it.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own, and they exclude nothing of each other")]
pub(super) struct Seat {
    pub(super) account: AccountId,
    pub(super) stage: Stage,
    pub(super) attempts: u32,
    pub(super) grant: Option<LinkId>,
    pub(super) portal: String,
    /// The known browser it comes from, if that still lives.
    pub(super) device: Option<DeviceId>,
    pub(super) locked: bool,
    pub(super) enrolled: bool,
    pub(super) recovery_due: bool,
    /// Between a recovery and a fresh enrolment.
    pub(super) half_way: bool,
}

pub(super) async fn seat(conn: &mut SqliteConnection, token: &TokenHash, now: Timestamp) -> Result<Option<Seat>, StoreError> {
    let row = sqlx::query(
        "SELECT p.account, p.stage, p.attempts, p.link, p.portal,
             (SELECT d.id FROM live_devices d WHERE d.id = p.device AND d.account = p.account AND d.expires > ?2),
             a.locked_at IS NOT NULL, a.secret IS NOT NULL, a.recovery_due, a.half_way
         FROM live_pendings p JOIN accounts a ON a.id = p.account WHERE p.token = ?1 AND p.expires > ?2",
    )
    .bind(token.0.as_slice())
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Seat {
            account: row.account_id(0)?,
            stage: stage(&row, 1)?,
            attempts: row.small(2)?,
            grant: row.optional_id(3)?.map(LinkId),
            portal: row.text(4)?,
            device: row.optional_id(5)?.map(DeviceId),
            locked: row.flag(6)?,
            enrolled: row.flag(7)?,
            recovery_due: row.flag(8)?,
            half_way: row.flag(9)?,
        })
    })
    .transpose()
}

pub(super) async fn open(db: &Db, new: NewPending) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let account = accounts::find(&mut tx, new.account).await?;
    if !account.is_some_and(|account| !account.disabled && account.epoch == new.epoch) {
        return tx.abandon(false).await;
    }
    let device = match new.device {
        Some(device) if devices::lives(&mut tx, device, new.account, new.created).await? => Some(device),
        _ => None,
    };
    sqlx::query(
        "DELETE FROM pendings WHERE token IN (
             SELECT token FROM pendings WHERE account = ?1 AND (device IS NOT NULL) = ?2
             ORDER BY created DESC, token LIMIT -1 OFFSET ?3)",
    )
    .bind(bytes(&new.account.0))
    .bind(device.is_some())
    .bind(PER_KIND - 1)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO pendings (token, account, epoch, portal, stage, goes_to, link, device, client, created, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .bind(new.token.0.as_slice())
    .bind(bytes(&new.account.0))
    .bind(signed(new.epoch))
    .bind(new.portal)
    .bind(number_of(new.stage))
    .bind(new.to)
    .bind(new.grant.as_ref().map(|grant| bytes(&grant.0)))
    .bind(device.as_ref().map(|device| bytes(&device.0)))
    .bind(new.client.to_string())
    .bind(new.created.millis())
    .bind(new.expires.millis())
    .execute(&mut *tx)
    .await?;
    tx.commit(true).await
}

pub(super) async fn by_token(db: &Db, token: &TokenHash, now: Timestamp) -> Result<Option<(Pending, Account)>, StoreError> {
    let mut tx = db.read_at_once().await?;
    let row = sqlx::query(
        "SELECT token, portal, stage, goes_to, link, device, attempts, staged_secret, staged_codes, handed_out,
             enabled_step, expires, account
         FROM live_pendings WHERE token = ?1 AND expires > ?2",
    )
    .bind(token.0.as_slice())
    .bind(now.millis())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return tx.abandon(None).await };
    let account = accounts::find(&mut tx, row.account_id(12)?).await?;
    let found = (pending(&row)?, account.ok_or_else(|| bent("a pending login without its account"))?);
    tx.abandon(Some(found)).await
}

pub(super) async fn end(db: &Db, token: &TokenHash) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    remove(&mut tx, token).await?;
    tx.commit(()).await
}

/// Ends it, within the transaction of `conn`.
pub(super) async fn remove(conn: &mut SqliteConnection, token: &TokenHash) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM pendings WHERE token = ?1").bind(token.0.as_slice()).execute(conn).await?;
    Ok(())
}

/// Ends all of an account but this one.
pub(super) async fn remove_others(conn: &mut SqliteConnection, account: AccountId, token: &TokenHash) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM pendings WHERE account = ?1 AND token <> ?2")
        .bind(bytes(&account.0))
        .bind(token.0.as_slice())
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn stage_secret(
    db: &Db,
    token: &TokenHash,
    sealed: &[u8],
    now: Timestamp,
    expires: Timestamp,
) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let seat = seat(&mut tx, token, now).await?;
    if !seat.is_some_and(|seat| seat.stage == Stage::Setup) {
        return tx.abandon(false).await;
    }
    sqlx::query("UPDATE pendings SET staged_secret = ?1, expires = ?2 WHERE token = ?3")
        .bind(sealed)
        .bind(expires.millis())
        .bind(token.0.as_slice())
        .execute(&mut *tx)
        .await?;
    tx.commit(true).await
}

fn pending(row: &SqliteRow) -> Result<Pending, StoreError> {
    Ok(Pending {
        token: row.hash(0)?,
        portal: row.text(1)?,
        stage: stage(row, 2)?,
        to: row.text(3)?,
        grant: row.optional_id(4)?.map(LinkId),
        device: row.optional_id(5)?.map(DeviceId),
        attempts: row.small(6)?,
        staged_secret: row.optional_bytes(7)?,
        staged_codes: row.optional_bytes(8)?,
        codes_handed_out: row.flag(9)?,
        enabled_step: row.optional_number(10)?.map(u64::try_from).transpose().map_err(|_| bent("a step"))?,
        expires: row.time(11)?,
    })
}

fn stage(row: &SqliteRow, at: usize) -> Result<Stage, StoreError> {
    match row.number(at)? {
        1 => Ok(Stage::Setup),
        2 => Ok(Stage::Codes),
        3 => Ok(Stage::Verify),
        _ => Err(bent("a stage")),
    }
}

fn number_of(stage: Stage) -> i64 {
    match stage {
        Stage::Setup => 1,
        Stage::Codes => 2,
        Stage::Verify => 3,
    }
}
