//! Failures of strangers, for the trail: counted, so that nobody can fill the disk by failing.

use super::db::Db;
use super::rows::Columns as _;
use super::trail;
use crate::audit::{Actor, Event, Record};
use crate::clock::Timestamp;
use crate::ports::StoreError;

const HOUR: i64 = 3_600_000;
/// So many different (action, account, login) are told apart in one hour; the rest is counted under [`OTHERS`].
const KEYS_PER_HOUR: i64 = 1000;
const OTHERS: &str = "failure.other";
/// Records written in one transaction, so that a full hour does not hold up a sign-in.
const BATCH: u32 = 200;

pub(super) async fn note(db: &Db, event: Event) -> Result<(), StoreError> {
    let hour = event.at.millis().div_euclid(HOUR);
    let account = event.account.map(|account| account.to_string()).unwrap_or_default();
    let login = event.login.as_ref().map(|login| login.as_str().to_owned()).unwrap_or_default();
    let mut tx = db.write().await?;
    let known = sqlx::query("SELECT count(*) FROM failures WHERE hour = ?1 AND action = ?2 AND account = ?3 AND login = ?4")
        .bind(hour)
        .bind(event.action)
        .bind(&account)
        .bind(&login)
        .fetch_one(&mut *tx)
        .await?
        .flag(0)?;
    let keys = sqlx::query("SELECT count(*) FROM failures WHERE hour = ?1").bind(hour).fetch_one(&mut *tx).await?.number(0)?;
    let (action, account, login, actor) = if known || keys < KEYS_PER_HOUR {
        (event.action, account, login, event.actor)
    } else {
        (OTHERS, String::new(), String::new(), Actor::Anonymous)
    };
    sqlx::query(
        "INSERT INTO failures (hour, action, account, login, actor, client, count, first, last)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?7)
         ON CONFLICT (hour, action, account, login) DO UPDATE SET
             count = count + 1,
             first = min(first, excluded.first),
             last = max(last, excluded.last),
             client = iif(client = excluded.client, client, '')",
    )
    .bind(hour)
    .bind(action)
    .bind(account)
    .bind(login)
    .bind(actor.to_string())
    .bind(event.client.map(|client| client.to_string()).unwrap_or_default())
    .bind(event.at.millis())
    .execute(&mut *tx)
    .await?;
    tx.commit(()).await
}

/// Writes one record for every key of an hour that has passed. Says how many.
pub(super) async fn flush(db: &Db, now: Timestamp) -> Result<u64, StoreError> {
    let hour = now.millis().div_euclid(HOUR);
    let mut written = 0;
    loop {
        let mut tx = db.write().await?;
        let rows = sqlx::query(
            "SELECT hour, action, account, login, actor, client, count, first, last FROM failures
             WHERE hour < ?1 ORDER BY hour, last, action, account, login LIMIT ?2",
        )
        .bind(hour)
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        if rows.is_empty() {
            return tx.abandon(written).await;
        }
        for row in rows {
            let (first, last) = (row.time(7)?, row.time(8)?);
            let detail = serde_json::json!({
                "count": row.number(6)?,
                "first": first.to_string(),
                "last": last.to_string(),
            });
            let record = Record {
                seq: 0,
                at: last,
                actor: row.text(4)?,
                client: row.text(5)?,
                action: row.text(1)?,
                account: row.text(2)?,
                login: row.text(3)?,
                detail: detail.to_string(),
                mac: [0; 32],
            };
            sqlx::query("DELETE FROM failures WHERE hour = ?1 AND action = ?2 AND account = ?3 AND login = ?4")
                .bind(row.number(0)?)
                .bind(&record.action)
                .bind(&record.account)
                .bind(&record.login)
                .execute(&mut *tx)
                .await?;
            trail::append_record(&mut tx, &db.keys, record).await?;
            written += 1;
        }
        tx.commit(()).await?;
    }
}
