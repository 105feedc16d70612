//! The kinds of mail, each with what it needs to be written. None holds a link or anything else that opens a door.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys::{self, KeyRing, Purpose};
use crate::ports::Token;

/// How long a link lives that sets a new password, counted from the moment when it was asked for.
pub const RESET_LIFE: Duration = Duration::from_mins(30);
/// How long *This was not me* lives.
pub const NOT_ME_LIFE: Duration = Duration::from_hours(7 * 24);
/// How long a notice is worth sending.
const NOTICE_LIFE: Duration = Duration::from_hours(24);

/// The id of a mail in the outbox; all that its link is made of, besides a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MailId(pub Uuid);

impl MailId {
    /// The token of the link in this mail. Derived, not random: it need not be stored anywhere, a mail that is sent twice
    /// carries the same link both times, and a copy of the database without the key file shows none.
    pub fn link(self, keys: &KeyRing) -> Token {
        Token::of_bytes(&keys.mac(Purpose::MailLink, &[self.0.as_bytes()]))
    }
}

/// Where and when something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scene {
    /// Wall time, milliseconds.
    pub at: i64,
    /// From which address; none where an operator did it.
    pub client: Option<IpAddr>,
    /// The browser's own words, cut.
    pub agent: String,
    /// The name of the portal whose pages it happened on; none where an operator did it.
    pub portal: Option<String>,
}

/// Something that a person should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// A sign-in from a browser that was not known.
    NewSignIn,
    /// The password was changed.
    PasswordChanged,
    /// Another authenticator app is bound to the account.
    AuthenticatorReplaced,
    /// New recovery codes were made.
    CodesRenewed,
    /// An operator took the authenticator app off.
    AuthenticatorReset,
    /// A recovery factor was used.
    RecoveryUsed,
    /// A recovery by text was proved, and waits.
    RecoveryWaits,
    /// The recovery mobile was changed.
    MobileChanged,
    /// Locked for unknown browsers.
    Locked,
    /// An admin asked for something that takes effect after a day. To all admins.
    ActWaits,
}

impl Notice {
    /// Whether the mail offers *This was not me*.
    pub const fn can_be_disowned(self) -> bool {
        match self {
            Self::NewSignIn
            | Self::PasswordChanged
            | Self::AuthenticatorReplaced
            | Self::CodesRenewed
            | Self::AuthenticatorReset
            | Self::RecoveryUsed
            | Self::RecoveryWaits
            | Self::MobileChanged => true,
            // A stranger's doing, and harmless by now; and what is cancelled on the admin pages.
            Self::Locked | Self::ActWaits => false,
        }
    }
}

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Mail {
    /// A link to register, or to enrol for whoever has a password. The link is in the store, made from this mail's id.
    Invitation {
        /// Whose.
        account: AccountId,
        /// Whether there is a password already.
        enrol: bool,
    },
    /// Somebody asked for a new password. Whose login id it is, and whether anybody's, is found out when it is sent.
    Forgot {
        /// The login id in its canonical form.
        login: String,
        /// The name of the portal where it was asked.
        portal: String,
    },
    /// The link that belongs to a texted code.
    Recover {
        /// Whose.
        account: AccountId,
        /// Where and when it was asked for.
        scene: Scene,
    },
    /// Something happened.
    Notice {
        /// Whose account.
        account: AccountId,
        /// What.
        what: Notice,
        /// Where and when.
        scene: Scene,
        /// Where it takes effect later: when; milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        waits_until: Option<i64>,
    },
}

impl Mail {
    /// The account that it is about, where that is known before it is sent.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Invitation { account, .. } | Self::Recover { account, .. } | Self::Notice { account, .. } => Some(*account),
            Self::Forgot { .. } => None,
        }
    }

    /// What an operator calls it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::Forgot { .. } => "password reset",
            Self::Recover { .. } => "recovery",
            Self::Notice { what, .. } => match what {
                Notice::NewSignIn => "new sign-in",
                Notice::PasswordChanged => "password changed",
                Notice::AuthenticatorReplaced => "authenticator replaced",
                Notice::CodesRenewed => "recovery codes renewed",
                Notice::AuthenticatorReset => "authenticator reset",
                Notice::RecoveryUsed => "recovery used",
                Notice::RecoveryWaits => "recovery waits",
                Notice::MobileChanged => "mobile changed",
                Notice::Locked => "locked",
                Notice::ActWaits => "admin act waits",
            },
        }
    }

    /// The same without what it tells: what is kept of a mail that was given up.
    #[must_use]
    pub fn bare(&self) -> Self {
        let mut bare = self.clone();
        if let Self::Notice { scene, .. } | Self::Recover { scene, .. } = &mut bare {
            *scene = Scene { at: scene.at, client: None, agent: String::new(), portal: None };
        }
        bare
    }
}

/// A mail about to be put into the outbox.
#[derive(Clone, Debug)]
pub struct Posting {
    /// Its id.
    pub id: MailId,
    /// What it says.
    pub mail: Mail,
    /// Secure time.
    pub created: Timestamp,
    /// Not sent any more from then on.
    pub expires: Timestamp,
}

impl Posting {
    /// A notice. `now`: secure time.
    pub fn notice(account: AccountId, what: Notice, scene: Scene, now: Timestamp) -> Self {
        Self::new(Mail::Notice { account, what, scene, waits_until: None }, now, now + NOTICE_LIFE)
    }

    /// The same about something that takes effect then.
    #[must_use]
    pub fn waiting_until(mut self, then: Timestamp) -> Self {
        if let Mail::Notice { waits_until, .. } = &mut self.mail {
            *waits_until = Some(then.millis());
        }
        self
    }

    /// A link to set a new password, for whoever has this login id.
    pub fn forgot(login: &str, portal: &str, now: Timestamp) -> Self {
        Self::new(Mail::Forgot { login: login.to_owned(), portal: portal.to_owned() }, now, now + RESET_LIFE)
    }

    /// A mail that lives until then.
    pub fn new(mail: Mail, now: Timestamp, expires: Timestamp) -> Self {
        Self { id: MailId(keys::new_id(now)), mail, created: now, expires }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_the_same_every_time_and_another_for_every_mail_and_key() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let other = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let (one, two) = (MailId(Uuid::from_u128(1)), MailId(Uuid::from_u128(2)));
        assert_eq!(one.link(&keys).reveal(), one.link(&keys).reveal());
        assert_ne!(one.link(&keys).reveal(), two.link(&keys).reveal());
        assert_ne!(one.link(&keys).reveal(), one.link(&other).reveal());
        assert!(Token::parse(one.link(&keys).reveal()).is_some(), "it has the form of a token");
    }

    #[test]
    fn what_is_kept_of_a_mail_tells_neither_address_nor_browser() {
        let scene = Scene {
            at: 1,
            client: Some("192.0.2.7".parse().unwrap()),
            agent: "Firefox".to_owned(),
            portal: Some("portal".to_owned()),
        };
        let mail = Mail::Notice { account: AccountId(Uuid::from_u128(1)), what: Notice::RecoveryUsed, scene, waits_until: None };
        let kept = serde_json::to_string(&mail.bare()).unwrap();
        assert!(!kept.contains("192.0.2.7") && !kept.contains("Firefox") && kept.contains("recovery-used"), "{kept}");
    }
}
