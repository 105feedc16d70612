//! The port to whatever keeps mails until they are sent. Each method is one transaction. Mails get in with the audit event of
//! what they tell ([`crate::notify::mail::Posting`]); here they are taken out.

use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::language::Language;
use crate::notify::mail::{Mail, MailId};
use crate::ports::{StoreError, Token};

/// How long a claimed mail is left alone: longer than any attempt to send one takes. A process that died with it has lost it to
/// the next claim after that.
pub const LEASE: Duration = Duration::from_mins(2);
/// How long what could not be sent is shown.
pub const KEEP_FAILED: Duration = Duration::from_hours(7 * 24);

/// Whom a mail goes to, as stored now.
#[derive(Clone, Debug)]
pub struct Addressee {
    /// The login id, which is the address.
    pub login: String,
    /// The display name; may be empty.
    pub name: String,
    /// Groups: they decide which portal is theirs.
    pub groups: Vec<String>,
    /// The language of their pages.
    pub language: Language,
}

/// A mail that is this process's to send, until its lease ends.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its id.
    pub id: MailId,
    /// What it says.
    pub mail: Mail,
    /// To whom.
    pub to: Addressee,
    /// The token of its link and the link's end, where it has one.
    pub link: Option<(Token, Timestamp)>,
    /// When it was put in.
    pub created: Timestamp,
    /// How often it was tried, this time included.
    pub tries: u32,
    /// A stranger asked for it.
    pub asked: bool,
    /// The end of the lease.
    pub until: Timestamp,
}

/// How many mails a sender has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Mails that tell of what was done.
    pub told: u32,
    /// Mails that strangers have asked for.
    pub asked: u32,
}

/// A mail that could not be sent so far, or never will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// Its id.
    pub id: MailId,
    /// What kind of mail.
    pub kind: &'static str,
    /// To whom.
    pub login: String,
    /// Secure time when it was put in.
    pub since: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// Given up: refused for good, or its time is over. Otherwise it is tried again.
    pub given_up: bool,
    /// What the last try came to.
    pub error: String,
}

/// The port.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Looks up whom the mails are for that strangers have asked for, at most `most` of them, those that have waited longest
    /// first: what is for nobody (no such account, disabled, without a password) is erased, and the rest may be claimed. One
    /// transaction, with the same work for each, so that nobody can tell from how long others wait whether an account exists.
    /// Says how many were looked at.
    async fn look_up(&self, now: Timestamp, most: u32) -> Result<u32, StoreError>;
    /// Takes what is due, as far as there is room, those that have waited longest first, for [`LEASE`], and counts the try. All
    /// in one transaction. Two senders never hold the same one. What has nobody to go to (any more), or a link that is used or
    /// replaced, is erased on the way. A link that sets a password or disowns comes to life here, once, however often the mail is
    /// claimed. Nothing: nothing is due.
    async fn claim(&self, now: Timestamp, room: Room) -> Result<Vec<Claimed>, StoreError>;
    /// It was sent: erases it.
    async fn sent(&self, id: MailId) -> Result<(), StoreError>;
    /// It was not: gives it back, to be tried again at `due`, unless the lease was over and somebody else has it. `error`: short,
    /// without anything secret.
    async fn put_off(&self, claimed: &Claimed, due: Timestamp, error: &str) -> Result<(), StoreError>;
    /// It never will be: its body is erased, kind and error stay for [`KEEP_FAILED`].
    async fn give_up(&self, id: MailId, now: Timestamp, error: &str) -> Result<(), StoreError>;
    /// What was tried in vain, newest first, at most `limit`.
    async fn unsent(&self, limit: u32) -> Result<Vec<Unsent>, StoreError>;
    /// How many wait to be sent.
    async fn waiting(&self) -> Result<u64, StoreError>;
}
