//! The proof that a request may pass. Only the policy makes one, and forwarding demands one.

use std::sync::Arc;
use std::time::Duration;

use crate::access::Target;
use crate::clock::Timestamp;
use crate::session::record::{Session, Standing, Terms};
use crate::session::window::AdminWindow;

/// Under which terms a permit was given, so that it can be judged again while a response or tunnel is open.
#[derive(Clone, Debug)]
pub(super) struct Grounds {
    pub session: Arc<Session>,
    pub admin_window: Arc<AdminWindow>,
    /// The rule's own window.
    pub reauth: Option<Duration>,
}

/// The proof that a request may pass.
#[derive(Debug)]
pub struct Permit {
    pub(super) target: Target,
    /// `None`: the rule asks for nothing.
    pub(super) grounds: Option<Grounds>,
    /// The rule that counted.
    pub(super) rule: Option<u32>,
}

impl Permit {
    /// What was permitted.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whose request it is; `None`: nobody's, and no identity goes upstream.
    pub fn session(&self) -> Option<&Arc<Session>> {
        self.grounds.as_ref().map(|grounds| &grounds.session)
    }

    /// The number of the rule that matched, from 0, in config order; `None`: the default.
    pub fn rule(&self) -> Option<u32> {
        self.rule
    }

    /// Whether the session would still be let in now: asked twice a second for whatever stays open.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.standing(now) == Standing::Fresh
    }

    /// The session's standing now; a permit that needed no session stays fresh.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let Some(grounds) = &self.grounds else { return Standing::Fresh };
        let window = grounds.admin_window.load().min(grounds.reauth.unwrap_or(Duration::MAX));
        grounds.session.standing(grounds.session.code_at(), Terms { window, idle: grounds.admin_window.idle() }, now)
    }
}
