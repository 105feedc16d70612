//! Accounts: reading and making them, and what is done to one within whatever transaction needs it.

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::db::Db;
use super::rows::{Columns as _, bytes};
use super::{feed, links, trail};
use crate::audit::Event;
use crate::auth::account::{Account, Mfa};
use crate::auth::credentials::{NewAccount, NewLink};
use crate::identity::{AccountId, Login};
use crate::keys::KeyRing;
use crate::language::Language;
use crate::ports::StoreError;

/// All of an account, in the order that [`account`] reads.
macro_rules! select_accounts {
    ($rest:literal) => {
        concat!(
            "SELECT id, login, name, member_of, admin, disabled, epoch, password, secret, last_step, enrolled_at,
             codes_saved, locked_at, created, last_sign_in, recovery_due, reset_at, language, half_way FROM accounts ",
            $rest
        )
    };
}

/// For a query that is put together elsewhere; [`account`] reads its rows.
pub(super) const ALL_COLUMNS: &str = select_accounts!("");

pub(super) async fn by_id(db: &Db, id: AccountId) -> Result<Option<Account>, StoreError> {
    let mut tx = db.read().await?;
    let found = find(&mut tx, id).await?;
    tx.done(found).await
}

pub(super) async fn by_login(db: &Db, login: &Login) -> Result<Option<Account>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query(select_accounts!("WHERE login = ?1")).bind(login.as_str()).fetch_optional(&mut *tx).await?;
    let found = row.as_ref().map(account).transpose()?;
    tx.done(found).await
}

pub(super) async fn all(db: &Db) -> Result<Vec<Account>, StoreError> {
    let mut tx = db.read().await?;
    let rows = sqlx::query(select_accounts!("ORDER BY login")).fetch_all(&mut *tx).await?;
    let found = rows.iter().map(account).collect::<Result<_, _>>()?;
    tx.done(found).await
}

/// The account, within the transaction of `conn`.
pub(super) async fn find(conn: &mut SqliteConnection, id: AccountId) -> Result<Option<Account>, StoreError> {
    let row = sqlx::query(select_accounts!("WHERE id = ?1")).bind(bytes(&id.0)).fetch_optional(conn).await?;
    row.as_ref().map(account).transpose()
}

pub(super) async fn create(db: &Db, new: NewAccount, link: NewLink, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    if insert(&mut tx, &db.keys, new, link, event).await? { tx.commit(true).await } else { tx.abandon(false).await }
}

/// All of them or none; says whose login id is taken.
pub(super) async fn create_all(db: &Db, new: Vec<(NewAccount, NewLink, Event)>) -> Result<Option<Login>, StoreError> {
    let mut tx = db.write().await?;
    for (account, link, event) in new {
        let login = account.login.clone();
        if !insert(&mut tx, &db.keys, account, link, event).await? {
            return tx.abandon(Some(login)).await;
        }
    }
    tx.commit(None).await
}

/// `false`: the login id is taken.
async fn insert(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    new: NewAccount,
    link: NewLink,
    event: Event,
) -> Result<bool, StoreError> {
    let made = sqlx::query(
        "INSERT INTO accounts (id, login, name, member_of, admin, password, created)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (login) DO NOTHING",
    )
    .bind(bytes(&new.id.0))
    .bind(new.login.as_str())
    .bind(new.name)
    .bind(serde_json::Value::from(new.groups).to_string())
    .bind(new.admin)
    .bind(new.password)
    .bind(new.created.millis())
    .execute(&mut *conn)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    links::insert(conn, new.id, &link).await?;
    feed::account(conn, new.id).await?;
    trail::append(conn, keys, &event).await?;
    Ok(true)
}

pub(super) async fn rehash(db: &Db, id: AccountId, old: &str, new: &str) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    let done = sqlx::query("UPDATE accounts SET password = ?1 WHERE id = ?2 AND password = ?3")
        .bind(new)
        .bind(bytes(&id.0))
        .bind(old)
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() == 0 {
        return tx.abandon(()).await;
    }
    feed::account(&mut tx, id).await?;
    tx.commit(()).await
}

/// Moves the epoch: whatever carries the old one is dead from here on.
pub(super) async fn new_epoch(conn: &mut SqliteConnection, id: AccountId) -> Result<(), StoreError> {
    sqlx::query("UPDATE accounts SET epoch = epoch + 1 WHERE id = ?1").bind(bytes(&id.0)).execute(conn).await?;
    Ok(())
}

/// The secret and the recovery codes die; the account is no longer enrolled, nor half-way through a recovery.
pub(super) async fn forget_factor(conn: &mut SqliteConnection, id: AccountId) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE accounts SET secret = NULL, enrolled_at = NULL, last_step = 0, codes_saved = 0, half_way = 0 WHERE id = ?1",
    )
    .bind(bytes(&id.0))
    .execute(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM recovery_codes WHERE account = ?1").bind(bytes(&id.0)).execute(conn).await?;
    Ok(())
}

/// Removes the rows that a moved epoch has made worthless: sessions, known browsers, pending logins, links and grants.
pub(super) async fn clear_out(conn: &mut SqliteConnection, id: AccountId) -> Result<(), StoreError> {
    for table in [
        "DELETE FROM sessions WHERE account = ?1",
        "DELETE FROM devices WHERE account = ?1",
        "DELETE FROM pendings WHERE account = ?1",
        "DELETE FROM links WHERE account = ?1",
    ] {
        sqlx::query(table).bind(bytes(&id.0)).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Takes the lock off, and what led to it. The attempts stay as rows: one of them may be on its way to being settled.
pub(super) async fn lift_lock(conn: &mut SqliteConnection, id: AccountId) -> Result<(), StoreError> {
    sqlx::query("UPDATE accounts SET locked_at = NULL WHERE id = ?1").bind(bytes(&id.0)).execute(&mut *conn).await?;
    sqlx::query("UPDATE attempts SET scope = 0 WHERE account = ?1 AND scope = 1").bind(bytes(&id.0)).execute(conn).await?;
    Ok(())
}

/// Marks `step` as used by this account, if no code of it or of a later one was. Every surface that takes a code comes here.
pub(super) async fn spend_step(conn: &mut SqliteConnection, id: AccountId, step: u64) -> Result<bool, StoreError> {
    let step = super::rows::signed(step);
    let done = sqlx::query("UPDATE accounts SET last_step = ?1 WHERE id = ?2 AND last_step < ?1")
        .bind(step)
        .bind(bytes(&id.0))
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) fn account(row: &SqliteRow) -> Result<Account, StoreError> {
    let mfa = match (row.optional_bytes(8)?, row.optional_time(10)?) {
        (Some(sealed_secret), Some(enrolled_at)) => Some(Mfa { sealed_secret, last_step: row.count(9)?, enrolled_at }),
        _ => None,
    };
    Ok(Account {
        id: row.account_id(0)?,
        login: row.login(1)?,
        name: row.text(2)?,
        groups: row.groups(3)?,
        admin: row.flag(4)?,
        disabled: row.flag(5)?,
        epoch: row.count(6)?,
        password: row.optional_text(7)?,
        mfa,
        codes_saved: row.flag(11)?,
        locked_at: row.optional_time(12)?,
        created: row.time(13)?,
        last_sign_in: row.optional_time(14)?,
        recovery_due: row.flag(15)?,
        reset_at: row.optional_time(16)?,
        language: row.optional_text(17)?.and_then(|tag| Language::from_tag(&tag)),
        half_way: row.flag(18)?,
    })
}
