//! Recovery: a recovery code in place of the lost authenticator. It signs nobody in; it leads into a fresh enrolment, and what
//! the lost phone and its thief could still use dies in the same transaction.

use super::{AuthError, Authenticator, RecoverStep, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::credentials::{AfterWrongCode, LinkKind, Recovery, Spent, Stage};
use crate::auth::notices::tell;
use crate::auth::recovery::RecoveryCode;
use crate::auth::stage::{Asked, Attempt};
use crate::auth::{events, grant};
use crate::clock::Timestamp;
use crate::notify::mail::Notice;
use crate::ports::{Token, TokenHash};

impl Authenticator {
    /// Spends a recovery code of the account that this pending login belongs to.
    pub async fn recover(&self, visitor: &Visitor, pending: &Token, code: &str) -> Result<RecoverStep, AuthError> {
        let (this, visitor, pending, code) = (self.clone(), visitor.clone(), pending.hash(), RecoveryCode::parse(code));
        uncut(async move { this.recover_uncut(&visitor, &pending, code).await }).await
    }

    async fn recover_uncut(
        &self,
        visitor: &Visitor,
        pending: &TokenHash,
        code: Option<RecoveryCode>,
    ) -> Result<RecoverStep, AuthError> {
        let now = visitor.now.secure;
        let Some((pending, account)) = self.store.pending(pending, now).await? else { return Ok(RecoverStep::Gone) };
        if pending.stage == Stage::Setup && account.mfa.is_some() {
            return Ok(RecoverStep::Gone);
        }
        let Some(code) = code else { return Ok(RecoverStep::Malformed) };
        let settings = self.settings();
        let attempt = match self.bench(&settings, visitor).ask(&pending).await? {
            Asked::Granted(attempt) => attempt,
            Asked::SlowDown(wait) => return Ok(RecoverStep::SlowDown(wait)),
            Asked::Locked => return Ok(RecoverStep::Locked),
            Asked::Gone => return Ok(RecoverStep::Gone),
        };
        // Its token is thrown away: this grant is never a link, only the cookie below.
        let (link, _) = grant::new_link(LinkKind::Recovery, &settings, now);
        let cookie = grant::seal(&self.keys, link.id, link.expires);
        let recovery = Recovery {
            pending: pending.token,
            attempt: attempt.id,
            code: attempt.recovery_hash(&code, account.id),
            grant: link,
            expires: now + settings.pending_life,
        };
        let event = events::done(visitor, &account, events::RECOVERY_ACCEPT).telling(tell(
            &settings,
            visitor,
            &account,
            Notice::RecoveryUsed,
        ));
        match self.store.recover(recovery, now, event).await? {
            Spent::Done => {
                attempt.spent().await;
                events::count("recovered");
                Ok(RecoverStep::Accepted { grant: cookie })
            }
            Spent::AlreadyUsed if pending.stage != Stage::Setup && self.has_recovered(&pending.token, now).await? => {
                attempt.void().await?;
                Ok(RecoverStep::Repeated)
            }
            Spent::AlreadyUsed => wrong(attempt, &account).await,
            Spent::Repeated => Ok(RecoverStep::Repeated),
            Spent::Gone => Ok(RecoverStep::Gone),
        }
    }

    /// Whether this pending login, which stood elsewhere a moment ago, was led to set-up meanwhile: only a right recovery code
    /// does that. Then this one was the same button pressed twice, or a guess that nobody needs any more.
    pub(super) async fn has_recovered(&self, pending: &TokenHash, now: Timestamp) -> Result<bool, AuthError> {
        Ok(self.store.pending(pending, now).await?.is_some_and(|(pending, _)| pending.stage == Stage::Setup))
    }
}

async fn wrong(attempt: Attempt<'_>, account: &Account) -> Result<RecoverStep, AuthError> {
    events::count("wrong_code");
    Ok(match attempt.wrong(account, events::RECOVERY_REFUSE).await? {
        AfterWrongCode::Left(left) => RecoverStep::Wrong { left },
        AfterWrongCode::Destroyed => RecoverStep::Gone,
        AfterWrongCode::Locked => {
            events::count("locked");
            RecoverStep::Locked
        }
    })
}
