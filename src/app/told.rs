//! What a page has done, told to the table of live sessions: the next request already sees it.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use crate::pages::Sessions;
use crate::session::sync::Follower;

/// Tells the table at once what a page has done.
pub(super) struct Told(pub Arc<Follower>);

impl Told {
    async fn refresh(&self, session: Uuid) {
        if let Err(error) = self.0.refresh(session).await {
            // The feed brings it, later.
            tracing::warn!(%error, %session, "a session could not be read back at once");
            self.0.poke();
        }
    }
}

#[async_trait]
impl Sessions for Told {
    async fn signed_in(&self, session: Uuid) {
        self.refresh(session).await;
    }

    async fn confirmed(&self, session: Uuid) {
        self.refresh(session).await;
    }

    async fn ended(&self, session: Uuid) {
        self.refresh(session).await;
    }
}
