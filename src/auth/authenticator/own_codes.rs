//! New recovery codes, inside a session: made for password and code, shown while they are staged, erased once they are saved.

use uuid::Uuid;

use super::{AuthError, Authenticator, Factors, NewCodes, StagedCodes, Visitor, uncut};
use crate::auth::notices::tell;
use crate::auth::self_service::{CodeSet, Staged};
use crate::auth::{Settings, events, recovery};
use crate::identity::AccountId;
use crate::keys::Purpose;
use crate::notify::mail::Notice;

impl Authenticator {
    /// A new set; the old one is dead.
    pub async fn renew_codes(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        factors: Factors,
    ) -> Result<NewCodes, AuthError> {
        let (this, visitor) = (self.clone(), visitor.clone());
        uncut(async move {
            let settings = this.settings();
            let proved = match this.prove(&settings, &visitor, (session, account), factors).await? {
                Ok(proved) => proved,
                Err(refused) => return Ok(NewCodes::NotProved(refused)),
            };
            let (set, lines) = this.new_code_set(&settings, &visitor, account, session);
            let cookies = this.new_cookies(&visitor, account).await?;
            let event = events::done(&visitor, &proved.account, events::CODES_REPLACE)
                .with("session", session.to_string())
                .telling(tell(&settings, &visitor, &proved.account, Notice::CodesRenewed));
            let now = visitor.now.secure;
            let spending = this.store.renew_codes(proved.proof, cookies.renewal(), set, now, event).await?;
            Ok(match this.settled(&settings, &visitor, &proved, spending).await? {
                Ok(()) => NewCodes::Made(cookies.renewed(), lines),
                Err(refused) => NewCodes::NotProved(refused),
            })
        })
        .await
    }

    /// Whether codes are staged in this session; if so, whether they were handed out.
    pub async fn codes_staged(&self, visitor: &Visitor, session: Uuid) -> Result<Option<bool>, AuthError> {
        Ok(match self.store.staged(session, visitor.now.secure).await? {
            Some(Staged::Codes { handed_out, .. }) => Some(handed_out),
            _ => None,
        })
    }

    /// The staged codes, for the page. `None`: there are none any more.
    pub async fn show_staged_codes(&self, visitor: &Visitor, session: Uuid) -> StagedCodes {
        let Some(Staged::Codes { sealed, .. }) = self.store.staged(session, visitor.now.secure).await? else { return Ok(None) };
        let lines = self.keys.open(Purpose::StagedCodes, session.as_bytes(), &sealed)?;
        Ok(Some(String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()))
    }

    /// The text file with them; from then on *Next* works. `None`: as above.
    pub async fn download_staged_codes(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        brand: &str,
    ) -> Result<Option<String>, AuthError> {
        let Some(account) = self.store.account(account).await? else { return Ok(None) };
        let Some(codes) = self.show_staged_codes(visitor, session).await? else { return Ok(None) };
        if !self.store.staged_codes_handed_out(session, visitor.now.secure).await? {
            return Ok(None);
        }
        Ok(Some(recovery::text_file(visitor.language, brand, &account.login, visitor.now.wall, &codes)))
    }

    /// *Next*: the staged codes are erased if they were downloaded or the box is ticked. `false`: not yet, or gone.
    pub async fn staged_codes_saved(
        &self,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
        ticked: bool,
    ) -> Result<bool, AuthError> {
        let handed_out = self.codes_staged(visitor, session).await?;
        let Some(account) = self.store.account(account).await? else { return Ok(false) };
        if !handed_out.is_some_and(|handed_out| handed_out || ticked) {
            return Ok(false);
        }
        let event = events::done(visitor, &account, events::CODES_SAVE);
        Ok(self.store.staged_codes_saved(session, visitor.now.secure, event).await?)
    }

    /// A new set for this session, and the codes as people see them.
    pub(super) fn new_code_set(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        account: AccountId,
        session: Uuid,
    ) -> (CodeSet, Vec<String>) {
        let (codes, hashes) = recovery::new_set(&self.keys, account);
        let lines = recovery::to_lines(&codes);
        let sealed = self.keys.seal(Purpose::StagedCodes, session.as_bytes(), lines.as_bytes());
        let expires = visitor.now.secure + settings.pending_life;
        (CodeSet { hashes, sealed, expires }, lines.lines().map(str::to_owned).collect())
    }
}
