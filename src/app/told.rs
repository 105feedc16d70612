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

/// Brings the table and the settings to what the store holds now.
pub(super) async fn catch_up(follower: &Follower) {
    if let Err(error) = follower.catch_up_now().await {
        // The feed brings it, later.
        tracing::warn!(%error, "what an admin has done could not be read back at once");
        follower.poke();
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

    async fn acted(&self) {
        catch_up(&self.0).await;
    }
}
