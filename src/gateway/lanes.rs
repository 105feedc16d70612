//! Lanes for our own pages: strangers, browsers that were here before, and people who are inside each have slots of their own, so
//! that a storm of one kind takes nothing from the others.

use std::sync::Arc;

use uuid::Uuid;

use crate::auth::authenticator::Authenticator;
use crate::gateway::live::Live;
use crate::gateway::slots::{Slot, Slots, Whose};
use crate::pages::Visit;

/// How many pages are made at once, by whom they are for.
#[derive(Clone, Copy)]
pub(super) struct AtOnce {
    /// For anybody.
    pub strangers: usize,
    /// For browsers that hold a cookie which only we can have made, after an invitation or an earlier sign-in.
    pub expected: usize,
    /// For people who are inside.
    pub inside: usize,
}

/// The lanes of one door.
#[derive(Clone)]
pub(super) struct Lanes {
    strangers: Slots,
    expected: Slots,
    inside: Slots,
    auth: Arc<Authenticator>,
}

impl Lanes {
    /// With so many slots; `auth` tells cookies that are ours from others.
    pub(super) fn new(at_once: AtOnce, auth: Arc<Authenticator>) -> Self {
        let [strangers, expected, inside] = [at_once.strangers, at_once.expected, at_once.inside].map(Slots::new);
        Self { strangers, expected, inside, auth }
    }

    /// A slot among those of the same kind, perhaps after a short wait: whoever has come with this session, or with none, is
    /// judged when there is one. `None`: there is none.
    pub(super) async fn take(&self, live: &Live, session: Option<Uuid>, visit: &Visit) -> Option<Slot> {
        if let Some(session) = session {
            return self.inside.take(Some(Whose::Session(session))).await;
        }
        let client = (!live.parts.limits.is_exempt(visit.client)).then(|| Whose::client(visit.client));
        let expected = self.auth.expects(visit.device.as_ref(), visit.grant.as_deref(), visit.now);
        if expected { self.expected.take(client).await } else { self.strangers.take(client).await }
    }
}
