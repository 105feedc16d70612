//! The port to whatever keeps accounts, settings and the acts that wait, as admins need it. Each method is one transaction.

use async_trait::async_trait;
use uuid::Uuid;

use crate::admin::act::{Act, Cancelled, Delayed, Hand, Outcome, Speed};
use crate::admin::letters::Letters;
use crate::audit::{Event, Record};
use crate::auth::account::Account;
use crate::clock::{Reading, Timestamp};
use crate::identity::{AccountId, Login};
use crate::ports::StoreError;
use crate::session::window::Configured;

/// Which accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// All.
    #[default]
    All,
    /// Not enrolled.
    WithoutMfa,
    /// Locked for unknown browsers.
    Locked,
    /// Never signed in.
    NeverSignedIn,
    /// Disabled.
    Disabled,
    /// With the admin role.
    Admins,
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Find {
    /// Part of the login id, the name or a group; empty: anything.
    pub text: String,
    /// Which.
    pub matching: Matching,
    /// Skips so many.
    pub offset: u32,
    /// At most so many.
    pub limit: u32,
}

/// What was found.
#[derive(Clone)]
pub struct Found {
    /// A part of it, by login id.
    pub accounts: Vec<Account>,
    /// How many there are in all.
    pub total: u64,
}

/// Accounts by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// All.
    pub all: u64,
    /// Enrolled, recovery codes saved.
    pub enrolled: u64,
    /// Enrolled, recovery codes never saved.
    pub codes_missing: u64,
    /// Not enrolled.
    pub without_mfa: u64,
    /// Locked for unknown browsers.
    pub locked: u64,
    /// Disabled.
    pub disabled: u64,
    /// Never signed in.
    pub never_signed_in: u64,
}

/// One day (UTC) of sign-ins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970.
    pub day: i64,
    /// Both doors were passed.
    pub sign_ins: u64,
    /// A password, code, recovery code or link was refused.
    pub failures: u64,
}

/// Which records of the trail, newest first.
#[derive(Clone, Debug, Default)]
pub struct TrailQuery {
    /// About this login id.
    pub login: Option<String>,
    /// By an actor with this in its name.
    pub actor: Option<String>,
    /// This action, or all that begin with it where it ends with a dot.
    pub action: Option<String>,
    /// At or after, wall time.
    pub since: Option<Timestamp>,
    /// Before, wall time.
    pub until: Option<Timestamp>,
    /// Before this number.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// The port.
#[async_trait]
pub trait Office: Send + Sync {
    /// One account.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// One account.
    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError>;
    /// Accounts.
    async fn find(&self, find: &Find) -> Result<Found, StoreError>;
    /// The ids of all that match, from the first to the last or to the limit; nothing is skipped.
    async fn find_ids(&self, find: &Find) -> Result<Vec<AccountId>, StoreError>;
    /// How many of which kind.
    async fn census(&self) -> Result<Census, StoreError>;
    /// Sign-ins and failures of each day from `first` (days since 1970) on; days without either are left out.
    async fn days(&self, first: i64) -> Result<Vec<Day>, StoreError>;
    /// Records of the trail.
    async fn records(&self, query: &TrailQuery) -> Result<Vec<Record>, StoreError>;
    /// Carries an act out, at once whatever it is: all of it with an audit record for each change (old and new value), or nothing. Accounts that are gone,
    /// or as they should be, are passed over.
    async fn carry_out(&self, act: &Act, hand: &Hand, letters: Letters, now: Reading) -> Result<Outcome, StoreError>;
    /// Carries out what an admin asks for, or keeps it until it is due: judged (see [`crate::admin::judge`]) by how things stand in
    /// the same transaction, so that two forms at once are not each the last small one. `configured`: what the config file says.
    /// What waits is kept only if it could be done now: [`Outcome::Done`] says how much it would change. A setting that waits
    /// already is replaced. All admins hear of what waits by mail. Whoever asks must still be an admin under the same epoch.
    async fn ask(
        &self,
        asked: &Delayed,
        configured: Configured,
        letters: Letters,
        now: Reading,
    ) -> Result<(Speed, Outcome), StoreError>;
    /// All that wait, the next one first; but those that cannot be read.
    async fn delayed(&self) -> Result<Vec<Delayed>, StoreError>;
    /// Takes one back, unless it is about the account of `by`, who did not ask for it. They must be an admin under `epoch`.
    async fn cancel(&self, id: Uuid, by: AccountId, epoch: u64, event: Event) -> Result<Cancelled, StoreError>;
    /// Carries out what is due, each exactly once, and drops what was asked by somebody who is no longer an admin under the same
    /// epoch, or what cannot be done or read (any more). All of it is recorded, and each stands for itself: one that fails keeps
    /// no other from being done, and an error is told when all have been tried. Says how many waited no longer.
    async fn carry_out_due(&self, letters: Letters, now: Reading) -> Result<usize, StoreError>;
}
