//! Mails on their way. A row goes in with what it tells, is claimed by one sender at a time, and is erased once it was sent;
//! deleted bytes are overwritten (`secure_delete`).

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::db::Db;
use super::rows::{Columns as _, bent, bytes};
use super::{SqliteStore, text_recovery, tickets};
use crate::auth::tickets::TicketId;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys::{KeyRing, Purpose};
use crate::language::Language;
use crate::notify::mail::{Mail, MailId, NOT_ME_LIFE, Posting};
use crate::notify::outbox::{Addressee, Claimed, LEASE, Outbox, Room, Unsent};
use crate::ports::{StoreError, Token};

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

async fn look_up(db: &Db, now: Timestamp, most: u32) -> Result<u32, StoreError> {
    const WAITING: &str = "SELECT id, body FROM outbox WHERE asked = 1 AND account IS NULL AND failed_at IS NULL AND expires > ?1
        ORDER BY due, id LIMIT ?2";
    // Looked at without the writing connection first, which is everybody's: most of the time there is nothing.
    let mut tx = db.read().await?;
    let some = sqlx::query(WAITING).bind(now.millis()).bind(most.min(1)).fetch_optional(&mut *tx).await?.is_some();
    if !tx.done(some).await? {
        return Ok(0);
    }
    let mut tx = db.write().await?;
    let rows = sqlx::query(WAITING).bind(now.millis()).bind(most).fetch_all(&mut *tx).await?;
    for row in &rows {
        let id = MailId(row.id(0)?);
        let Some(Mail::Forgot { login, .. }) = open(&db.keys, id, row, 1)? else {
            close(&mut tx, id, None, now, FOREIGN).await?;
            continue;
        };
        // One row is found or not, and one is written, whoever it is.
        match entitled(&mut tx, &login).await? {
            Some(account) => {
                sqlx::query("UPDATE outbox SET account = ?2 WHERE id = ?1")
                    .bind(bytes(&id.0))
                    .bind(bytes(&account.0))
                    .execute(&mut *tx)
                    .await?;
            }
            None => erase(&mut tx, id).await?,
        }
    }
    tx.commit(u32::try_from(rows.len()).unwrap_or(u32::MAX)).await
}

/// Whoever may get a link to set a new password.
async fn entitled(conn: &mut SqliteConnection, login: &str) -> Result<Option<AccountId>, StoreError> {
    let found = sqlx::query("SELECT id FROM accounts WHERE login = ?1 AND disabled = 0 AND password IS NOT NULL")
        .bind(login)
        .fetch_optional(conn)
        .await?;
    found.map(|row| row.account_id(0)).transpose()
}

async fn claim(db: &Db, now: Timestamp, room: Room) -> Result<Vec<Claimed>, StoreError> {
    let mut claimed = Vec::new();
    // What was erased on the way took room that others are waiting for.
    while claimed.is_empty() && is_due(db, now, room).await? {
        let mut tx = db.write().await?;
        for (asked, most) in [(false, room.told), (true, room.asked)] {
            take(&mut tx, &db.keys, now, (asked, most), &mut claimed).await?;
        }
        tx.commit(()).await?;
    }
    Ok(claimed)
}

async fn take(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    now: Timestamp,
    (asked, most): (bool, u32),
    claimed: &mut Vec<Claimed>,
) -> Result<(), StoreError> {
    let until = now + LEASE;
    let rows = sqlx::query(
        "UPDATE outbox SET claimed = ?2, tries = tries + 1 WHERE id IN (
             SELECT id FROM outbox WHERE failed_at IS NULL AND due <= ?1 AND claimed <= ?1 AND expires > ?1
                 AND asked = ?3 AND (asked = 0 OR account IS NOT NULL)
             ORDER BY due, id LIMIT ?4)
         RETURNING id, body, created, expires, tries",
    )
    .bind(now.millis())
    .bind(until.millis())
    .bind(asked)
    .bind(most)
    .fetch_all(&mut *conn)
    .await?;
    let mut mails = rows.iter().map(|row| Ok((MailId(row.id(0)?), row))).collect::<Result<Vec<_>, StoreError>>()?;
    // The newest first: of several links of one person it is the one that lives.
    mails.sort_by_key(|(id, _)| std::cmp::Reverse(id.0));
    for (id, row) in mails {
        let Some(mail) = open(keys, id, row, 1)? else {
            close(conn, id, None, now, FOREIGN).await?;
            continue;
        };
        let times = Times { created: row.time(2)?, expires: row.time(3)?, now };
        match addressed(conn, keys, id, &mail, times).await? {
            Some((to, link)) => {
                claimed.push(Claimed { id, mail, to, link, created: times.created, tries: row.small(4)?, asked, until });
            }
            None => erase(conn, id).await?,
        }
    }
    Ok(())
}

/// Looked at without the writing connection, which is everybody's: most of the time nothing is due.
async fn is_due(db: &Db, now: Timestamp, room: Room) -> Result<bool, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE failed_at IS NULL AND due <= ?1 AND claimed <= ?1 AND expires > ?1
             AND ((asked = 0 AND ?2) OR (asked = 1 AND account IS NOT NULL AND ?3)))",
    )
    .bind(now.millis())
    .bind(room.told > 0)
    .bind(room.asked > 0)
    .fetch_one(&mut *tx)
    .await?;
    let due = row.flag(0)?;
    tx.done(due).await
}

#[derive(Clone, Copy)]
struct Times {
    created: Timestamp,
    expires: Timestamp,
    now: Timestamp,
}

type Link = Option<(Token, Timestamp)>;

/// Whom a mail goes to, and its link brought to life. `None`: nobody, or the link would not work.
async fn addressed(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    id: MailId,
    mail: &Mail,
    times: Times,
) -> Result<Option<(Addressee, Link)>, StoreError> {
    let Times { created, expires, now } = times;
    let token = id.link(keys);
    match mail {
        Mail::Invitation { account, .. } => {
            let live = sqlx::query("SELECT expires FROM live_links WHERE token = ?1 AND expires > ?2")
                .bind(token.hash().0.as_slice())
                .bind(now.millis())
                .fetch_optional(&mut *conn)
                .await?;
            let Some(live) = live else { return Ok(None) };
            let link = Some((token, live.time(0)?));
            Ok(person(conn, *account).await?.map(|to| (to, link)))
        }
        Mail::Forgot { login, .. } => {
            let Some(account) = entitled(conn, login).await? else { return Ok(None) };
            let new = tickets::NewTicket { id, token: token.hash(), account, created, expires };
            if !tickets::bring_to_life(conn, tickets::Kind::Reset, &new, now).await? {
                return Ok(None);
            }
            Ok(person(conn, account).await?.map(|to| (to, Some((token, expires)))))
        }
        Mail::Recover { account, .. } => {
            // Asked for at sign-in: over with the pending login, or replaced by a newer one.
            let Some(live) = text_recovery::find(conn, TicketId(id.0), now).await? else { return Ok(None) };
            Ok(person(conn, *account).await?.map(|to| (to, Some((token, live.expires)))))
        }
        Mail::Notice { account, what, .. } if what.can_be_disowned() => {
            let expires = created + NOT_ME_LIFE;
            let new = tickets::NewTicket { id, token: token.hash(), account: *account, created, expires };
            if !tickets::bring_to_life(conn, tickets::Kind::NotMe, &new, now).await? {
                return Ok(None);
            }
            Ok(person(conn, *account).await?.map(|to| (to, Some((token, expires)))))
        }
        Mail::Notice { account, .. } => Ok(person(conn, *account).await?.map(|to| (to, None))),
    }
}

async fn person(conn: &mut SqliteConnection, id: AccountId) -> Result<Option<Addressee>, StoreError> {
    let row = sqlx::query("SELECT login, name, member_of, language FROM accounts WHERE id = ?1")
        .bind(bytes(&id.0))
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        // Another version may speak what this one does not.
        let language = row.optional_text(3)?.and_then(|tag| Language::from_tag(&tag)).unwrap_or_default();
        Ok(Addressee { login: row.text(0)?, name: row.text(1)?, groups: row.groups(2)?, language })
    })
    .transpose()
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
        self.db.writing(look_up(&self.db, now, most)).await
    }

    async fn claim(&self, now: Timestamp, room: Room) -> Result<Vec<Claimed>, StoreError> {
        self.db.writing_many(claim(&self.db, now, room)).await
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
