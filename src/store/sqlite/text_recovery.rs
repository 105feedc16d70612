//! Recovery by text: a code in one pending login and a link in a mail, which together are accepted as a recovery code is.
//!
//! ```text
//! begin ──► code right (texted) ─┐
//!      └──► button in the mail ──┴─► accept ──► no delay, or proved that long ago ──► fresh enrolment
//!              (mailed)                    └──► waits: both must be shown once more when the wait is over
//! ```

use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::db::Db;
use super::rows::{Columns as _, bytes};
use super::texted::{self, Tried};
use super::{attempts, enrolment, outbox, pendings, trail};
use crate::audit::Event;
use crate::auth::credentials::{AttemptId, Stage};
use crate::auth::mobiles::{
    AFTER_WAIT, Holder, MailedRecovery, NewTextRecovery, TextProgress, TextPurpose, TextRecovered, TextRecovery,
};
use crate::auth::tickets::TicketId;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};

pub(super) async fn asked(db: &Db, pending: &TokenHash, until: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    sqlx::query("UPDATE pendings SET expires = max(expires, ?1) WHERE token = ?2")
        .bind(until.millis())
        .bind(pending.0.as_slice())
        .execute(&mut *tx)
        .await?;
    tx.commit(()).await
}

pub(super) async fn begin(db: &Db, new: NewTextRecovery, now: Timestamp, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let seat = pendings::seat(&mut tx, &new.pending, now).await?;
    let Some(seat) = seat.filter(|seat| seat.stage != Stage::Setup && (seat.enrolled || seat.half_way)) else {
        return tx.abandon(false).await;
    };
    let at = (Holder::Pending(new.pending), TextPurpose::Recovery);
    let code = texted::New { at, account: seat.account, number: None, hash: new.hash, expires: new.expires };
    texted::put(&mut tx, code).await?;
    // A newer mail takes the place of an older one whose button was not pressed.
    let mails = sqlx::query(
        "INSERT INTO text_recoveries (pending, mail, link) VALUES (?1, ?2, ?3)
         ON CONFLICT (pending) DO UPDATE SET mail = excluded.mail, link = excluded.link WHERE mailed = 0",
    )
    .bind(new.pending.0.as_slice())
    .bind(bytes(&new.posting.id.0))
    .bind(new.link.0.as_slice())
    .execute(&mut *tx)
    .await?;
    if mails.rows_affected() == 1 {
        outbox::put(&mut tx, &db.keys, &new.posting).await?;
    }
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

pub(super) async fn progress(db: &Db, pending: &TokenHash, now: Timestamp) -> Result<Option<TextProgress>, StoreError> {
    let mut tx = db.read().await?;
    let found = shown(&mut tx, pending, now).await?;
    tx.done(found).await
}

async fn shown(conn: &mut SqliteConnection, pending: &TokenHash, now: Timestamp) -> Result<Option<TextProgress>, StoreError> {
    let row = sqlx::query(
        "SELECT r.mailed, r.texted FROM text_recoveries r JOIN live_pendings p ON p.token = r.pending
         WHERE r.pending = ?1 AND p.expires > ?2",
    )
    .bind(pending.0.as_slice())
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok(TextProgress { mailed: row.flag(0)?, texted: row.flag(1)? })).transpose()
}

pub(super) async fn spend_code(
    db: &Db,
    pending: &TokenHash,
    attempt: AttemptId,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let seat = pendings::seat(&mut tx, pending, now).await?;
    let Some(seat) = seat.filter(|seat| seat.stage != Stage::Setup) else { return tx.abandon(false).await };
    let at = (Holder::Pending(*pending), TextPurpose::Recovery);
    let Tried::Right(_) = texted::try_one(&mut tx, at, seat.account, hash, now).await? else { return tx.commit(false).await };
    if !attempts::settle_right(&mut tx, pending, attempt).await? {
        return tx.abandon(false).await;
    }
    sqlx::query("UPDATE text_recoveries SET texted = 1 WHERE pending = ?1").bind(pending.0.as_slice()).execute(&mut *tx).await?;
    sqlx::query("UPDATE pendings SET attempts = max(attempts - 1, 0) WHERE token = ?1")
        .bind(pending.0.as_slice())
        .execute(&mut *tx)
        .await?;
    tx.commit(true).await
}

pub(super) async fn by_link(db: &Db, link: &TokenHash, now: Timestamp) -> Result<Option<MailedRecovery>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query(
        "SELECT r.mail, p.account, p.expires FROM text_recoveries r JOIN live_pendings p ON p.token = r.pending
         WHERE r.link = ?1 AND p.expires > ?2 AND p.stage <> 1",
    )
    .bind(link.0.as_slice())
    .bind(now.millis())
    .fetch_optional(&mut *tx)
    .await?;
    let found = row.as_ref().map(mailed).transpose()?;
    tx.done(found).await
}

pub(super) async fn by_mail(db: &Db, mail: TicketId, now: Timestamp) -> Result<Option<MailedRecovery>, StoreError> {
    let mut tx = db.read().await?;
    let found = find(&mut tx, mail, now).await?;
    tx.done(found).await
}

/// The recovery under way with this mail, within the transaction of `conn`.
pub(super) async fn find(
    conn: &mut SqliteConnection,
    mail: TicketId,
    now: Timestamp,
) -> Result<Option<MailedRecovery>, StoreError> {
    let row = sqlx::query(
        "SELECT r.mail, p.account, p.expires FROM text_recoveries r JOIN live_pendings p ON p.token = r.pending
         WHERE r.mail = ?1 AND p.expires > ?2 AND p.stage <> 1",
    )
    .bind(bytes(&mail.0))
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(mailed).transpose()
}

fn mailed(row: &SqliteRow) -> Result<MailedRecovery, StoreError> {
    Ok(MailedRecovery { id: TicketId(row.id(0)?), account: row.account_id(1)?, expires: row.time(2)? })
}

pub(super) async fn confirm_mailed(db: &Db, mail: TicketId, now: Timestamp, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    if find(&mut tx, mail, now).await?.is_none() {
        return tx.abandon(false).await;
    }
    let first = sqlx::query("UPDATE text_recoveries SET mailed = 1 WHERE mail = ?1 AND mailed = 0")
        .bind(bytes(&mail.0))
        .execute(&mut *tx)
        .await?;
    if first.rows_affected() == 1 {
        trail::append(&mut tx, &db.keys, &event).await?;
    }
    tx.commit(true).await
}

pub(super) async fn accept(db: &Db, recovery: TextRecovery, now: Timestamp) -> Result<TextRecovered, StoreError> {
    let TextRecovery { pending, grant, expires, delay, accepted, waits } = recovery;
    let mut tx = db.write().await?;
    let Some(seat) = pendings::seat(&mut tx, &pending, now).await? else { return tx.abandon(TextRecovered::Gone).await };
    if seat.stage == Stage::Setup {
        return tx.abandon(TextRecovered::Repeated).await;
    }
    if shown(&mut tx, &pending, now).await? != Some(TextProgress { mailed: true, texted: true }) {
        return tx.abandon(TextRecovered::Missing).await;
    }
    if !delay.is_zero() {
        match wait(&mut tx, seat.account, now).await? {
            Some(ripe) if ripe <= now => {}
            Some(ripe) => return tx.abandon(TextRecovered::Waits { until: ripe, began: false }).await,
            None => {
                let ripe = now + delay;
                begin_wait(&mut tx, seat.account, ripe).await?;
                trail::append(&mut tx, &db.keys, &waits).await?;
                return tx.commit(TextRecovered::Waits { until: ripe, began: true }).await;
            }
        }
    }
    for table in ["DELETE FROM text_recoveries WHERE pending = ?1", "DELETE FROM texted_codes WHERE holder = ?1"] {
        sqlx::query(table).bind(pending.0.as_slice()).execute(&mut *tx).await?;
    }
    sqlx::query("DELETE FROM recovery_waits WHERE account = ?1").bind(bytes(&seat.account.0)).execute(&mut *tx).await?;
    enrolment::accept_recovery(&mut tx, seat.account, &pending, &grant, expires).await?;
    trail::append(&mut tx, &db.keys, &accepted).await?;
    tx.commit(TextRecovered::Accepted).await
}

/// The end of the wait that this account is in. A moved epoch has ended it.
async fn wait(conn: &mut SqliteConnection, account: AccountId, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let row = sqlx::query(
        "SELECT w.ripe FROM recovery_waits w JOIN accounts a ON a.id = w.account AND a.epoch = w.epoch
         WHERE w.account = ?1 AND w.expires > ?2",
    )
    .bind(bytes(&account.0))
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.time(0)).transpose()
}

async fn begin_wait(conn: &mut SqliteConnection, account: AccountId, ripe: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT OR REPLACE INTO recovery_waits (account, epoch, ripe, expires) SELECT id, epoch, ?2, ?3 FROM accounts WHERE id = ?1",
    )
    .bind(bytes(&account.0))
    .bind(ripe.millis())
    .bind((ripe + AFTER_WAIT).millis())
    .execute(conn)
    .await?;
    Ok(())
}
