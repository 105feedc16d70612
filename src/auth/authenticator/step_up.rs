//! Password and code in one request, inside a session: what every act asks for that changes a factor. Here they are verified,
//! limited and counted; the act's own transaction spends the code, or nothing happens.
//!
//! Each request proves itself: a code that was given to the portal's window, or to another act, is worth nothing here.

use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::{AuthError, Authenticator, Factors, NotProved, Renewed, Visitor};
use crate::auth::account::Account;
use crate::auth::credentials::{DeviceId, SessionReservation};
use crate::auth::hashing::{self, Verdict};
use crate::auth::pool::Lane;
use crate::auth::self_service::{Proof, Renewal, Spending};
use crate::auth::totp::{self, Code};
use crate::auth::turns::Turn;
use crate::auth::{Settings, events, password};
use crate::identity::AccountId;
use crate::keys::Purpose;
use crate::ports::Token;

/// Both were right. Not spent yet.
pub(super) struct Proved {
    pub account: Account,
    pub proof: Proof,
    attempt: Attempt,
}

/// An attempt of a session, and its turn: the next one of the same session is counted when what became of this one is settled.
/// A right code that is sent many times at once is spent by the first, and given back by each other one before the next is
/// counted.
pub(super) struct Attempt {
    /// So many are left, if it counts.
    pub left: u32,
    _turn: Turn,
}

/// The cookies' new values, and what the store needs to know of them.
pub(super) struct Cookies {
    token: Token,
    device: Option<(DeviceId, Token)>,
}

impl Cookies {
    pub(super) fn renewal(&self) -> Renewal {
        Renewal { token: self.token.hash(), device: self.device.as_ref().map(|(id, token)| (*id, token.hash())) }
    }

    pub(super) fn renewed(self) -> Renewed {
        Renewed { token: self.token, device: self.device.map(|(_, token)| token) }
    }
}

impl Authenticator {
    /// Compares both. An attempt of the session is taken before anything is compared; it counts as wrong until the code is
    /// spent.
    pub(super) async fn prove(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        (session, account): (Uuid, AccountId),
        factors: Factors,
    ) -> Result<Result<Proved, NotProved>, AuthError> {
        let now = visitor.now;
        let account = self.store.account(account).await?.filter(|account| !account.disabled);
        let Some((account, mfa)) = account.and_then(|account| account.mfa.clone().map(|mfa| (account, mfa))) else {
            return Ok(Err(NotProved::Ended));
        };
        let Some(code) = Code::parse(&factors.code) else { return Ok(Err(NotProved::Malformed)) };
        let secret = self.keys.open(Purpose::TotpSecret, account.id.0.as_bytes(), &mfa.sealed_secret)?;
        let attempt = match self.attempt_in_session(settings, visitor, session, account.id).await? {
            Ok(attempt) => attempt,
            Err(refused) => return Ok(Err(refused)),
        };
        let right = match self.is_password(&account, factors.password).await {
            Ok(right) => right,
            Err(error) => {
                // Nothing was compared.
                self.store.void_in_session(session).await?;
                return Err(error);
            }
        };
        if !right {
            let left =
                self.miss_in_session(settings, visitor, &account, (session, attempt.left), events::PASSWORD_REFUSE).await?;
            return Ok(Err(left.map_or(NotProved::Ended, |left| NotProved::WrongPassword { left })));
        }
        let Some(step) = totp::check(&secret, &code, now.wall) else {
            return Ok(Err(self.wrong_code_here(settings, visitor, &account, (session, attempt.left)).await?));
        };
        let proof = Proof { session, account: account.id, epoch: account.epoch, step, at: now.secure };
        Ok(Ok(Proved { account, proof, attempt }))
    }

    /// Takes an attempt, when it is its turn.
    pub(super) async fn attempt_in_session(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        session: Uuid,
        account: AccountId,
    ) -> Result<Result<Attempt, NotProved>, AuthError> {
        let now = visitor.now.secure;
        let turn = self.turns.of(session).await;
        if let SessionReservation::Reserved { left } =
            self.store.reserve_in_session(session, settings.session_attempts, now).await?
        {
            return Ok(Ok(Attempt { left, _turn: turn }));
        }
        Ok(Err(self.crowded_or_ended(visitor, session, account).await?))
    }

    /// Nothing was found to go on with. Other requests of the same session may be on their way, and have taken all attempts or
    /// moved the epoch: that ends nothing.
    async fn crowded_or_ended(&self, visitor: &Visitor, session: Uuid, account: AccountId) -> Result<NotProved, AuthError> {
        let own = self.store.own_sessions(account, visitor.now.secure).await?;
        let lives = own.iter().any(|own| own.id == session);
        Ok(if lives { NotProved::Crowded } else { NotProved::Ended })
    }

    /// What the store said to an act that was to spend the code.
    pub(super) async fn settled(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        proved: &Proved,
        spending: Spending,
    ) -> Result<Result<(), NotProved>, AuthError> {
        let Proved { account, proof, attempt } = proved;
        Ok(match spending {
            Spending::Done => Ok(()),
            Spending::UsedHere => {
                self.store.void_in_session(proof.session).await?;
                Err(NotProved::AlreadyUsed { wait: totp::wait_after(proof.step, visitor.now.wall) })
            }
            Spending::UsedElsewhere => {
                Err(self.wrong_code_here(settings, visitor, account, (proof.session, attempt.left)).await?)
            }
            Spending::Gone => {
                // Another request of the same session has moved the epoch; nothing was wrong.
                self.store.void_in_session(proof.session).await?;
                Err(self.crowded_or_ended(visitor, proof.session, account.id).await?)
            }
        })
    }

    pub(super) async fn wrong_code_here(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        account: &Account,
        at: (Uuid, u32),
    ) -> Result<NotProved, AuthError> {
        events::count("wrong_code");
        let left = self.miss_in_session(settings, visitor, account, at, events::CODE_REFUSE).await?;
        Ok(left.map_or(NotProved::Ended, |left| NotProved::WrongCode { left }))
    }

    /// Something was wrong inside a session: noted, paid for by the client, and the last one ends the session (`None`). It locks
    /// nobody.
    pub(super) async fn miss_in_session(
        &self,
        settings: &Settings,
        visitor: &Visitor,
        account: &Account,
        (session, left): (Uuid, u32),
        action: &'static str,
    ) -> Result<Option<u32>, AuthError> {
        self.store.note_failure(events::failed(visitor, Some(account), action)).await?;
        self.bench(settings, visitor).cost().await?;
        if left > 0 {
            return Ok(Some(left));
        }
        let event = events::done(visitor, account, events::SESSION_END)
            .with("session", session.to_string())
            .with("reason", if action == events::PASSWORD_REFUSE { "wrong passwords" } else { "wrong codes" });
        self.store.end_session(session, event).await?;
        Ok(None)
    }

    /// New values for the cookies of this browser; for the one that makes it known only if it is.
    pub(super) async fn new_cookies(&self, visitor: &Visitor, account: AccountId) -> Result<Cookies, AuthError> {
        let known = match &visitor.device {
            Some(token) => self.store.device(&token.hash(), visitor.now.secure).await?,
            None => None,
        };
        let device = known.filter(|(_, owner)| *owner == account).map(|(id, _)| (id, Token::generate()));
        Ok(Cookies { token: Token::generate(), device })
    }

    async fn is_password(&self, account: &Account, typed: SecretString) -> Result<bool, AuthError> {
        let (prepared, stored) = (password::prepare(typed.expose_secret()), account.password.clone());
        let (Ok(prepared), Some(stored)) = (prepared, stored) else { return Ok(false) };
        let verdict = self.pool.run(Lane::Known, move || hashing::verify(&prepared, &stored)).await?;
        Ok(matches!(verdict, Verdict::Right | Verdict::RightButOld))
    }
}
