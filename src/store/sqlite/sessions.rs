//! Sessions as a process that serves wants them: all at once, one by one after a change, and ended.

use futures_util::{StreamExt as _, TryStreamExt as _};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::db::Db;
use super::rows::{Columns as _, bent, bytes};
use super::{feed, settings, trail};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;
use crate::session::log::{AccountRow, PreviousToken, SessionRow, Snapshot, Which};

/// All of a session, in the order that [`session`] reads.
macro_rules! select_sessions {
    ($rest:literal) => {
        concat!(
            "SELECT id, token, old_token, old_until, old_code, account, portal, epoch, created, code_at, code_step,
             last_seen, expires, client, agent, shared, parent FROM live_sessions ",
            $rest
        )
    };
}

/// What sessions need of an account, in the order that [`account`] reads.
macro_rules! select_accounts {
    ($rest:literal) => {
        concat!("SELECT id, login, name, member_of, admin, disabled, epoch FROM accounts ", $rest)
    };
}

/// How many rows [`touch`] writes in one transaction: few enough that a sign-in does not wait for long.
const TOUCHED_AT_ONCE: usize = 2000;

pub(super) async fn snapshot(db: &Db, now: Timestamp) -> Result<Snapshot, StoreError> {
    let mut tx = db.read_at_once().await?;
    let seq = feed::newest(&mut tx).await?;
    let settings = settings::load(&mut tx).await?;
    // Row by row: as the database hands them out, they take several times the room of what is made of them.
    let rows = sqlx::query(select_sessions!("WHERE expires > ?1 ORDER BY parent IS NOT NULL")).bind(now.millis());
    let sessions = rows.fetch(&mut *tx).map(|row| session(&row?)).try_collect().await?;
    let rows = sqlx::query(select_accounts!("WHERE id IN (SELECT account FROM live_sessions WHERE expires > ?1)"));
    let accounts = rows.bind(now.millis()).fetch(&mut *tx).map(|row| account(&row?)).try_collect().await?;
    tx.abandon(Snapshot { seq, sessions, accounts, settings }).await
}

pub(super) async fn one(db: &Db, id: Uuid, now: Timestamp) -> Result<Option<(SessionRow, AccountRow)>, StoreError> {
    let mut tx = db.read_at_once().await?;
    let row = sqlx::query(select_sessions!("WHERE id = ?1 AND expires > ?2"))
        .bind(bytes(&id))
        .bind(now.millis())
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return tx.abandon(None).await };
    let found = session(&row)?;
    let owner = find_account(&mut tx, found.account).await?.ok_or_else(|| bent("a session without its account"))?;
    tx.abandon(Some((found, owner))).await
}

pub(super) async fn of_account(
    db: &Db,
    id: AccountId,
    now: Timestamp,
) -> Result<Option<(AccountRow, Vec<SessionRow>)>, StoreError> {
    let mut tx = db.read_at_once().await?;
    let Some(owner) = find_account(&mut tx, id).await? else { return tx.abandon(None).await };
    let rows = sqlx::query(select_sessions!("WHERE account = ?1 AND expires > ?2 ORDER BY parent IS NOT NULL, created, id"))
        .bind(bytes(&id.0))
        .bind(now.millis())
        .fetch_all(&mut *tx)
        .await?;
    let sessions = rows.iter().map(session).collect::<Result<_, _>>()?;
    tx.abandon(Some((owner, sessions))).await
}

/// Ends sessions. Nothing ended: nothing to tell.
pub(super) async fn end(db: &Db, which: Which, event: Event) -> Result<u64, StoreError> {
    let mut tx = db.write().await?;
    let (told, ended, id) = match which {
        Which::One(id) => (
            "INSERT INTO changes (kind, subject) SELECT 1, id FROM sessions WHERE id = ?1",
            "DELETE FROM sessions WHERE id = ?1",
            Some(id),
        ),
        Which::Of(account) => (
            "INSERT INTO changes (kind, subject) SELECT 1, id FROM sessions WHERE account = ?1",
            "DELETE FROM sessions WHERE account = ?1",
            Some(account.0),
        ),
        Which::All => ("INSERT INTO changes (kind, subject) SELECT 1, id FROM sessions", "DELETE FROM sessions", None),
    };
    let mut ended_rows = 0;
    for statement in [told, ended] {
        let query = sqlx::query(statement);
        let query = match &id {
            Some(id) => query.bind(bytes(id)),
            None => query,
        };
        ended_rows = query.execute(&mut *tx).await?.rows_affected();
    }
    if ended_rows == 0 {
        return tx.abandon(0).await;
    }
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(ended_rows).await
}

/// One statement for many rows, which come as a JSON array of [id in hex, milliseconds].
pub(super) async fn touch(db: &Db, seen: &[(Uuid, Timestamp)]) -> Result<(), StoreError> {
    for part in seen.chunks(TOUCHED_AT_ONCE) {
        let rows: Vec<_> = part.iter().map(|(id, at)| (id.simple().to_string(), at.millis())).collect();
        let rows = serde_json::to_string(&rows).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let mut tx = db.write().await?;
        sqlx::query(
            "UPDATE sessions SET last_seen = max(last_seen, j.value ->> 1) FROM json_each(?1) j
             WHERE sessions.id = unhex(j.value ->> 0)",
        )
        .bind(rows)
        .execute(&mut *tx)
        .await?;
        tx.commit(()).await?;
    }
    Ok(())
}

async fn find_account(conn: &mut SqliteConnection, id: AccountId) -> Result<Option<AccountRow>, StoreError> {
    let row = sqlx::query(select_accounts!("WHERE id = ?1")).bind(bytes(&id.0)).fetch_optional(conn).await?;
    row.as_ref().map(account).transpose()
}

fn session(row: &SqliteRow) -> Result<SessionRow, StoreError> {
    let previous = match (row.optional_fixed(2)?, row.optional_time(3)?, row.optional_time(4)?) {
        (Some(token), Some(until), Some(code_at)) => {
            Some(PreviousToken { token: crate::ports::TokenHash(token), until, code_at })
        }
        _ => None,
    };
    Ok(SessionRow {
        id: row.id(0)?,
        token: row.hash(1)?,
        previous,
        account: row.account_id(5)?,
        portal: row.text(6)?,
        epoch: row.count(7)?,
        created: row.time(8)?,
        code_at: row.time(9)?,
        code_step: row.count(10)?,
        last_seen: row.time(11)?,
        expires: row.time(12)?,
        client: row.address(13)?,
        agent: row.text(14)?,
        shared: row.flag(15)?,
        parent: row.optional_id(16)?,
    })
}

fn account(row: &SqliteRow) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: row.account_id(0)?,
        login: row.login(1)?,
        name: row.text(2)?,
        groups: row.groups(3)?,
        admin: row.flag(4)?,
        disabled: row.flag(5)?,
        epoch: row.count(6)?,
    })
}
