//! Acts that wait a day.

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use uuid::Uuid;

use super::ask::is_admin;
use super::told;
use crate::admin::act::{MOST, WAITING};
use crate::admin::letters::Letters;
use crate::admin::{Act, Cancelled, Delayed, Outcome};
use crate::audit::{Actor, Event};
use crate::clock::{Reading, Timestamp};
use crate::identity::AccountId;
use crate::keys::KeyRing;
use crate::notify::mail::Notice;
use crate::ports::StoreError;
use crate::store::sqlite::db::{Db, Tx};
use crate::store::sqlite::rows::{Columns as _, bent, bytes, signed};
use crate::store::sqlite::trail;

/// All of an act that waits, in the order that [`delayed`] reads.
macro_rules! select_delayed {
    ($rest:literal) => {
        concat!("SELECT id, act, admin, login, epoch, client, asked, due FROM delayed_acts ", $rest)
    };
}

/// Keeps it, if it could be done. Whoever gets anything but [`Outcome::Done`] of something must undo the transaction.
pub(super) async fn keep(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    delayed: &Delayed,
    letters: Letters,
    now: Reading,
) -> Result<Outcome, StoreError> {
    let others = sqlx::query(select_delayed!("")).fetch_all(&mut *conn).await?;
    if let Some(refused) = no_room(&delayed.act, &others) {
        return Ok(refused);
    }
    // Tried and undone: what cannot be done is said now and not in a day.
    sqlx::query("SAVEPOINT act").execute(&mut *conn).await?;
    let outcome = super::within(conn, keys, &delayed.act, &delayed.late_hand(now.wall), letters, now).await?;
    sqlx::query("ROLLBACK TO act").execute(&mut *conn).await?;
    if !matches!(outcome, Outcome::Done(1..)) {
        return Ok(outcome);
    }
    let event = delayed.hand().event("admin.delay");
    if let Act::Set(setting) = &delayed.act {
        supersede(conn, keys, setting.key(), &event).await?;
    }
    let act = serde_json::to_string(&delayed.act).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query(
        "INSERT INTO delayed_acts (id, act, admin, login, epoch, client, asked, due) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(bytes(&delayed.id))
    .bind(act)
    .bind(bytes(&delayed.admin.0))
    .bind(delayed.login.as_str())
    .bind(signed(delayed.epoch))
    .bind(delayed.client.to_string())
    .bind(delayed.asked.millis())
    .bind(delayed.due.millis())
    .execute(&mut *conn)
    .await?;
    let mut event =
        event.with("delayed", delayed.id.to_string()).with("due", delayed.due.to_string()).with("act", told(&delayed.act));
    for admin in admins(conn).await? {
        let letter = letters.notice(admin, Notice::ActWaits, delayed.hand().scene(), now);
        event = event.telling(letter.map(|letter| letter.waiting_until(delayed.due)));
    }
    trail::append(conn, keys, &event).await?;
    Ok(outcome)
}

/// Why it may not wait beside these.
fn no_room(act: &Act, others: &[SqliteRow]) -> Option<Outcome> {
    let readable = || others.iter().filter_map(|row| delayed(row).ok());
    if readable().any(|other| other.act.does_the_same_as(act)) {
        return Some(Outcome::Waits);
    }
    let replaces = readable().any(|other| is_about(&other.act, act));
    (others.len() >= WAITING && !replaces).then_some(Outcome::Full)
}

/// Whether both change the same setting.
fn is_about(act: &Act, other: &Act) -> bool {
    matches!((act, other), (Act::Set(one), Act::Set(two)) if one.key() == two.key())
}

/// All who could cancel it, and whoever asked: a stolen session is noticed by its owner.
async fn admins(conn: &mut SqliteConnection) -> Result<Vec<AccountId>, StoreError> {
    let rows = sqlx::query("SELECT id FROM accounts WHERE admin = 1 AND disabled = 0").fetch_all(conn).await?;
    rows.iter().map(|row| row.id(0).map(AccountId)).collect()
}

pub(super) async fn all(db: &Db) -> Result<Vec<Delayed>, StoreError> {
    let mut tx = db.read().await?;
    let rows = sqlx::query(select_delayed!("ORDER BY due, id")).fetch_all(&mut *tx).await?;
    let readable = |row: &SqliteRow| match delayed(row) {
        Ok(found) => Some(found),
        Err(error) => {
            tracing::warn!(%error, "one of the acts that wait is not shown; it is dropped when it is due");
            None
        }
    };
    let found = rows.iter().filter_map(readable).collect();
    tx.done(found).await
}

pub(super) async fn cancel(db: &Db, id: Uuid, (by, epoch): (AccountId, u64), event: Event) -> Result<Cancelled, StoreError> {
    let mut tx = db.write().await?;
    if !is_admin(&mut tx, by, epoch).await? {
        return tx.abandon(Cancelled::NotAdmin).await;
    }
    let Some(found) = one(&mut tx, id).await? else { return tx.abandon(Cancelled::Gone).await };
    if let Act::Deed { whom, .. } = &found.act
        && whom.contains(&by)
        && found.admin != by
        && others_may_cancel(&mut tx, whom, found.admin).await?
    {
        return tx.abandon(Cancelled::Own).await;
    }
    drop_one(&mut tx, id).await?;
    let event = event.with("delayed", id.to_string()).with("asked_by", found.login.as_str()).with("act", told(&found.act));
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Cancelled::Done).await
}

/// Whether an admin is there who has neither asked for an act nor is meant by it. Where one asks to be rid of all others at once,
/// there is none, and those others may say no themselves.
async fn others_may_cancel(conn: &mut SqliteConnection, whom: &[AccountId], asker: AccountId) -> Result<bool, StoreError> {
    let rows = sqlx::query("SELECT id FROM accounts WHERE admin = 1 AND disabled = 0").fetch_all(conn).await?;
    let admins = rows.iter().map(|row| row.id(0).map(AccountId)).collect::<Result<Vec<_>, _>>()?;
    Ok(admins.iter().any(|admin| *admin != asker && !whom.contains(admin)))
}

/// A later decision about a setting replaces an act that waits to change the same one.
pub(in crate::store::sqlite) async fn supersede(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    key: &str,
    by: &Event,
) -> Result<(), StoreError> {
    let rows = sqlx::query(select_delayed!("")).fetch_all(&mut *conn).await?;
    for row in &rows {
        // What cannot be read changes nothing, and is dropped when it is due.
        let Ok(found) = delayed(row) else { continue };
        if !matches!(&found.act, Act::Set(setting) if setting.key() == key) {
            continue;
        }
        drop_one(conn, found.id).await?;
        let event = Event { action: "admin.cancel", detail: serde_json::Map::new(), ..by.clone() };
        let event = event.with("delayed", found.id.to_string()).with("reason", "replaced").with("act", told(&found.act));
        trail::append(conn, keys, &event).await?;
    }
    Ok(())
}

/// Those that are due, and those whose asker has lost the right to them.
pub(super) async fn ripe(db: &Db, now: Timestamp) -> Result<Vec<Uuid>, StoreError> {
    let mut tx = db.read().await?;
    let rows = sqlx::query(
        "SELECT d.id FROM delayed_acts d
         LEFT JOIN accounts a ON a.id = d.admin AND a.admin = 1 AND a.disabled = 0 AND a.epoch = d.epoch
         WHERE d.due <= ?1 OR a.id IS NULL ORDER BY d.due, d.id",
    )
    .bind(now.millis())
    .fetch_all(&mut *tx)
    .await?;
    let found = rows.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
    tx.done(found).await
}

/// Carries one out, or drops it. `false`: another process was faster, or it has been cancelled meanwhile.
pub(super) async fn settle(db: &Db, id: Uuid, letters: Letters, now: Reading) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let Some(found) = one(&mut tx, id).await? else { return tx.abandon(false).await };
    let still = is_admin(&mut tx, found.admin, found.epoch).await?;
    if still && found.due > now.secure {
        return tx.abandon(false).await;
    }
    sqlx::query("SAVEPOINT act").execute(&mut *tx).await?;
    let outcome = if !still {
        Outcome::NotAdmin
    } else if found.act.size() > MOST {
        Outcome::TooMany
    } else {
        let act = without_taken(&mut tx, found.act.clone()).await?;
        super::within(&mut tx, &db.keys, &act, &found.late_hand(now.wall), letters, now).await?
    };
    let why = why_not(&outcome);
    if why.is_some() {
        sqlx::query("ROLLBACK TO act").execute(&mut *tx).await?;
    }
    let event = told_at_last(id, found.login.as_str(), why, now).with("act", told(&found.act));
    settled(tx, &db.keys, id, &event).await
}

/// Why it was not done, for the trail; `None`: it was.
const fn why_not(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Done(_) => None,
        Outcome::LastAdmin => Some("last admin"),
        Outcome::Taken(_) => Some("taken"),
        Outcome::NotAdmin => Some("no longer an admin, or another password or authenticator since"),
        Outcome::TooMany => Some("too many accounts"),
        Outcome::Waits | Outcome::Full => Some("too much waits"),
    }
}

/// Drops one that cannot be read, or not be carried out by what the store holds.
pub(super) async fn give_up(db: &Db, id: Uuid, now: Reading) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    let row = sqlx::query(select_delayed!("WHERE id = ?1")).bind(bytes(&id)).fetch_optional(&mut *tx).await?;
    let Some(row) = row else { return tx.abandon(false).await };
    let asked_by = row.text(3).unwrap_or_default();
    let event = match delayed(&row) {
        Ok(found) => told_at_last(id, &asked_by, Some("it cannot be carried out"), now).with("act", told(&found.act)),
        Err(_) => told_at_last(id, &asked_by, Some("unreadable"), now),
    };
    settled(tx, &db.keys, id, &event).await
}

fn told_at_last(id: Uuid, asked_by: &str, why: Option<&'static str>, now: Reading) -> Event {
    let action = if why.is_some() { "admin.cancel" } else { "admin.carry-out" };
    let event = Event::new(now.wall, Actor::System, action).with("delayed", id.to_string()).with("asked_by", asked_by);
    match why {
        Some(why) => event.with("reason", why),
        None => event,
    }
}

/// It waits no longer.
async fn settled(mut tx: Tx, keys: &KeyRing, id: Uuid, event: &Event) -> Result<bool, StoreError> {
    drop_one(&mut tx, id).await?;
    trail::append(&mut tx, keys, event).await?;
    tx.commit(true).await
}

/// Who has got an account within the day is not invited again.
async fn without_taken(conn: &mut SqliteConnection, act: Act) -> Result<Act, StoreError> {
    let Act::Invite(people) = act else { return Ok(act) };
    let taken = super::deeds::taken(conn, &people).await?;
    Ok(Act::Invite(people.into_iter().filter(|person| !taken.contains(&person.login)).collect()))
}

async fn one(conn: &mut SqliteConnection, id: Uuid) -> Result<Option<Delayed>, StoreError> {
    let row = sqlx::query(select_delayed!("WHERE id = ?1")).bind(bytes(&id)).fetch_optional(conn).await?;
    row.as_ref().map(delayed).transpose()
}

async fn drop_one(conn: &mut SqliteConnection, id: Uuid) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM delayed_acts WHERE id = ?1").bind(bytes(&id)).execute(conn).await?;
    Ok(())
}

fn delayed(row: &SqliteRow) -> Result<Delayed, StoreError> {
    Ok(Delayed {
        id: row.id(0)?,
        act: serde_json::from_str(&row.text(1)?).map_err(|_| bent("an act that waits"))?,
        admin: row.account_id(2)?,
        login: row.login(3)?,
        epoch: row.count(4)?,
        client: row.address(5)?,
        asked: row.time(6)?,
        due: row.time(7)?,
    })
}
