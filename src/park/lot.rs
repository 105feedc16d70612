//! The port to whatever keeps parked requests. Each method is one transaction.

use async_trait::async_trait;
use uuid::Uuid;

use crate::audit::Event;
use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::ports::{StoreError, TokenHash};

/// Whose session a request comes from.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The account.
    pub account: AccountId,
    /// Its login id, for the trail.
    pub login: Login,
    /// The session, live or lapsed.
    pub session: Uuid,
}

/// Who asks for what waits: always an account, and of its requests those of one session or browser.
#[derive(Clone, Debug)]
pub struct Whose {
    /// The account.
    pub account: AccountId,
    /// The live session.
    pub session: Uuid,
    /// The park cookie.
    pub browser: Option<TokenHash>,
    /// The portal's name.
    pub portal: String,
}

/// A request to be kept; head and body are sealed.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct NewParked {
    pub id: Uuid,
    pub account: AccountId,
    pub session: Uuid,
    /// The browser's park cookie, if it sent one: kept if it leads to something that waits.
    pub known: Option<TokenHash>,
    /// The park cookie that it gets otherwise.
    pub fresh: TokenHash,
    pub portal: String,
    /// A keyed hash of portal, host and target.
    pub place: [u8; 32],
    pub head: Vec<u8>,
    pub body: Vec<u8>,
    /// Bytes of the body before it was sealed.
    pub size: u64,
    pub created: Timestamp,
    pub expires: Timestamp,
}

/// How much may wait.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Requests of one account.
    pub per_account: u32,
    /// Bytes of all, heads and bodies, as they are stored.
    pub bytes: u64,
}

/// What became of a request that should be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Kept {
    /// It waits, under this park cookie.
    Under(TokenHash),
    /// The account has as many as it may have; the first of them ends then.
    Share(Timestamp),
    /// All that may wait waits.
    Full,
    /// The session or its account is no longer what it was.
    Gone,
}

/// Where a parked request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits.
    Waiting,
    /// It was handed on, then; whether the portal took it is not known.
    Sent(Timestamp),
    /// It was handed on, then, and the portal answered with this status.
    Answered(Timestamp, u16),
    /// It was discarded, then.
    Discarded(Timestamp),
}

/// A parked request as listed.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Row {
    pub id: Uuid,
    pub head: Vec<u8>,
    pub size: u64,
    pub state: State,
    pub created: Timestamp,
    pub expires: Timestamp,
}

/// A request that is to be sent now, by whoever holds this and by nobody else.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Claimed {
    pub id: Uuid,
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

/// The port. What has expired, whose account's epoch has moved or whose session has ended (not lapsed) is not there.
#[async_trait]
pub trait Lot: Send + Sync {
    /// The session that reached the end of its lifetime after `since`: the one of this cookie, or the last one of the account
    /// that this known browser belongs to.
    async fn lapsed(
        &self,
        session: Option<&TokenHash>,
        device: Option<&TokenHash>,
        portal: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Owner>, StoreError>;
    /// Keeps a request, if there is room.
    async fn keep(&self, new: NewParked, bounds: Bounds, event: Event) -> Result<Kept, StoreError>;
    /// What is there, the oldest first, also what was sent or discarded.
    async fn list(&self, whose: &Whose, now: Timestamp) -> Result<Vec<Row>, StoreError>;
    /// After a full sign-in: what this browser left behind belongs to `whose.session` from now on. Says how many wait.
    async fn adopt(&self, whose: &Whose, now: Timestamp) -> Result<u64, StoreError>;
    /// Gives one that waits a new ticket, good until then; an earlier ticket is dead. The browser's cookie is the ticket from
    /// now on, for all that it left. The head; `None`: it does not wait.
    async fn ticket(
        &self,
        whose: &Whose,
        id: Uuid,
        ticket: &TokenHash,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// Marks the request of this ticket as sent, durably, and hands it out: to one caller, ever.
    async fn claim(
        &self,
        whose: &Whose,
        ticket: &TokenHash,
        place: &[u8; 32],
        now: Timestamp,
        event: Event,
    ) -> Result<Option<Claimed>, StoreError>;
    /// Not a byte of a claimed request went out, for certain: it waits again.
    async fn unsent(&self, id: Uuid) -> Result<(), StoreError>;
    /// The portal answered a claimed request; its body is forgotten.
    async fn answered(&self, id: Uuid, status: u16) -> Result<(), StoreError>;
    /// Discards one that waits; `false`: it does not.
    async fn discard(&self, whose: &Whose, id: Uuid, now: Timestamp, event: Event) -> Result<bool, StoreError>;
}
