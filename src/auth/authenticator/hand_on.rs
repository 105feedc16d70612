//! A session is handed on to a portal's host: a ticket here, and there what it leads to. No factor is taken in between, so none of
//! this starts a window: the code that was entered goes with the ticket, as old as it is.

use uuid::Uuid;

use super::{AuthError, Authenticator, Visitor, uncut};
use crate::auth::events;
use crate::auth::handoffs::{Brought, HandedOn, NewChild, NewHandoff, TICKET_LIFE};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys;
use crate::ports::{Token, TokenHash};

/// What a ticket is made for.
#[derive(Clone, Debug)]
pub struct HandOn {
    /// The session at the host of our pages, and whose.
    pub session: Uuid,
    /// The account.
    pub account: AccountId,
    /// The code that this browser's cookie is good for.
    pub code_at: Timestamp,
    /// Its step.
    pub code_step: u64,
    /// The name of the portal that it goes to.
    pub portal: String,
    /// Hash of the cookie that the portal's host has given to this browser.
    pub browser: TokenHash,
}

impl Authenticator {
    /// A ticket for this browser at that portal. `None`: the session has ended.
    pub async fn hand_on(&self, on: HandOn, visitor: &Visitor) -> Result<Option<Token>, AuthError> {
        let Some(handoffs) = &self.handoffs else { return Ok(None) };
        let (token, now) = (Token::generate(), visitor.now.secure);
        let new = NewHandoff {
            token: token.hash(),
            browser: on.browser,
            session: on.session,
            at: visitor.portal.clone(),
            account: on.account,
            portal: on.portal,
            code_at: on.code_at,
            code_step: on.code_step,
            expires: now + TICKET_LIFE,
        };
        Ok(handoffs.issue(new, now).await?.then_some(token))
    }

    /// Spends a ticket at the portal of this visit: the session that it leads to, and the value of its cookie. `None`: it is good
    /// for nothing here, with this cookie, or no more.
    ///
    /// `was_inside`: this browser had a session there when it went away for the ticket. The cookie of one that had rested for too
    /// long stays nobody's.
    pub async fn take_over(
        &self,
        visitor: &Visitor,
        ticket: &Token,
        browser: &Token,
        was_inside: bool,
    ) -> Result<Option<(HandedOn, Token)>, AuthError> {
        let (this, visitor, ticket, browser) = (self.clone(), visitor.clone(), ticket.hash(), browser.hash());
        uncut(async move { this.take_over_uncut(&visitor, &ticket, &browser, was_inside).await }).await
    }

    async fn take_over_uncut(
        &self,
        visitor: &Visitor,
        ticket: &TokenHash,
        browser: &TokenHash,
        was_inside: bool,
    ) -> Result<Option<(HandedOn, Token)>, AuthError> {
        let Some(handoffs) = &self.handoffs else { return Ok(None) };
        let now = visitor.now.secure;
        let brought = Brought { token: ticket, browser, portal: &visitor.portal };
        let Some(holder) = handoffs.holder(brought, now).await? else { return Ok(None) };
        let Some(account) = self.store.account(holder).await? else { return Ok(None) };
        let token = Token::generate();
        let child = NewChild {
            id: keys::new_id(now),
            token: token.hash(),
            old_until: was_inside.then(|| now + self.settings().old_cookie_life),
            client: visitor.client,
            agent: visitor.agent.clone(),
        };
        let event = events::done(visitor, &account, events::SESSION_HAND_ON);
        let handed = handoffs.take(brought, child, now, event).await?;
        if handed.is_some() {
            events::count("handed_on");
        }
        Ok(handed.map(|handed| (handed, token)))
    }
}
