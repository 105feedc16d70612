//! The acts themselves, and the one judgement of whether they take effect at once or after a day.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit::{Actor, Event};
use crate::auth::account::Account;
use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::notify::mail::Scene;
use crate::session::log::Setting;

/// How long an act waits that could hand the house to a thief: long enough for another admin to see it.
pub const DELAY: Duration = Duration::from_hours(24);
/// An act on more accounts than this waits.
pub const MANY: usize = 20;

/// What is done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// Nothing works any more; sessions, links and known browsers die.
    Disable,
    /// Works again.
    Enable,
    /// Takes the lock off that wrong codes have put on.
    Unlock,
    /// Ends all sessions.
    EndSessions,
    /// The authenticator dies; the person needs a new link to enrol.
    OpenEnrolment,
    /// Gone, with all that hangs on it.
    Remove,
    /// Gets the admin role.
    Promote,
    /// Loses it.
    Demote,
}

impl Deed {
    /// All of them, as pages offer them.
    pub const ALL: [Self; 8] = [
        Self::Disable,
        Self::Enable,
        Self::Unlock,
        Self::EndSessions,
        Self::OpenEnrolment,
        Self::Remove,
        Self::Promote,
        Self::Demote,
    ];

    /// The word in forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Unlock => "unlock",
            Self::EndSessions => "end-sessions",
            Self::OpenEnrolment => "open-enrolment",
            Self::Remove => "remove",
            Self::Promote => "promote",
            Self::Demote => "demote",
        }
    }

    /// From a form.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.word() == word)
    }

    /// The name in the audit trail; the command line's where it has the same act.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Disable => "user.disable",
            Self::Enable => "user.enable",
            Self::Unlock => "user.unlock",
            Self::EndSessions => "session.end",
            Self::OpenEnrolment => "user.reset-mfa",
            Self::Remove => "user.remove",
            Self::Promote => "user.promote",
            Self::Demote => "user.demote",
        }
    }

    /// Whether an admin who meets this is none afterwards.
    pub const fn unmakes_an_admin(self) -> bool {
        matches!(self, Self::Disable | Self::Remove | Self::Demote | Self::OpenEnrolment)
    }
}

/// Somebody who is to have an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomer {
    /// The login id, canonical.
    pub login: String,
    /// The display name; may be empty.
    pub name: String,
    /// Groups, sorted.
    pub groups: Vec<String>,
}

/// What an admin does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// To accounts.
    Deed {
        /// What.
        deed: Deed,
        /// To whom; none twice.
        whom: Vec<AccountId>,
        /// After an unlock, unknown browsers need a recovery factor (`mfa.unlock = "recovery"`).
        recovery_due: bool,
    },
    /// Accounts are made, and their people invited.
    Invite(Vec<Newcomer>),
    /// A setting is changed.
    Set(Setting),
}

/// When an act takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Speed {
    /// Now.
    AtOnce,
    /// In a day, with a mail to all admins, unless one of them cancels it.
    AfterADay,
}

/// The one place that knows which acts wait: making or unmaking an admin, opening enrolment for one, lengthening the window, and
/// whatever concerns many. `whom`: the accounts of a deed. `window`: what holds now; `configured`: what the config file says.
pub fn judge(act: &Act, whom: &[Account], window: Duration, configured: Duration) -> Speed {
    let waits = match act {
        Act::Deed { whom, .. } if whom.len() > MANY => true,
        Act::Deed { deed: Deed::Promote, .. } => whom.iter().any(|account| !account.admin),
        // Enabling one makes an admin, too: of whoever holds what that account was frozen for.
        Act::Deed { deed, .. } => (deed.unmakes_an_admin() || *deed == Deed::Enable) && whom.iter().any(|account| account.admin),
        Act::Invite(people) => people.len() > MANY,
        Act::Set(Setting::ReauthWindow(next)) => next.unwrap_or(configured) > window,
        Act::Set(_) => false,
    };
    if waits { Speed::AfterADay } else { Speed::AtOnce }
}

/// Whose hand it is, for the audit trail.
#[derive(Clone, Debug)]
pub struct Hand {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub client: Option<IpAddr>,
    /// Wall time.
    pub at: Timestamp,
    /// The delayed act that is carried out.
    pub delayed: Option<Uuid>,
    /// Why, where somebody was asked.
    pub reason: Option<String>,
}

impl Hand {
    /// Where and when, for a mail.
    pub fn scene(&self) -> Scene {
        Scene { at: self.at.millis(), client: self.client, agent: String::new(), portal: None }
    }

    /// An event of this hand.
    pub fn event(&self, action: &'static str) -> Event {
        let mut event = Event::new(self.at, self.actor.clone(), action);
        if let Some(client) = self.client {
            event = event.from(client);
        }
        if let Some(id) = self.delayed {
            event = event.with("delayed", id.to_string());
        }
        match &self.reason {
            Some(reason) => event.with("reason", reason.as_str()),
            None => event,
        }
    }
}

/// An act that waits.
#[derive(Clone, Debug)]
pub struct Delayed {
    /// Its id.
    pub id: Uuid,
    /// What.
    pub act: Act,
    /// Who asked.
    pub admin: AccountId,
    /// Their login id.
    pub login: Login,
    /// Their epoch when they asked.
    pub epoch: u64,
    /// From where.
    pub client: IpAddr,
    /// Asked, wall time.
    pub asked: Timestamp,
    /// Takes effect, secure time.
    pub due: Timestamp,
}

impl Delayed {
    /// The hand that carries it out: of whoever asked.
    pub fn hand(&self, at: Timestamp) -> Hand {
        Hand { actor: Actor::Account(self.login.clone()), client: Some(self.client), at, delayed: Some(self.id), reason: None }
    }
}

/// What became of an attempt to take an act back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Cancelled {
    /// It will not happen.
    Done,
    /// It does not wait (any more).
    Gone,
    /// It is about whoever wants to cancel it: that is for others to decide.
    Own,
}

/// What became of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Done; so many accounts (or settings) are others now.
    Done(usize),
    /// It would leave nobody who can sign in as an admin. Nothing was changed.
    LastAdmin,
    /// These login ids are taken. Nothing was changed.
    Taken(BTreeSet<String>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(admin: bool) -> Account {
        Account {
            id: AccountId(Uuid::from_u128(1)),
            login: Login::parse("anna@example.com").unwrap(),
            name: String::new(),
            groups: Vec::new(),
            admin,
            disabled: false,
            epoch: 1,
            password: None,
            mfa: None,
            codes_saved: false,
            locked_at: None,
            half_way: false,
            recovery_due: false,
            created: Timestamp::from_secs(0),
            last_sign_in: None,
            reset_at: None,
            language: None,
        }
    }

    #[test]
    fn what_could_hand_the_house_to_a_thief_waits_a_day() {
        let (hour, day) = (Duration::from_hours(1), Duration::from_hours(24));
        let speed = |deed, admin: bool, many: u128| {
            let whom = (0..many).map(|id| AccountId(Uuid::from_u128(id))).collect();
            judge(&Act::Deed { deed, whom, recovery_due: false }, &[account(admin)], hour, day)
        };
        for deed in Deed::ALL {
            assert_eq!(speed(deed, false, 21), Speed::AfterADay, "{deed:?} on many");
            let by_admin = matches!(deed, Deed::Disable | Deed::Enable | Deed::Remove | Deed::Demote | Deed::OpenEnrolment);
            assert_eq!(speed(deed, true, 1) == Speed::AfterADay, by_admin, "{deed:?} on an admin");
            assert_eq!(speed(deed, false, 20) == Speed::AfterADay, deed == Deed::Promote, "{deed:?}");
            assert_eq!(Deed::parse(deed.word()), Some(deed));
        }
        let set = |window| judge(&Act::Set(Setting::ReauthWindow(window)), &[], hour, day);
        assert_eq!(set(Some(hour)), Speed::AtOnce);
        assert_eq!(set(Some(hour * 2)), Speed::AfterADay);
        assert_eq!(set(None), Speed::AfterADay, "back to the file's day is longer than the hour that holds");
        assert_eq!(judge(&Act::Set(Setting::Idle(None)), &[], hour, day), Speed::AtOnce);
    }

    #[test]
    fn an_act_is_kept_as_it_was_asked() {
        let acts = [
            Act::Deed { deed: Deed::Promote, whom: vec![AccountId(Uuid::from_u128(7))], recovery_due: false },
            Act::Invite(vec![Newcomer { login: "a@b.c".to_owned(), name: "A".to_owned(), groups: vec!["x".to_owned()] }]),
            Act::Set(Setting::ReauthWindow(Some(Duration::from_hours(720)))),
            Act::Set(Setting::Idle(None)),
        ];
        for act in acts {
            assert_eq!(serde_json::from_str::<Act>(&serde_json::to_string(&act).unwrap()).unwrap(), act);
        }
    }
}
