//! What an admin asks for: judged by how things stand, and carried out or kept, in one transaction.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteConnection;

use super::waiting;
use crate::admin::act::{DELAY, MANY, MOST};
use crate::admin::letters::Letters;
use crate::admin::{Act, Delayed, Facts, Hand, Outcome, Speed, judge};
use crate::audit::Actor;
use crate::clock::{Reading, Timestamp};
use crate::identity::AccountId;
use crate::ports::StoreError;
use crate::session::window::Configured;
use crate::store::sqlite::db::Db;
use crate::store::sqlite::rows::{Columns as _, bytes, signed};
use crate::store::sqlite::{accounts, settings};

pub(super) async fn ask(
    db: &Db,
    asked: &Delayed,
    configured: Configured,
    letters: Letters,
    now: Reading,
) -> Result<(Speed, Outcome), StoreError> {
    if asked.act.size() > MOST {
        return Ok((Speed::AfterADay, Outcome::TooMany));
    }
    let mut tx = db.write().await?;
    // Here and not only at the door: what has happened to whoever asks since then counts.
    if !is_admin(&mut tx, asked.admin, asked.epoch).await? {
        return tx.abandon((Speed::AtOnce, Outcome::NotAdmin)).await;
    }
    let facts = facts(&mut tx, &asked.act, configured, now.secure).await?;
    let speed = judge(&asked.act, &facts);
    let outcome = match speed {
        Speed::AtOnce => super::at_once(&mut tx, &db.keys, &asked.act, &asked.hand(), letters, now).await?,
        Speed::AfterADay => waiting::keep(&mut tx, &db.keys, asked, letters, now).await?,
    };
    let undo = match outcome {
        Outcome::Done(changes) => changes == 0 && speed == Speed::AfterADay,
        _ => true,
    };
    if undo { tx.abandon((speed, outcome)).await } else { tx.commit((speed, outcome)).await }
}

/// Whether this account may do what admins do, under the epoch that it had when it asked.
pub(super) async fn is_admin(conn: &mut SqliteConnection, account: AccountId, epoch: u64) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT count(*) FROM accounts WHERE id = ?1 AND admin = 1 AND disabled = 0 AND epoch = ?2")
        .bind(bytes(&account.0))
        .bind(signed(epoch))
        .fetch_one(conn)
        .await?;
    row.flag(0)
}

async fn facts(conn: &mut SqliteConnection, act: &Act, configured: Configured, now: Timestamp) -> Result<Facts, StoreError> {
    let mut of_its_kind = done_within_a_day(conn, act, now).await?;
    let (mut to_an_admin, mut to_others, mut newcomers) = (false, false, 0);
    let stored = settings::load(conn).await?;
    let holds = configured.with(&stored);
    let mut would_hold = holds;
    match act {
        Act::Deed { whom, .. } => {
            of_its_kind.extend(whom);
            // More than so many wait in any case, whoever they are.
            for id in whom.iter().take(MANY) {
                if let Some(account) = accounts::find(conn, *id).await? {
                    to_an_admin |= account.admin;
                    to_others |= !account.admin;
                }
            }
        }
        Act::Invite(people) => newcomers = people.len(),
        Act::Set(setting) => would_hold = configured.with(&stored.after(setting)),
    }
    Ok(Facts { accounts: of_its_kind.len() + newcomers, to_an_admin, to_others, holds, would_hold })
}

/// To whom admins have done the same within a day without having to wait: never more than [`MANY`], for that is where waiting
/// begins.
async fn done_within_a_day(conn: &mut SqliteConnection, act: &Act, now: Timestamp) -> Result<BTreeSet<AccountId>, StoreError> {
    let Some(kind) = act.kind() else { return Ok(BTreeSet::new()) };
    let rows = sqlx::query("SELECT account FROM acts_done WHERE kind = ?1 AND at > ?2")
        .bind(kind)
        .bind((now - DELAY).millis())
        .fetch_all(conn)
        .await?;
    rows.iter().map(|row| row.account_id(0)).collect()
}

/// Counts what an admin has done to an account at once. What has waited was for all admins to see, and an operator holds the
/// database: neither counts.
pub(super) async fn count(
    conn: &mut SqliteConnection,
    act: &Act,
    account: AccountId,
    hand: &Hand,
    now: Reading,
) -> Result<(), StoreError> {
    let (Some(kind), Actor::Account(_), None) = (act.kind(), &hand.actor, hand.delayed) else { return Ok(()) };
    sqlx::query(
        "INSERT INTO acts_done (kind, account, at) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, account) DO UPDATE SET at = max(at, excluded.at)",
    )
    .bind(kind)
    .bind(bytes(&account.0))
    .bind(now.secure.millis())
    .execute(conn)
    .await?;
    Ok(())
}
