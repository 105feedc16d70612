//! The port to whatever keeps sessions: loaded at start, followed by the change feed, written behind.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit::Event;
use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::ports::{StoreError, TokenHash};

/// A session as stored. All times are `secure` times.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Its public id.
    pub id: Uuid,
    /// Hash of the cookie's value.
    pub token: TokenHash,
    /// The value before the last confirm: its hash, until when it is good, and the time of the code it was good for.
    pub previous: Option<PreviousToken>,
    /// Whose.
    pub account: AccountId,
    /// The portal's name.
    pub portal: String,
    /// The account's epoch when it was made.
    pub epoch: u64,
    /// Made.
    pub created: Timestamp,
    /// The last accepted code.
    pub code_at: Timestamp,
    /// The 30-second step of that code.
    pub code_step: u64,
    /// The last request, written behind.
    pub last_seen: Timestamp,
    /// Absolute end.
    pub expires: Timestamp,
    /// From where it was made.
    pub client: IpAddr,
    /// The browser's `User-Agent`.
    pub agent: String,
    /// *Shared computer* was ticked.
    pub shared: bool,
    /// The session at the host of our own pages that it was handed on from: it ends with that one.
    pub parent: Option<Uuid>,
}

/// See [`SessionRow::previous`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousToken {
    /// Hash of the cookie's old value.
    pub token: TokenHash,
    /// Good until.
    pub until: Timestamp,
    /// The code that the old value was good for.
    pub code_at: Timestamp,
}

/// What sessions need to know of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The id.
    pub id: AccountId,
    /// The login id.
    pub login: Login,
    /// The display name.
    pub name: String,
    /// Groups, sorted.
    pub groups: Vec<String>,
    /// The `admin` role.
    pub admin: bool,
    /// Disabled.
    pub disabled: bool,
    /// The epoch.
    pub epoch: u64,
}

/// What an admin has set; `None`: what the config file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredSettings {
    /// `reauth-window`.
    pub reauth_window: Option<Duration>,
    /// `idle`; zero: off.
    pub idle: Option<Duration>,
    /// `enrolment-window`.
    pub enrolment_window: Option<Duration>,
    /// `notice-sign-in`: plain text above the sign-in form.
    pub notice_sign_in: Option<String>,
    /// `notice-confirm`: plain text above the form that asks for a new code.
    pub notice_confirm: Option<String>,
}

impl StoredSettings {
    /// The same after one of them was set.
    #[must_use]
    pub fn after(mut self, setting: &Setting) -> Self {
        match setting.clone() {
            Setting::ReauthWindow(window) => self.reauth_window = window,
            Setting::Idle(idle) => self.idle = idle,
            Setting::EnrolmentWindow(window) => self.enrolment_window = window,
            Setting::NoticeSignIn(words) => self.notice_sign_in = words,
            Setting::NoticeConfirm(words) => self.notice_confirm = words,
        }
        self
    }
}

/// One of the settings with its new value; `None`: back to what the config file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// How long after a code a session may go on.
    ReauthWindow(Option<Duration>),
    /// How long a session may rest; zero: as long as it likes.
    Idle(Option<Duration>),
    /// How long an invitation or enrolment link lives.
    EnrolmentWindow(Option<Duration>),
    /// Plain text above the sign-in form.
    NoticeSignIn(Option<String>),
    /// Plain text above the form that asks for a new code.
    NoticeConfirm(Option<String>),
}

impl Setting {
    /// Its name, for operators and in the store.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::ReauthWindow(_) => "reauth-window",
            Self::Idle(_) => "idle",
            Self::EnrolmentWindow(_) => "enrolment-window",
            Self::NoticeSignIn(_) => "notice-sign-in",
            Self::NoticeConfirm(_) => "notice-confirm",
        }
    }
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// This session was made, moved or ended.
    Session(Uuid),
    /// This account was changed or removed; its sessions may be gone.
    Account(AccountId),
    /// A setting was changed.
    Settings,
}

/// Which sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// One.
    One(Uuid),
    /// All of one account.
    Of(AccountId),
    /// All.
    All,
}

/// Everything at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The number of the last change that it contains.
    pub seq: i64,
    /// All live sessions.
    pub sessions: Vec<SessionRow>,
    /// The accounts that have one.
    pub accounts: Vec<AccountRow>,
    /// The settings.
    pub settings: StoredSettings,
}

/// How many sessions a snapshot has read so far, for whoever waits for it. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<AtomicU64>);

impl Tally {
    /// One more.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A live session as a list shows it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The login id of whose it is.
    pub login: Login,
    /// The session.
    pub session: SessionRow,
}

impl Listed {
    /// Where it stands in the list: by login id, then by when it was made.
    pub fn place(&self) -> Place {
        Place { login: self.login.to_string(), created: self.session.created, id: self.session.id }
    }
}

/// See [`Listed::place`]. The default stands before all.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The login id.
    pub login: String,
    /// When the session was made.
    pub created: Timestamp,
    /// Its id, where two were made at the same moment.
    pub id: Uuid,
}

/// What of a session must be the same in memory, for comparing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Its public id.
    pub id: Uuid,
    /// Hash of the cookie's value.
    pub token: TokenHash,
    /// See [`SessionRow::previous`].
    pub old_token: Option<TokenHash>,
    /// The account's epoch under which it lives.
    pub epoch: u64,
    /// The last accepted code.
    pub code_at: Timestamp,
}

impl SessionRow {
    /// What of it is compared.
    pub fn outline(&self) -> Outline {
        Outline {
            id: self.id,
            token: self.token,
            old_token: self.previous.map(|previous| previous.token),
            epoch: self.epoch,
            code_at: self.code_at,
        }
    }
}

/// The port.
#[async_trait]
pub trait SessionLog: Send + Sync {
    /// Everything alive at `now`, from one read transaction. Sessions are counted as they are read.
    async fn snapshot(&self, now: Timestamp, read: &Tally) -> Result<Snapshot, StoreError>;
    /// A part of the sessions alive at `now`, cheaper than all of them: in the order of ids, those that follow `after`. None: there
    /// are no more.
    async fn outlines(&self, after: Option<Uuid>, now: Timestamp) -> Result<Vec<Outline>, StoreError>;
    /// A part of the accounts, with or without sessions: in the order of ids, those that follow `after`. None: there are no more.
    async fn accounts(&self, after: Option<AccountId>) -> Result<Vec<AccountRow>, StoreError>;
    /// A part of the list of sessions alive at `now`, of one account or of all: at most `limit` that follow this place, in order.
    async fn listed(
        &self,
        whose: Option<AccountId>,
        after: &Place,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Listed>, StoreError>;
    /// How many sessions are alive at `now`, of one account or of all.
    async fn living(&self, whose: Option<AccountId>, now: Timestamp) -> Result<u64, StoreError>;
    /// Changes after `seq` in order, at most `limit`, with the number of the last one. Never skips a change that an
    /// uncommitted transaction may still bring. No changes but another number than `seq`: what followed `seq` is no longer
    /// known, forgotten, in another database, or too much to be told one by one; only a snapshot tells how things stand.
    async fn changes(&self, seq: i64, limit: u32) -> Result<(i64, Vec<Change>), StoreError>;
    /// One live session and its account, or `None` if it is gone.
    async fn session(&self, id: Uuid, now: Timestamp) -> Result<Option<(SessionRow, AccountRow)>, StoreError>;
    /// One account and all its live sessions, or `None` if it is gone.
    async fn account_sessions(&self, id: AccountId, now: Timestamp) -> Result<Option<(AccountRow, Vec<SessionRow>)>, StoreError>;
    /// The settings.
    async fn settings(&self) -> Result<StoredSettings, StoreError>;
    /// Changes one setting. The event gets the old and new value. An act of an admin that waits to change the same setting is
    /// cancelled by this later decision.
    async fn set(&self, setting: Setting, event: Event) -> Result<(), StoreError>;
    /// Ends sessions; says how many.
    async fn end(&self, which: Which, event: Event) -> Result<u64, StoreError>;
    /// Writes `last_seen` of many at once, in transactions of bounded length; an older time changes nothing. Writes no changes.
    async fn touch(&self, seen: &[(Uuid, Timestamp)]) -> Result<(), StoreError>;
    /// Forgets what has expired: sessions, pending logins, links, refilled buckets, old attempts, old changes; writes what
    /// [`crate::audit`] has aggregated. Says how many rows went.
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError>;
    /// The stored high-water mark of secure time.
    async fn high_water(&self) -> Result<Timestamp, StoreError>;
    /// Raises it.
    async fn raise_high_water(&self, mark: Timestamp) -> Result<(), StoreError>;
}
