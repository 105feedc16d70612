//! Where a pending login stands, and the ways out: dropping it, and signing out.

use std::time::Duration;

use uuid::Uuid;

use super::{AuthError, Authenticator, Standing, Visitor};
use crate::auth::credentials::Stage;
use crate::auth::events;
use crate::clock::Reading;
use crate::identity::AccountId;
use crate::ports::Token;

/// How soon a sign-out is tried again that could not be stored.
const SIGN_OUT_AGAIN: Duration = Duration::from_secs(1);

impl Authenticator {
    /// The live pending login with this cookie. Changes nothing.
    pub async fn standing(&self, pending: &Token, now: Reading) -> Result<Option<Standing>, AuthError> {
        let found = self.store.pending(&pending.hash(), now.secure).await?;
        Ok(found.map(|(pending, account)| {
            let half_way = account.mfa.is_none() && pending.stage == Stage::Verify;
            let locked = account.locked_at.is_some() && (account.mfa.is_some() || half_way) && pending.device.is_none();
            let recovery_due = account.recovery_due && account.mfa.is_some() && pending.device.is_none();
            Standing { pending, account, locked, recovery_due, half_way }
        }))
    }

    /// Ends a pending login: *Sign out* between the doors.
    pub async fn drop_pending(&self, pending: &Token) -> Result<(), AuthError> {
        Ok(self.store.drop_pending(&pending.hash()).await?)
    }

    /// *Sign out*: ends this session. `false`: it was over already.
    pub async fn sign_out(&self, visitor: &Visitor, session: Uuid, account: AccountId) -> Result<bool, AuthError> {
        let Some(account) = self.store.account(account).await? else { return Ok(false) };
        let event = events::done(visitor, &account, events::SESSION_END)
            .with("session", session.to_string())
            .with("reason", "signed out");
        Ok(self.store.end_session(session, event).await?)
    }

    /// The same, tried until it is stored: whoever has left does not wait for that, but the session must not come back.
    pub async fn sign_out_at_last(&self, visitor: &Visitor, session: Uuid, account: AccountId) {
        while self.sign_out(visitor, session, account).await.is_err() {
            tokio::time::sleep(SIGN_OUT_AGAIN).await;
        }
    }
}
