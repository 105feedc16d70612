//! A new code inside a session: it starts the window anew. Wrong ones end the session and lock nobody.

use uuid::Uuid;

use super::{AuthError, Authenticator, ConfirmStep, NotProved, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::credentials::{Confirm, Spent};
use crate::auth::totp::{self, Code};
use crate::auth::{Settings, events};
use crate::identity::AccountId;
use crate::keys::Purpose;
use crate::ports::Token;

impl Authenticator {
    /// Compares a code for a session. `session_code_step`: the step that this session has used last.
    ///
    /// No bucket of the client's address stops it: strangers behind the same address could empty that one, and a session has a
    /// budget of its own.
    pub async fn confirm(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        session_code_step: u64,
        code: &str,
    ) -> Result<ConfirmStep, AuthError> {
        let (this, visitor, code) = (self.clone(), visitor.clone(), Code::parse(code));
        uncut(async move { this.confirm_uncut(&visitor, session, account, session_code_step, code).await }).await
    }

    async fn confirm_uncut(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        used: u64,
        code: Option<Code>,
    ) -> Result<ConfirmStep, AuthError> {
        let now = visitor.now;
        let account = self.store.account(account).await?.filter(|account| !account.disabled);
        let Some((account, mfa)) = account.and_then(|account| account.mfa.clone().map(|mfa| (account, mfa))) else {
            return Ok(ConfirmStep::Ended);
        };
        let Some(code) = code else { return Ok(ConfirmStep::Malformed) };
        let secret = self.keys.open(Purpose::TotpSecret, account.id.0.as_bytes(), &mfa.sealed_secret)?;
        let settings = self.settings();
        let attempt = match self.attempt_in_session(&settings, visitor, session, account.id).await? {
            Ok(attempt) => attempt,
            Err(NotProved::Crowded) => return Ok(ConfirmStep::Crowded),
            Err(_) => return Ok(ConfirmStep::Ended),
        };
        match totp::check(&secret, &code, now.wall) {
            None => self.wrong_in_session(&settings, visitor, &account, session, attempt.left).await,
            Some(step) if step == used => {
                self.store.void_in_session(session).await?;
                Ok(ConfirmStep::AlreadyUsed { wait: totp::wait_after(step, now.wall) })
            }
            Some(step) => self.spend_in_session(&settings, visitor, &account, (session, attempt.left), step).await,
        }
    }

    async fn spend_in_session(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        account: &Account,
        (session, left): (Uuid, u32),
        step: u64,
    ) -> Result<ConfirmStep, AuthError> {
        let now = visitor.now.secure;
        let token = Token::generate();
        let confirm = Confirm { session, step, token: token.hash(), old_until: now + settings.old_cookie_life, code_at: now };
        let event = events::done(visitor, account, events::SESSION_CONFIRM).with("session", session.to_string());
        match self.store.confirm(confirm, now, event).await? {
            Spent::Done => {
                events::count("confirmed");
                Ok(ConfirmStep::Confirmed { token, code_at: now })
            }
            Spent::AlreadyUsed => self.wrong_in_session(settings, visitor, account, session, left).await,
            Spent::Repeated => Ok(ConfirmStep::Repeated),
            Spent::Gone => Ok(ConfirmStep::Ended),
        }
    }

    async fn wrong_in_session(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        account: &Account,
        session: Uuid,
        left: u32,
    ) -> Result<ConfirmStep, AuthError> {
        events::count("wrong_code");
        let left = self.miss_in_session(settings, visitor, account, (session, left), events::CODE_REFUSE).await?;
        Ok(left.map_or(ConfirmStep::Ended, |left| ConfirmStep::Wrong { left }))
    }
}
