//! What an operator can set about signing in. The config file is resolved into this; nothing here knows the file.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::auth::budget::{self, Rates};
use crate::auth::credentials::CodeBudget;
use crate::auth::password::Rules;
use crate::auth::pool::Limits;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// The settings of the auth room.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name that authenticator apps and the recovery code file show (`[mfa] issuer`).
    pub issuer: String,
    /// How long an invitation or enrolment link lives (`[mfa] enrolment_window`).
    pub enrolment_window: Duration,
    /// How long the grant lives that a recovery code opens.
    pub recovery_window: Duration,
    /// How long a pending login lives; each step in the wizard starts it anew.
    pub pending_life: Duration,
    /// Absolute lifetime of a session (`[session] lifetime`).
    pub lifetime: Duration,
    /// How long the old cookie value stays good for what it was good for after a confirm.
    pub old_cookie_life: Duration,
    /// What a new password must be (`[password]`).
    pub rules: Rules,
    /// How many codes may be wrong, by pending login and account.
    pub codes: CodeBudget,
    /// How many codes may be wrong inside a session; the last of them ends it.
    pub session_attempts: u32,
    /// How fast passwords and codes may be wrong.
    pub rates: Rates,
    /// Clients whose address is not limited (`[limits] exempt`): a shared office address. Accounts still are.
    pub exempt: Vec<IpNet>,
    /// How long a recovery by text waits after it was proved for the first time; zero: not at all (`[mfa] sms_recovery_delay`).
    pub sms_recovery_delay: Duration,
    /// Whether an unlock asks for a recovery factor (`[mfa] unlock = "recovery"`).
    pub unlock_by_recovery: bool,
    /// Whether there is a mail server (`[mail]`). Without one nothing is put into the outbox.
    pub mail: bool,
    /// How many passwords are hashed at once and how long others wait. Read once, at start.
    pub hashing: Limits,
}

impl Settings {
    /// The address whose failures count; `None` where it is exempt.
    pub fn limited(&self, client: IpAddr) -> Option<IpAddr> {
        let client = client.to_canonical();
        (!self.exempt.iter().any(|network| network.contains(&client))).then_some(client)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            issuer: "Vestibule".to_owned(),
            enrolment_window: 7 * DAY,
            recovery_window: 15 * MINUTE,
            pending_life: 10 * MINUTE,
            lifetime: 180 * DAY,
            old_cookie_life: Duration::from_secs(30),
            rules: Rules::default(),
            codes: budget::code_budget(),
            session_attempts: 5,
            rates: Rates::default(),
            exempt: Vec::new(),
            sms_recovery_delay: Duration::ZERO,
            unlock_by_recovery: false,
            mail: false,
            hashing: Limits::default(),
        }
    }
}
