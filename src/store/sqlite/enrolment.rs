//! Enrolment and recovery: every way in which an account comes to a second factor, or loses one by its own doing.

use sqlx::sqlite::SqliteConnection;

use super::db::Db;
use super::rows::{bytes, signed};
use super::{accounts, attempts, feed, links, pendings, trail};
use crate::audit::Event;
use crate::auth::credentials::{EnableMfa, LinkId, NewLink, Recovery, ReopenCodes, Spent, Stage};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};

pub(super) async fn enable_mfa(db: &Db, enable: EnableMfa, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
    let mut tx = db.write().await?;
    let seat = pendings::seat(&mut tx, &enable.pending, now).await?;
    let Some(seat) = seat.filter(|seat| seat.stage == Stage::Setup && !seat.enrolled) else {
        let repeated = attempts::settle_led_on(&mut tx, &enable.pending, enable.attempt, enable.step).await?;
        return if repeated { tx.commit(Spent::Repeated).await } else { tx.abandon(Spent::Gone).await };
    };
    // The password alone never enrols: the grant must live, and be this account's.
    let grant = match seat.grant {
        Some(grant) => links::find(&mut tx, grant, now).await?,
        None => None,
    };
    if grant.is_none_or(|grant| grant.account != seat.account)
        || !attempts::settle_right(&mut tx, &enable.pending, enable.attempt).await?
    {
        return tx.abandon(Spent::Gone).await;
    }
    if !accounts::spend_step(&mut tx, seat.account, enable.step).await? {
        return tx.abandon(Spent::AlreadyUsed).await;
    }
    sqlx::query(
        "UPDATE accounts SET secret = ?1, enrolled_at = ?2, codes_saved = 0, recovery_due = 0, half_way = 0 WHERE id = ?3",
    )
    .bind(enable.sealed_secret)
    .bind(enable.enrolled_at.millis())
    .bind(bytes(&seat.account.0))
    .execute(&mut *tx)
    .await?;
    put_codes(&mut tx, seat.account, &enable.code_hashes).await?;
    if seat.locked {
        accounts::lift_lock(&mut tx, seat.account).await?;
    }
    start_over(&mut tx, seat.account, &enable.pending, seat.grant).await?;
    sqlx::query(
        "UPDATE pendings SET stage = 2, epoch = (SELECT epoch FROM accounts WHERE id = account), attempts = 0, link = NULL,
             device = NULL, staged_secret = NULL, staged_codes = ?1, handed_out = 0, enabled_step = ?2, expires = ?3
         WHERE token = ?4",
    )
    .bind(enable.staged_codes)
    .bind(signed(enable.step))
    .bind(enable.expires.millis())
    .bind(enable.pending.0.as_slice())
    .execute(&mut *tx)
    .await?;
    feed::account(&mut tx, seat.account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Spent::Done).await
}

pub(super) async fn recover(db: &Db, recovery: Recovery, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
    let mut tx = db.write().await?;
    let seat = pendings::seat(&mut tx, &recovery.pending, now).await?;
    let Some(seat) = seat.filter(|seat| seat.stage != Stage::Setup || !seat.enrolled) else {
        return tx.abandon(Spent::Gone).await;
    };
    if !attempts::settle_right(&mut tx, &recovery.pending, recovery.attempt).await? {
        return tx.abandon(Spent::Gone).await;
    }
    let spent = sqlx::query("DELETE FROM recovery_codes WHERE account = ?1 AND hash = ?2")
        .bind(bytes(&seat.account.0))
        .bind(recovery.code.as_slice())
        .execute(&mut *tx)
        .await?;
    if spent.rows_affected() == 0 {
        return tx.abandon(Spent::AlreadyUsed).await;
    }
    accept_recovery(&mut tx, seat.account, &recovery.pending, &recovery.grant, recovery.expires).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Spent::Done).await
}

/// What follows from every recovery factor that was accepted, within the transaction of `conn`: the old secret, all codes,
/// sessions, known browsers, other pending logins and links die, and this pending login holds the grant for a fresh enrolment. Until
/// that is done the account is half-way.
pub(super) async fn accept_recovery(
    conn: &mut SqliteConnection,
    account: AccountId,
    pending: &TokenHash,
    grant: &NewLink,
    expires: Timestamp,
) -> Result<(), StoreError> {
    accounts::forget_factor(conn, account).await?;
    sqlx::query("UPDATE accounts SET half_way = 1 WHERE id = ?1").bind(bytes(&account.0)).execute(&mut *conn).await?;
    start_over(conn, account, pending, None).await?;
    links::insert(conn, account, grant).await?;
    sqlx::query(
        "UPDATE pendings SET stage = 1, epoch = (SELECT epoch FROM accounts WHERE id = account), attempts = 0, link = ?1,
             device = NULL, staged_secret = NULL, staged_codes = NULL, handed_out = 0, enabled_step = NULL, expires = ?2
         WHERE token = ?3",
    )
    .bind(bytes(&grant.id.0))
    .bind(expires.millis())
    .bind(pending.0.as_slice())
    .execute(&mut *conn)
    .await?;
    feed::account(conn, account).await
}

pub(super) async fn replace_codes(
    db: &Db,
    token: &TokenHash,
    hashes: &[[u8; 32]],
    staged: &[u8],
    now: Timestamp,
    event: Event,
) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let Some(account) = at_codes(&mut tx, token, now).await? else { return tx.abandon(false).await };
    put_codes(&mut tx, account, hashes).await?;
    sqlx::query("UPDATE pendings SET staged_codes = ?1, handed_out = 0 WHERE token = ?2")
        .bind(staged)
        .bind(token.0.as_slice())
        .execute(&mut *tx)
        .await?;
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

pub(super) async fn codes_handed_out(db: &Db, token: &TokenHash, now: Timestamp) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    if at_codes(&mut tx, token, now).await?.is_none() {
        return tx.abandon(false).await;
    }
    sqlx::query("UPDATE pendings SET handed_out = 1 WHERE token = ?1").bind(token.0.as_slice()).execute(&mut *tx).await?;
    tx.commit(true).await
}

pub(super) async fn codes_saved(
    db: &Db,
    token: &TokenHash,
    now: Timestamp,
    expires: Timestamp,
    event: Event,
) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let Some(account) = at_codes(&mut tx, token, now).await? else { return tx.abandon(false).await };
    sqlx::query("UPDATE pendings SET stage = 3, staged_codes = NULL, expires = ?1 WHERE token = ?2")
        .bind(expires.millis())
        .bind(token.0.as_slice())
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE accounts SET codes_saved = 1 WHERE id = ?1").bind(bytes(&account.0)).execute(&mut *tx).await?;
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

pub(super) async fn reopen_codes(db: &Db, reopen: ReopenCodes, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
    let mut tx = db.write().await?;
    let seat = pendings::seat(&mut tx, &reopen.pending, now).await?;
    let Some(seat) = seat.filter(|seat| seat.stage == Stage::Verify && seat.enrolled) else {
        let repeated = attempts::settle_led_on(&mut tx, &reopen.pending, reopen.attempt, reopen.step).await?;
        return if repeated { tx.commit(Spent::Repeated).await } else { tx.abandon(Spent::Gone).await };
    };
    if !attempts::settle_right_code(&mut tx, &seat, &reopen.pending, reopen.attempt).await? {
        return tx.abandon(Spent::Gone).await;
    }
    if !accounts::spend_step(&mut tx, seat.account, reopen.step).await? {
        return tx.abandon(Spent::AlreadyUsed).await;
    }
    sqlx::query(
        "UPDATE pendings SET stage = 2, attempts = 0, staged_codes = NULL, handed_out = 0, enabled_step = ?1, expires = ?2
         WHERE token = ?3",
    )
    .bind(signed(reopen.step))
    .bind(reopen.expires.millis())
    .bind(reopen.pending.0.as_slice())
    .execute(&mut *tx)
    .await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Spent::Done).await
}

/// A moved epoch, and nothing left of the old one but this pending login, which its caller carries over, and the link that was
/// used: dead, but known, so that whoever opens it once more is told that it has done its work.
async fn start_over(
    conn: &mut SqliteConnection,
    account: AccountId,
    token: &TokenHash,
    used: Option<LinkId>,
) -> Result<(), StoreError> {
    accounts::new_epoch(conn, account).await?;
    for table in ["DELETE FROM sessions WHERE account = ?1", "DELETE FROM devices WHERE account = ?1"] {
        sqlx::query(table).bind(bytes(&account.0)).execute(&mut *conn).await?;
    }
    sqlx::query("DELETE FROM links WHERE account = ?1 AND id IS NOT ?2")
        .bind(bytes(&account.0))
        .bind(used.as_ref().map(|used| bytes(&used.0)))
        .execute(&mut *conn)
        .await?;
    pendings::remove_others(conn, account, token).await
}

/// The account of a live pending login at [`Stage::Codes`].
async fn at_codes(conn: &mut SqliteConnection, token: &TokenHash, now: Timestamp) -> Result<Option<AccountId>, StoreError> {
    let seat = pendings::seat(conn, token, now).await?;
    Ok(seat.filter(|seat| seat.stage == Stage::Codes).map(|seat| seat.account))
}

pub(super) async fn put_codes(conn: &mut SqliteConnection, account: AccountId, hashes: &[[u8; 32]]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM recovery_codes WHERE account = ?1").bind(bytes(&account.0)).execute(&mut *conn).await?;
    for hash in hashes {
        sqlx::query("INSERT INTO recovery_codes (account, hash) VALUES (?1, ?2)")
            .bind(bytes(&account.0))
            .bind(hash.as_slice())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
