//! Parked requests: kept within their share, handed out once.

use async_trait::async_trait;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::db::Db;
use super::rows::{Columns as _, bent, bytes, signed};
use super::{SqliteStore, trail};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::park::lot::{Bounds, Claimed, Kept, Lot, NewParked, Owner, Row, State, Whose};
use crate::ports::{StoreError, TokenHash};

/// Whose: account ?1, portal ?2, session ?3 or browser ?4; alive at ?5.
macro_rules! theirs {
    () => {
        "account = ?1 AND portal = ?2 AND (session = ?3 OR browser = ?4) AND expires > ?5"
    };
}

#[async_trait]
impl Lot for SqliteStore {
    async fn lapsed(
        &self,
        session: Option<&TokenHash>,
        device: Option<&TokenHash>,
        portal: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Owner>, StoreError> {
        self.db.reading(lapsed(&self.db, (session, device), portal, since, now)).await
    }

    async fn keep(&self, new: NewParked, bounds: Bounds, event: Event) -> Result<Kept, StoreError> {
        self.db.writing(keep(&self.db, new, bounds, event)).await
    }

    async fn list(&self, whose: &Whose, now: Timestamp) -> Result<Vec<Row>, StoreError> {
        self.db.reading(list(&self.db, whose, now)).await
    }

    async fn adopt(&self, whose: &Whose, now: Timestamp) -> Result<u64, StoreError> {
        self.db.writing(adopt(&self.db, whose, now)).await
    }

    async fn ticket(
        &self,
        whose: &Whose,
        id: Uuid,
        ticket: &TokenHash,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.db.writing(give_ticket(&self.db, whose, id, ticket, until, now)).await
    }

    async fn claim(
        &self,
        whose: &Whose,
        ticket: &TokenHash,
        place: &[u8; 32],
        now: Timestamp,
        event: Event,
    ) -> Result<Option<Claimed>, StoreError> {
        self.db.writing(claim(&self.db, whose, ticket, place, now, event)).await
    }

    async fn unsent(&self, id: Uuid) -> Result<(), StoreError> {
        self.db.writing(settle(&self.db, "UPDATE parked SET state = 1, settled = NULL WHERE id = ?1 AND state = 3", id, 0)).await
    }

    async fn answered(&self, id: Uuid, status: u16) -> Result<(), StoreError> {
        let statement = "UPDATE parked SET state = 4, status = ?2, body = NULL WHERE id = ?1 AND state = 3";
        self.db.writing(settle(&self.db, statement, id, status)).await
    }

    async fn discard(&self, whose: &Whose, id: Uuid, now: Timestamp, event: Event) -> Result<bool, StoreError> {
        self.db.writing(discard(&self.db, whose, id, now, event)).await
    }
}

async fn lapsed(
    db: &Db,
    (session, device): (Option<&TokenHash>, Option<&TokenHash>),
    portal: &str,
    since: Timestamp,
    now: Timestamp,
) -> Result<Option<Owner>, StoreError> {
    let mut tx = db.read().await?;
    // By its own cookie first. A browser drops that when the lifetime is over; then it is told by what it is known by.
    let row = sqlx::query(
        "SELECT a.id, a.login, s.id FROM live_sessions s JOIN accounts a ON a.id = s.account
         WHERE s.portal = ?3 AND s.expires > ?4 AND s.expires <= ?5
             AND (s.token = ?1 OR s.account = (SELECT d.account FROM live_devices d WHERE d.token = ?2 AND d.expires > ?5))
         ORDER BY s.token = ?1 DESC, s.expires DESC LIMIT 1",
    )
    .bind(session.map(|token| token.0.as_slice()))
    .bind(device.map(|token| token.0.as_slice()))
    .bind(portal)
    .bind(since.millis())
    .bind(now.millis())
    .fetch_optional(&mut *tx)
    .await?;
    let owner =
        row.map(|row| Ok::<_, StoreError>(Owner { account: row.account_id(0)?, login: row.login(1)?, session: row.id(2)? }));
    tx.done(owner.transpose()?).await
}

async fn keep(db: &Db, new: NewParked, bounds: Bounds, event: Event) -> Result<Kept, StoreError> {
    let mut tx = db.write().await?;
    let now = new.created;
    let stands = sqlx::query("SELECT 1 FROM live_sessions WHERE id = ?1 AND account = ?2 AND portal = ?3")
        .bind(bytes(&new.session))
        .bind(bytes(&new.account.0))
        .bind(new.portal.as_str())
        .fetch_optional(&mut *tx)
        .await?;
    if stands.is_none() {
        return tx.abandon(Kept::Gone).await;
    }
    if let Some(refused) = no_room(&mut tx, &new, bounds).await? {
        return tx.abandon(refused).await;
    }
    let browser = match new.known {
        Some(known) if leads_somewhere(&mut tx, &new, &known).await? => known,
        _ => new.fresh,
    };
    sqlx::query(
        "INSERT INTO parked (id, account, epoch, session, browser, portal, place, head, body, size, created, expires)
         SELECT ?1, id, epoch, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM accounts WHERE id = ?2",
    )
    .bind(bytes(&new.id))
    .bind(bytes(&new.account.0))
    .bind(bytes(&new.session))
    .bind(browser.0.as_slice())
    .bind(new.portal.as_str())
    .bind(new.place.as_slice())
    .bind(new.head.as_slice())
    .bind(new.body.as_slice())
    .bind(signed(new.size))
    .bind(now.millis())
    .bind(new.expires.millis())
    .execute(&mut *tx)
    .await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Kept::Under(browser)).await
}

/// So many lines of one account, sent and discarded ones too, until they expire.
const LINES: u64 = 20;

/// Why it cannot be kept, if it cannot. An account has its share and no more, so that none takes another's.
async fn no_room(conn: &mut SqliteConnection, new: &NewParked, bounds: Bounds) -> Result<Option<Kept>, StoreError> {
    let row = sqlx::query(
        // One on its way still takes the room of its body; and what is over takes a line. Each is free again when the first of
        // what takes it expires.
        "SELECT count(*) FILTER (WHERE state < 3 OR body IS NOT NULL), count(*),
             coalesce(min(expires) FILTER (WHERE state < 3 OR body IS NOT NULL), 0), coalesce(min(expires), 0)
         FROM live_parked WHERE account = ?1 AND expires > ?2",
    )
    .bind(bytes(&new.account.0))
    .bind(new.created.millis())
    .fetch_one(&mut *conn)
    .await?;
    let (share, lines) = (row.count(0)? >= u64::from(bounds.per_account), row.count(1)? >= LINES);
    if share || lines {
        let until = [(share, row.time(2)?), (lines, row.time(3)?)].into_iter().filter(|(taken, _)| *taken);
        return Ok(until.map(|(_, until)| until).max().map(Kept::Share));
    }
    // A head stays, to be shown, when its body is forgotten.
    let held = sqlx::query("SELECT coalesce(sum(length(head) + coalesce(length(body), 0)), 0) FROM parked")
        .fetch_one(conn)
        .await?
        .count(0)?;
    let more = u64::try_from(new.head.len().saturating_add(new.body.len())).unwrap_or(u64::MAX);
    Ok((held.saturating_add(more) > bounds.bytes).then_some(Kept::Full))
}

async fn leads_somewhere(conn: &mut SqliteConnection, new: &NewParked, browser: &TokenHash) -> Result<bool, StoreError> {
    // Not a ticket: that is good for one thing, and soon gone.
    let row = sqlx::query(
        "SELECT 1 FROM live_parked WHERE account = ?1 AND browser = ?2 AND state = 1 AND expires > ?3
             AND NOT EXISTS (SELECT 1 FROM parked WHERE ticket = ?2)",
    )
    .bind(bytes(&new.account.0))
    .bind(browser.0.as_slice())
    .bind(new.created.millis())
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Binds what [`theirs`] asks for.
macro_rules! of {
    ($statement:expr, $whose:expr, $now:expr) => {
        sqlx::query($statement)
            .bind(bytes(&$whose.account.0))
            .bind($whose.portal.as_str())
            .bind(bytes(&$whose.session))
            .bind($whose.browser.as_ref().map(|token| token.0.as_slice()))
            .bind($now.millis())
    };
}

async fn list(db: &Db, whose: &Whose, now: Timestamp) -> Result<Vec<Row>, StoreError> {
    let mut tx = db.read().await?;
    let statement = concat!(
        "SELECT id, head, size, state, created, expires, settled, status FROM live_parked WHERE ",
        theirs!(),
        " ORDER BY created, id LIMIT ?6"
    );
    let rows = of!(statement, whose, now).bind(signed(LINES)).fetch_all(&mut *tx).await?;
    let all = rows.iter().map(entry).collect::<Result<_, _>>()?;
    tx.done(all).await
}

async fn adopt(db: &Db, whose: &Whose, now: Timestamp) -> Result<u64, StoreError> {
    let mut tx = db.write().await?;
    let statement = concat!(
        "UPDATE parked SET session = ?3 WHERE id IN (SELECT id FROM live_parked WHERE ",
        theirs!(),
        ") AND EXISTS (SELECT 1 FROM live_sessions WHERE id = ?3 AND account = ?1)"
    );
    of!(statement, whose, now).execute(&mut *tx).await?;
    let waiting = concat!("SELECT count(*) FROM live_parked WHERE ", theirs!(), " AND state < 3");
    let waiting = of!(waiting, whose, now).fetch_one(&mut *tx).await?.count(0)?;
    tx.commit(waiting).await
}

async fn give_ticket(
    db: &Db,
    whose: &Whose,
    id: Uuid,
    ticket: &TokenHash,
    until: Timestamp,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut tx = db.write().await?;
    let statement = concat!(
        "UPDATE parked SET state = 2, ticket = ?7, ticket_until = ?8, session = ?3 WHERE id = (SELECT id FROM live_parked WHERE ",
        theirs!(),
        " AND id = ?6 AND state < 3) RETURNING head"
    );
    let row = of!(statement, whose, now)
        .bind(bytes(&id))
        .bind(ticket.0.as_slice())
        .bind(until.millis())
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = row else { return tx.abandon(None).await };
    let head: Vec<u8> = row.try_get(0)?;
    // The cookie holds one value: it stays the key to everything else that waits.
    let rest = concat!("UPDATE parked SET browser = ?6 WHERE id IN (SELECT id FROM live_parked WHERE ", theirs!(), ")");
    of!(rest, whose, now).bind(ticket.0.as_slice()).execute(&mut *tx).await?;
    tx.commit(Some(head)).await
}

async fn claim(
    db: &Db,
    whose: &Whose,
    ticket: &TokenHash,
    place: &[u8; 32],
    now: Timestamp,
    event: Event,
) -> Result<Option<Claimed>, StoreError> {
    let mut tx = db.write().await?;
    let row = sqlx::query(
        "UPDATE parked SET state = 3, ticket = NULL, ticket_until = NULL, settled = ?5
         WHERE id = (SELECT id FROM live_parked WHERE account = ?1 AND portal = ?2 AND session = ?3 AND ticket = ?4
             AND place = ?6 AND state = 2 AND ticket_until > ?5 AND expires > ?5)
         RETURNING id, head, body",
    )
    .bind(bytes(&whose.account.0))
    .bind(whose.portal.as_str())
    .bind(bytes(&whose.session))
    .bind(ticket.0.as_slice())
    .bind(now.millis())
    .bind(place.as_slice())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return tx.abandon(None).await };
    let claimed = Claimed { id: row.id(0)?, head: row.try_get(1)?, body: row.try_get(2)? };
    trail::append(&mut tx, &db.keys, &event.with("request", claimed.id.to_string())).await?;
    tx.commit(Some(claimed)).await
}

async fn settle(db: &Db, statement: &'static str, id: Uuid, status: u16) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    sqlx::query(statement).bind(bytes(&id)).bind(i64::from(status)).execute(&mut *tx).await?;
    tx.commit(()).await
}

async fn discard(db: &Db, whose: &Whose, id: Uuid, now: Timestamp, event: Event) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let statement = concat!(
        "UPDATE parked SET state = 5, settled = ?5, body = NULL, ticket = NULL, ticket_until = NULL
         WHERE id = (SELECT id FROM live_parked WHERE ",
        theirs!(),
        " AND id = ?6 AND state < 3)"
    );
    let gone = of!(statement, whose, now).bind(bytes(&id)).execute(&mut *tx).await?.rows_affected();
    if gone == 0 {
        return tx.abandon(false).await;
    }
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(true).await
}

fn entry(row: &SqliteRow) -> Result<Row, StoreError> {
    let settled = || row.time(6);
    let state = match row.number(3)? {
        1 | 2 => State::Waiting,
        3 => State::Sent(settled()?),
        4 => State::Answered(settled()?, u16::try_from(row.number(7)?).map_err(|_| bent("a status"))?),
        5 => State::Discarded(settled()?),
        _ => return Err(bent("the state of a parked request")),
    };
    let head = row.try_get(1)?;
    Ok(Row { id: row.id(0)?, head, size: row.count(2)?, state, created: row.time(4)?, expires: row.time(5)? })
}
