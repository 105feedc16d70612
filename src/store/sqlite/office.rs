//! What admins do: an act with all its effects and records is one transaction, so that nothing of it is ever half done.

mod ask;
mod deeds;
mod read;
mod waiting;

use async_trait::async_trait;
use serde_json::Value;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

pub(super) use self::waiting::supersede;
use super::db::Db;
use super::{SqliteStore, accounts, settings};
use crate::admin::letters::Letters;
use crate::admin::{Act, Cancelled, Census, Day, Delayed, Find, Found, Hand, Newcomer, Office, Outcome, Speed, TrailQuery};
use crate::audit::{Event, Record};
use crate::auth::account::Account;
use crate::clock::Reading;
use crate::identity::{AccountId, Login};
use crate::keys::KeyRing;
use crate::ports::StoreError;
use crate::session::window::Configured;

#[async_trait]
impl Office for SqliteStore {
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.db.reading(accounts::by_id(&self.db, id)).await
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError> {
        self.db.reading(accounts::by_login(&self.db, login)).await
    }

    async fn find(&self, find: &Find) -> Result<Found, StoreError> {
        self.db.reading(read::find(&self.db, find)).await
    }

    async fn find_ids(&self, find: &Find) -> Result<Vec<AccountId>, StoreError> {
        self.db.reading(read::find_ids(&self.db, find)).await
    }

    async fn census(&self) -> Result<Census, StoreError> {
        self.db.reading(read::census(&self.db)).await
    }

    async fn days(&self, first: i64) -> Result<Vec<Day>, StoreError> {
        self.db.reading(read::days(&self.db, first)).await
    }

    async fn records(&self, query: &TrailQuery) -> Result<Vec<Record>, StoreError> {
        self.db.reading_all(read::records(&self.db, query)).await
    }

    async fn carry_out(&self, act: &Act, hand: &Hand, letters: Letters, now: Reading) -> Result<Outcome, StoreError> {
        self.db.writing_many(carry_out(&self.db, act, hand, letters, now)).await
    }

    async fn ask(
        &self,
        asked: &Delayed,
        configured: Configured,
        letters: Letters,
        now: Reading,
    ) -> Result<(Speed, Outcome), StoreError> {
        self.db.writing_many(ask::ask(&self.db, asked, configured, letters, now)).await
    }

    async fn delayed(&self) -> Result<Vec<Delayed>, StoreError> {
        self.db.reading(waiting::all(&self.db)).await
    }

    async fn cancel(&self, id: Uuid, by: AccountId, epoch: u64, event: Event) -> Result<Cancelled, StoreError> {
        self.db.writing(waiting::cancel(&self.db, id, (by, epoch), event)).await
    }

    async fn carry_out_due(&self, letters: Letters, now: Reading) -> Result<usize, StoreError> {
        let due = self.db.reading(waiting::ripe(&self.db, now.secure)).await?;
        let (mut settled, mut trouble) = (0, None);
        for id in due {
            match self.settle(id, letters, now).await {
                Ok(done) => settled += usize::from(done),
                Err(error) => trouble = Some(error),
            }
        }
        trouble.map_or(Ok(settled), Err)
    }
}

impl SqliteStore {
    /// One act that is due. What may pass is tried again; what cannot be read or written will not be another time either.
    async fn settle(&self, id: Uuid, letters: Letters, now: Reading) -> Result<bool, StoreError> {
        match self.db.writing_many(waiting::settle(&self.db, id, letters, now)).await {
            Err(StoreError::Corrupt(why)) => {
                tracing::error!(act = %id, why, "an act of an admin that waited cannot be carried out, and is dropped");
                self.db.writing(waiting::give_up(&self.db, id, now)).await
            }
            settled => settled,
        }
    }
}

async fn carry_out(db: &Db, act: &Act, hand: &Hand, letters: Letters, now: Reading) -> Result<Outcome, StoreError> {
    let mut tx = db.write().await?;
    let outcome = at_once(&mut tx, &db.keys, act, hand, letters, now).await?;
    match outcome {
        Outcome::Done(_) => tx.commit(outcome).await,
        _ => tx.abandon(outcome).await,
    }
}

/// The effects of an act that nobody has to wait for: of what waits, it replaces what is about the same setting. Whoever gets
/// anything but [`Outcome::Done`] must undo the transaction.
async fn at_once(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    act: &Act,
    hand: &Hand,
    letters: Letters,
    now: Reading,
) -> Result<Outcome, StoreError> {
    if let Act::Set(setting) = act {
        supersede(conn, keys, setting.key(), &hand.event("settings.set")).await?;
    }
    within(conn, keys, act, hand, letters, now).await
}

/// The effects of an act. Whoever gets anything but [`Outcome::Done`] must undo the transaction.
async fn within(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    act: &Act,
    hand: &Hand,
    letters: Letters,
    now: Reading,
) -> Result<Outcome, StoreError> {
    let links = deeds::Links { letters, now };
    match act {
        Act::Deed { deed, whom, recovery_due } => {
            let before = deeds::admins_left(conn).await?;
            let mut changed = 0;
            for id in whom {
                if deeds::one(conn, keys, (*deed, *recovery_due), *id, hand, links).await? {
                    ask::count(conn, act, *id, hand, now).await?;
                    changed += 1;
                }
            }
            // Whoever holds the link enrols anew: an admin who lost the phone is helped even if nobody else is left.
            let kept = !deed.unmakes_an_admin() || hand.link.is_some() || deeds::admins_left(conn).await? >= before;
            Ok(if kept { Outcome::Done(changed) } else { Outcome::LastAdmin })
        }
        Act::Invite(people) => {
            let taken = deeds::taken(conn, people).await?;
            if !taken.is_empty() {
                return Ok(Outcome::Taken(taken));
            }
            for person in people {
                let id = deeds::invite(conn, keys, person, hand, links).await?;
                ask::count(conn, act, id, hand, now).await?;
            }
            Ok(Outcome::Done(people.len()))
        }
        Act::Set(setting) => {
            let event = hand.event("settings.set").with("key", setting.key());
            settings::change(conn, keys, setting.clone(), event).await?;
            Ok(Outcome::Done(1))
        }
    }
}

/// What the trail says of an act that waits.
fn told(act: &Act) -> Value {
    match act {
        Act::Deed { deed, whom, .. } => {
            let whom: Vec<Value> = whom.iter().take(100).map(|id| id.to_string().into()).collect();
            serde_json::json!({ "deed": deed.word(), "accounts": whom })
        }
        Act::Invite(people) => {
            let people: Vec<&str> = people.iter().take(100).map(|Newcomer { login, .. }| login.as_str()).collect();
            serde_json::json!({ "deed": "invite", "people": people })
        }
        Act::Set(setting) => serde_json::json!({ "deed": "set", "setting": setting }),
    }
}
