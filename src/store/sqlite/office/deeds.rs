//! What is done to one account, each with a record of what it was before and what it is now.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnection;

use crate::admin::letters::Letters;
use crate::admin::{Deed, Hand, Newcomer};
use crate::auth::account::Account;
use crate::clock::Reading;
use crate::identity::{AccountId, Login};
use crate::keys::{self, KeyRing};
use crate::notify::mail::Notice;
use crate::ports::StoreError;
use crate::store::sqlite::rows::{Columns as _, bent, bytes};
use crate::store::sqlite::{accounts, feed, links, trail};

/// What a link needs to be made.
#[derive(Clone, Copy)]
pub(super) struct Links {
    pub letters: Letters,
    pub now: Reading,
}

/// Does it to one account. `false`: there was nothing to do.
pub(super) async fn one(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    (deed, recovery_due): (Deed, bool),
    id: AccountId,
    hand: &Hand,
    at: Links,
) -> Result<bool, StoreError> {
    let Some(before) = accounts::find(conn, id).await? else { return Ok(false) };
    let (mut old, mut new) = (Value::from(before.state()), Value::Null);
    let mut mails = Vec::new();
    match deed {
        Deed::Disable if !before.disabled => {
            accounts::new_epoch(conn, id).await?;
            accounts::clear_out(conn, id).await?;
            run(conn, "UPDATE accounts SET disabled = 1 WHERE id = ?1", id).await?;
        }
        Deed::Enable if before.disabled => run(conn, "UPDATE accounts SET disabled = 0 WHERE id = ?1", id).await?,
        Deed::Unlock => {
            if !unlock(conn, &before, recovery_due && before.mfa.is_some()).await? {
                return Ok(false);
            }
        }
        Deed::EndSessions => {
            let ended = sqlx::query("DELETE FROM sessions WHERE account = ?1").bind(bytes(&id.0)).execute(&mut *conn).await?;
            if ended.rows_affected() == 0 {
                return Ok(false);
            }
            (old, new) = (ended.rows_affected().into(), 0.into());
        }
        Deed::OpenEnrolment => {
            accounts::new_epoch(conn, id).await?;
            accounts::forget_factor(conn, id).await?;
            // Whoever was in may have put their own number there.
            run(conn, "DELETE FROM mobiles WHERE account = ?1", id).await?;
            accounts::clear_out(conn, id).await?;
            accounts::lift_lock(conn, id).await?;
            let (link, mail) = match &hand.link {
                Some(link) => (link.clone(), None),
                None => at.letters.link(keys, id, before.password.is_some(), at.now),
            };
            links::insert(conn, id, &link).await?;
            mails.extend(mail);
            if before.mfa.is_some() {
                mails.extend(at.letters.notice(id, Notice::AuthenticatorReset, hand.scene(), at.now));
            }
        }
        Deed::Remove => {
            old = described(&before);
            run(conn, "DELETE FROM accounts WHERE id = ?1", id).await?;
        }
        Deed::Promote if !before.admin => {
            (old, new) = (false.into(), true.into());
            run(conn, "UPDATE accounts SET admin = 1 WHERE id = ?1", id).await?;
        }
        Deed::Demote if before.admin => {
            (old, new) = (true.into(), false.into());
            run(conn, "UPDATE accounts SET admin = 0 WHERE id = ?1", id).await?;
        }
        Deed::Disable | Deed::Enable | Deed::Promote | Deed::Demote => return Ok(false),
    }
    if new.is_null() {
        new = accounts::find(conn, id).await?.map_or(Value::Null, |after| after.state().into());
    }
    feed::account(conn, id).await?;
    let mut event = hand.event(deed.action()).about(id, &before.login).with("old", old).with("new", new);
    if deed == Deed::Unlock && recovery_due {
        event = event.with("recovery_due", before.mfa.is_some());
    }
    let event = mails.into_iter().fold(event, |event, mail| event.telling(Some(mail)));
    trail::append(conn, keys, &event).await?;
    Ok(true)
}

/// Takes off what holds somebody back: the lock and the wrong codes that lead to it, and what a password reset by mail holds back.
/// With `recovery_due`, browsers not known need a recovery factor from now on; without it, what an earlier unlock asked for holds no
/// longer. `false`: nothing held them back.
async fn unlock(conn: &mut SqliteConnection, before: &Account, recovery_due: bool) -> Result<bool, StoreError> {
    let wrong = sqlx::query("SELECT count(*) FROM attempts WHERE account = ?1 AND scope = 1").bind(bytes(&before.id.0));
    let held = before.locked_at.is_some() || before.reset_at.is_some() || wrong.fetch_one(&mut *conn).await?.flag(0)?;
    if !held && (recovery_due || !before.recovery_due) {
        return Ok(false);
    }
    accounts::lift_lock(conn, before.id).await?;
    sqlx::query("UPDATE accounts SET recovery_due = ?2, reset_at = NULL WHERE id = ?1")
        .bind(bytes(&before.id.0))
        .bind(recovery_due)
        .execute(conn)
        .await?;
    Ok(true)
}

/// What is gone with a removed account.
fn described(account: &Account) -> Value {
    json!({ "name": account.name, "groups": account.groups, "admin": account.admin, "state": account.state() })
}

async fn run(conn: &mut SqliteConnection, statement: &'static str, id: AccountId) -> Result<(), StoreError> {
    sqlx::query(statement).bind(bytes(&id.0)).execute(conn).await?;
    Ok(())
}

/// What is left of admins. An act may not make it less: the last one is neither locked out nor demoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Left {
    /// There is none that is enabled.
    Nobody,
    /// One who has to enrol first.
    Invited,
    /// One who can sign in: enabled and enrolled.
    Enrolled,
}

/// See [`Left`].
pub(super) async fn admins_left(conn: &mut SqliteConnection) -> Result<Left, StoreError> {
    let row = sqlx::query(
        "SELECT count(*), count(*) FILTER (WHERE secret IS NOT NULL AND password IS NOT NULL)
         FROM accounts WHERE admin = 1 AND disabled = 0",
    )
    .fetch_one(conn)
    .await?;
    Ok(match (row.flag(0)?, row.flag(1)?) {
        (_, true) => Left::Enrolled,
        (true, false) => Left::Invited,
        (false, false) => Left::Nobody,
    })
}

/// Which of these login ids are taken.
pub(super) async fn taken(conn: &mut SqliteConnection, people: &[Newcomer]) -> Result<BTreeSet<String>, StoreError> {
    let mut found = BTreeSet::new();
    for person in people {
        let row = sqlx::query("SELECT 1 FROM accounts WHERE login = ?1").bind(&person.login).fetch_optional(&mut *conn).await?;
        if row.is_some() {
            found.insert(person.login.clone());
        }
    }
    Ok(found)
}

/// Makes an account with a link that nobody here gets to see.
pub(super) async fn invite(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    person: &Newcomer,
    hand: &Hand,
    at: Links,
) -> Result<AccountId, StoreError> {
    let login = Login::parse(&person.login).map_err(|_| bent("a login id"))?;
    let id = AccountId(keys::new_id(at.now.wall));
    sqlx::query("INSERT INTO accounts (id, login, name, member_of, admin, created) VALUES (?1, ?2, ?3, ?4, 0, ?5)")
        .bind(bytes(&id.0))
        .bind(login.as_str())
        .bind(&person.name)
        .bind(Value::from(person.groups.clone()).to_string())
        .bind(at.now.wall.millis())
        .execute(&mut *conn)
        .await?;
    let (link, mail) = at.letters.link(keys, id, false, at.now);
    links::insert(conn, id, &link).await?;
    feed::account(conn, id).await?;
    let new = json!({ "name": person.name, "groups": person.groups, "admin": false });
    let event = hand.event("user.invite").about(id, &login).with("old", Value::Null).with("new", new).telling(mail);
    trail::append(conn, keys, &event).await?;
    Ok(id)
}
