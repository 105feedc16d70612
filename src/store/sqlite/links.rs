//! Links and grants: the right to set a first password and to enrol.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::db::Db;
use super::rows::{Columns as _, bent, bytes};
use super::{accounts, feed, trail};
use crate::audit::Event;
use crate::auth::credentials::{FirstPassword, Link, LinkId, LinkKind, NewLink};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};

/// Makes a link under the account's epoch of now.
pub(super) async fn insert(conn: &mut SqliteConnection, account: AccountId, link: &NewLink) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO links (id, token, kind, account, epoch, created, expires)
         SELECT ?1, ?2, ?3, id, epoch, ?5, ?6 FROM accounts WHERE id = ?4",
    )
    .bind(bytes(&link.id.0))
    .bind(link.token.0.as_slice())
    .bind(number_of(link.kind))
    .bind(bytes(&account.0))
    .bind(link.created.millis())
    .bind(link.expires.millis())
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn issue(db: &Db, account: AccountId, link: NewLink, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let waiting = accounts::find(&mut tx, account).await?.is_some_and(|found| found.mfa.is_none());
    if !waiting {
        return tx.abandon(false).await;
    }
    sqlx::query("DELETE FROM links WHERE account = ?1").bind(bytes(&account.0)).execute(&mut *tx).await?;
    insert(&mut tx, account, &link).await?;
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

pub(super) async fn by_token(db: &Db, token: &TokenHash, now: Timestamp) -> Result<Option<Link>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query("SELECT id, kind, account, expires FROM live_links WHERE token = ?1 AND expires > ?2")
        .bind(token.0.as_slice())
        .bind(now.millis())
        .fetch_optional(&mut *tx)
        .await?;
    let found = row.as_ref().map(link).transpose()?;
    tx.done(found).await
}

pub(super) async fn is_done(db: &Db, token: &TokenHash, kind: LinkKind, now: Timestamp) -> Result<bool, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query(
        "SELECT count(*) FROM links l JOIN accounts a ON a.id = l.account
         WHERE l.token = ?1 AND l.kind = ?2 AND l.expires > ?3 AND l.epoch < a.epoch AND a.disabled = 0 AND a.secret IS NOT NULL",
    )
    .bind(token.0.as_slice())
    .bind(number_of(kind))
    .bind(now.millis())
    .fetch_one(&mut *tx)
    .await?;
    let done = row.flag(0)?;
    tx.done(done).await
}

pub(super) async fn by_id(db: &Db, id: LinkId, now: Timestamp) -> Result<Option<Link>, StoreError> {
    let mut tx = db.read().await?;
    let found = find(&mut tx, id, now).await?;
    tx.done(found).await
}

/// The live link, within the transaction of `conn`.
pub(super) async fn find(conn: &mut SqliteConnection, id: LinkId, now: Timestamp) -> Result<Option<Link>, StoreError> {
    let row = sqlx::query("SELECT id, kind, account, expires FROM live_links WHERE id = ?1 AND expires > ?2")
        .bind(bytes(&id.0))
        .bind(now.millis())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(link).transpose()
}

pub(super) async fn set_first_password(
    db: &Db,
    id: LinkId,
    hash: &str,
    now: Timestamp,
    event: Event,
) -> Result<FirstPassword, StoreError> {
    let mut tx = db.write().await?;
    let link = find(&mut tx, id, now).await?;
    // A recovery grant opens enrolment and nothing else.
    let Some(link) = link.filter(|link| link.kind != LinkKind::Recovery) else {
        return tx.abandon(FirstPassword::Gone).await;
    };
    let set = sqlx::query("UPDATE accounts SET password = ?1 WHERE id = ?2 AND password IS NULL")
        .bind(hash)
        .bind(bytes(&link.account.0))
        .execute(&mut *tx)
        .await?;
    if set.rows_affected() == 0 {
        return tx.abandon(FirstPassword::AlreadySet).await;
    }
    feed::account(&mut tx, link.account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(FirstPassword::Set).await
}

fn link(row: &SqliteRow) -> Result<Link, StoreError> {
    let kind = match row.number(1)? {
        1 => LinkKind::Invitation,
        2 => LinkKind::Enrolment,
        3 => LinkKind::Recovery,
        _ => return Err(bent("the kind of a link")),
    };
    Ok(Link { id: LinkId(row.id(0)?), kind, account: row.account_id(2)?, expires: row.time(3)? })
}

fn number_of(kind: LinkKind) -> i64 {
    match kind {
        LinkKind::Invitation => 1,
        LinkKind::Enrolment => 2,
        LinkKind::Recovery => 3,
    }
}
