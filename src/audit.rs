//! The audit trail: what is recorded, and the keyed chain that shows whether a record was changed, removed or put in.

use std::fmt;
use std::net::IpAddr;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::keys::{KeyRing, Purpose};
use crate::notify::mail::Posting;
use crate::ports::StoreError;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has not signed in.
    Anonymous,
    /// A signed-in person.
    Account(Login),
    /// A person at the operator's command line, by operating-system user.
    Operator(String),
    /// The gate itself.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Account(login) => write!(f, "account:{login}"),
            Self::Operator(user) => write!(f, "operator:{user}"),
            Self::System => f.write_str("system"),
        }
    }
}

/// What happened. Written in the transaction that made it happen. Never holds a secret, a token, a code or a link.
#[derive(Clone, Debug)]
pub struct Event {
    /// Wall time.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// From where, if over the network.
    pub client: Option<IpAddr>,
    /// What: lower case, words joined by dots, for example `session.start` or `user.reset-mfa`.
    pub action: &'static str,
    /// To whom.
    pub account: Option<AccountId>,
    /// The login id of that account: it stays readable after the account was removed.
    pub login: Option<Login>,
    /// Further facts.
    pub detail: Map<String, Value>,
    /// Mails that tell of it: put into the outbox by the same transaction, and no part of the record.
    pub mails: Vec<Posting>,
}

impl Event {
    /// An event without detail.
    pub fn new(at: Timestamp, actor: Actor, action: &'static str) -> Self {
        Self { at, actor, client: None, action, account: None, login: None, detail: Map::new(), mails: Vec::new() }
    }

    /// From this address.
    #[must_use]
    pub fn from(mut self, client: IpAddr) -> Self {
        self.client = Some(client);
        self
    }

    /// About this account.
    #[must_use]
    pub fn about(mut self, id: AccountId, login: &Login) -> Self {
        self.account = Some(id);
        self.login = Some(login.clone());
        self
    }

    /// With one more fact.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(key.to_owned(), value.into());
        self
    }

    /// Told by this mail, if there is one.
    #[must_use]
    pub fn telling(mut self, mail: Option<Posting>) -> Self {
        self.mails.extend(mail);
        self
    }
}

/// One stored record of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// 1, 2, 3, ... without gaps.
    pub seq: i64,
    /// Wall time.
    pub at: Timestamp,
    /// [`Actor`] as text.
    pub actor: String,
    /// Client address as text, or empty.
    pub client: String,
    /// The action.
    pub action: String,
    /// The account's id as text, or empty.
    pub account: String,
    /// The account's login id, or empty.
    pub login: String,
    /// Further facts as a JSON object.
    pub detail: String,
    /// [`link`] of this record to the one before.
    pub mac: [u8; 32],
}

/// The chain value of `record` after `previous` (32 zero bytes before the first): HMAC-SHA-256 over both, each field with
/// its length, under the audit key.
pub fn link(keys: &KeyRing, previous: &[u8; 32], record: &Record) -> [u8; 32] {
    keys.mac(
        Purpose::Audit,
        &[
            previous,
            &record.seq.to_be_bytes(),
            &record.at.millis().to_be_bytes(),
            record.actor.as_bytes(),
            record.client.as_bytes(),
            record.action.as_bytes(),
            record.account.as_bytes(),
            record.login.as_bytes(),
            record.detail.as_bytes(),
        ],
    )
}

/// What a walk over the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// Every record follows from the one before; so many were read.
    Whole {
        /// How many records.
        records: i64,
    },
    /// The record with this number is not what was written, or one before it is missing.
    BrokenAt {
        /// The first number that does not hold.
        seq: i64,
    },
}

/// Reading the audit trail.
#[async_trait]
pub trait Trail: Send + Sync {
    /// Records after number `after` (0: from the start) and at or after `since` (wall time), oldest first, at most `limit`.
    async fn records(
        &self,
        after: i64,
        since: Option<Timestamp>,
        login: Option<&Login>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError>;
    /// Walks the whole chain.
    async fn verify(&self) -> Result<Verdict, StoreError>;
    /// Adds a record of its own: something that changed nothing else in the store.
    async fn append(&self, event: Event) -> Result<(), StoreError>;
}
