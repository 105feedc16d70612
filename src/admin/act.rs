//! The acts themselves, and the one judgement of whether they take effect at once or after a day.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::audit::{Actor, Event};
use crate::auth::credentials::NewLink;
use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::notify::mail::Scene;
use crate::session::log::Setting;
use crate::session::window::Configured;

/// How long an act waits that could hand the house to a thief: long enough for another admin to see it.
pub const DELAY: Duration = Duration::from_hours(24);
/// Beyond so many accounts within [`DELAY`], by all admins together, acts of the same kind wait. So no admin alone does more at
/// once either, in one form or in many small ones.
pub const MANY: usize = 20;
/// The most accounts that one act is about: it is one transaction, and others who write wait for it.
pub const MOST: usize = 500;
/// The most acts that wait at the same time. All admins hear of each by mail.
pub const WAITING: usize = 100;

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

impl Act {
    /// What it has in common with acts that count together with it. `None`: it is done to no account.
    pub const fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Deed { deed, .. } => Some(deed.word()),
            Self::Invite(_) => Some("invite"),
            Self::Set(_) => None,
        }
    }

    /// How many accounts it is about.
    pub const fn size(&self) -> usize {
        match self {
            Self::Deed { whom, .. } => whom.len(),
            Self::Invite(people) => people.len(),
            Self::Set(_) => 0,
        }
    }

    /// Whether the other one does the very same, whatever order it names accounts in.
    pub fn does_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Deed { deed, whom, .. }, Self::Deed { deed: same, whom: others, .. }) => {
                let set = |ids: &[AccountId]| ids.iter().copied().collect::<BTreeSet<_>>();
                deed == same && set(whom) == set(others)
            }
            (Self::Invite(people), Self::Invite(others)) => {
                let set = |all: &[Newcomer]| all.iter().map(|one| one.login.clone()).collect::<BTreeSet<_>>();
                set(people) == set(others)
            }
            (Self::Set(setting), Self::Set(same)) => setting == same,
            _ => false,
        }
    }
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

/// What the judgement of an act needs to know: how things stand at the moment when it would be done.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The accounts that acts of the same kind would have been done to within [`DELAY`], this one included.
    pub accounts: usize,
    /// An admin is among those it is done to.
    pub to_an_admin: bool,
    /// Somebody who is none is.
    pub to_others: bool,
    /// What holds.
    pub holds: Configured,
    /// What would hold.
    pub would_hold: Configured,
}

/// The one place that knows which acts wait: making or unmaking an admin, opening enrolment for one, giving anybody more time
/// (to go on without a code, to rest, to enrol), and whatever concerns many.
pub fn judge(act: &Act, facts: &Facts) -> Speed {
    let waits = facts.accounts > MANY
        || match act {
            Act::Deed { deed: Deed::Promote, .. } => facts.to_others,
            // Enabling one makes an admin, too: of whoever holds what that account was frozen for.
            Act::Deed { deed, .. } => (deed.unmakes_an_admin() || *deed == Deed::Enable) && facts.to_an_admin,
            Act::Invite(_) => false,
            Act::Set(_) => facts.would_hold.is_laxer_than(&facts.holds),
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
    /// The new link, where the hand itself passes it on: an operator prints it. No mail brings another one then.
    pub link: Option<NewLink>,
}

impl Hand {
    /// Of somebody, now; without further circumstances.
    pub const fn new(actor: Actor, at: Timestamp) -> Self {
        Self { actor, client: None, at, delayed: None, reason: None, link: None }
    }

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

/// An act that is asked for, and waits if it has to.
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
    /// Takes effect if it has to wait, secure time.
    pub due: Timestamp,
}

impl Delayed {
    /// The hand that carries it out at once: of whoever asks.
    pub fn hand(&self) -> Hand {
        Hand { client: Some(self.client), ..Hand::new(Actor::Account(self.login.clone()), self.asked) }
    }

    /// The hand that carries it out in the end: of whoever asked.
    pub fn late_hand(&self, at: Timestamp) -> Hand {
        Hand { at, delayed: Some(self.id), ..self.hand() }
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
    /// It is about whoever wants to cancel it, and somebody else asked for it: that is for others to decide.
    Own,
    /// Whoever wants to cancel it is no admin any more, or under another epoch.
    NotAdmin,
}

/// What became of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Done; so many accounts (or settings) are others now.
    Done(usize),
    /// It would leave nobody who can sign in as an admin, or nobody who can become one by enrolling. Nothing was changed.
    LastAdmin,
    /// These login ids are taken. Nothing was changed.
    Taken(BTreeSet<String>),
    /// Whoever asks is no admin any more, or under another epoch. Nothing was changed.
    NotAdmin,
    /// It is about more than [`MOST`] accounts. Nothing was changed.
    TooMany,
    /// The very same waits already. Nothing was changed.
    Waits,
    /// [`WAITING`] acts wait already. Nothing was changed.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_hand_the_house_to_a_thief_waits_a_day() {
        let hour = Duration::from_hours(1);
        let holds = Configured { window: hour, idle: Some(hour), enrolment_window: hour };
        let speed = |deed, to_an_admin: bool, accounts| {
            let facts = Facts { accounts, to_an_admin, to_others: !to_an_admin, holds, would_hold: holds };
            judge(&Act::Deed { deed, whom: Vec::new(), recovery_due: false }, &facts)
        };
        for deed in Deed::ALL {
            assert_eq!(speed(deed, false, 21), Speed::AfterADay, "{deed:?} on many");
            let by_admin = matches!(deed, Deed::Disable | Deed::Enable | Deed::Remove | Deed::Demote | Deed::OpenEnrolment);
            assert_eq!(speed(deed, true, 1) == Speed::AfterADay, by_admin, "{deed:?} on an admin");
            assert_eq!(speed(deed, false, 20) == Speed::AfterADay, deed == Deed::Promote, "{deed:?}");
            assert_eq!(Deed::parse(deed.word()), Some(deed));
        }
        let set = |would_hold: Configured| {
            let facts = Facts { accounts: 0, to_an_admin: false, to_others: false, holds, would_hold };
            judge(&Act::Set(Setting::Idle(None)), &facts)
        };
        assert_eq!(set(holds), Speed::AtOnce);
        let (less, more) = (hour / 2, hour * 2);
        assert_eq!(set(Configured { window: less, idle: Some(less), enrolment_window: less }), Speed::AtOnce);
        assert_eq!(set(Configured { window: more, ..holds }), Speed::AfterADay);
        assert_eq!(set(Configured { idle: Some(more), ..holds }), Speed::AfterADay);
        assert_eq!(set(Configured { idle: None, ..holds }), Speed::AfterADay, "no limit is the laxest");
        assert_eq!(set(Configured { enrolment_window: more, ..holds }), Speed::AfterADay);
    }

    #[test]
    fn the_same_is_the_same_in_any_order() {
        let deed = |deed, ids: &[u128]| {
            let whom = ids.iter().map(|id| AccountId(Uuid::from_u128(*id))).collect();
            Act::Deed { deed, whom, recovery_due: false }
        };
        let invite = |logins: &[&str]| {
            let one = |login: &&str| Newcomer { login: (*login).to_owned(), name: String::new(), groups: Vec::new() };
            Act::Invite(logins.iter().map(one).collect())
        };
        let set = |hours| Act::Set(Setting::Idle(Some(Duration::from_hours(hours))));
        assert!(deed(Deed::Disable, &[1, 2]).does_the_same_as(&deed(Deed::Disable, &[2, 1])));
        assert!(invite(&["a", "b"]).does_the_same_as(&invite(&["b", "a"])) && set(1).does_the_same_as(&set(1)));
        let others =
            [deed(Deed::Enable, &[1, 2]), deed(Deed::Disable, &[1]), deed(Deed::Disable, &[1, 2, 3]), invite(&[]), set(1)];
        assert!(!others.iter().any(|other| deed(Deed::Disable, &[1, 2]).does_the_same_as(other)));
        assert!(!invite(&["a"]).does_the_same_as(&invite(&["a", "b"])) && !set(1).does_the_same_as(&set(2)));
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
