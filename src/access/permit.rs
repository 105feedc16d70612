//! The proof that a request may pass. Only the policy makes one, and forwarding demands one.

use std::sync::Arc;
use std::time::Duration;

use crate::access::Target;
use crate::clock::Timestamp;
use crate::session::health::Trust;
use crate::session::record::{Session, Standing, Terms};
use crate::session::window::AdminWindow;

/// Under which terms a permit was given, so that it can be judged again while a response or tunnel is open.
#[derive(Clone, Debug)]
pub(super) struct Grounds {
    pub session: Arc<Session>,
    /// The account's epoch at that time. The session may be carried over into a later one, but not what was opened with a cookie
    /// that somebody else may have held as well.
    pub epoch: u64,
    pub admin_window: Arc<AdminWindow>,
    /// The rule's own window.
    pub reauth: Option<Duration>,
    /// Whether what is known of the session is still believed.
    pub trust: Arc<Trust>,
}

/// The proof that a request may pass.
#[derive(Debug)]
pub struct Permit {
    pub(super) target: Target,
    /// `None`: the rule asks for nothing.
    pub(super) grounds: Option<Grounds>,
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

    /// The session's standing now, asked twice a second for whatever stays open; a permit that needed no session stays fresh.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let Some(grounds) = &self.grounds else { return Standing::Fresh };
        if grounds.session.account.view().row.epoch > grounds.epoch {
            return Standing::Over;
        }
        let window = grounds.admin_window.load().min(grounds.reauth.unwrap_or(Duration::MAX));
        let terms = Terms { window, idle: grounds.admin_window.idle() };
        grounds.trust.standing(&grounds.session, grounds.session.code_at(), terms, now)
    }
}
