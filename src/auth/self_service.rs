//! The port to what people do to their own account from inside a session. The same terms as in [`super::credentials`]: each
//! method is one transaction, and the audit event is written in it, only if the method did what it is for.
//!
//! What changes a factor starts from a [`Proof`]: password and code, both given in the same request. It spends the code, moves
//! the epoch, and leaves nothing of the old one but the session that asked, under a new cookie, and its browser.

use std::net::IpAddr;

use async_trait::async_trait;
use uuid::Uuid;

use crate::audit::Event;
use crate::auth::credentials::DeviceId;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};

/// What was found right, and where. Nothing of it is spent yet.
#[derive(Clone, Copy, Debug)]
pub struct Proof {
    /// The session that asked.
    pub session: Uuid,
    /// Whose.
    pub account: AccountId,
    /// The account's epoch when password and secret were read.
    pub epoch: u64,
    /// The step whose code was right.
    pub step: u64,
    /// The time of the code.
    pub at: Timestamp,
}

/// How the session that asked, and its browser, go on under the new epoch.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    /// Hash of the session cookie's new value; the old one is dead at once.
    pub token: TokenHash,
    /// The known browser that asked, and the hash of its cookie's new value. All others die.
    pub device: Option<(DeviceId, TokenHash)>,
}

/// The answer to an act that spends a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Spending {
    /// The code was spent, and everything that follows from it was stored.
    Done,
    /// This very session has used the step before; nothing was stored.
    UsedHere,
    /// The step was used elsewhere; nothing was stored, the attempt stays counted.
    UsedElsewhere,
    /// The session, or what was staged in it, is gone, or the account has changed meanwhile.
    Gone,
}

/// A new set of recovery codes.
#[derive(Clone, Debug)]
pub struct CodeSet {
    /// Keyed hashes.
    pub hashes: Vec<[u8; 32]>,
    /// The codes, sealed for the session (`Purpose::StagedCodes`, identity: the session's id).
    pub sealed: Vec<u8>,
    /// Until when they can be shown again.
    pub expires: Timestamp,
}

/// An authenticator that takes the place of another.
#[derive(Clone, Debug)]
pub struct NewAuthenticator {
    /// What was staged, as it was read: no other secret is enabled than the one that the code was compared with.
    pub staged: Vec<u8>,
    /// The secret, sealed for the account.
    pub sealed_secret: Vec<u8>,
    /// Wall time.
    pub enrolled_at: Timestamp,
    /// The recovery codes that come with it.
    pub codes: CodeSet,
}

/// What a session is being shown.
#[derive(Clone, Debug)]
pub enum Staged {
    /// The secret of a new authenticator, sealed (`Purpose::StagedSecret`, identity: the session's id).
    Secret(Vec<u8>),
    /// New recovery codes.
    Codes {
        /// Sealed as in [`CodeSet::sealed`].
        sealed: Vec<u8>,
        /// Whether they were downloaded or shown.
        handed_out: bool,
    },
}

/// A session of one's own.
#[derive(Clone, Debug)]
pub struct OwnSession {
    /// Its public id.
    pub id: Uuid,
    /// The portal's name.
    pub portal: String,
    /// From where it was made.
    pub client: IpAddr,
    /// The browser's `User-Agent`.
    pub agent: String,
    /// Made.
    pub created: Timestamp,
    /// The last accepted code.
    pub code_at: Timestamp,
    /// The last request, as last written.
    pub last_seen: Timestamp,
}

/// A known browser of one's own.
#[derive(Clone, Debug)]
pub struct KnownBrowser {
    /// Its id.
    pub id: DeviceId,
    /// Its `User-Agent` at the last full sign-in; empty where none was noted.
    pub agent: String,
    /// The first full sign-in.
    pub since: Timestamp,
    /// The last one.
    pub last: Timestamp,
}

/// Which sessions of one's own end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// This one.
    One(Uuid),
    /// All but this one.
    Others(Uuid),
}

/// The port.
#[async_trait]
pub trait SelfService: Send + Sync {
    // --- factors ------------------------------------------------------------------------------------------------------
    /// Another password. The epoch moves, as above.
    async fn change_password(
        &self,
        proof: Proof,
        renewal: Renewal,
        hash: &str,
        now: Timestamp,
        event: Event,
    ) -> Result<Spending, StoreError>;
    /// Spends the code for a new authenticator's secret, which is kept for this session until `expires`. Nothing else changes.
    async fn stage_authenticator(
        &self,
        proof: Proof,
        sealed: &[u8],
        now: Timestamp,
        expires: Timestamp,
        event: Event,
    ) -> Result<Spending, StoreError>;
    /// The staged secret takes the old one's place; `proof.step` is a step of the new one. All recovery codes die, the new ones
    /// are staged and count as not saved. The epoch moves, as above.
    async fn replace_authenticator(
        &self,
        proof: Proof,
        renewal: Renewal,
        new: NewAuthenticator,
        now: Timestamp,
        event: Event,
    ) -> Result<Spending, StoreError>;
    /// New recovery codes, staged and not yet saved; the old ones die. The epoch moves, as above.
    async fn renew_codes(
        &self,
        proof: Proof,
        renewal: Renewal,
        codes: CodeSet,
        now: Timestamp,
        event: Event,
    ) -> Result<Spending, StoreError>;
    /// What this live session is being shown.
    async fn staged(&self, session: Uuid, now: Timestamp) -> Result<Option<Staged>, StoreError>;
    /// Notes that the staged codes were downloaded or shown. `false`: there are none.
    async fn staged_codes_handed_out(&self, session: Uuid, now: Timestamp) -> Result<bool, StoreError>;
    /// The person has saved the staged codes: they are erased. `false`: there are none.
    async fn staged_codes_saved(&self, session: Uuid, now: Timestamp, event: Event) -> Result<bool, StoreError>;

    // --- sessions and browsers ----------------------------------------------------------------------------------------
    /// The live sessions of an account, newest first.
    async fn own_sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<OwnSession>, StoreError>;
    /// Its known browsers, the last used first.
    async fn known_browsers(&self, account: AccountId, now: Timestamp) -> Result<Vec<KnownBrowser>, StoreError>;
    /// Ends sessions of this account and of no other; which ones.
    async fn end_own(&self, account: AccountId, which: Ending, event: Event) -> Result<Vec<Uuid>, StoreError>;
    /// Moves the epoch: sessions, known browsers, pending logins, links and grants die. Which sessions.
    async fn sign_out_everywhere(&self, account: AccountId, event: Event) -> Result<Vec<Uuid>, StoreError>;
    /// Forgets a known browser of this account and of no other. `false`: unknown.
    async fn forget_browser(&self, account: AccountId, browser: DeviceId, event: Event) -> Result<bool, StoreError>;
}
