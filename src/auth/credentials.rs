//! The port to whatever keeps accounts, links, pending logins and budgets. Each method is one transaction; the contract says
//! what is atomic and what `None` and `false` mean. The audit event is written in the same transaction, and only if the
//! method did what it is for.
//!
//! All times are `secure` times unless said otherwise. "Gone" means: unknown, expired, used up, or made under another epoch.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::audit::Event;
use crate::auth::account::Account;
use crate::auth::self_service::SelfService;
use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::ports::{StoreError, TokenHash};

/// The id of a link or grant row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkId(pub Uuid);

/// The id of a known browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeviceId(pub Uuid);

/// The id of a reserved attempt at a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptId(pub Uuid);

/// What a link or grant is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Sets the first password and allows enrolment.
    Invitation,
    /// Allows enrolment to somebody who has a password (import, reset-mfa, enrolment opened again).
    Enrolment,
    /// A recovery factor was accepted: allows enrolment for 15 minutes. Has no link, only a cookie.
    Recovery,
}

/// A link about to be made; its token is in nobody's hands but the caller's.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// Its id.
    pub id: LinkId,
    /// Hash of the token in the link.
    pub token: TokenHash,
    /// What for.
    pub kind: LinkKind,
    /// Made.
    pub created: Timestamp,
    /// Ends.
    pub expires: Timestamp,
}

/// A live link.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// What for.
    pub kind: LinkKind,
    /// Whose, as stored now.
    pub account: AccountId,
    /// Ends.
    pub expires: Timestamp,
}

/// An account about to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// Login id.
    pub login: Login,
    /// Display name.
    pub name: String,
    /// Groups.
    pub groups: Vec<String>,
    /// The `admin` role.
    pub admin: bool,
    /// An imported password hash.
    pub password: Option<String>,
    /// Wall time.
    pub created: Timestamp,
}

/// One durable token bucket (GCRA, the generic cell rate algorithm): `burst` at once, then one per `interval`.
#[derive(Clone, Debug)]
pub struct Charge {
    /// A keyed hash of what is limited; the same for accounts that do not exist.
    pub key: [u8; 32],
    /// Time for one to come back.
    pub interval: Duration,
    /// How many at once.
    pub burst: u32,
}

/// The answer to a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Charged {
    /// All buckets had room and have been charged.
    Taken,
    /// At least one had none until then; none has been charged.
    Until(Timestamp),
}

/// Where a pending login stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Has to enrol, and holds a grant.
    Setup,
    /// Enrolled; recovery codes not yet saved.
    Codes,
    /// Only the code is missing; or, where the account is half-way through a recovery, another recovery factor.
    Verify,
}

/// A pending login about to be made: the password was right.
#[derive(Clone, Debug)]
pub struct NewPending {
    /// Hash of the cookie's value.
    pub token: TokenHash,
    /// Whose.
    pub account: AccountId,
    /// The account's epoch when the password was checked.
    pub epoch: u64,
    /// The portal's name.
    pub portal: String,
    /// Where it starts.
    pub stage: Stage,
    /// Where the person wants to go: a canonical path and query.
    pub to: String,
    /// The grant that this browser holds.
    pub grant: Option<LinkId>,
    /// The known browser it comes from.
    pub device: Option<DeviceId>,
    /// From where.
    pub client: IpAddr,
    /// Made.
    pub created: Timestamp,
    /// Ends.
    pub expires: Timestamp,
}

/// A live pending login.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Hash of the cookie's value: its name in all other calls.
    pub token: TokenHash,
    /// The portal's name.
    pub portal: String,
    /// Where it stands.
    pub stage: Stage,
    /// Where the person wants to go.
    pub to: String,
    /// The grant that this browser holds.
    pub grant: Option<LinkId>,
    /// The known browser it comes from.
    pub device: Option<DeviceId>,
    /// Codes tried so far.
    pub attempts: u32,
    /// A secret on its way to the app, sealed (`Purpose::StagedSecret`, identity: the pending's token hash).
    pub staged_secret: Option<Vec<u8>>,
    /// Recovery codes on their way to the person, sealed (`Purpose::StagedCodes`, identity: the pending's token hash).
    pub staged_codes: Option<Vec<u8>>,
    /// Whether they were downloaded or shown.
    pub codes_handed_out: bool,
    /// The step of the code that enabled MFA, or reopened the recovery codes, in this pending login.
    pub enabled_step: Option<u64>,
    /// Ends.
    pub expires: Timestamp,
}

/// How many codes may be wrong.
#[derive(Clone, Debug)]
pub struct CodeBudget {
    /// In one pending login; the one that reaches it destroys it.
    pub per_pending: u32,
    /// By unknown browsers, for one account: (span, number) pairs that all hold.
    pub unknown: Vec<(Duration, u32)>,
    /// By one known browser: (span, number); beyond it the browser counts as unknown.
    pub known: (Duration, u32),
}

/// The answer to asking for an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Reservation {
    /// Go on and compare; the attempt already counts as wrong until it is settled as right.
    Reserved {
        /// To settle it by.
        attempt: AttemptId,
        /// Attempts left in this pending login after this one.
        left: u32,
    },
    /// The account is locked for unknown browsers, and this is one.
    Locked,
    /// The pending login is gone.
    Gone,
}

/// What a wrong code led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum AfterWrongCode {
    /// Another try may follow.
    Left(u32),
    /// That was the last of this pending login; it is destroyed.
    Destroyed,
    /// The budget of unknown browsers is spent; the account is locked for them now (and this pending login is destroyed).
    Locked,
}

/// The step from a staged secret to an enrolled account.
#[derive(Clone, Debug)]
pub struct EnableMfa {
    /// Which pending login; must be at [`Stage::Setup`] with a grant that is alive.
    pub pending: TokenHash,
    /// The attempt reserved for the code.
    pub attempt: AttemptId,
    /// The step whose code was right.
    pub step: u64,
    /// The secret, sealed for the account.
    pub sealed_secret: Vec<u8>,
    /// Keyed hashes of the new recovery codes.
    pub code_hashes: Vec<[u8; 32]>,
    /// The codes themselves, sealed for the pending login.
    pub staged_codes: Vec<u8>,
    /// The pending login's new end.
    pub expires: Timestamp,
    /// Wall time, for the account.
    pub enrolled_at: Timestamp,
}

/// A session about to be made: both doors are passed.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its public id.
    pub id: Uuid,
    /// Hash of the cookie's value.
    pub token: TokenHash,
    /// From where.
    pub client: IpAddr,
    /// The browser's `User-Agent`, cut to 256 bytes.
    pub agent: String,
    /// Made, and the time of its first code.
    pub created: Timestamp,
    /// Absolute end.
    pub expires: Timestamp,
    /// *Shared computer* was ticked.
    pub shared: bool,
}

/// Completing a sign-in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Which pending login; must be at [`Stage::Verify`].
    pub pending: TokenHash,
    /// The attempt reserved for the code.
    pub attempt: AttemptId,
    /// The step whose code was right.
    pub step: u64,
    /// The session to make.
    pub session: NewSession,
    /// The known browser to make: id and hash of the cookie's value. Replaces the one the pending login came from.
    pub device: Option<(DeviceId, TokenHash)>,
    /// Wall time, for the account.
    pub wall: Timestamp,
}

/// Going back to the recovery codes, which were never saved.
#[derive(Clone, Debug)]
pub struct ReopenCodes {
    /// Which pending login; must be at [`Stage::Verify`].
    pub pending: TokenHash,
    /// The attempt reserved for the code.
    pub attempt: AttemptId,
    /// The step whose code was right.
    pub step: u64,
    /// The pending login's new end.
    pub expires: Timestamp,
}

/// The answer to spending a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Spent {
    /// The step was advanced and everything that follows from it was stored.
    Done,
    /// The step was already used, by whomever; nothing was stored, the attempt stays counted.
    AlreadyUsed,
    /// The same was sent twice at once, and the other one was taken; nothing was stored, the attempt was given back.
    Repeated,
    /// What it was for is gone.
    Gone,
}

/// Confirming a session with a fresh code.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The session's id.
    pub session: Uuid,
    /// The step whose code was right.
    pub step: u64,
    /// Hash of the cookie's new value.
    pub token: TokenHash,
    /// Until when the old value stays good for what it was good for.
    pub old_until: Timestamp,
    /// The time of the code.
    pub code_at: Timestamp,
}

/// The answer to asking for an attempt inside a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum SessionReservation {
    /// Go on and compare. So many are left after this one; with 0 left a wrong code ends the session.
    Reserved {
        /// Left after this one.
        left: u32,
    },
    /// The session is gone.
    Gone,
}

/// A recovery code that was accepted.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Which pending login; must be at [`Stage::Verify`] or [`Stage::Codes`], or at [`Stage::Setup`] without MFA enrolled.
    pub pending: TokenHash,
    /// The attempt reserved for it.
    pub attempt: AttemptId,
    /// Keyed hash of the code.
    pub code: [u8; 32],
    /// The grant that it opens; the pending login goes to [`Stage::Setup`] and holds it.
    pub grant: NewLink,
    /// The pending login's new end.
    pub expires: Timestamp,
}

/// Why the first password was or was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum FirstPassword {
    /// Set.
    Set,
    /// The account has one already; it was left as it is.
    AlreadySet,
    /// The link is gone.
    Gone,
}

/// The port.
#[async_trait]
pub trait Credentials: SelfService + Send + Sync {
    // --- accounts -----------------------------------------------------------------------------------------------------
    /// The account, disabled ones too.
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// The account with this login id, disabled ones too.
    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError>;
    /// All, by login id.
    async fn accounts(&self) -> Result<Vec<Account>, StoreError>;
    /// Makes an account and its first link. `false`: the login id is taken; nothing was made.
    async fn create_account(&self, account: NewAccount, link: NewLink, event: Event) -> Result<bool, StoreError>;
    /// Makes many accounts, each with its first link: all, or, where a login id is taken (also by one of them), none; says which.
    async fn create_accounts(&self, new: Vec<(NewAccount, NewLink, Event)>) -> Result<Option<Login>, StoreError>;
    /// Replaces the stored form of an unchanged password, if it is still `old`. Moves no epoch.
    async fn rehash_password(&self, id: AccountId, old: &str, new: &str) -> Result<(), StoreError>;

    // --- links and grants ---------------------------------------------------------------------------------------------
    /// Makes a link for an account that is not enrolled; all older ones of that account die. `false`: unknown or enrolled.
    async fn issue_link(&self, id: AccountId, link: NewLink, event: Event) -> Result<bool, StoreError>;
    /// The live link with this token. Reading consumes nothing.
    async fn link_by_token(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Link>, StoreError>;
    /// Whether this was a link of this kind that has led to the enrolment of its account, which is enrolled still. Known until
    /// the link would have ended.
    async fn link_done(&self, token: &TokenHash, kind: LinkKind, now: Timestamp) -> Result<bool, StoreError>;
    /// The live link or grant with this id.
    async fn link(&self, id: LinkId, now: Timestamp) -> Result<Option<Link>, StoreError>;
    /// Sets the first password under a live invitation or enrolment link. Does not move the epoch, and leaves the link alive
    /// for the enrolment that follows.
    async fn set_first_password(
        &self,
        link: LinkId,
        hash: &str,
        now: Timestamp,
        event: Event,
    ) -> Result<FirstPassword, StoreError>;

    // --- durable rates ------------------------------------------------------------------------------------------------
    /// Takes one from every bucket, or none. Durable before it answers; does the same work whoever is asked about. Where there
    /// is no room, nothing is written.
    async fn charge(&self, charges: &[Charge], now: Timestamp) -> Result<Charged, StoreError>;
    /// Gives one back to every bucket: the attempt was right.
    async fn refund(&self, charges: &[Charge], now: Timestamp) -> Result<(), StoreError>;
    /// Notes a failure for the trail without one record each: counted per action, account and hour, and written as one
    /// record once the hour has passed (bounded number of different keys; beyond it, one key for all).
    async fn note_failure(&self, event: Event) -> Result<(), StoreError>;

    // --- pending logins -----------------------------------------------------------------------------------------------
    /// Makes one. At most 10 per account from unknown browsers and 10 from known ones; beyond it the oldest of its own kind
    /// dies. `false`: the account is gone, disabled or of another epoch.
    async fn open_pending(&self, pending: NewPending) -> Result<bool, StoreError>;
    /// The live pending login and its account (which is enabled and of the same epoch), both as of one moment: a step that the
    /// account has used is then known not to have been used by this pending login, unless the latter says so.
    async fn pending(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(Pending, Account)>, StoreError>;
    /// Ends it.
    async fn drop_pending(&self, token: &TokenHash) -> Result<(), StoreError>;
    /// Keeps a sealed secret for it (only at [`Stage::Setup`]; an earlier one is replaced) and moves its end. `false`: gone.
    async fn stage_secret(
        &self,
        token: &TokenHash,
        sealed: &[u8],
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Counts an attempt at a code (TOTP or recovery) before it is compared: in the pending login, and against the account's
    /// budget for this kind of browser. A known browser beyond its own budget counts as unknown. For [`Stage::Setup`] only the
    /// pending login counts. 50 in parallel never reserve more than the budget holds.
    async fn reserve_attempt(&self, token: &TokenHash, budget: &CodeBudget, now: Timestamp) -> Result<Reservation, StoreError>;
    /// The reserved code was wrong. Locks the account when unknown browsers have no attempt left (with the event `user.lock`
    /// made from `event`).
    async fn settle_wrong(
        &self,
        token: &TokenHash,
        attempt: AttemptId,
        budget: &CodeBudget,
        now: Timestamp,
        event: Event,
    ) -> Result<AfterWrongCode, StoreError>;
    /// The reserved code was neither right nor wrong (already used by this very pending login): gives the attempt back.
    async fn settle_void(&self, token: &TokenHash, attempt: AttemptId) -> Result<(), StoreError>;
    /// Enrols: secret, step, codes; the grant and every other link of the account die, the epoch moves, other pending logins
    /// and all sessions die, this one goes to [`Stage::Codes`] under the new epoch, and its attempts start again at 0. No
    /// recovery is due any more, nor is one half-way.
    async fn enable_mfa(&self, enable: EnableMfa, now: Timestamp, event: Event) -> Result<Spent, StoreError>;
    /// Replaces all recovery codes at [`Stage::Codes`] (the person left the wizard and came back). `false`: gone.
    async fn replace_codes(
        &self,
        token: &TokenHash,
        hashes: &[[u8; 32]],
        staged: &[u8],
        now: Timestamp,
        event: Event,
    ) -> Result<bool, StoreError>;
    /// Notes that the staged codes were downloaded or shown. `false`: gone.
    async fn codes_handed_out(&self, token: &TokenHash, now: Timestamp) -> Result<bool, StoreError>;
    /// The person has saved them: erases the staged ones, and goes to [`Stage::Verify`]. `false`: gone.
    async fn codes_saved(&self, token: &TokenHash, now: Timestamp, expires: Timestamp, event: Event) -> Result<bool, StoreError>;
    /// The code was right at [`Stage::Verify`], but the recovery codes were never saved: spends the code, settles the attempt as
    /// right, notes the step as the pending login's `enabled_step`, erases what was staged, and goes to [`Stage::Codes`]; or
    /// does nothing. Makes no session. Where a recovery is due, an attempt as an unknown browser is [`Spent::Gone`].
    async fn reopen_codes(&self, reopen: ReopenCodes, now: Timestamp, event: Event) -> Result<Spent, StoreError>;
    /// Spends the code and makes the session, or does nothing. Ends the pending login, settles the attempt as right,
    /// makes the known browser, sets `last_sign_in`. Where a recovery is due, an attempt as an unknown browser is
    /// [`Spent::Gone`].
    async fn sign_in(&self, sign_in: SignIn, now: Timestamp, event: Event) -> Result<Spent, StoreError>;
    /// Spends a recovery code: this code, all others, the secret, sessions, known browsers, other pending logins and links
    /// die, the epoch moves; the grant is made, and this pending login holds it at [`Stage::Setup`] under the new epoch. A
    /// lock stays on until enrolment is done, then it is taken off; until then the account is `half_way`. [`Spent::AlreadyUsed`]: no such unspent code.
    async fn recover(&self, recovery: Recovery, now: Timestamp, event: Event) -> Result<Spent, StoreError>;

    // --- sessions and browsers ----------------------------------------------------------------------------------------
    /// Counts an attempt inside a session before it is compared; at most `limit` without a right one in between.
    async fn reserve_in_session(&self, session: Uuid, limit: u32, now: Timestamp) -> Result<SessionReservation, StoreError>;
    /// The code was one that this very session has used: gives the attempt back.
    async fn void_in_session(&self, session: Uuid) -> Result<(), StoreError>;
    /// Spends the code and moves the session's window and token, or does nothing; wrong attempts start again at 0.
    async fn confirm(&self, confirm: Confirm, now: Timestamp, event: Event) -> Result<Spent, StoreError>;
    /// Ends a session. `false`: unknown.
    async fn end_session(&self, session: Uuid, event: Event) -> Result<bool, StoreError>;
    /// The known browser with this token, and whose it is.
    async fn device(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(DeviceId, AccountId)>, StoreError>;
}
