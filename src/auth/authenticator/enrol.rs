//! Enrolment: an authenticator app is bound to an account by a secret that waits in the pending login until a valid code has
//! proved it. Until then nothing of the account changes, and a secret that works is never overwritten.

use zeroize::Zeroizing;

use super::{AuthError, Authenticator, EnableStep, Enrolment, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::credentials::{AfterWrongCode, EnableMfa, Pending, Spent, Stage};
use crate::auth::notices::tell_regulars;
use crate::auth::stage::{Asked, Attempt};
use crate::auth::totp::Code;
use crate::auth::{Settings, events, qr, recovery, totp};
use crate::clock::Reading;
use crate::keys::Purpose;
use crate::notify::mail::Notice;
use crate::ports::{Token, TokenHash};

impl Authenticator {
    /// The secret to put into an app: a new one, or the one that this pending login has shown before. `None`: the pending login
    /// is gone, not at [`Stage::Setup`], or without a live grant.
    pub async fn begin_enrolment(&self, pending: &Token, now: Reading) -> Result<Option<Enrolment>, AuthError> {
        let Some((pending, account)) = self.at_setup(&pending.hash(), now).await? else { return Ok(None) };
        if !self.grant_lives(&pending, &account, now).await? {
            return Ok(None);
        }
        let settings = self.settings();
        if let Some(secret) = self.staged_secret(&pending)? {
            return enrolment(&settings, &account, &secret).map(Some);
        }
        let secret = totp::generate_secret();
        let sealed = self.keys.seal(Purpose::StagedSecret, &pending.token.0, &*secret);
        let expires = now.secure + settings.pending_life;
        if !self.store.stage_secret(&pending.token, &sealed, now.secure, expires).await? {
            return Ok(None);
        }
        // Read back: of two pages opened at once both must show the secret that counts.
        let Some((pending, _)) = self.at_setup(&pending.token, now).await? else { return Ok(None) };
        let Some(secret) = self.staged_secret(&pending)? else { return Ok(None) };
        enrolment(&settings, &account, &secret).map(Some)
    }

    /// Enables MFA with the first valid code of the staged secret.
    pub async fn enable(&self, visitor: &Visitor, pending: &Token, code: &str) -> Result<EnableStep, AuthError> {
        let (this, visitor, pending, code) = (self.clone(), visitor.clone(), pending.hash(), Code::parse(code));
        uncut(async move { this.enable_uncut(&visitor, &pending, code).await }).await
    }

    async fn enable_uncut(&self, visitor: &Visitor, pending: &TokenHash, code: Option<Code>) -> Result<EnableStep, AuthError> {
        let now = visitor.now;
        let Some((pending, account)) = self.at_setup(pending, now).await? else { return Ok(EnableStep::Gone) };
        if !self.grant_lives(&pending, &account, now).await? {
            return Ok(EnableStep::NeedsGrant);
        }
        let Some(secret) = self.staged_secret(&pending)? else { return Ok(EnableStep::NotStaged) };
        let Some(code) = code else { return Ok(EnableStep::Malformed) };
        let settings = self.settings();
        let attempt = match self.bench(&settings, visitor).ask(&pending).await? {
            Asked::Granted(attempt) => attempt,
            Asked::SlowDown(wait) => return Ok(EnableStep::SlowDown(wait)),
            Asked::Locked | Asked::Gone => return Ok(EnableStep::Gone),
        };
        let Some(step) = attempt.compare(&secret, &code) else { return wrong(attempt, &account).await };
        match self.enrol(&settings, visitor, &pending, &account, (&secret, step.0), &attempt).await? {
            Spent::Done => {
                attempt.spent().await;
                events::count("enrolled");
                Ok(EnableStep::Enabled)
            }
            // A button that was pressed twice: the same way on.
            Spent::Repeated => {
                attempt.spent().await;
                Ok(EnableStep::Enabled)
            }
            Spent::AlreadyUsed => wrong(attempt, &account).await,
            Spent::Gone => Ok(EnableStep::Gone),
        }
    }

    /// One transaction: the secret becomes the account's, ten recovery codes are made, the grant dies.
    async fn enrol(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        pending: &Pending,
        account: &Account,
        (secret, step): (&[u8], u64),
        attempt: &Attempt<'_>,
    ) -> Result<Spent, AuthError> {
        let (codes, code_hashes) = recovery::new_set(&self.keys, account.id);
        let now = visitor.now;
        let enable = EnableMfa {
            pending: pending.token,
            attempt: attempt.id,
            step,
            sealed_secret: self.keys.seal(Purpose::TotpSecret, account.id.0.as_bytes(), secret),
            code_hashes,
            staged_codes: self.keys.seal(Purpose::StagedCodes, &pending.token.0, recovery::to_lines(&codes).as_bytes()),
            expires: now.secure + settings.pending_life,
            enrolled_at: now.wall,
        };
        let event = events::done(visitor, account, events::MFA_ENABLE).telling(tell_regulars(
            settings,
            visitor,
            account,
            Notice::AuthenticatorReplaced,
        ));
        Ok(self.store.enable_mfa(enable, now.secure, event).await?)
    }

    async fn at_setup(&self, pending: &TokenHash, now: Reading) -> Result<Option<(Pending, Account)>, AuthError> {
        let found = self.store.pending(pending, now.secure).await?;
        Ok(found.filter(|(pending, account)| pending.stage == Stage::Setup && account.mfa.is_none()))
    }

    async fn grant_lives(&self, pending: &Pending, account: &Account, now: Reading) -> Result<bool, AuthError> {
        let Some(grant) = pending.grant else { return Ok(false) };
        Ok(self.store.link(grant, now.secure).await?.is_some_and(|link| link.account == account.id))
    }

    fn staged_secret(&self, pending: &Pending) -> Result<Option<Zeroizing<Vec<u8>>>, AuthError> {
        let Some(sealed) = &pending.staged_secret else { return Ok(None) };
        Ok(Some(self.keys.open(Purpose::StagedSecret, &pending.token.0, sealed)?))
    }
}

async fn wrong(attempt: Attempt<'_>, account: &Account) -> Result<EnableStep, AuthError> {
    events::count("wrong_code");
    Ok(match attempt.wrong(account, events::CODE_REFUSE).await? {
        AfterWrongCode::Left(left) => EnableStep::Wrong { left },
        AfterWrongCode::Destroyed | AfterWrongCode::Locked => EnableStep::Gone,
    })
}

pub(super) fn enrolment(settings: &Settings, account: &Account, secret: &[u8]) -> Result<Enrolment, AuthError> {
    let internal = |error: &dyn std::fmt::Display| AuthError::Internal(error.to_string());
    let otpauth = totp::otpauth(secret, &settings.issuer, account.login.as_str()).map_err(|error| internal(&error))?;
    let qr_svg = qr::svg(&otpauth).map_err(|error| internal(&error))?;
    Ok(Enrolment { secret: totp::base32(secret), otpauth, qr_svg })
}
