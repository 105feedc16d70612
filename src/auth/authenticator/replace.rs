//! Another authenticator in place of the old one, inside a session: password and old code show a new secret, a code of the new
//! one enables it. Until then the old one works; from then on nothing but the new one does.

use uuid::Uuid;

use super::enrol::enrolment;
use super::{AuthError, Authenticator, Factors, NotProved, ReplaceStart, ReplaceStep, StagedEnrolment, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::notices::tell;
use crate::auth::self_service::{NewAuthenticator, Proof, Spending, Staged};
use crate::auth::totp::{self, Code};
use crate::auth::{Settings, events};
use crate::identity::AccountId;
use crate::keys::Purpose;
use crate::notify::mail::Notice;

impl Authenticator {
    /// The old code and the password: a new secret waits in this session.
    pub async fn begin_replacement(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        factors: Factors,
    ) -> Result<ReplaceStart, AuthError> {
        let (this, visitor) = (self.clone(), visitor.clone());
        uncut(async move {
            let settings = this.settings();
            let proved = match this.prove(&settings, &visitor, (session, account), factors).await? {
                Ok(proved) => proved,
                Err(refused) => return Ok(ReplaceStart::NotProved(refused)),
            };
            let secret = totp::generate_secret();
            let sealed = this.keys.seal(Purpose::StagedSecret, session.as_bytes(), &*secret);
            let (now, expires) = (visitor.now.secure, visitor.now.secure + settings.pending_life);
            let event = events::done(&visitor, &proved.account, events::MFA_STAGE).with("session", session.to_string());
            let spending = this.store.stage_authenticator(proved.proof, &sealed, now, expires, event).await?;
            Ok(match this.settled(&settings, &visitor, &proved, spending).await? {
                Ok(()) => ReplaceStart::Staged(enrolment(&settings, &proved.account, &*secret)?),
                Err(refused) => ReplaceStart::NotProved(refused),
            })
        })
        .await
    }

    /// The secret that waits in this session, to be shown once more after a code that was not right.
    pub async fn staged_enrolment(&self, visitor: &Visitor, session: Uuid, account: AccountId) -> StagedEnrolment {
        let Some(secret) = self.staged_secret_here(visitor, session).await? else { return Ok(None) };
        let Some(account) = self.store.account(account).await? else { return Ok(None) };
        enrolment(&self.settings(), &account, &secret.1).map(Some)
    }

    /// A code of the new authenticator: it takes the place of the old one, with new recovery codes.
    pub async fn replace_authenticator(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        code: &str,
    ) -> Result<ReplaceStep, AuthError> {
        let (this, visitor, code) = (self.clone(), visitor.clone(), Code::parse(code));
        uncut(async move { this.replace_uncut(&visitor, session, account, code).await }).await
    }

    async fn replace_uncut(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        code: Option<Code>,
    ) -> Result<ReplaceStep, AuthError> {
        let now = visitor.now;
        let account = self.store.account(account).await?.filter(|account| !account.disabled && account.mfa.is_some());
        let Some(account) = account else { return Ok(ReplaceStep::Ended) };
        let Some((sealed, secret)) = self.staged_secret_here(visitor, session).await? else { return Ok(ReplaceStep::Gone) };
        let Some(code) = code else { return Ok(ReplaceStep::Malformed) };
        let settings = self.settings();
        let attempt = match self.attempt_in_session(&settings, visitor, session, account.id).await? {
            Ok(attempt) => attempt,
            Err(NotProved::Crowded) => return Ok(ReplaceStep::Crowded),
            Err(_) => return Ok(ReplaceStep::Ended),
        };
        let Some(step) = totp::check(&secret, &code, now.wall) else {
            return Ok(match self.wrong_code_here(&settings, visitor, &account, (session, attempt.left)).await? {
                NotProved::WrongCode { left } => ReplaceStep::Wrong { left },
                _ => ReplaceStep::Ended,
            });
        };
        let proof = Proof { session, account: account.id, epoch: account.epoch, step, at: now.secure };
        self.swap(&settings, visitor, &account, proof, (sealed, &secret)).await
    }

    async fn swap(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        account: &Account,
        proof: Proof,
        (staged, secret): (Vec<u8>, &[u8]),
    ) -> Result<ReplaceStep, AuthError> {
        let now = visitor.now;
        let cookies = self.new_cookies(visitor, account.id).await?;
        let new = NewAuthenticator {
            staged,
            sealed_secret: self.keys.seal(Purpose::TotpSecret, account.id.0.as_bytes(), secret),
            enrolled_at: now.wall,
            codes: self.new_code_set(settings, visitor, account.id, proof.session).0,
        };
        let before = account.mfa.as_ref().map(|mfa| mfa.enrolled_at.to_string());
        let event = events::done(visitor, account, events::MFA_REPLACE)
            .with("session", proof.session.to_string())
            .with("old_enrolled", before)
            .with("new_enrolled", now.wall.to_string())
            .telling(tell(settings, visitor, account, Notice::AuthenticatorReplaced));
        Ok(match self.store.replace_authenticator(proof, cookies.renewal(), new, now.secure, event).await? {
            Spending::Done => {
                events::count("replaced");
                ReplaceStep::Replaced(cookies.renewed())
            }
            Spending::UsedHere | Spending::UsedElsewhere | Spending::Gone => {
                // Done by another press of the same button, most likely; whatever it was, nothing was wrong.
                self.store.void_in_session(proof.session).await?;
                ReplaceStep::Gone
            }
        })
    }

    async fn staged_secret_here(
        &self,
        visitor: &Visitor,
        session: Uuid,
    ) -> Result<Option<(Vec<u8>, zeroize::Zeroizing<Vec<u8>>)>, AuthError> {
        let Some(Staged::Secret(sealed)) = self.store.staged(session, visitor.now.secure).await? else { return Ok(None) };
        let secret = self.keys.open(Purpose::StagedSecret, session.as_bytes(), &sealed)?;
        Ok(Some((sealed, secret)))
    }
}
