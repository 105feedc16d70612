//! The recovery codes page: shows the set that enrolment made, or makes a new one for whoever left the page before saving it.
//! Only ever at [`Stage::Codes`], which nobody reaches without a right code in this very pending login.

use super::{AuthError, Authenticator, Visitor, uncut};
use crate::auth::account::Account;
use crate::auth::credentials::{Pending, Stage};
use crate::auth::{events, recovery};
use crate::clock::Reading;
use crate::keys::Purpose;
use crate::ports::{Token, TokenHash};

impl Authenticator {
    /// The codes, for the page. `None`: the pending login is gone or stands elsewhere.
    pub async fn show_codes(&self, visitor: &Visitor, pending: &Token) -> Result<Option<Vec<String>>, AuthError> {
        let (this, visitor, pending) = (self.clone(), visitor.clone(), pending.hash());
        uncut(async move { Ok(this.codes(&visitor, &pending).await?.map(|(codes, _)| codes)) }).await
    }

    /// The text file with the codes, in the operator's name, and the note that it was handed out: from then on *Next* works. `None`: as above.
    pub async fn download_codes(&self, visitor: &Visitor, pending: &Token, brand: &str) -> Result<Option<String>, AuthError> {
        let (this, visitor, pending, brand) = (self.clone(), visitor.clone(), pending.hash(), brand.to_owned());
        uncut(async move {
            let Some((codes, account)) = this.codes(&visitor, &pending).await? else { return Ok(None) };
            if !this.store.codes_handed_out(&pending, visitor.now.secure).await? {
                return Ok(None);
            }
            Ok(Some(recovery::text_file(visitor.language, &brand, &account.login, visitor.now.wall, &codes)))
        })
        .await
    }

    /// *Next*: goes on to [`Stage::Verify`] if the codes were downloaded or the box is ticked. `false`: not yet, or gone.
    pub async fn codes_saved(&self, visitor: &Visitor, pending: &Token, ticked: bool) -> Result<bool, AuthError> {
        let now = visitor.now.secure;
        let Some((pending, account)) = self.at_codes(&pending.hash(), visitor.now).await? else { return Ok(false) };
        // A box can be ticked about codes that were never made, by whoever posts without having opened the page.
        if pending.staged_codes.is_none() || !(ticked || pending.codes_handed_out) {
            return Ok(false);
        }
        let event = events::done(visitor, &account, events::CODES_SAVE);
        let expires = now + self.settings().pending_life;
        Ok(self.store.codes_saved(&pending.token, now, expires, event).await?)
    }

    async fn codes(&self, visitor: &Visitor, pending: &TokenHash) -> Result<Option<(Vec<String>, Account)>, AuthError> {
        let Some((pending, account)) = self.at_codes(pending, visitor.now).await? else { return Ok(None) };
        if pending.staged_codes.is_none() && !self.make_new_set(visitor, &pending, &account).await? {
            return Ok(None);
        }
        // Read back: of two pages opened at once both must show the set that counts.
        let Some((pending, account)) = self.at_codes(&pending.token, visitor.now).await? else { return Ok(None) };
        let Some(sealed) = &pending.staged_codes else { return Ok(None) };
        let lines = self.keys.open(Purpose::StagedCodes, &pending.token.0, sealed)?;
        let lines = String::from_utf8_lossy(&lines);
        Ok(Some((lines.lines().map(str::to_owned).collect(), account)))
    }

    async fn make_new_set(&self, visitor: &Visitor, pending: &Pending, account: &Account) -> Result<bool, AuthError> {
        let (codes, hashes) = recovery::new_set(&self.keys, account.id);
        let staged = self.keys.seal(Purpose::StagedCodes, &pending.token.0, recovery::to_lines(&codes).as_bytes());
        let event = events::done(visitor, account, events::CODES_REPLACE);
        Ok(self.store.replace_codes(&pending.token, &hashes, &staged, visitor.now.secure, event).await?)
    }

    async fn at_codes(&self, pending: &TokenHash, now: Reading) -> Result<Option<(Pending, Account)>, AuthError> {
        let found = self.store.pending(pending, now.secure).await?;
        Ok(found.filter(|(pending, account)| pending.stage == Stage::Codes && account.mfa.is_some()))
    }
}
