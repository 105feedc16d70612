//! *Change password*, inside a session.

use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::link::same;
use super::{AuthError, Authenticator, Factors, NotProved, PasswordChange, Visitor, uncut};
use crate::auth::notices::tell;
use crate::auth::pool::Lane;
use crate::auth::{events, hashing, password};
use crate::identity::AccountId;
use crate::notify::mail::Notice;

impl Authenticator {
    /// Another password, for whoever knows the old one and has a fresh code. Other sessions and browsers of the account end.
    pub async fn change_password(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        factors: Factors,
        new: SecretString,
        again: SecretString,
    ) -> Result<PasswordChange, AuthError> {
        if !same(&new, &again) {
            return Ok(PasswordChange::Mismatch);
        }
        let (this, visitor) = (self.clone(), visitor.clone());
        uncut(async move { this.change_password_uncut(&visitor, (session, account), factors, new).await }).await
    }

    async fn change_password_uncut(
        &self,
        visitor: &Visitor,
        at: (Uuid, AccountId),
        factors: Factors,
        new: SecretString,
    ) -> Result<PasswordChange, AuthError> {
        let settings = self.settings();
        let Some(account) = self.store.account(at.1).await? else { return Ok(PasswordChange::NotProved(NotProved::Ended)) };
        if same(&factors.password, &new) {
            return Ok(PasswordChange::Same);
        }
        // The rules first: what breaks them costs neither the code nor an attempt. Judging belongs into the pool too.
        let (rules, typed) = (settings.clone(), new.clone());
        let complaints = self.pool.run(Lane::Known, move || {
            let inputs = [account.login.as_str(), &account.name, &rules.issuer];
            password::check(&rules.rules, typed.expose_secret(), &inputs)
        });
        let complaints = complaints.await?;
        if !complaints.is_empty() {
            return Ok(PasswordChange::Weak(complaints));
        }
        let proved = match self.prove(&settings, visitor, at, factors).await? {
            Ok(proved) => proved,
            Err(refused) => return Ok(PasswordChange::NotProved(refused)),
        };
        let hashed = self.pool.run(Lane::Known, move || hash_new(&new)).await;
        let hash = match hashed {
            Ok(Ok(hash)) => hash,
            failed => {
                // Nothing was wrong.
                self.store.void_in_session(at.0).await?;
                return Err(failed.err().unwrap_or_else(|| AuthError::Internal("a password was not hashed".to_owned())));
            }
        };
        let cookies = self.new_cookies(visitor, at.1).await?;
        let event = events::done(visitor, &proved.account, events::PASSWORD_CHANGE)
            .with("session", at.0.to_string())
            .telling(tell(&settings, visitor, &proved.account, Notice::PasswordChanged));
        let now = visitor.now.secure;
        let spending = self.store.change_password(proved.proof, cookies.renewal(), &hash, now, event).await?;
        Ok(match self.settled(&settings, visitor, &proved, spending).await? {
            Ok(()) => PasswordChange::Changed(cookies.renewed()),
            Err(refused) => PasswordChange::NotProved(refused),
        })
    }
}

fn hash_new(new: &SecretString) -> Result<String, ()> {
    let prepared = password::prepare(new.expose_secret()).map_err(|_| ())?;
    hashing::hash(&prepared).map_err(|_| ())
}
