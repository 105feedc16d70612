//! What self-service asks for and the answers there are, as in [`super::answer`].

use secrecy::SecretString;

use crate::auth::authenticator::{AuthError, Enrolment};
use crate::auth::credentials::DeviceId;
use crate::auth::password::Complaint;
use crate::auth::self_service::{KnownBrowser, OwnSession};
use crate::ports::Token;

/// What a change of a factor takes, in one request.
pub struct Factors {
    /// The password as typed.
    pub password: SecretString,
    /// The code as typed.
    pub code: String,
}

/// Why a change of a factor was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum NotProved {
    /// Not six digits; nothing was counted.
    Malformed,
    /// The password was wrong; so many tries are left. Nothing is said of the code, which stays unspent.
    WrongPassword {
        /// Tries left.
        left: u32,
    },
    /// The code was wrong; so many tries are left.
    WrongCode {
        /// Tries left.
        left: u32,
    },
    /// This session has used the code already; a new one shows in so many seconds. Nothing was counted.
    AlreadyUsed {
        /// Seconds until the next code.
        wait: u64,
    },
    /// Too many requests of this session are being answered at once; nothing was compared.
    Crowded,
    /// The session has ended, perhaps by this try.
    Ended,
}

/// New values for the cookies of the browser that asked; the old ones are dead.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// The session.
    pub token: Token,
    /// The known browser, if it is one.
    pub device: Option<Token>,
}

/// After *Change password*.
#[derive(Debug)]
#[must_use]
pub enum PasswordChange {
    /// It is another one now.
    Changed(Renewed),
    /// The two do not match.
    Mismatch,
    /// The new one is what was given as the old one.
    Same,
    /// Against the rules; which ones.
    Weak(Vec<Complaint>),
    /// Password or code were not right.
    NotProved(NotProved),
}

/// After password and old code.
#[must_use]
pub enum ReplaceStart {
    /// The new secret, for the answer to this POST.
    Staged(Enrolment),
    /// Password or code were not right.
    NotProved(NotProved),
}

/// After a code of the new authenticator.
#[derive(Debug)]
#[must_use]
pub enum ReplaceStep {
    /// The old one is dead; new recovery codes are staged.
    Replaced(Renewed),
    /// Not six digits; nothing was counted.
    Malformed,
    /// Wrong; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// No secret waits in this session, or no longer.
    Gone,
    /// As in [`NotProved::Crowded`].
    Crowded,
    /// The session has ended, perhaps by this try.
    Ended,
}

/// After asking for new recovery codes.
#[must_use]
pub enum NewCodes {
    /// Here they are.
    Made(Renewed, Vec<String>),
    /// Password or code were not right.
    NotProved(NotProved),
}

/// The secret that waits in a session; `None`: none does.
pub type StagedEnrolment = Result<Option<Enrolment>, AuthError>;

/// The codes that wait in a session; `None`: none do.
pub type StagedCodes = Result<Option<Vec<String>>, AuthError>;

/// What is signed in and what is known of one account.
#[derive(Clone, Debug)]
pub struct Belongings {
    /// Its live sessions.
    pub sessions: Vec<OwnSession>,
    /// Its known browsers.
    pub browsers: Vec<KnownBrowser>,
    /// Which of them this one is.
    pub here: Option<DeviceId>,
}
