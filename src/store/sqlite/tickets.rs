//! Tickets: the rows behind the links that mails carry. Each works once; a used one stays until its end, because the mail that
//! made it may be claimed again.

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::db::Db;
use super::rows::{Columns as _, bent, bytes};
use super::{SqliteStore, accounts, feed, outbox, trail};
use crate::audit::Event;
use crate::auth::tickets::{Ticket, TicketId, TicketKind, Tickets};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::notify::mail::{MailId, Posting};
use crate::ports::{StoreError, TokenHash};

pub(super) use crate::auth::tickets::TicketKind as Kind;

/// A ticket about to be made.
pub(super) struct NewTicket {
    pub(super) id: MailId,
    pub(super) token: TokenHash,
    pub(super) account: AccountId,
    pub(super) created: Timestamp,
    pub(super) expires: Timestamp,
}

/// Makes the ticket of a mail unless it was made before. A newer reset link takes the place of older ones. `false`: it is used,
/// over or replaced.
pub(super) async fn bring_to_life(
    conn: &mut SqliteConnection,
    kind: Kind,
    new: &NewTicket,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if kind == Kind::Reset {
        // Ids sort by the time when they were made.
        let newer = sqlx::query("SELECT EXISTS (SELECT 1 FROM tickets WHERE account = ?1 AND kind = 1 AND id > ?2)")
            .bind(bytes(&new.account.0))
            .bind(bytes(&new.id.0))
            .fetch_one(&mut *conn)
            .await?;
        if newer.flag(0)? {
            return Ok(false);
        }
        sqlx::query("UPDATE tickets SET used = 1 WHERE account = ?1 AND kind = 1 AND id < ?2")
            .bind(bytes(&new.account.0))
            .bind(bytes(&new.id.0))
            .execute(&mut *conn)
            .await?;
    }
    sqlx::query(
        "INSERT INTO tickets (id, token, kind, account, epoch, created, expires)
         SELECT ?1, ?2, ?3, id, epoch, ?5, ?6 FROM accounts WHERE id = ?4 ON CONFLICT DO NOTHING",
    )
    .bind(bytes(&new.id.0))
    .bind(new.token.0.as_slice())
    .bind(number_of(kind))
    .bind(bytes(&new.account.0))
    .bind(new.created.millis())
    .bind(new.expires.millis())
    .execute(&mut *conn)
    .await?;
    Ok(find(conn, TicketId(new.id.0), now).await?.is_some())
}

async fn find(conn: &mut SqliteConnection, id: TicketId, now: Timestamp) -> Result<Option<Ticket>, StoreError> {
    let row = sqlx::query("SELECT id, kind, account, expires FROM live_tickets WHERE id = ?1 AND expires > ?2")
        .bind(bytes(&id.0))
        .bind(now.millis())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(ticket).transpose()
}

async fn by_token(db: &Db, token: &TokenHash, now: Timestamp) -> Result<Option<Ticket>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query("SELECT id, kind, account, expires FROM live_tickets WHERE token = ?1 AND expires > ?2")
        .bind(token.0.as_slice())
        .bind(now.millis())
        .fetch_optional(&mut *tx)
        .await?;
    let found = row.as_ref().map(ticket).transpose()?;
    tx.done(found).await
}

async fn by_id(db: &Db, id: TicketId, now: Timestamp) -> Result<Option<Ticket>, StoreError> {
    let mut tx = db.read().await?;
    let found = find(&mut tx, id, now).await?;
    tx.done(found).await
}

/// Consumes a live ticket of this kind, within the transaction of `conn`. `None`: there is none any more.
async fn consume(conn: &mut SqliteConnection, id: TicketId, kind: Kind, now: Timestamp) -> Result<Option<AccountId>, StoreError> {
    let Some(ticket) = find(conn, id, now).await?.filter(|ticket| ticket.kind == kind) else { return Ok(None) };
    sqlx::query("UPDATE tickets SET used = 1 WHERE id = ?1").bind(bytes(&id.0)).execute(conn).await?;
    Ok(Some(ticket.account))
}

async fn reset_password(db: &Db, id: TicketId, hash: &str, now: Timestamp, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let Some(account) = consume(&mut tx, id, Kind::Reset, now).await? else { return tx.abandon(false).await };
    sqlx::query("UPDATE accounts SET password = ?1, reset_at = ?2 WHERE id = ?3")
        .bind(hash)
        .bind(now.millis())
        .bind(bytes(&account.0))
        .execute(&mut *tx)
        .await?;
    accounts::new_epoch(&mut tx, account).await?;
    accounts::clear_out(&mut tx, account).await?;
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

async fn freeze(db: &Db, id: TicketId, now: Timestamp, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let Some(account) = consume(&mut tx, id, Kind::NotMe, now).await? else { return tx.abandon(false).await };
    accounts::new_epoch(&mut tx, account).await?;
    accounts::clear_out(&mut tx, account).await?;
    sqlx::query("UPDATE accounts SET disabled = 1 WHERE id = ?1").bind(bytes(&account.0)).execute(&mut *tx).await?;
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

fn ticket(row: &SqliteRow) -> Result<Ticket, StoreError> {
    let kind = match row.number(1)? {
        1 => TicketKind::Reset,
        2 => TicketKind::NotMe,
        _ => return Err(bent("the kind of a ticket")),
    };
    Ok(Ticket { id: TicketId(row.id(0)?), kind, account: row.account_id(2)?, expires: row.time(3)? })
}

const fn number_of(kind: Kind) -> i64 {
    match kind {
        Kind::Reset => 1,
        Kind::NotMe => 2,
    }
}

#[async_trait]
impl Tickets for SqliteStore {
    async fn post(&self, posting: Posting) -> Result<bool, StoreError> {
        self.db.writing(outbox::post(&self.db, posting)).await
    }

    async fn ticket_by_token(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Ticket>, StoreError> {
        self.db.reading(by_token(&self.db, token, now)).await
    }

    async fn ticket(&self, id: TicketId, now: Timestamp) -> Result<Option<Ticket>, StoreError> {
        self.db.reading(by_id(&self.db, id, now)).await
    }

    async fn reset_password(&self, id: TicketId, hash: &str, now: Timestamp, event: Event) -> Result<bool, StoreError> {
        self.db.writing(reset_password(&self.db, id, hash, now, event)).await
    }

    async fn freeze(&self, id: TicketId, now: Timestamp, event: Event) -> Result<bool, StoreError> {
        self.db.writing(freeze(&self.db, id, now, event)).await
    }
}
