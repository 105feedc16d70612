//! Who asks, and the answers there are: one enum per act, so that a page that forgets a case does not compile. What a peer can
//! cause is a value here; [`AuthError`] is what it cannot.

use std::net::IpAddr;
use std::time::Duration;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::auth::account::Account;
use crate::auth::credentials::{DeviceId, LinkId, LinkKind, Pending, Stage};
use crate::auth::password::Complaint;
use crate::clock::{Reading, Timestamp};
use crate::identity::AccountId;
use crate::language::Language;
use crate::ports::{StoreError, Token};

/// Who is asking: what every act is told about the browser on the other side.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Its address.
    pub client: IpAddr,
    /// Its `User-Agent`, cut to 256 bytes.
    pub agent: String,
    /// The value of its device cookie, if it has the form of one.
    pub device: Option<Token>,
    /// The value of its grant cookie.
    pub grant: Option<String>,
    /// The portal's name.
    pub portal: String,
    /// The language of the pages it is shown.
    pub language: Language,
    /// One reading of the clock.
    pub now: Reading,
}

/// Why an act could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many passwords are being hashed; nothing was changed. Answer 503 with `Retry-After`.
    #[error("the password hashing pool is full")]
    Busy,
    /// A sealed value does not open: wrong key file, or a damaged row.
    #[error("a sealed value of the store does not open: {0}")]
    Sealed(#[from] crate::keys::KeyError),
    /// A task of ours died.
    #[error("an internal task failed: {0}")]
    Internal(String),
}

/// After page one.
#[derive(Debug)]
#[must_use]
pub enum PasswordStep {
    /// Unknown, disabled, without password, wrong password: the same words for all.
    Refused,
    /// Too many failures; try again then.
    SlowDown(Duration),
    /// The password was right.
    Passed {
        /// Value of the pending cookie.
        pending: Token,
        /// Where it goes on.
        stage: Stage,
    },
    /// The password was right, but the account is not enrolled and this browser holds no grant: page without a cookie that
    /// says a new link is needed and whom to ask.
    NeedsGrant,
    /// The same for an account whose recovery was left half-way, where no other recovery factor can go on.
    LeftHalfWay,
}

/// A live pending login and its account.
#[derive(Clone)]
pub struct Standing {
    /// The pending login.
    pub pending: Pending,
    /// Its account.
    pub account: Account,
    /// Whether this browser may not go on because the account is locked for unknown browsers.
    pub locked: bool,
    /// Whether this browser needs a recovery code in place of the code.
    pub recovery_due: bool,
    /// A recovery was left half-way: there is no authenticator and no recovery code, and only texts go on.
    pub half_way: bool,
}

/// What the set-up page shows. Only ever in the answer to a POST.
pub struct Enrolment {
    /// The secret in base32 without padding (RFC 4648).
    pub secret: Zeroizing<String>,
    /// The `otpauth://` address: SHA-1, six digits, 30 seconds.
    pub otpauth: Zeroizing<String>,
    /// The QR code of that address as SVG markup (black on white with its quiet zone).
    pub qr_svg: String,
}

/// After a code that should enable MFA.
#[derive(Debug)]
#[must_use]
pub enum EnableStep {
    /// Enrolled; go on to the recovery codes. The grant cookie is dead.
    Enabled,
    /// Not six digits; nothing was counted.
    Malformed,
    /// Wrong; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// No secret was staged yet, or the one staged has gone: start the page again.
    NotStaged,
    /// The pending login is gone (expired, destroyed by wrong codes, or enrolled elsewhere): sign in again.
    Gone,
    /// The grant has gone: a new link is needed.
    NeedsGrant,
    /// Too many failures from this address.
    SlowDown(Duration),
}

/// A session that was just made.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Its public id.
    pub session: Uuid,
    /// Value of the session cookie.
    pub token: Token,
    /// Value of the device cookie; none on a shared computer.
    pub device: Option<Token>,
    /// Whose.
    pub account: AccountId,
    /// Where the person wants to go.
    pub to: String,
    /// Absolute end.
    pub expires: Timestamp,
    /// *Shared computer* was ticked: a browser-session cookie.
    pub shared: bool,
}

/// After a code on page two.
#[derive(Debug)]
#[must_use]
pub enum VerifyStep {
    /// Both doors are passed.
    SignedIn(Box<SignedIn>),
    /// Not six digits; nothing was counted.
    Malformed,
    /// Wrong; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// The code was right, but the recovery codes were never saved: the pending login stands at [`Stage::Codes`] now. Go on
    /// there; the next code signs in.
    SaveCodesFirst,
    /// This very sign-in has used the code already (to enable MFA); a new one shows in so many seconds. Nothing was counted.
    AlreadyUsed {
        /// Seconds until the next code.
        wait: u64,
    },
    /// The same code was sent twice at once, and the other one was taken: go where that leads. Nothing was counted.
    Repeated {
        /// Where the person wants to go.
        to: String,
    },
    /// The account is locked for browsers that it does not know.
    Locked,
    /// The account was unlocked, and from browsers that it does not know only a recovery code goes on; or a recovery was left
    /// half-way, and only another recovery factor does.
    RecoveryDue,
    /// The pending login is gone: sign in again.
    Gone,
    /// Too many failures from this address.
    SlowDown(Duration),
}

/// After a code inside a session.
#[derive(Debug)]
#[must_use]
pub enum ConfirmStep {
    /// The window starts anew.
    Confirmed {
        /// New value of the session cookie.
        token: Token,
        /// The time of the code.
        code_at: Timestamp,
    },
    /// Not six digits; nothing was counted.
    Malformed,
    /// Wrong; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// This session has used the code already; a new one shows in so many seconds.
    AlreadyUsed {
        /// Seconds until the next code.
        wait: u64,
    },
    /// The same code was sent twice at once, and the other one has confirmed: go on. Nothing was counted.
    Repeated,
    /// Too much comes at once from this session; nothing was compared. Try again in a moment.
    Crowded,
    /// The session has ended, perhaps by this wrong code.
    Ended,
}

/// After a recovery code.
#[derive(Debug)]
#[must_use]
pub enum RecoverStep {
    /// Accepted: the old authenticator is dead, this browser holds a grant and goes on to set-up.
    Accepted {
        /// Value of the grant cookie.
        grant: String,
    },
    /// Not of the form of a recovery code; nothing was counted.
    Malformed,
    /// Wrong; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// The same was sent twice at once, and the other one was accepted: go on to set-up. Nothing was counted.
    Repeated,
    /// The account is locked for browsers that it does not know. (Recovery goes on where `unlock` says so.)
    Locked,
    /// The pending login is gone: sign in again.
    Gone,
    /// Too many failures from this address.
    SlowDown(Duration),
}

/// After opening a link.
#[must_use]
pub enum LinkStep {
    /// It lives.
    Opened {
        /// Value of the grant cookie.
        grant: String,
        /// What it stands for.
        view: Box<GrantView>,
    },
    /// It has done what it was for: its account is enrolled.
    Done,
    /// Not alive, or of another kind than the page it was opened on. That was a failure of the client.
    Gone,
    /// Not alive, and too many failures from this address.
    SlowDown(Duration),
}

/// What a live grant cookie or link stands for.
#[derive(Clone)]
pub struct GrantView {
    /// What for.
    pub kind: LinkKind,
    /// Whose.
    pub account: Account,
    /// Ends.
    pub expires: Timestamp,
}

/// After *Finish registration*.
#[derive(Debug)]
#[must_use]
pub enum RegisterStep {
    /// The password is set.
    Registered,
    /// It had one already: go to sign in.
    AlreadySet,
    /// The two do not match.
    Mismatch,
    /// Against the rules; which ones.
    Weak(Vec<Complaint>),
    /// The link is gone.
    Gone,
}

/// After *Forgot your password?*
#[derive(Debug)]
#[must_use]
pub enum ForgotStep {
    /// If there is such an account, a mail is on its way.
    Asked,
    /// No mail is ever sent here: say whom to ask.
    NoMail,
    /// Too many from this address.
    SlowDown(Duration),
}

/// What a live ticket stands for.
#[derive(Clone)]
pub struct TicketView {
    /// Whose.
    pub account: Account,
    /// Ends.
    pub expires: Timestamp,
}

/// After a new password under a mailed link.
#[derive(Debug)]
#[must_use]
pub enum ResetStep {
    /// It is set; everybody is signed out.
    Reset,
    /// The two do not match.
    Mismatch,
    /// Against the rules; which ones.
    Weak(Vec<Complaint>),
    /// The link is gone.
    Gone,
}

/// What the browser of this visitor is to this account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Never signed in fully from it, or no longer valid.
    Unknown,
    /// Signed in fully before.
    Known(DeviceId),
    /// Holds a live grant of it: an invitation, enrolment link or recovery that was opened here.
    Invited(LinkId),
}
