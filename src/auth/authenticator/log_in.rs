//! Page one: the login id and the password.
//!
//! Every way to fail costs the same: one look-up, one Argon2id, one note for the trail, whether the login id is no login id, is
//! unknown, disabled, without a password, or the password is wrong or too long to be one. (A hash that was imported costs what
//! it costs until its owner has signed in once; then it is one of ours.)

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::{AuthError, Authenticator, Browser, PasswordStep, Visitor};
use crate::auth::account::Account;
use crate::auth::credentials::{Charge, LinkId, NewPending, Stage};
use crate::auth::hashing::{self, Verdict};
use crate::auth::pool::Lane;
use crate::auth::{Settings, budget, device, events, grant, password};
use crate::identity::Login;
use crate::keys::{KeyRing, Purpose};
use crate::ports::Token;

impl Authenticator {
    /// Compares a password. `to`: where the person wants to go, a canonical path and query.
    pub async fn log_in(
        &self,
        visitor: &Visitor,
        login: &str,
        password: SecretString,
        to: String,
    ) -> Result<PasswordStep, AuthError> {
        let settings = self.settings();
        let bench = self.bench(&settings, visitor);
        let login = canonical(&self.keys, login);
        let browser = device::browser(&*self.store, &self.keys, visitor, &login).await?;
        let _turn = self.door.permit(lane(browser)).await?;
        // Reserved before anything is compared, so that attempts in parallel cannot overtake the count.
        let charges = charges(&self.keys, &settings, &login, visitor, browser);
        if let Some(wait) = bench.take(&charges).await? {
            events::count("slowed");
            return Ok(PasswordStep::SlowDown(wait));
        }
        let account = self.store.account_by_login(&login).await?;
        let verdict = match self.compare(account.as_ref(), &password, browser).await {
            Ok(verdict) => verdict,
            Err(error) => {
                self.store.refund(&charges, visitor.now.secure).await?;
                return Err(error);
            }
        };
        match (verdict, account) {
            (Verdict::Right | Verdict::RightButOld, Some(account)) => {
                self.store.refund(&charges, visitor.now.secure).await?;
                if verdict == Verdict::RightButOld {
                    self.rehash(&account, &password, browser).await;
                }
                self.passed(&settings, visitor, &account, browser, to).await
            }
            (_, account) => {
                self.store.note_failure(events::failed(visitor, account.as_ref(), events::LOGIN_REFUSE)).await?;
                events::count("refused");
                Ok(PasswordStep::Refused)
            }
        }
    }

    /// One comparison in the pool, with the account's own hash or with the decoy.
    async fn compare(&self, account: Option<&Account>, password: &SecretString, browser: Browser) -> Result<Verdict, AuthError> {
        let stored = account.filter(|account| !account.disabled).and_then(|account| account.password.clone());
        let prepared = password::prepare(password.expose_secret());
        self.pool
            .run(lane(browser), move || match (prepared, stored) {
                (Ok(password), Some(stored)) => hashing::verify(&password, &stored),
                (password, _) => {
                    hashing::verify_decoy(&password.unwrap_or_default());
                    Verdict::Wrong
                }
            })
            .await
    }

    /// Stores the password in today's form. If that fails, the sign-in goes on, and it is done at the next one.
    async fn rehash(&self, account: &Account, password: &SecretString, browser: Browser) {
        let (Some(old), Ok(prepared)) = (account.password.clone(), password::prepare(password.expose_secret())) else { return };
        let hashed = self.pool.run(lane(browser), move || hashing::hash(&prepared)).await;
        let Ok(Ok(new)) = hashed else { return };
        if let Err(error) = self.store.rehash_password(account.id, &old, &new).await {
            tracing::warn!(account = %account.id, %error, "a password could not be stored in its new form");
        }
    }

    /// The password was right: opens the pending login at the stage that the account is in.
    async fn passed(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        account: &Account,
        browser: Browser,
        to: String,
    ) -> Result<PasswordStep, AuthError> {
        let now = visitor.now.secure;
        let held = match browser {
            Browser::Invited(link) => Some(link),
            _ => self.held_grant(visitor, account).await?,
        };
        let (stage, grant) = match (&account.mfa, held) {
            // Never further than this for an enrolled account: what a password opens must not show its recovery codes.
            (Some(_), _) => (Stage::Verify, None),
            (None, Some(grant)) => (Stage::Setup, Some(grant)),
            // Left half-way: another recovery factor goes on, under all its limits. Nothing else is behind this stage.
            (None, None) if account.half_way && self.recovers_by_text() => (Stage::Verify, None),
            (None, None) => {
                self.store.note_failure(events::failed(visitor, Some(account), events::LOGIN_NO_GRANT)).await?;
                events::count("no_grant");
                return Ok(if account.half_way { PasswordStep::LeftHalfWay } else { PasswordStep::NeedsGrant });
            }
        };
        let pending = Token::generate();
        let opened = self.store.open_pending(NewPending {
            token: pending.hash(),
            account: account.id,
            epoch: account.epoch,
            portal: visitor.portal.clone(),
            stage,
            to,
            grant,
            device: match browser {
                Browser::Known(device) => Some(device),
                Browser::Unknown | Browser::Invited(_) => None,
            },
            client: visitor.client,
            created: now,
            expires: now + settings.pending_life,
        });
        if !opened.await? {
            // Disabled or changed since it was read.
            events::count("refused");
            return Ok(PasswordStep::Refused);
        }
        events::count("password_accepted");
        Ok(PasswordStep::Passed { pending, stage })
    }

    /// The live grant that this browser holds for this very account.
    async fn held_grant(&self, visitor: &Visitor, account: &Account) -> Result<Option<LinkId>, AuthError> {
        let now = visitor.now.secure;
        let Some(cookie) = &visitor.grant else { return Ok(None) };
        let Some(id) = grant::open(&self.keys, cookie, now) else { return Ok(None) };
        let link = self.store.link(id, now).await?;
        Ok(link.filter(|link| link.account == account.id).map(|link| link.id))
    }
}

/// The canonical login id of what was typed. What is none gets one that nobody can have, because nobody can compute it; so it
/// goes the way of an unknown account, with buckets of its own.
pub(super) fn canonical(keys: &KeyRing, typed: &str) -> Login {
    Login::parse(typed).unwrap_or_else(|_| {
        let name = keys.mac(Purpose::LoginName, &[b"no login id", typed.as_bytes()]);
        let name = Zeroizing::new(data_encoding::HEXLOWER.encode(&name));
        #[expect(clippy::expect_used, reason = "hexadecimal digits before an @ are a login id; a test shows it")]
        Login::parse(&format!("{}@nobody.invalid", *name)).expect("a login id of hexadecimal digits")
    })
}

fn charges(keys: &KeyRing, settings: &Settings, login: &Login, visitor: &Visitor, browser: Browser) -> Vec<Charge> {
    budget::password_charges(keys, &settings.rates, login, settings.limited(visitor.client), browser)
}

const fn lane(browser: Browser) -> Lane {
    match browser {
        Browser::Known(_) | Browser::Invited(_) => Lane::Known,
        Browser::Unknown => Lane::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_login_id_becomes_one_that_nobody_has() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let long = "a".repeat(5000);
        for typed in ["", "anna", "a@b@c", "a\0@b", long.as_str()] {
            let login = canonical(&keys, typed);
            assert!(login.as_str().ends_with("@nobody.invalid"));
            assert_eq!(login, canonical(&keys, typed), "the same every time");
        }
        assert_ne!(canonical(&keys, "anna"), canonical(&keys, "bert"));
        assert_eq!(canonical(&keys, " Anna@Example.com").as_str(), "anna@example.com");
    }
}
