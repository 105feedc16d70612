//! Sessions as whoever looks at them wants them: in the order of people, part by part, however many there are.

use super::db::Db;
use super::rows::{Columns as _, bytes};
use super::sessions;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;
use crate::session::log::{Listed, Place};

/// By account first: SQLite goes through these in the order of their login ids, and sorts no more than the sessions of one.
macro_rules! select_listed {
    ($whose:literal) => {
        concat!(
            "SELECT x.id, x.token, x.old_token, x.old_until, x.old_code, x.account, x.portal, x.epoch, x.created, x.code_at,
             x.code_step, x.last_seen, x.expires, x.client, x.agent, x.shared, x.parent, a.login
             FROM accounts a CROSS JOIN live_sessions x ON x.account = a.id
             WHERE a.login >= ?1 AND (a.login, x.created, x.id) > (?1, ?2, ?3) AND x.expires > ?4 ",
            $whose,
            " ORDER BY a.login, x.created, x.id LIMIT ?5"
        )
    };
}

pub(super) async fn part(
    db: &Db,
    whose: Option<AccountId>,
    after: &Place,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<Listed>, StoreError> {
    let mut tx = db.read().await?;
    let statement = match whose {
        Some(_) => select_listed!("AND a.id = ?6"),
        None => select_listed!(""),
    };
    let query = sqlx::query(statement)
        .bind(&after.login)
        .bind(after.created.millis())
        .bind(bytes(&after.id))
        .bind(now.millis())
        .bind(limit);
    let query = match &whose {
        Some(account) => query.bind(bytes(&account.0)),
        None => query,
    };
    let rows = query.fetch_all(&mut *tx).await?;
    let listed = rows.iter().map(|row| Ok(Listed { login: row.login(17)?, session: sessions::session(row)? }));
    let listed = listed.collect::<Result<_, StoreError>>()?;
    tx.done(listed).await
}

pub(super) async fn count(db: &Db, whose: Option<AccountId>, now: Timestamp) -> Result<u64, StoreError> {
    let mut tx = db.read().await?;
    let query = match &whose {
        Some(account) => sqlx::query("SELECT count(*) FROM live_sessions WHERE expires > ?1 AND account = ?2")
            .bind(now.millis())
            .bind(bytes(&account.0)),
        None => sqlx::query("SELECT count(*) FROM live_sessions WHERE +expires > ?1").bind(now.millis()),
    };
    let count = query.fetch_one(&mut *tx).await?.count(0)?;
    tx.done(count).await
}
