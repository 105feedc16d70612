//! What begins or ends with a mail: a forgotten password, and *This was not me*. Neither signs anybody in, and neither touches
//! an authenticator.
//!
//! Asking for a new password looks up nobody: the same row goes into the outbox for every login id, and whether there is such an
//! account is found out when the mail is sent. So the answer cannot tell, by its words or its time.

use std::time::Duration;

use secrecy::SecretString;

use super::link::{hash_if_acceptable, same};
use super::log_in::canonical;
use super::{AuthError, Authenticator, ForgotStep, ResetStep, TicketView, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::notices::tell;
use crate::auth::pool::Lane;
use crate::auth::tickets::{self, Ticket, TicketKind};
use crate::auth::{budget, events};
use crate::clock::Reading;
use crate::notify::mail::{Notice, Posting};
use crate::ports::Token;

impl Authenticator {
    /// *Forgot your password?*: puts the mail into the outbox, for whatever was typed.
    pub async fn forgot(&self, visitor: &Visitor, login: &str) -> Result<ForgotStep, AuthError> {
        let settings = self.settings();
        let (Some(store), true) = (&self.tickets, settings.mail) else { return Ok(ForgotStep::NoMail) };
        let login = canonical(&self.keys, login);
        let bench = self.bench(&settings, visitor);
        let client = visitor.client.to_canonical();
        if !settings.exempt.iter().any(|network| network.contains(&client))
            && let Some(wait) = bench.take(&budget::forgot_client_charges(&self.keys, client)).await?
        {
            return Ok(ForgotStep::SlowDown(wait));
        }
        // Not told: somebody who asks for others should not learn what they have set off. The mails from before still work.
        if bench.take(&[budget::forgot_account_charge(&self.keys, &login)]).await?.is_some() {
            return Ok(ForgotStep::Asked);
        }
        let posting = Posting::forgot(login.as_str(), &visitor.portal, visitor.now.secure);
        if !store.post(posting).await? {
            tracing::warn!("too many mails wait that strangers have asked for: no more are taken");
        }
        self.store.note_failure(events::failed(visitor, None, events::PASSWORD_FORGOT)).await?;
        events::count("forgot");
        Ok(ForgotStep::Asked)
    }

    /// Opens a link out of a mail: the value of the ticket cookie, and how long it lives. Changes nothing. `None`: not alive, or
    /// of another kind. That counts as a failure of the client.
    pub async fn open_mailed(
        &self,
        visitor: &Visitor,
        token: &str,
        kind: TicketKind,
    ) -> Result<Option<(String, Duration)>, AuthError> {
        let now = visitor.now.secure;
        let found = match (&self.tickets, Token::parse(token)) {
            (Some(store), Some(token)) => store.ticket_by_token(&token.hash(), now).await?,
            _ => None,
        };
        let Some(ticket) = found.filter(|ticket| ticket.kind == kind) else {
            let settings = self.settings();
            self.store.note_failure(events::failed(visitor, None, events::LINK_REFUSE)).await?;
            self.bench(&settings, visitor).cost().await?;
            return Ok(None);
        };
        Ok(Some((tickets::seal(&self.keys, ticket.id), ticket.expires.since(now))))
    }

    /// What the ticket cookie stands for, if it still lives and is of this kind.
    pub async fn mailed(&self, cookie: Option<&str>, kind: TicketKind, now: Reading) -> Result<Option<TicketView>, AuthError> {
        Ok(self.live_ticket(cookie, kind, now).await?.map(|(_, view)| view))
    }

    /// Sets the new password. Ends whatever was open; signs nobody in; leaves the authenticator alone.
    pub async fn reset_password(
        &self,
        visitor: &Visitor,
        cookie: Option<&str>,
        new_password: SecretString,
        again: SecretString,
    ) -> Result<ResetStep, AuthError> {
        let found = self.live_ticket(cookie, TicketKind::Reset, visitor.now).await?;
        let (Some((ticket, view)), Some(store)) = (found, self.tickets.clone()) else { return Ok(ResetStep::Gone) };
        if !same(&new_password, &again) {
            return Ok(ResetStep::Mismatch);
        }
        let (settings, account) = (self.settings(), view.account.clone());
        let (judged, by) = (account.clone(), settings.clone());
        let hash = self.pool.run(Lane::Unknown, move || hash_if_acceptable(&by, &judged, &new_password)).await?;
        let hash = match hash {
            Ok(hash) => hash.map_err(|error| AuthError::Internal(error.to_string()))?,
            Err(complaints) => return Ok(ResetStep::Weak(complaints)),
        };
        let event = events::done(visitor, &account, events::PASSWORD_RESET).telling(tell(
            &settings,
            visitor,
            &account,
            Notice::PasswordChanged,
        ));
        let now = visitor.now.secure;
        uncut(async move {
            Ok(if store.reset_password(ticket.id, &hash, now, event).await? { ResetStep::Reset } else { ResetStep::Gone })
        })
        .await
    }

    /// *This was not me*: freezes the account. `false`: the ticket is gone.
    pub async fn freeze(&self, visitor: &Visitor, cookie: Option<&str>) -> Result<bool, AuthError> {
        let found = self.live_ticket(cookie, TicketKind::NotMe, visitor.now).await?;
        let (Some((ticket, view)), Some(store)) = (found, self.tickets.clone()) else { return Ok(false) };
        let event = events::done(visitor, &view.account, events::USER_FREEZE).with("reason", "not me");
        let now = visitor.now.secure;
        uncut(async move { Ok(store.freeze(ticket.id, now, event).await?) }).await
    }

    /// Remembers in which language this person reads, for mails. Nothing hangs on it: if it fails, it is done the next time.
    pub(super) async fn remember_language(&self, visitor: &Visitor, account: &Account) {
        let Some(store) = self.tickets.as_ref().filter(|_| account.language != Some(visitor.language)) else { return };
        if let Err(error) = store.note_language(account.id, visitor.language).await {
            tracing::warn!(account = %account.id, %error, "the language of a person could not be noted");
        }
    }

    async fn live_ticket(
        &self,
        cookie: Option<&str>,
        kind: TicketKind,
        now: Reading,
    ) -> Result<Option<(Ticket, TicketView)>, AuthError> {
        let (Some(store), Some(id)) = (&self.tickets, cookie.and_then(|cookie| tickets::open(&self.keys, cookie))) else {
            return Ok(None);
        };
        let Some(ticket) = store.ticket(id, now.secure).await?.filter(|ticket| ticket.kind == kind) else { return Ok(None) };
        let account = self.store.account(ticket.account).await?;
        Ok(account.map(|account| (ticket.clone(), TicketView { account, expires: ticket.expires })))
    }
}
