//! The audit chain. Its head (number and chain value of the newest record, sealed) is kept apart from the records, so that
//! cutting off the newest ones shows.

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::db::Db;
use super::outbox;
use super::rows::Columns as _;
use crate::audit::{Event, Record, Verdict, link};
use crate::clock::Timestamp;
use crate::identity::Login;
use crate::keys::{KeyRing, Purpose};
use crate::ports::StoreError;

const PAGE: u32 = 1000;

/// The newest record's number and chain value.
pub(super) struct Head {
    pub(super) seq: i64,
    pub(super) mac: [u8; 32],
}

/// The head of an empty chain, once, in a database that is being made. Never later: a head that went missing is a sign.
pub(super) async fn start(conn: &mut SqliteConnection, keys: &KeyRing) -> Result<(), StoreError> {
    keep_head(conn, keys, &Head { seq: 0, mac: [0; 32] }).await
}

/// Adds the record of `event` within the transaction of `conn`, and the mails that tell of it.
pub(super) async fn append(conn: &mut SqliteConnection, keys: &KeyRing, event: &Event) -> Result<(), StoreError> {
    for mail in &event.mails {
        outbox::put(conn, keys, mail).await?;
    }
    let record = Record {
        seq: 0,
        at: event.at,
        actor: event.actor.to_string(),
        client: event.client.map(|client| client.to_string()).unwrap_or_default(),
        action: event.action.to_owned(),
        account: event.account.map(|account| account.to_string()).unwrap_or_default(),
        login: event.login.as_ref().map(|login| login.as_str().to_owned()).unwrap_or_default(),
        detail: serde_json::Value::Object(event.detail.clone()).to_string(),
        mac: [0; 32],
    };
    append_record(conn, keys, record).await
}

/// Adds `record` with the next number and its chain value.
pub(super) async fn append_record(conn: &mut SqliteConnection, keys: &KeyRing, mut record: Record) -> Result<(), StoreError> {
    let head = check_head(conn, keys).await?;
    // A record that somebody put in behind the head keeps its number, and breaks the chain.
    let newest = sqlx::query("SELECT coalesce(max(seq), 0) FROM audit").fetch_one(&mut *conn).await?.number(0)?;
    record.seq = head.seq.max(newest).saturating_add(1);
    record.mac = link(keys, &head.mac, &record);
    sqlx::query(
        "INSERT INTO audit (seq, at, actor, client, action, account, login, detail, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )
    .bind(record.seq)
    .bind(record.at.millis())
    .bind(record.actor)
    .bind(record.client)
    .bind(record.action)
    .bind(record.account)
    .bind(record.login)
    .bind(record.detail)
    .bind(record.mac.as_slice())
    .execute(&mut *conn)
    .await?;
    keep_head(conn, keys, &Head { seq: record.seq, mac: record.mac }).await
}

pub(super) async fn add(db: &Db, event: Event) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    append(&mut tx, &db.keys, &event).await?;
    tx.commit(()).await
}

pub(super) async fn records(
    db: &Db,
    after: i64,
    since: Option<Timestamp>,
    login: Option<&Login>,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
    let mut tx = db.read().await?;
    let rows = if let Some(login) = login {
        sqlx::query(
            "SELECT seq, at, actor, client, action, account, login, detail, mac FROM audit
             WHERE login = ?4 AND seq > ?1 AND at >= ?2 ORDER BY seq LIMIT ?3",
        )
        .bind(after)
        .bind(since.map_or(i64::MIN, Timestamp::millis))
        .bind(limit)
        .bind(login.as_str())
        .fetch_all(&mut *tx)
        .await?
    } else {
        sqlx::query(
            "SELECT seq, at, actor, client, action, account, login, detail, mac FROM audit
             WHERE seq > ?1 AND at >= ?2 ORDER BY seq LIMIT ?3",
        )
        .bind(after)
        .bind(since.map_or(i64::MIN, Timestamp::millis))
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?
    };
    let records = rows.iter().map(record).collect::<Result<_, _>>()?;
    tx.done(records).await
}

/// Walks the chain as it is at one moment, a page at a time.
pub(super) async fn verify(db: &Db) -> Result<Verdict, StoreError> {
    let mut tx = db.read_at_once().await?;
    let (mut last, mut mac) = (0, [0; 32]);
    loop {
        let rows = sqlx::query(
            "SELECT seq, at, actor, client, action, account, login, detail, mac FROM audit
             WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )
        .bind(last)
        .bind(PAGE)
        .fetch_all(&mut *tx)
        .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let next = last + 1;
            match record(row) {
                Ok(found) if found.seq == next && found.mac == link(&db.keys, &mac, &found) => (last, mac) = (next, found.mac),
                _ => return tx.abandon(Verdict::BrokenAt { seq: next }).await,
            }
        }
    }
    let verdict = match read_head(&mut tx, &db.keys).await? {
        Some(head) if head.seq == last && head.mac == mac => Verdict::Whole { records: last },
        // Records behind the head were put in by somebody who has an old copy of them.
        Some(head) if head.seq < last => Verdict::BrokenAt { seq: head.seq + 1 },
        _ => Verdict::BrokenAt { seq: last + 1 },
    };
    tx.abandon(verdict).await
}

/// The head, which must be there and ours: going on from the last record that is there would hide that others were cut off
/// behind it.
pub(super) async fn check_head(conn: &mut SqliteConnection, keys: &KeyRing) -> Result<Head, StoreError> {
    read_head(conn, keys)
        .await?
        .ok_or_else(|| StoreError::Corrupt("the audit trail's head was changed, or made under another master key".to_owned()))
}

/// Whether the trail was written under these keys, as far as it can tell: its head, its first or its newest record shows it.
/// Where all three were changed it cannot, and an empty trail without a head tells nothing.
pub(super) async fn is_under(conn: &mut SqliteConnection, keys: &KeyRing) -> Result<bool, StoreError> {
    if read_head(conn, keys).await?.is_some() {
        return Ok(true);
    }
    let rows = sqlx::query(
        "SELECT seq, at, actor, client, action, account, login, detail, mac,
             (SELECT mac FROM audit before WHERE before.seq = audit.seq - 1)
         FROM audit WHERE seq IN (1, (SELECT max(seq) FROM audit))",
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in &rows {
        let before = row.optional_fixed(9)?.unwrap_or([0; 32]);
        if record(row).is_ok_and(|found| found.mac == link(keys, &before, &found)) {
            return Ok(true);
        }
    }
    let sealed = sqlx::query("SELECT 1 FROM meta WHERE name = 'audit_head'").fetch_optional(conn).await?;
    Ok(rows.is_empty() && sealed.is_none())
}

/// The head, if it is there and ours.
async fn read_head(conn: &mut SqliteConnection, keys: &KeyRing) -> Result<Option<Head>, StoreError> {
    let Some(row) = sqlx::query("SELECT number, bytes FROM meta WHERE name = 'audit_head'").fetch_optional(conn).await? else {
        return Ok(None);
    };
    let seq = row.number(0)?;
    let bytes: Option<&[u8]> = row.try_get(1)?;
    Ok(bytes.and_then(|bytes| bytes.split_first_chunk::<32>()).and_then(|(mac, found)| {
        let head = Head { seq, mac: *mac };
        (found == seal(keys, &head)).then_some(head)
    }))
}

async fn keep_head(conn: &mut SqliteConnection, keys: &KeyRing, head: &Head) -> Result<(), StoreError> {
    let bytes = [head.mac, seal(keys, head)].concat();
    sqlx::query(
        "INSERT INTO meta (name, number, bytes) VALUES ('audit_head', ?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET number = excluded.number, bytes = excluded.bytes",
    )
    .bind(head.seq)
    .bind(bytes)
    .execute(conn)
    .await?;
    Ok(())
}

/// Cannot be mistaken for a record's chain value, whose first part is 32 bytes long.
fn seal(keys: &KeyRing, head: &Head) -> [u8; 32] {
    keys.mac(Purpose::Audit, &[b"head", &head.seq.to_be_bytes(), &head.mac])
}

pub(super) fn record(row: &SqliteRow) -> Result<Record, StoreError> {
    Ok(Record {
        seq: row.number(0)?,
        at: row.time(1)?,
        actor: row.text(2)?,
        client: row.text(3)?,
        action: row.text(4)?,
        account: row.text(5)?,
        login: row.text(6)?,
        detail: row.text(7)?,
        mac: row.fixed(8)?,
    })
}
