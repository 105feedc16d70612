//! Invitation and enrolment links: swapped for a sealed cookie when opened, read as often as wanted, consumed by what they
//! are for. Setting the first password is one of those things; it signs nobody in.

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::{AuthError, Authenticator, GrantView, LinkStep, RegisterStep, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::credentials::{FirstPassword, Link, LinkId, LinkKind};
use crate::auth::password::{self, Complaint};
use crate::auth::pool::Lane;
use crate::auth::{Settings, events, grant, hashing};
use crate::clock::Reading;
use crate::ports::Token;

impl Authenticator {
    /// Opens a link of this kind. Changes nothing.
    ///
    /// The look-up stands before the limit: nobody guesses a token, and strangers behind the same address must not keep
    /// somebody from the link that they were sent. What the limit guards is all that a wrong one costs.
    pub async fn open_link(&self, visitor: &Visitor, token: &str, kind: LinkKind) -> Result<LinkStep, AuthError> {
        let now = visitor.now;
        let token = Token::parse(token).map(|token| token.hash());
        let link = match &token {
            Some(token) => self.store.link_by_token(token, now.secure).await?,
            None => None,
        };
        // A recovery grant has no link that could be opened.
        let link = link.filter(|link| link.kind == kind && kind != LinkKind::Recovery);
        let view = match link {
            Some(link) => self.view(link).await?,
            None => None,
        };
        if let Some((id, view)) = view {
            return Ok(LinkStep::Opened { grant: grant::seal(&self.keys, id, view.expires), view: Box::new(view) });
        }
        if let Some(token) = &token
            && self.store.link_done(token, kind, now.secure).await?
        {
            return Ok(LinkStep::Done);
        }
        let settings = self.settings();
        let bench = self.bench(&settings, visitor);
        if let Some(wait) = bench.take(&bench.client_charges()).await? {
            return Ok(LinkStep::SlowDown(wait));
        }
        self.store.note_failure(events::failed(visitor, None, events::LINK_REFUSE)).await?;
        Ok(LinkStep::Gone)
    }

    /// What the grant cookie stands for, if it still lives.
    pub async fn grant(&self, cookie: &str, now: Reading) -> Result<Option<GrantView>, AuthError> {
        Ok(self.live_grant(cookie, now).await?.map(|(_, view)| view))
    }

    /// *Finish registration*: sets the first password under the grant that this browser holds.
    pub async fn register(
        &self,
        visitor: &Visitor,
        new_password: SecretString,
        again: SecretString,
    ) -> Result<RegisterStep, AuthError> {
        let Some(cookie) = &visitor.grant else { return Ok(RegisterStep::Gone) };
        let Some((link, view)) = self.live_grant(cookie, visitor.now).await? else { return Ok(RegisterStep::Gone) };
        if view.kind == LinkKind::Recovery {
            return Ok(RegisterStep::Gone);
        }
        if view.account.password.is_some() {
            return Ok(RegisterStep::AlreadySet);
        }
        if !same(&new_password, &again) {
            return Ok(RegisterStep::Mismatch);
        }
        // Judging costs time too: it belongs into the pool with the hashing.
        let (settings, judged) = (self.settings(), view.clone());
        let hash = self.pool.run(Lane::Unknown, move || hash_if_acceptable(&settings, &judged.account, &new_password)).await?;
        let hash = match hash {
            Ok(hash) => hash.map_err(|error| AuthError::Internal(error.to_string()))?,
            Err(complaints) => return Ok(RegisterStep::Weak(complaints)),
        };
        let (store, now, this, by) = (self.store.clone(), visitor.now.secure, self.clone(), visitor.clone());
        let event = events::done(visitor, &view.account, events::USER_REGISTER);
        uncut(async move {
            Ok(match store.set_first_password(link, &hash, now, event).await? {
                FirstPassword::Set => {
                    this.remember_language(&by, &view.account).await;
                    RegisterStep::Registered
                }
                FirstPassword::AlreadySet => RegisterStep::AlreadySet,
                FirstPassword::Gone => RegisterStep::Gone,
            })
        })
        .await
    }

    async fn live_grant(&self, cookie: &str, now: Reading) -> Result<Option<(LinkId, GrantView)>, AuthError> {
        let Some(id) = grant::open(&self.keys, cookie, now.secure) else { return Ok(None) };
        match self.store.link(id, now.secure).await? {
            Some(link) => self.view(link).await,
            None => Ok(None),
        }
    }

    async fn view(&self, link: Link) -> Result<Option<(LinkId, GrantView)>, AuthError> {
        let account = self.store.account(link.account).await?.filter(|account| !account.disabled);
        Ok(account.map(|account| (link.id, GrantView { kind: link.kind, account, expires: link.expires })))
    }
}

/// The stored form of a new password, or what is wrong with it.
pub(super) fn hash_if_acceptable(
    settings: &Settings,
    account: &Account,
    typed: &SecretString,
) -> Result<Result<String, argon2::password_hash::Error>, Vec<Complaint>> {
    let typed = typed.expose_secret();
    let inputs = [account.login.as_str(), &account.name, &settings.issuer];
    let complaints = password::check(&settings.rules, typed, &inputs);
    if !complaints.is_empty() {
        return Err(complaints);
    }
    password::prepare(typed).map(|prepared| hashing::hash(&prepared)).map_err(|complaint| vec![complaint])
}

/// Whether both fields hold the same password, in its normal form.
pub(super) fn same(one: &SecretString, other: &SecretString) -> bool {
    let (one, other) = (one.expose_secret(), other.expose_secret());
    match (password::prepare(one), password::prepare(other)) {
        (Ok(one), Ok(other)) => bool::from(one.as_bytes().ct_eq(other.as_bytes())),
        _ => bool::from(one.as_bytes().ct_eq(other.as_bytes())),
    }
}
