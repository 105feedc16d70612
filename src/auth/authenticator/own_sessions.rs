//! One's own sessions and known browsers: seen, ended and forgotten by their owner.

use uuid::Uuid;

use super::{AuthError, Authenticator, Belongings, Visitor, uncut};
use crate::audit::Event;
use crate::auth::credentials::DeviceId;
use crate::auth::events;
use crate::auth::self_service::Ending;
use crate::identity::AccountId;

impl Authenticator {
    /// What is signed in, and what is known.
    pub async fn belongings(&self, visitor: &Visitor, account: AccountId) -> Result<Belongings, AuthError> {
        let now = visitor.now.secure;
        let here = match &visitor.device {
            Some(token) => self.store.device(&token.hash(), now).await?,
            None => None,
        };
        Ok(Belongings {
            sessions: self.store.own_sessions(account, now).await?,
            browsers: self.store.known_browsers(account, now).await?,
            here: here.filter(|(_, owner)| *owner == account).map(|(id, _)| id),
        })
    }

    /// Ends one session of this account, or all but one. Which ones have ended.
    pub async fn end_sessions(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        which: Ending,
    ) -> Result<Vec<Uuid>, AuthError> {
        let reason = match which {
            Ending::One(_) => "ended by its owner",
            Ending::Others(_) => "all others ended by their owner",
        };
        let Some(event) = self.by_owner(visitor, account, events::SESSION_END).await? else { return Ok(Vec::new()) };
        let event = event.with("session", session.to_string()).with("reason", reason);
        let store = self.store.clone();
        uncut(async move { Ok(store.end_own(account, which, event).await?) }).await
    }

    /// *Sign out everywhere*. Which sessions have ended.
    pub async fn sign_out_everywhere(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
    ) -> Result<Vec<Uuid>, AuthError> {
        let Some(event) = self.by_owner(visitor, account, events::SIGN_OUT_EVERYWHERE).await? else { return Ok(Vec::new()) };
        let event = event.with("session", session.to_string());
        let store = self.store.clone();
        uncut(async move { Ok(store.sign_out_everywhere(account, event).await?) }).await
    }

    /// Forgets a known browser. `false`: unknown.
    pub async fn forget_browser(&self, visitor: &Visitor, account: AccountId, browser: DeviceId) -> Result<bool, AuthError> {
        let Some(event) = self.by_owner(visitor, account, events::BROWSER_FORGET).await? else { return Ok(false) };
        Ok(self.store.forget_browser(account, browser, event.with("browser", browser.0.to_string())).await?)
    }

    async fn by_owner(&self, visitor: &Visitor, account: AccountId, action: &'static str) -> Result<Option<Event>, AuthError> {
        let account = self.store.account(account).await?;
        Ok(account.map(|account| events::done(visitor, &account, action)))
    }
}
