//! Accounts as stored: a person who can sign in, the factors, the state.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::language::Language;

/// For so long after a password reset by mail, a text and a mail do not recover: whoever has the mailbox would need the number
/// alone. An unlock ends it.
const HOLD_AFTER_RESET: Duration = Duration::from_hours(24);

/// The second factor of an account, once enrolment is done.
#[derive(Clone)]
pub struct Mfa {
    /// The TOTP secret, sealed for this account (`Purpose::TotpSecret`, identity: the account id's 16 bytes).
    pub sealed_secret: Vec<u8>,
    /// The last 30-second step whose code was accepted; only later ones are.
    pub last_step: u64,
    /// When enrolment was done.
    pub enrolled_at: Timestamp,
}

/// A person who can sign in, as stored.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own, and they exclude nothing of each other")]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The login id.
    pub login: Login,
    /// The display name; may be empty.
    pub name: String,
    /// Groups, sorted, none empty, none with a comma or control characters.
    pub groups: Vec<String>,
    /// The `admin` role.
    pub admin: bool,
    /// Disabled by an operator: nothing works.
    pub disabled: bool,
    /// Moves with password, factor, disable: whatever was made under an older one is anonymous.
    pub epoch: u64,
    /// The password's hash: PHC string (Argon2) or bcrypt's own form, or none yet.
    pub password: Option<String>,
    /// The second factor, if enrolled.
    pub mfa: Option<Mfa>,
    /// Whether the person has said that the recovery codes are saved.
    pub codes_saved: bool,
    /// Locked for unknown browsers since.
    pub locked_at: Option<Timestamp>,
    /// Was unlocked under `unlock = "recovery"`: until the next enrolment, browsers that it does not know need a recovery
    /// factor in place of the code.
    pub recovery_due: bool,
    /// A recovery factor was accepted, and no authenticator has been enabled since: only another recovery factor, or an operator's
    /// link, goes on.
    pub half_way: bool,
    /// Created, wall time.
    pub created: Timestamp,
    /// Last full sign-in, wall time.
    pub last_sign_in: Option<Timestamp>,
    /// When the password was last set by a mailed link: for a day after it, nothing that a mailbox or a phone number alone
    /// could open is opened.
    pub reset_at: Option<Timestamp>,
    /// The language of their pages, for mails; none before they had any.
    pub language: Option<Language>,
}

impl Account {
    /// The word that the command line and the admin pages show: `disabled`, `locked`, `active` or `invited`.
    pub fn state(&self) -> &'static str {
        match self {
            Self { disabled: true, .. } => "disabled",
            Self { locked_at: Some(_), .. } => "locked",
            Self { password: Some(_), mfa: Some(_), .. } => "active",
            _ => "invited",
        }
    }

    /// Whether what a password reset by mail holds back is held back still, at this secure time.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.reset_at.is_some_and(|reset| now < reset + HOLD_AFTER_RESET)
    }
}
