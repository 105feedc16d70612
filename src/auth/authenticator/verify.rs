//! Page two: the code. A right one is spent and makes the session in one transaction, or does neither.

use super::{AuthError, Authenticator, SignedIn, VerifyStep, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::credentials::{AfterWrongCode, DeviceId, NewSession, Pending, ReopenCodes, SignIn, Spent, Stage};
use crate::auth::notices::tell_regulars;
use crate::auth::stage::{Asked, Attempt, RightStep};
use crate::auth::totp::Code;
use crate::auth::{Settings, device, events, totp};
use crate::keys::{self, Purpose};
use crate::notify::mail::Notice;
use crate::ports::{Token, TokenHash};

impl Authenticator {
    /// Compares a code and signs in. `shared`: *shared computer* was ticked, so this browser is not remembered.
    pub async fn verify(&self, visitor: &Visitor, pending: &Token, code: &str, shared: bool) -> Result<VerifyStep, AuthError> {
        let (this, visitor, pending, code) = (self.clone(), visitor.clone(), pending.hash(), Code::parse(code));
        uncut(async move { this.verify_uncut(&visitor, &pending, code, shared).await }).await
    }

    async fn verify_uncut(
        &self,
        visitor: &Visitor,
        pending: &TokenHash,
        code: Option<Code>,
        shared: bool,
    ) -> Result<VerifyStep, AuthError> {
        let now = visitor.now;
        let Some((pending, account)) = self.store.pending(pending, now.secure).await? else { return Ok(VerifyStep::Gone) };
        let mfa = match (pending.stage, &account.mfa) {
            (Stage::Verify, Some(mfa)) => mfa,
            (Stage::Verify, None) => return Ok(VerifyStep::RecoveryDue),
            _ => return Ok(VerifyStep::Gone),
        };
        // Before anything is compared: whether the code is right stays unknown.
        if account.recovery_due && pending.device.is_none() {
            return Ok(VerifyStep::RecoveryDue);
        }
        let Some(code) = code else { return Ok(VerifyStep::Malformed) };
        let secret = self.keys.open(Purpose::TotpSecret, account.id.0.as_bytes(), &mfa.sealed_secret)?;
        let settings = self.settings();
        let attempt = match self.bench(&settings, visitor).ask(&pending).await? {
            Asked::Granted(attempt) => attempt,
            Asked::SlowDown(wait) => return Ok(VerifyStep::SlowDown(wait)),
            Asked::Locked => return Ok(VerifyStep::Locked),
            Asked::Gone => return Ok(VerifyStep::Gone),
        };
        match attempt.compare(&secret, &code) {
            None => wrong(attempt, &account).await,
            // Only what this very sign-in has used is told apart. A code that some other browser has used looks wrong: it is
            // nobody's business here that it was right.
            Some(RightStep(step)) if pending.enabled_step == Some(step) => {
                attempt.void().await?;
                Ok(VerifyStep::AlreadyUsed { wait: totp::wait_after(step, now.wall) })
            }
            // Not tried first: the transaction that would find it out takes a time that a wrong code does not.
            Some(RightStep(step)) if step <= mfa.last_step => wrong(attempt, &account).await,
            Some(step) if !account.codes_saved => self.back_to_codes(&settings, visitor, &pending, &account, step, attempt).await,
            Some(step) => self.sign_in(&settings, visitor, (&pending, &account), step, attempt, shared).await,
        }
    }

    /// The wizard was left before the recovery codes were saved. This code opens that page again; the next one signs in.
    async fn back_to_codes(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        pending: &Pending,
        account: &Account,
        RightStep(step): RightStep,
        attempt: Attempt<'_>,
    ) -> Result<VerifyStep, AuthError> {
        let now = visitor.now.secure;
        let reopen = ReopenCodes { pending: pending.token, attempt: attempt.id, step, expires: now + settings.pending_life };
        match self.store.reopen_codes(reopen, now, events::done(visitor, account, events::CODES_REOPEN)).await? {
            Spent::Done => {
                attempt.spent().await;
                Ok(VerifyStep::SaveCodesFirst)
            }
            Spent::AlreadyUsed => wrong(attempt, account).await,
            Spent::Repeated => repeated(attempt, pending).await,
            Spent::Gone => Ok(VerifyStep::Gone),
        }
    }

    async fn sign_in(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        (pending, account): (&Pending, &Account),
        RightStep(step): RightStep,
        attempt: Attempt<'_>,
        shared: bool,
    ) -> Result<VerifyStep, AuthError> {
        let now = visitor.now;
        let token = Token::generate();
        let device = (!shared).then(|| (DeviceId(keys::new_id(now.secure)), device::mint(&self.keys)));
        let session = NewSession {
            id: keys::new_id(now.secure),
            token: token.hash(),
            client: visitor.client,
            agent: visitor.agent.clone(),
            created: now.secure,
            expires: now.secure + settings.lifetime,
            shared,
        };
        let signed_in = SignedIn {
            session: session.id,
            token,
            device: device.as_ref().map(|(_, token)| token.clone()),
            account: account.id,
            to: pending.to.clone(),
            expires: session.expires,
            shared,
        };
        let event = events::done(visitor, account, events::SESSION_START)
            .with("session", session.id.to_string())
            .with("known_browser", pending.device.is_some())
            .telling(tell_regulars(settings, visitor, account, Notice::NewSignIn).filter(|_| pending.device.is_none()));
        let sign_in = SignIn {
            pending: pending.token,
            attempt: attempt.id,
            step,
            session,
            device: device.map(|(id, token)| (id, token.hash())),
            wall: now.wall,
        };
        match self.store.sign_in(sign_in, now.secure, event).await? {
            Spent::Done => {
                attempt.spent().await;
                events::count("signed_in");
                self.remember_language(visitor, account).await;
                Ok(VerifyStep::SignedIn(Box::new(signed_in)))
            }
            Spent::AlreadyUsed => wrong(attempt, account).await,
            Spent::Repeated => repeated(attempt, pending).await,
            Spent::Gone => Ok(VerifyStep::Gone),
        }
    }
}

/// A button that was pressed twice. The store has given the attempt back; its client gets back what it cost, too.
async fn repeated(attempt: Attempt<'_>, pending: &Pending) -> Result<VerifyStep, AuthError> {
    attempt.spent().await;
    Ok(VerifyStep::Repeated { to: pending.to.clone() })
}

async fn wrong(attempt: Attempt<'_>, account: &Account) -> Result<VerifyStep, AuthError> {
    events::count("wrong_code");
    Ok(match attempt.wrong(account, events::CODE_REFUSE).await? {
        AfterWrongCode::Left(left) => VerifyStep::Wrong { left },
        AfterWrongCode::Destroyed => VerifyStep::Gone,
        AfterWrongCode::Locked => {
            events::count("locked");
            VerifyStep::Locked
        }
    })
}
