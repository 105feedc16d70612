//! Sessions as a process that serves wants them: all at once, one by one after a change, and ended.

use data_encoding::HEXUPPER;
use futures_util::{StreamExt as _, TryStreamExt as _};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::db::Db;
use super::rows::{Columns as _, bent, bytes};
use super::{feed, settings, trail};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};
use crate::session::log::{AccountRow, Outline, PreviousToken, SessionRow, Snapshot, Tally, Which};

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

/// All sessions, after whatever refers to one.
const OF_ALL_SESSIONS: [&str; 4] = ["DELETE FROM staged", "DELETE FROM parked", "DELETE FROM handoffs", "DELETE FROM sessions"];

/// How many rows [`outlines`] reads at once: few enough that nobody waits for them.
const COMPARED_AT_ONCE: u32 = 1000;

/// How many rows [`touch`] writes in one transaction: few enough that a sign-in does not wait for long. Who
/// follows the store hands over as many at once.
const TOUCHED_AT_ONCE: usize = 2000;

pub(super) async fn snapshot(db: &Db, now: Timestamp, read: &Tally) -> Result<Snapshot, StoreError> {
    let mut tx = db.read_at_once().await?;
    let seq = feed::newest(&mut tx).await?;
    let settings = settings::load(&mut tx).await?;
    let mut sessions = Vec::new();
    // Parents before what was handed on from them. Not in one statement: to put them in order SQLite would copy all of them. Nor by
    // the index (hence the plus): nearly all rows are wanted, in the order in which they lie there.
    for rows in [
        select_sessions!("WHERE parent IS NULL AND +expires > ?1"),
        select_sessions!("WHERE parent IS NOT NULL AND +expires > ?1"),
    ] {
        // Row by row: as the database hands them out, they take several times the room of what is made of them.
        let mut rows = sqlx::query(rows).bind(now.millis()).fetch(&mut *tx);
        while let Some(row) = rows.try_next().await? {
            sessions.push(session(&row)?);
            read.count();
        }
    }
    let rows = sqlx::query(select_accounts!(
        "WHERE EXISTS (SELECT 1 FROM live_sessions x WHERE x.account = accounts.id AND +x.expires > ?1)"
    ));
    let accounts = rows.bind(now.millis()).fetch(&mut *tx).map(|row| account(&row?)).try_collect().await?;
    tx.abandon(Snapshot { seq, sessions, accounts, settings }).await
}

/// One row for many, which comes as a JSON array: what a row costs on its way here is several times what it costs to read it.
pub(super) async fn outlines(db: &Db, after: Option<Uuid>, now: Timestamp) -> Result<Vec<Outline>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query(
        "SELECT json_group_array(json_array(hex(id), hex(token), hex(old_token), epoch, code_at)) FROM (
             SELECT id, token, old_token, epoch, code_at FROM live_sessions
             WHERE id > ?1 AND expires > ?2 ORDER BY id LIMIT ?3)",
    )
    .bind(after.as_ref().map_or(&[][..], |id| bytes(id)))
    .bind(now.millis())
    .bind(COMPARED_AT_ONCE)
    .fetch_one(&mut *tx)
    .await?;
    let text = row.text(0)?;
    let rows: Vec<(&str, &str, &str, u64, i64)> = serde_json::from_str(&text).map_err(|_| bent("outlines of sessions"))?;
    let outlines = rows.into_iter().map(|(id, token, old_token, epoch, code_at)| {
        Ok(Outline {
            id: Uuid::from_bytes(from_hex(id)?),
            token: TokenHash(from_hex(token)?),
            old_token: if old_token.is_empty() { None } else { Some(TokenHash(from_hex(old_token)?)) },
            epoch,
            code_at: Timestamp::from_millis(code_at),
        })
    });
    let outlines = outlines.collect::<Result<_, StoreError>>()?;
    tx.done(outlines).await
}

fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], StoreError> {
    let mut into = [0; N];
    let whole = HEXUPPER.decode_len(text.len()).is_ok_and(|len| len == N);
    if whole && HEXUPPER.decode_mut(text.as_bytes(), &mut into).is_ok() { Ok(into) } else { Err(bent("an id or hash")) }
}

pub(super) async fn accounts(db: &Db, after: Option<AccountId>) -> Result<Vec<AccountRow>, StoreError> {
    let mut tx = db.read().await?;
    let rows = sqlx::query(select_accounts!("WHERE id > ?1 ORDER BY id LIMIT ?2"))
        .bind(after.as_ref().map_or(&[][..], |id| bytes(&id.0)))
        .bind(COMPARED_AT_ONCE)
        .fetch_all(&mut *tx)
        .await?;
    let accounts = rows.iter().map(account).collect::<Result<_, _>>()?;
    tx.done(accounts).await
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
    let mut tx = match which {
        // However many there are, in a few statements.
        Which::All => db.write_regardless().await?,
        Which::One(_) | Which::Of(_) => db.write().await?,
    };
    let ended = match which {
        Which::One(id) => {
            feed::session(&mut tx, &id).await?;
            delete(&mut tx, "DELETE FROM sessions WHERE id = ?1", &id).await?
        }
        Which::Of(account) => {
            feed::account(&mut tx, account).await?;
            delete(&mut tx, "DELETE FROM sessions WHERE account = ?1", &account.0).await?
        }
        Which::All => {
            feed::everything(&mut tx).await?;
            delete_all(&mut tx).await?
        }
    };
    if ended == 0 {
        // The connection is closed, which undoes what was told.
        return Ok(0);
    }
    trail::append(&mut tx, &db.keys, &event).await?;
    match which {
        Which::All => tx.commit_and_close(ended).await,
        Which::One(_) | Which::Of(_) => tx.commit(ended).await,
    }
}

async fn delete(conn: &mut SqliteConnection, statement: &'static str, id: &Uuid) -> Result<u64, StoreError> {
    Ok(sqlx::query(statement).bind(bytes(id)).execute(conn).await?.rows_affected())
}

async fn delete_all(conn: &mut SqliteConnection) -> Result<u64, StoreError> {
    let mut ended = 0;
    for statement in OF_ALL_SESSIONS {
        ended = sqlx::query(statement).execute(&mut *conn).await?.rows_affected();
    }
    Ok(ended)
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

pub(super) fn session(row: &SqliteRow) -> Result<SessionRow, StoreError> {
    let previous = match (row.optional_fixed(2)?, row.optional_time(3)?, row.optional_time(4)?) {
        (Some(token), Some(until), Some(code_at)) => Some(PreviousToken { token: TokenHash(token), until, code_at }),
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
