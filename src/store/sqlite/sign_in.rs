//! Spending a code: at the second door, and again inside a session.

use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::db::Db;
use super::pendings::Seat;
use super::rows::{Columns as _, bytes, signed};
use super::{accounts, attempts, devices, feed, pendings, trail};
use crate::audit::Event;
use crate::auth::credentials::{Confirm, NewSession, SessionReservation, SignIn, Spent, Stage};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;

pub(super) async fn sign_in(db: &Db, sign_in: SignIn, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
    let mut tx = db.write().await?;
    let seat = pendings::seat(&mut tx, &sign_in.pending, now).await?;
    let Some(seat) = seat.filter(|seat| seat.stage == Stage::Verify && seat.enrolled) else {
        let repeated = attempts::settle_led_in(&mut tx, &sign_in.pending, sign_in.attempt, sign_in.step).await?;
        return if repeated { tx.commit(Spent::Repeated).await } else { tx.abandon(Spent::Gone).await };
    };
    // No code without an attempt that was counted before it was compared.
    if !attempts::settle_right_code(&mut tx, &seat, &sign_in.pending, sign_in.attempt).await? {
        return tx.abandon(Spent::Gone).await;
    }
    if !accounts::spend_step(&mut tx, seat.account, sign_in.step).await? {
        return tx.abandon(Spent::AlreadyUsed).await;
    }
    insert_session(&mut tx, &seat, &sign_in.session, sign_in.step).await?;
    if let Some(device) = sign_in.device {
        devices::replace(&mut tx, seat.account, seat.device, device, &sign_in.session.agent, now).await?;
    }
    pendings::remove(&mut tx, &sign_in.pending).await?;
    sqlx::query("UPDATE accounts SET last_sign_in = ?1 WHERE id = ?2")
        .bind(sign_in.wall.millis())
        .bind(bytes(&seat.account.0))
        .execute(&mut *tx)
        .await?;
    feed::session(&mut tx, &sign_in.session.id).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Spent::Done).await
}

async fn insert_session(conn: &mut SqliteConnection, seat: &Seat, new: &NewSession, step: u64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sessions (id, token, account, portal, epoch, created, code_at, code_step, last_seen, expires,
             client, agent, shared)
         SELECT ?1, ?2, id, ?4, epoch, ?5, ?5, ?6, ?5, ?7, ?8, ?9, ?10 FROM accounts WHERE id = ?3",
    )
    .bind(bytes(&new.id))
    .bind(new.token.0.as_slice())
    .bind(bytes(&seat.account.0))
    .bind(seat.portal.as_str())
    .bind(new.created.millis())
    .bind(signed(step))
    .bind(new.expires.millis())
    .bind(new.client.to_string())
    .bind(new.agent.as_str())
    .bind(new.shared)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn reserve(db: &Db, session: Uuid, limit: u32, now: Timestamp) -> Result<SessionReservation, StoreError> {
    let mut tx = db.write().await?;
    let row = sqlx::query("SELECT attempts FROM live_sessions WHERE id = ?1 AND expires > ?2")
        .bind(bytes(&session))
        .bind(now.millis())
        .fetch_optional(&mut *tx)
        .await?;
    let left = match row {
        Some(row) => limit.checked_sub(row.small(0)?.saturating_add(1)),
        None => None,
    };
    let Some(left) = left else { return tx.abandon(SessionReservation::Gone).await };
    sqlx::query("UPDATE sessions SET attempts = attempts + 1 WHERE id = ?1").bind(bytes(&session)).execute(&mut *tx).await?;
    tx.commit(SessionReservation::Reserved { left }).await
}

pub(super) async fn void(db: &Db, session: Uuid) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    sqlx::query("UPDATE sessions SET attempts = max(attempts - 1, 0) WHERE id = ?1")
        .bind(bytes(&session))
        .execute(&mut *tx)
        .await?;
    tx.commit(()).await
}

pub(super) async fn confirm(db: &Db, confirm: Confirm, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
    let mut tx = db.write().await?;
    let Some(account) = enrolled_owner(&mut tx, &confirm.session, now).await? else {
        return tx.abandon(Spent::Gone).await;
    };
    if !accounts::spend_step(&mut tx, account, confirm.step).await? {
        let repeated = give_back_repeated(&mut tx, &confirm).await?;
        return if repeated { tx.commit(Spent::Repeated).await } else { tx.abandon(Spent::AlreadyUsed).await };
    }
    // On the right side of SET stand the values from before.
    sqlx::query(
        "UPDATE sessions SET old_token = token, old_until = ?1, old_code = code_at, token = ?2, code_at = ?3, code_step = ?4,
             attempts = 0
         WHERE id = ?5",
    )
    .bind(confirm.old_until.millis())
    .bind(confirm.token.0.as_slice())
    .bind(confirm.code_at.millis())
    .bind(signed(confirm.step))
    .bind(bytes(&confirm.session))
    .execute(&mut *tx)
    .await?;
    feed::session(&mut tx, &confirm.session).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Spent::Done).await
}

/// Gives an attempt back whose code this very session has used meanwhile. `false`: it has not.
async fn give_back_repeated(conn: &mut SqliteConnection, confirm: &Confirm) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE sessions SET attempts = max(attempts - 1, 0) WHERE id = ?1 AND code_step = ?2")
        .bind(bytes(&confirm.session))
        .bind(signed(confirm.step))
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whose live session this is, if the account has a secret that a code can be of.
async fn enrolled_owner(conn: &mut SqliteConnection, session: &Uuid, now: Timestamp) -> Result<Option<AccountId>, StoreError> {
    let row = sqlx::query(
        "SELECT a.id FROM live_sessions s JOIN accounts a ON a.id = s.account
         WHERE s.id = ?1 AND s.expires > ?2 AND a.secret IS NOT NULL",
    )
    .bind(bytes(session))
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.account_id(0)).transpose()
}
