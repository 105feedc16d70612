//! Mails on their way. A row goes in with what it tells, is claimed by one sender at a time, and is erased once it was sent;
//! deleted bytes are overwritten (`secure_delete`).

mod leaving;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::SqliteStore;
use super::db::Db;
use super::rows::{Columns as _, bent, bytes};
use crate::clock::Timestamp;
use crate::keys::{KeyRing, Purpose};
use crate::notify::mail::{Mail, MailId, Posting};
use crate::notify::outbox::{Claimed, Outbox, Room, Unsent};
use crate::ports::StoreError;

/// Bodies are filled up to a multiple of this, so that their length tells nothing.
const BLOCK: usize = 512;
/// So many mails may wait that strangers have asked for. Beyond it no more are taken: the disk is not theirs to fill.
const ASKED: i64 = 10_000;
/// Said of a mail that does not open.
const FOREIGN: &str = "it was sealed under another master key";
const EXPIRED_AT_ONCE: u32 = 200;

/// Puts a mail in, within the transaction of `conn`.
pub(super) async fn put(conn: &mut SqliteConnection, keys: &KeyRing, posting: &Posting) -> Result<(), StoreError> {
    let account = posting.mail.account();
    // Through the accounts: what is told of one that is being removed has nobody to go to.
    sqlx::query(
        "INSERT INTO outbox (id, body, account, asked, created, due, expires)
         SELECT ?1, ?2, ?3, ?3 IS NULL, ?4, ?4, ?5 WHERE ?3 IS NULL OR EXISTS (SELECT 1 FROM accounts WHERE id = ?3)",
    )
    .bind(bytes(&posting.id.0))
    .bind(seal(keys, posting.id, &posting.mail)?)
    .bind(account.as_ref().map(|account| bytes(&account.0)))
    .bind(posting.created.millis())
    .bind(posting.expires.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Puts in what somebody asked for who has not signed in. `false`: too many of those wait already.
pub(super) async fn post(db: &Db, posting: Posting) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let waiting = sqlx::query("SELECT count(*) FROM outbox WHERE asked = 1 AND failed_at IS NULL").fetch_one(&mut *tx).await?;
    if waiting.number(0)? >= ASKED {
        return tx.abandon(false).await;
    }
    put(&mut tx, &db.keys, &posting).await?;
    tx.commit(true).await
}

async fn erase(conn: &mut SqliteConnection, id: MailId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM outbox WHERE id = ?1").bind(bytes(&id.0)).execute(conn).await?;
    Ok(())
}

async fn sent(db: &Db, id: MailId) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    erase(&mut tx, id).await?;
    tx.commit(()).await
}

async fn put_off(db: &Db, mail: &Claimed, due: Timestamp, error: &str) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    sqlx::query("UPDATE outbox SET due = ?2, claimed = 0, error = ?3 WHERE id = ?1 AND claimed = ?4 AND failed_at IS NULL")
        .bind(bytes(&mail.id.0))
        .bind(due.millis())
        .bind(error)
        .bind(mail.until.millis())
        .execute(&mut *tx)
        .await?;
    tx.commit(()).await
}

async fn give_up(db: &Db, id: MailId, now: Timestamp, error: &str) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    let row = sqlx::query("SELECT body FROM outbox WHERE id = ?1").bind(bytes(&id.0)).fetch_optional(&mut *tx).await?;
    let Some(row) = row else { return tx.abandon(()).await };
    let bare = open(&db.keys, id, &row, 0)?.map(|mail| seal(&db.keys, id, &mail.bare())).transpose()?;
    close(&mut tx, id, bare, now, error).await?;
    tx.commit(()).await
}

/// Keeps the kind, if that can be read, and the error.
async fn close(
    conn: &mut SqliteConnection,
    id: MailId,
    bare: Option<Vec<u8>>,
    now: Timestamp,
    error: &str,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE outbox SET body = ?2, failed_at = ?3, error = ?4 WHERE id = ?1")
        .bind(bytes(&id.0))
        .bind(bare.unwrap_or_default())
        .bind(now.millis())
        .bind(error)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives up what has run out of time. Says how many.
pub(super) async fn expire(db: &Db, now: Timestamp) -> Result<u64, StoreError> {
    let mut gone = 0;
    loop {
        let mut tx = db.write().await?;
        let rows = sqlx::query("SELECT id, body, error FROM outbox WHERE failed_at IS NULL AND expires <= ?1 LIMIT ?2")
            .bind(now.millis())
            .bind(EXPIRED_AT_ONCE)
            .fetch_all(&mut *tx)
            .await?;
        if rows.is_empty() {
            return tx.abandon(gone).await;
        }
        for row in &rows {
            gone += 1;
            run_out(&mut tx, &db.keys, row, now).await?;
        }
        tx.commit(()).await?;
    }
}

async fn run_out(conn: &mut SqliteConnection, keys: &KeyRing, row: &SqliteRow, now: Timestamp) -> Result<(), StoreError> {
    let id = MailId(row.id(0)?);
    let mail = open(keys, id, row, 1)?;
    // Of a login id that nobody has, nothing is kept: anybody can have typed it.
    if let Some(Mail::Forgot { login, .. }) = &mail {
        let known = sqlx::query("SELECT EXISTS (SELECT 1 FROM accounts WHERE login = ?1)").bind(login).fetch_one(&mut *conn);
        if !known.await?.flag(0)? {
            return erase(conn, id).await;
        }
    }
    let bare = mail.map(|mail| seal(keys, id, &mail.bare())).transpose()?;
    let last = row.text(2)?;
    let error = if last.is_empty() { "its time was over before it was tried".to_owned() } else { last };
    close(conn, id, bare, now, &error).await
}

async fn unsent(db: &Db, limit: u32) -> Result<Vec<Unsent>, StoreError> {
    let mut tx = db.read().await?;
    let rows = sqlx::query(
        "SELECT o.id, o.body, o.created, o.tries, o.failed_at, o.error, a.login
         FROM outbox o LEFT JOIN accounts a ON a.id = o.account
         WHERE o.failed_at IS NOT NULL OR o.error <> '' ORDER BY o.created DESC, o.id DESC LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(&mut *tx)
    .await?;
    let unsent = rows.iter().map(|row| {
        let id = MailId(row.id(0)?);
        let mail = open(&db.keys, id, row, 1)?;
        let login = match (row.optional_text(6)?, &mail) {
            (Some(login), _) => login,
            (None, Some(Mail::Forgot { login, .. })) => login.clone(),
            _ => String::new(),
        };
        Ok(Unsent {
            id,
            kind: mail.as_ref().map_or("unknown", Mail::word),
            login,
            since: row.time(2)?,
            tries: row.small(3)?,
            given_up: row.optional_time(4)?.is_some(),
            error: row.text(5)?,
        })
    });
    let unsent = unsent.collect::<Result<_, StoreError>>()?;
    tx.done(unsent).await
}

async fn waiting(db: &Db) -> Result<u64, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query("SELECT count(*) FROM outbox WHERE failed_at IS NULL").fetch_one(&mut *tx).await?;
    let waiting = row.count(0)?;
    tx.done(waiting).await
}

fn seal(keys: &KeyRing, id: MailId, mail: &Mail) -> Result<Vec<u8>, StoreError> {
    let mut text = serde_json::to_vec(mail).map_err(|_| bent("a mail"))?;
    // JSON ends where it ends: blanks behind it say nothing.
    text.resize(text.len().next_multiple_of(BLOCK), b' ');
    Ok(keys.seal(Purpose::Outbox, id.0.as_bytes(), &text))
}

/// `None`: sealed under a key that is not in the ring, or moved here from another row.
fn open(keys: &KeyRing, id: MailId, row: &SqliteRow, at: usize) -> Result<Option<Mail>, StoreError> {
    let body = row.optional_bytes(at)?.unwrap_or_default();
    let plain = keys.open(Purpose::Outbox, id.0.as_bytes(), &body).ok();
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn look_up(&self, now: Timestamp, most: u32) -> Result<u32, StoreError> {
        self.db.writing(leaving::look_up(&self.db, now, most)).await
    }

    async fn claim(&self, now: Timestamp, room: Room) -> Result<Vec<Claimed>, StoreError> {
        self.db.writing_many(leaving::claim(&self.db, now, room)).await
    }

    async fn sent(&self, id: MailId) -> Result<(), StoreError> {
        self.db.writing(sent(&self.db, id)).await
    }

    async fn put_off(&self, claimed: &Claimed, due: Timestamp, error: &str) -> Result<(), StoreError> {
        self.db.writing(put_off(&self.db, claimed, due, error)).await
    }

    async fn give_up(&self, id: MailId, now: Timestamp, error: &str) -> Result<(), StoreError> {
        self.db.writing(give_up(&self.db, id, now, error)).await
    }

    async fn unsent(&self, limit: u32) -> Result<Vec<Unsent>, StoreError> {
        self.db.reading(unsent(&self.db, limit)).await
    }

    async fn waiting(&self) -> Result<u64, StoreError> {
        self.db.reading(waiting(&self.db)).await
    }
}
