//! Attempts at a code: counted before the code is compared, so that no number of parallel ones gets past a budget.
//!
//! ```text
//! reserve ──► counted, open ──► settle_wrong: counted for good; the last one locks
//!                          ├──► settle_void:  not counted
//!                          ├──► settle_right: gone (within the transaction of what the code was for)
//!                          └──► never settled (the process died): counted for good
//! ```

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;

use super::db::Db;
use super::pendings::{self, Seat};
use super::rows::{Columns as _, bytes, signed};
use super::{accounts, feed, trail};
use crate::audit::Event;
use crate::auth::credentials::{AfterWrongCode, AttemptId, CodeBudget, DeviceId, Reservation, Stage};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys;
use crate::ports::{StoreError, TokenHash};

/// Whose budget an attempt is taken from; stored as a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Pending,
    Unknown,
    Known(DeviceId),
}

/// The number of [`Scope::Known`], whichever browser.
const KNOWN: i64 = 2;

impl Scope {
    fn number(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Unknown => 1,
            Self::Known(_) => KNOWN,
        }
    }
}

pub(super) async fn reserve(db: &Db, token: &TokenHash, budget: &CodeBudget, now: Timestamp) -> Result<Reservation, StoreError> {
    let mut tx = db.write().await?;
    let Some(seat) = pendings::seat(&mut tx, token, now).await? else { return tx.abandon(Reservation::Gone).await };
    if seat.attempts >= budget.per_pending {
        return tx.abandon(Reservation::Gone).await;
    }
    let Some(scope) = scope(&mut tx, &seat, budget, now).await? else { return tx.abandon(Reservation::Locked).await };
    let attempt = AttemptId(keys::new_id(now));
    let device = if let Scope::Known(device) = scope { Some(device) } else { None };
    sqlx::query("INSERT INTO attempts (id, account, pending, scope, device, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .bind(bytes(&attempt.0))
        .bind(bytes(&seat.account.0))
        .bind(token.0.as_slice())
        .bind(scope.number())
        .bind(device.as_ref().map(|device| bytes(&device.0)))
        .bind(now.millis())
        .execute(&mut *tx)
        .await?;
    count_in_pending(&mut tx, token, 1).await?;
    tx.commit(Reservation::Reserved { attempt, left: budget.per_pending - seat.attempts - 1 }).await
}

/// Whose budget pays; `None` where it must be that of unknown browsers and nothing is left of it.
async fn scope(
    conn: &mut SqliteConnection,
    seat: &Seat,
    budget: &CodeBudget,
    now: Timestamp,
) -> Result<Option<Scope>, StoreError> {
    if seat.stage == Stage::Setup {
        return Ok(Some(Scope::Pending));
    }
    if let Some(device) = seat.device {
        let (span, limit) = budget.known;
        if spent(conn, seat.account, Scope::Known(device), span, now).await? < u64::from(limit) {
            return Ok(Some(Scope::Known(device)));
        }
    }
    if seat.locked || unknown_spent(conn, seat.account, budget, now).await? {
        return Ok(None);
    }
    Ok(Some(Scope::Unknown))
}

pub(super) async fn settle_wrong(
    db: &Db,
    token: &TokenHash,
    attempt: AttemptId,
    budget: &CodeBudget,
    now: Timestamp,
    event: Event,
) -> Result<AfterWrongCode, StoreError> {
    let mut tx = db.write().await?;
    let settled =
        sqlx::query("UPDATE attempts SET settled = 1 WHERE id = ?1 AND pending = ?2 AND settled = 0 RETURNING account, scope")
            .bind(bytes(&attempt.0))
            .bind(token.0.as_slice())
            .fetch_optional(&mut *tx)
            .await?;
    // Also when the pending login is gone meanwhile: signing out before the answer must not save anybody from the lock.
    if let Some(row) = settled {
        let account = row.account_id(0)?;
        if row.number(1)? == Scope::Unknown.number() && unknown_spent(&mut tx, account, budget, now).await? {
            lock(&mut tx, db, account, now, event).await?;
            pendings::remove(&mut tx, token).await?;
            return tx.commit(AfterWrongCode::Locked).await;
        }
    }
    let left = match pendings::seat(&mut tx, token, now).await? {
        Some(seat) => budget.per_pending.saturating_sub(seat.attempts),
        None => 0,
    };
    if left > 0 {
        return tx.commit(AfterWrongCode::Left(left)).await;
    }
    pendings::remove(&mut tx, token).await?;
    tx.commit(AfterWrongCode::Destroyed).await
}

/// Locks the account for unknown browsers; once, however many attempts come to this in parallel.
async fn lock(conn: &mut SqliteConnection, db: &Db, account: AccountId, now: Timestamp, event: Event) -> Result<(), StoreError> {
    let locked = sqlx::query("UPDATE accounts SET locked_at = ?1 WHERE id = ?2 AND locked_at IS NULL")
        .bind(now.millis())
        .bind(bytes(&account.0))
        .execute(&mut *conn)
        .await?;
    if locked.rows_affected() == 0 {
        return Ok(());
    }
    let mut event = Event { action: "user.lock", ..event };
    if event.account.is_none()
        && let Some(found) = accounts::find(conn, account).await?
    {
        event = event.about(account, &found.login);
    }
    feed::account(conn, account).await?;
    trail::append(conn, &db.keys, &event).await
}

pub(super) async fn settle_void(db: &Db, token: &TokenHash, attempt: AttemptId) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    if take_back(&mut tx, token, attempt).await?.is_none() {
        return tx.abandon(()).await;
    }
    count_in_pending(&mut tx, token, -1).await?;
    tx.commit(()).await
}

/// The code was right: the attempt counts no longer. `false`: it was never reserved for this pending login, or is settled.
pub(super) async fn settle_right(conn: &mut SqliteConnection, token: &TokenHash, attempt: AttemptId) -> Result<bool, StoreError> {
    Ok(take_back(conn, token, attempt).await?.is_some())
}

/// The same for a code of the authenticator. `false` also where a recovery is due and the attempt was not a known browser's:
/// asked for here too, because an unlock may have come after the attempt was granted.
pub(super) async fn settle_right_code(
    conn: &mut SqliteConnection,
    seat: &Seat,
    token: &TokenHash,
    attempt: AttemptId,
) -> Result<bool, StoreError> {
    let scope = take_back(conn, token, attempt).await?;
    Ok(scope.is_some_and(|scope| scope == KNOWN || !seat.recovery_due))
}

/// How the other one of two that were sent at once shows: what this very pending login has used meanwhile; or that it is through,
/// and the step is the account's last. An account's secrets change, so the step alone says nothing of an enrolment.
const LED_ON: &str = "EXISTS (SELECT 1 FROM live_pendings p WHERE p.token = ?2 AND p.enabled_step = ?3)";
const LED_IN: &str = "NOT EXISTS (SELECT 1 FROM pendings p WHERE p.token = ?2)
    AND EXISTS (SELECT 1 FROM accounts a WHERE a.id = attempts.account AND a.last_step = ?3)";

/// The same code was sent twice at once, and the other one was taken, which led this pending login on: gives the attempt back.
/// `false`: it is not so, and the attempt stays counted.
pub(super) async fn settle_led_on(
    conn: &mut SqliteConnection,
    token: &TokenHash,
    attempt: AttemptId,
    step: u64,
) -> Result<bool, StoreError> {
    give_back_if(conn, LED_ON, (token, attempt), step).await
}

/// The same where the other one may also have led into a session.
pub(super) async fn settle_led_in(
    conn: &mut SqliteConnection,
    token: &TokenHash,
    attempt: AttemptId,
    step: u64,
) -> Result<bool, StoreError> {
    Ok(give_back_if(conn, LED_ON, (token, attempt), step).await? || give_back_if(conn, LED_IN, (token, attempt), step).await?)
}

async fn give_back_if(
    conn: &mut SqliteConnection,
    condition: &str,
    (token, attempt): (&TokenHash, AttemptId),
    step: u64,
) -> Result<bool, StoreError> {
    let statement = format!("DELETE FROM attempts WHERE id = ?1 AND pending = ?2 AND settled = 0 AND {condition}");
    let gone = sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(bytes(&attempt.0))
        .bind(token.0.as_slice())
        .bind(signed(step))
        .execute(&mut *conn)
        .await?;
    if gone.rows_affected() == 0 {
        return Ok(false);
    }
    count_in_pending(conn, token, -1).await?;
    Ok(true)
}

/// The attempt's scope, as stored. `None`: it was never reserved for this pending login, or is settled.
async fn take_back(conn: &mut SqliteConnection, token: &TokenHash, attempt: AttemptId) -> Result<Option<i64>, StoreError> {
    let gone = sqlx::query("DELETE FROM attempts WHERE id = ?1 AND pending = ?2 AND settled = 0 RETURNING scope")
        .bind(bytes(&attempt.0))
        .bind(token.0.as_slice())
        .fetch_optional(conn)
        .await?;
    gone.map(|row| row.number(0)).transpose()
}

async fn count_in_pending(conn: &mut SqliteConnection, token: &TokenHash, by: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE pendings SET attempts = max(attempts + ?1, 0) WHERE token = ?2")
        .bind(by)
        .bind(token.0.as_slice())
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether unknown browsers have used up any of the spans.
async fn unknown_spent(
    conn: &mut SqliteConnection,
    account: AccountId,
    budget: &CodeBudget,
    now: Timestamp,
) -> Result<bool, StoreError> {
    for &(span, limit) in &budget.unknown {
        if spent(conn, account, Scope::Unknown, span, now).await? >= u64::from(limit) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Attempts of this scope within the last `span`.
async fn spent(
    conn: &mut SqliteConnection,
    account: AccountId,
    scope: Scope,
    span: Duration,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let device = if let Scope::Known(device) = scope { Some(device) } else { None };
    let row = sqlx::query("SELECT count(*) FROM attempts WHERE account = ?1 AND scope = ?2 AND at > ?3 AND device IS ?4")
        .bind(bytes(&account.0))
        .bind(scope.number())
        .bind((now - span).millis())
        .bind(device.as_ref().map(|device| bytes(&device.0)))
        .fetch_one(conn)
        .await?;
    row.count(0)
}
