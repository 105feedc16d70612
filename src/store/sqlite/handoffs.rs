//! Tickets between the host of our own pages and the hosts of portals, and the sessions that are made of them.

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::db::Db;
use super::rows::{Columns as _, bytes, signed};
use super::{SqliteStore, feed, trail};
use crate::audit::Event;
use crate::auth::handoffs::{Brought, HandedOn, Handoffs, NewChild, NewHandoff};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;

/// So many tickets of one session may be on their way: a browser that opens all its tabs again brings one for each.
const AT_ONCE: u32 = 64;

#[async_trait]
impl Handoffs for SqliteStore {
    async fn issue(&self, new: NewHandoff, now: Timestamp) -> Result<bool, StoreError> {
        self.db.writing(issue(&self.db, new, now)).await
    }

    async fn holder(&self, brought: Brought<'_>, now: Timestamp) -> Result<Option<AccountId>, StoreError> {
        self.db.reading(holder(&self.db, brought, now)).await
    }

    async fn take(
        &self,
        brought: Brought<'_>,
        child: NewChild,
        now: Timestamp,
        event: Event,
    ) -> Result<Option<HandedOn>, StoreError> {
        self.db.writing(take(&self.db, brought, child, now, event)).await
    }
}

async fn issue(db: &Db, new: NewHandoff, now: Timestamp) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let made = sqlx::query(
        "INSERT INTO handoffs (token, browser, session, account, portal, code_at, code_step, expires)
         SELECT ?1, ?2, id, account, ?5, min(code_at, ?6), ?7, min(expires, ?8) FROM live_sessions
         WHERE id = ?3 AND account = ?4 AND portal = ?10 AND parent IS NULL AND expires > ?9",
    )
    .bind(new.token.0.as_slice())
    .bind(new.browser.0.as_slice())
    .bind(bytes(&new.session))
    .bind(bytes(&new.account.0))
    .bind(new.portal.as_str())
    .bind(new.code_at.millis())
    .bind(signed(new.code_step))
    .bind(new.expires.millis())
    .bind(now.millis())
    .bind(new.at.as_str())
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if made == 0 {
        return tx.abandon(false).await;
    }
    sqlx::query(
        "DELETE FROM handoffs WHERE session = ?1 AND token NOT IN (
             SELECT token FROM handoffs WHERE session = ?1 ORDER BY expires DESC, token = ?2 DESC LIMIT ?3)",
    )
    .bind(bytes(&new.session))
    .bind(new.token.0.as_slice())
    .bind(AT_ONCE)
    .execute(&mut *tx)
    .await?;
    tx.commit(true).await
}

async fn holder(db: &Db, brought: Brought<'_>, now: Timestamp) -> Result<Option<AccountId>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query("SELECT account FROM handoffs WHERE token = ?1 AND browser = ?2 AND portal = ?3 AND expires > ?4")
        .bind(brought.token.0.as_slice())
        .bind(brought.browser.0.as_slice())
        .bind(brought.portal)
        .bind(now.millis())
        .fetch_optional(&mut *tx)
        .await?;
    let holder = row.map(|row| row.account_id(0)).transpose()?;
    tx.done(holder).await
}

/// The live session that a ticket was made in, and the code that goes with it.
struct Parent {
    id: Uuid,
    account: AccountId,
    expires: Timestamp,
    shared: bool,
    code_at: Timestamp,
    code_step: u64,
}

impl Parent {
    const fn handed_on(&self, session: Uuid, known: bool) -> HandedOn {
        HandedOn { session, account: self.account, known, expires: self.expires, shared: self.shared }
    }
}

async fn take(
    db: &Db,
    brought: Brought<'_>,
    child: NewChild,
    now: Timestamp,
    event: Event,
) -> Result<Option<HandedOn>, StoreError> {
    let mut tx = db.write().await?;
    let Some(parent) = spend(&mut tx, brought, now).await? else { return tx.abandon(None).await };
    forget_dead(&mut tx, &parent, brought.portal, now).await?;
    let known = renew(&mut tx, &parent, brought.portal, &child, now).await?;
    let session = known.unwrap_or(child.id);
    if known.is_none() {
        insert(&mut tx, &parent, brought.portal, &child, now).await?;
    }
    feed::session(&mut tx, &session).await?;
    trail::append(&mut tx, &db.keys, &event.with("session", session.to_string())).await?;
    tx.commit(Some(parent.handed_on(session, known.is_some()))).await
}

/// The one statement that spends it.
async fn spend(conn: &mut SqliteConnection, brought: Brought<'_>, now: Timestamp) -> Result<Option<Parent>, StoreError> {
    let row = sqlx::query(
        "DELETE FROM handoffs WHERE token = ?1 AND browser = ?2 AND portal = ?3 AND expires > ?4
             AND EXISTS (SELECT 1 FROM live_sessions s WHERE s.id = handoffs.session AND s.account = handoffs.account
                 AND s.parent IS NULL AND s.expires > ?4)
         RETURNING session, code_at, code_step",
    )
    .bind(brought.token.0.as_slice())
    .bind(brought.browser.0.as_slice())
    .bind(brought.portal)
    .bind(now.millis())
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let (id, code_at, code_step) = (row.id(0)?, row.time(1)?, row.count(2)?);
    let row = sqlx::query("SELECT account, expires, shared FROM sessions WHERE id = ?1").bind(bytes(&id)).fetch_one(conn).await?;
    let (account, expires, shared) = (row.account_id(0)?, row.time(1)?, row.flag(2)?);
    Ok(Some(Parent { id, account, expires, shared, code_at, code_step }))
}

/// A child of an older epoch is nobody's, and stays so: what comes now is another session.
async fn forget_dead(conn: &mut SqliteConnection, parent: &Parent, portal: &str, now: Timestamp) -> Result<(), StoreError> {
    let dead = sqlx::query(
        "DELETE FROM sessions WHERE parent = ?1 AND portal = ?2
             AND id NOT IN (SELECT id FROM live_sessions WHERE parent = ?1 AND expires > ?3) RETURNING id",
    )
    .bind(bytes(&parent.id))
    .bind(portal)
    .bind(now.millis())
    .fetch_all(&mut *conn)
    .await?;
    for row in &dead {
        feed::session(conn, &row.id(0)?).await?;
    }
    Ok(())
}

/// The session that this portal has of the same parent goes on under a new cookie, as after a code entered in it.
async fn renew(
    conn: &mut SqliteConnection,
    parent: &Parent,
    portal: &str,
    child: &NewChild,
    now: Timestamp,
) -> Result<Option<Uuid>, StoreError> {
    // On the right side of SET stand the values from before.
    let row = sqlx::query(
        "UPDATE sessions SET old_token = iif(?3 IS NULL, NULL, token), old_until = ?3,
             old_code = iif(?3 IS NULL, NULL, code_at), token = ?4,
             code_step = CASE WHEN code_at < ?5 THEN ?6 ELSE code_step END, code_at = max(code_at, ?5),
             last_seen = max(last_seen, ?7), attempts = 0
         WHERE parent = ?1 AND portal = ?2 RETURNING id",
    )
    .bind(bytes(&parent.id))
    .bind(portal)
    .bind(child.old_until.map(Timestamp::millis))
    .bind(child.token.0.as_slice())
    .bind(parent.code_at.millis())
    .bind(signed(parent.code_step))
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.id(0)).transpose()
}

async fn insert(
    conn: &mut SqliteConnection,
    parent: &Parent,
    portal: &str,
    child: &NewChild,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sessions (id, token, account, portal, epoch, created, code_at, code_step, last_seen, expires,
             client, agent, shared, parent)
         SELECT ?2, ?3, account, ?4, epoch, ?5, ?6, ?7, ?5, expires, ?8, ?9, shared, id FROM live_sessions WHERE id = ?1",
    )
    .bind(bytes(&parent.id))
    .bind(bytes(&child.id))
    .bind(child.token.0.as_slice())
    .bind(portal)
    .bind(now.millis())
    .bind(parent.code_at.millis())
    .bind(signed(parent.code_step))
    .bind(child.client.to_string())
    .bind(child.agent.as_str())
    .execute(conn)
    .await?;
    Ok(())
}
