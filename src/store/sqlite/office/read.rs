//! What admins look at: accounts by search and filter, counts, and the trail. All of it bounded.

use sqlx::QueryBuilder;
use sqlx::sqlite::Sqlite;

use crate::admin::{Census, Day, Find, Found, Matching, TrailQuery};
use crate::audit::Record;
use crate::identity::AccountId;
use crate::ports::StoreError;
use crate::store::sqlite::db::Db;
use crate::store::sqlite::rows::Columns as _;
use crate::store::sqlite::{accounts, trail};

const DAY: i64 = 86_400_000;

pub(super) async fn find(db: &Db, find: &Find) -> Result<Found, StoreError> {
    let mut tx = db.read_at_once().await?;
    let mut count = QueryBuilder::new("SELECT count(*) FROM accounts");
    narrow(&mut count, find);
    let total = count.build().fetch_one(&mut *tx).await?.count(0)?;
    let mut query = QueryBuilder::new(accounts::ALL_COLUMNS);
    narrow(&mut query, find);
    query.push(" ORDER BY login LIMIT ").push_bind(find.limit).push(" OFFSET ").push_bind(find.offset);
    let rows = query.build().fetch_all(&mut *tx).await?;
    let accounts = rows.iter().map(accounts::account).collect::<Result<_, _>>()?;
    tx.abandon(Found { accounts, total }).await
}

pub(super) async fn find_ids(db: &Db, find: &Find) -> Result<Vec<AccountId>, StoreError> {
    let mut tx = db.read().await?;
    let mut query = QueryBuilder::new("SELECT id FROM accounts");
    narrow(&mut query, find);
    query.push(" ORDER BY login LIMIT ").push_bind(find.limit);
    let rows = query.build().fetch_all(&mut *tx).await?;
    let found = rows.iter().map(|row| row.account_id(0)).collect::<Result<_, _>>()?;
    tx.done(found).await
}

fn narrow(query: &mut QueryBuilder<Sqlite>, find: &Find) {
    query.push(match find.matching {
        Matching::All => " WHERE 1 = 1",
        Matching::WithoutMfa => " WHERE secret IS NULL",
        Matching::Locked => " WHERE locked_at IS NOT NULL",
        Matching::NeverSignedIn => " WHERE last_sign_in IS NULL",
        Matching::Disabled => " WHERE disabled = 1",
        Matching::Admins => " WHERE admin = 1",
    });
    if !find.text.is_empty() {
        let like = containing(&find.text);
        query.push(" AND (login LIKE ").push_bind(like.clone()).push(" ESCAPE '\\' OR name LIKE ").push_bind(like.clone());
        query.push(" ESCAPE '\\' OR member_of LIKE ").push_bind(like).push(" ESCAPE '\\')");
    }
}

/// For `LIKE … ESCAPE '\'`: what somebody typed means itself.
fn containing(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

pub(super) async fn census(db: &Db) -> Result<Census, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query(
        "SELECT count(*), count(*) FILTER (WHERE secret IS NOT NULL AND codes_saved = 1),
             count(*) FILTER (WHERE secret IS NOT NULL AND codes_saved = 0), count(*) FILTER (WHERE secret IS NULL),
             count(*) FILTER (WHERE locked_at IS NOT NULL), count(*) FILTER (WHERE disabled = 1),
             count(*) FILTER (WHERE last_sign_in IS NULL)
         FROM accounts",
    )
    .fetch_one(&mut *tx)
    .await?;
    let census = Census {
        all: row.count(0)?,
        enrolled: row.count(1)?,
        codes_missing: row.count(2)?,
        without_mfa: row.count(3)?,
        locked: row.count(4)?,
        disabled: row.count(5)?,
        never_signed_in: row.count(6)?,
    };
    tx.done(census).await
}

/// Failures stand in the trail once their hour has passed, and until then where they are counted.
pub(super) async fn days(db: &Db, first: i64) -> Result<Vec<Day>, StoreError> {
    let mut tx = db.read_at_once().await?;
    let rows = sqlx::query(
        "SELECT day, sum(good), sum(bad) FROM (
             SELECT at / ?2 AS day, 1 AS good, 0 AS bad FROM audit WHERE action = 'session.start' AND at >= ?1
             UNION ALL
             SELECT at / ?2, 0, coalesce(detail ->> 'count', 1) FROM audit
             WHERE action IN ('login.refuse', 'login.no-grant', 'code.refuse', 'recovery.refuse', 'link.refuse', 'failure.other')
                 AND at >= ?1
             UNION ALL
             SELECT last / ?2, 0, count FROM failures WHERE hour >= ?1 / 3600000 AND last >= ?1
         ) GROUP BY day ORDER BY day",
    )
    .bind(first.saturating_mul(DAY))
    .bind(DAY)
    .fetch_all(&mut *tx)
    .await?;
    let days = rows.iter().map(|row| Ok(Day { day: row.number(0)?, sign_ins: row.count(1)?, failures: row.count(2)? }));
    let days = days.collect::<Result<_, StoreError>>()?;
    tx.abandon(days).await
}

pub(super) async fn records(db: &Db, wanted: &TrailQuery) -> Result<Vec<Record>, StoreError> {
    let mut query =
        QueryBuilder::<Sqlite>::new("SELECT seq, at, actor, client, action, account, login, detail, mac FROM audit WHERE seq < ");
    query.push_bind(wanted.before.unwrap_or(i64::MAX));
    if let Some(login) = &wanted.login {
        query.push(" AND login = ").push_bind(login);
    }
    if let Some(actor) = &wanted.actor {
        query.push(" AND actor LIKE ").push_bind(containing(actor)).push(" ESCAPE '\\'");
    }
    match wanted.action.as_deref() {
        Some(prefix) if prefix.ends_with('.') => {
            query.push(" AND action LIKE ").push_bind(format!("{}%", prefix.replace(['%', '_', '\\'], "")));
        }
        Some(action) => {
            // Of the two, what one login did is the shorter way.
            query.push(if wanted.login.is_some() { " AND +action = " } else { " AND action = " }).push_bind(action.to_owned());
        }
        None => {}
    }
    // With a plus, so that it chooses no index: what is read page after page has to come in its order, not be sorted each time.
    if let Some(since) = wanted.since {
        query.push(" AND +at >= ").push_bind(since.millis());
    }
    if let Some(until) = wanted.until {
        query.push(" AND +at < ").push_bind(until.millis());
    }
    query.push(" ORDER BY seq DESC LIMIT ").push_bind(wanted.limit);
    let mut tx = db.read().await?;
    let rows = query.build().fetch_all(&mut *tx).await?;
    let found = rows.iter().map(trail::record).collect::<Result<_, _>>()?;
    tx.done(found).await
}
