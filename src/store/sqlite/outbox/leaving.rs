//! How mails leave: looked up, claimed, addressed.

use sqlx::sqlite::SqliteConnection;

use super::{FOREIGN, close, erase, open};
use crate::auth::tickets::TicketId;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys::KeyRing;
use crate::language::Language;
use crate::notify::mail::{Mail, MailId, NOT_ME_LIFE};
use crate::notify::outbox::{Addressee, Claimed, LEASE, Room};
use crate::ports::{StoreError, Token};
use crate::store::sqlite::db::Db;
use crate::store::sqlite::rows::{Columns as _, bytes};
use crate::store::sqlite::{text_recovery, tickets};

pub(super) async fn look_up(db: &Db, now: Timestamp, most: u32) -> Result<u32, StoreError> {
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

pub(super) async fn claim(db: &Db, now: Timestamp, room: Room) -> Result<Vec<Claimed>, StoreError> {
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
