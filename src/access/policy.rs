//! The policy: one decision for one target, from what is in memory. Whatever is not listed is denied.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;

use crate::access::permit::Grounds;
use crate::access::rule::{Require, Rule, Rules};
use crate::access::{Permit, Portal, Target};
use crate::clock::Timestamp;
use crate::session::health::Trust;
use crate::session::record::{Standing, Terms};
use crate::session::table::Found;
use crate::session::window::AdminWindow;

/// Why a request is refused for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A rule says `deny`.
    RuleDenies,
    /// The account has none of the groups that the portal or the rule asks for.
    Group,
    /// The client's address is in none of the rule's networks.
    Network,
}

impl Cause {
    /// One word for the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RuleDenies => "rule",
            Self::Group => "group",
            Self::Network => "network",
        }
    }
}

/// What becomes of a request.
#[derive(Debug)]
#[must_use]
pub enum Decision {
    /// It may pass.
    Forward(Permit),
    /// Nobody is signed in.
    Login(Target),
    /// Somebody is, but the window has passed.
    Confirm(Target),
    /// Somebody is, but nobody can tell any more whether that still holds: the store has been away for too long.
    Away(Target),
    /// It may not pass, whoever asks again.
    Deny(Target, Cause),
}

/// A decision and what led to it, for the log and for `explain`.
#[derive(Debug)]
pub struct Judgement {
    /// The decision.
    pub decision: Decision,
    /// The rule that counted, by its number in the config, from 1; `None`: the default.
    pub rule: Option<u32>,
    /// The window that counted.
    pub window: Duration,
}

/// The policy of all portals.
#[derive(Debug)]
pub struct Policy {
    rules: Vec<Rules>,
    admin_window: Arc<AdminWindow>,
    trust: Arc<Trust>,
}

impl Policy {
    /// `rules` by the portal's place in the config.
    pub fn new(rules: Vec<Rules>, admin_window: Arc<AdminWindow>, trust: Arc<Trust>) -> Self {
        Self { rules, admin_window, trust }
    }

    /// The terms of a session where no rule says otherwise.
    pub fn terms(&self) -> Terms {
        Terms { window: self.admin_window.load(), idle: self.admin_window.idle() }
    }

    /// Where a session stands by the portal's own terms, whatever path is asked for.
    pub fn standing(&self, found: &Found, now: Timestamp) -> Standing {
        self.standing_by(found, self.terms(), now)
    }

    /// Where a session stands by other terms.
    pub fn standing_by(&self, found: &Found, terms: Terms, now: Timestamp) -> Standing {
        self.trust.standing(&found.session, found.code_at, terms, now)
    }

    /// The window that holds for a path of a portal, for a page that explains it.
    pub fn window_of(&self, portal: &Portal, path: &str) -> Duration {
        let rule = self.rules.get(portal.index).and_then(|rules| rules.select(&Method::GET, path, portal.case_insensitive_paths));
        self.admin_window.load().min(rule.and_then(|(_, rule)| rule.reauth).unwrap_or(Duration::MAX))
    }

    /// Decides. `found` is what the request's cookie led to; `client` its address.
    pub fn decide(&self, target: Target, found: Option<&Found>, client: IpAddr, now: Timestamp) -> Judgement {
        let selected = self.select(&target);
        let rule = selected.map(|(number, _)| number);
        let reauth = selected.and_then(|(_, rule)| rule.reauth);
        let window = self.admin_window.load().min(reauth.unwrap_or(Duration::MAX));
        let terms = Terms { window, idle: self.admin_window.idle() };
        let found = found.filter(|found| *found.session.portal == *target.portal.name);
        let found = found.map(|found| (found, self.trust.standing(&found.session, found.code_at, terms, now)));
        let decision = match gates(&target, selected.map(|(_, rule)| rule), found, client) {
            Gate::Anybody => Decision::Forward(Permit { target, grounds: None }),
            Gate::Somebody(found) => {
                let grounds = Grounds {
                    session: Arc::clone(&found.session),
                    epoch: found.session.account.view().row.epoch,
                    admin_window: Arc::clone(&self.admin_window),
                    reauth,
                    trust: Arc::clone(&self.trust),
                };
                Decision::Forward(Permit { target, grounds: Some(grounds) })
            }
            Gate::Login => Decision::Login(target),
            Gate::Confirm => Decision::Confirm(target),
            Gate::Away => Decision::Away(target),
            Gate::Shut(cause) => Decision::Deny(target, cause),
        };
        Judgement { decision, rule, window }
    }

    fn select(&self, target: &Target) -> Option<(u32, &Rule)> {
        let rules = self.rules.get(target.portal.index)?;
        rules.select(&target.method, target.path(), target.portal.case_insensitive_paths)
    }
}

enum Gate<'a> {
    Anybody,
    Somebody(&'a Found),
    Login,
    Confirm,
    Away,
    Shut(Cause),
}

/// The order matters: what no sign-in would open is refused first, and groups are judged only for somebody who may be told.
fn gates<'a>(target: &Target, rule: Option<&Rule>, found: Option<(&'a Found, Standing)>, client: IpAddr) -> Gate<'a> {
    if rule.is_some_and(|rule| rule.require == Require::Deny) {
        return Gate::Shut(Cause::RuleDenies);
    }
    if rule.is_some_and(|rule| !rule.networks.is_empty() && !rule.networks.iter().any(|net| net.contains(&client))) {
        return Gate::Shut(Cause::Network);
    }
    // The portal's own sign-in page is never the first thing that a stranger meets, whatever a rule opens.
    if rule.is_some_and(|rule| rule.require == Require::Nothing) && !target.is_one_of(&target.portal.login_paths) {
        return Gate::Anybody;
    }
    let Some((found, standing)) = found else { return Gate::Login };
    match standing {
        Standing::Unknown => Gate::Away,
        Standing::Over => Gate::Login,
        Standing::WindowPassed => Gate::Confirm,
        Standing::Fresh => {
            let view = found.session.account.view();
            let member = |of: &[String]| of.is_empty() || view.row.groups.iter().any(|group| of.contains(group));
            if member(&target.portal.groups) && rule.is_none_or(|rule| member(&rule.groups)) {
                Gate::Somebody(found)
            } else {
                Gate::Shut(Cause::Group)
            }
        }
    }
}
