//! One attempt at a code in a pending login, as a value that must be settled. It exists only once the store has counted it as
//! wrong, and comparing needs it; so no code is compared that was not counted first, and none is settled twice.

use std::time::Duration;

use crate::audit::Event;
use crate::auth::Settings;
use crate::auth::account::Account;
use crate::auth::authenticator::{AuthError, Visitor};
use crate::auth::budget;
use crate::auth::credentials::{AfterWrongCode, AttemptId, Charge, Charged, Credentials, Pending, Reservation};
use crate::auth::events;
use crate::auth::notices::tell;
use crate::auth::recovery::RecoveryCode;
use crate::auth::totp::{self, Code};
use crate::identity::AccountId;
use crate::keys::KeyRing;
use crate::notify::mail::Notice;
use crate::ports::TokenHash;

/// What an attempt works with.
#[derive(Clone, Copy)]
pub(super) struct Bench<'a> {
    pub store: &'a dyn Credentials,
    pub keys: &'a KeyRing,
    pub settings: &'a Settings,
    pub visitor: &'a Visitor,
}

/// The answer to asking for an attempt.
#[must_use]
pub(super) enum Asked<'a> {
    Granted(Attempt<'a>),
    Locked,
    Gone,
    SlowDown(Duration),
}

/// A counted attempt.
#[must_use = "it stays counted as wrong until it is settled"]
pub(super) struct Attempt<'a> {
    bench: Bench<'a>,
    pending: TokenHash,
    /// For the store's consuming methods, which settle it themselves.
    pub id: AttemptId,
    /// What was taken from the client's bucket; nothing for a known browser.
    taken: Vec<Charge>,
}

/// A step whose code was right. Made by comparing only.
pub(super) struct RightStep(pub u64);

impl<'a> Bench<'a> {
    /// Counts an attempt: on the client, in the pending login and against the account's budget.
    ///
    /// A known browser is not stopped by an empty bucket of its address, which strangers behind the same one can empty; it has
    /// the budget of its own.
    pub async fn ask(self, pending: &Pending) -> Result<Asked<'a>, AuthError> {
        let now = self.visitor.now.secure;
        let taken = if pending.device.is_some() { Vec::new() } else { self.client_charges() };
        if let Some(wait) = self.take(&taken).await? {
            return Ok(Asked::SlowDown(wait));
        }
        let answer = match self.store.reserve_attempt(&pending.token, &self.settings.codes, now).await {
            Ok(Reservation::Reserved { attempt, .. }) => {
                return Ok(Asked::Granted(Attempt { bench: self, pending: pending.token, id: attempt, taken }));
            }
            Ok(Reservation::Locked) => Ok(Asked::Locked),
            Ok(Reservation::Gone) => Ok(Asked::Gone),
            Err(error) => Err(error.into()),
        };
        // Nothing was tried, so nothing was a failure.
        self.give_back(&taken).await?;
        answer
    }

    /// Takes these charges; how long to wait where there was no room.
    pub async fn take(self, charges: &[Charge]) -> Result<Option<Duration>, AuthError> {
        let now = self.visitor.now.secure;
        if charges.is_empty() {
            return Ok(None);
        }
        match self.store.charge(charges, now).await? {
            Charged::Taken => Ok(None),
            Charged::Until(then) => Ok(Some(then.since(now).max(Duration::from_secs(1)))),
        }
    }

    /// Gives them back: it was no failure.
    pub async fn give_back(self, charges: &[Charge]) -> Result<(), AuthError> {
        if !charges.is_empty() {
            self.store.refund(charges, self.visitor.now.secure).await?;
        }
        Ok(())
    }

    /// What a failure costs this client; nothing if it is exempt.
    pub fn client_charges(self) -> Vec<Charge> {
        let limited = self.settings.limited(self.visitor.client);
        limited.map(|client| budget::client_charges(self.keys, &self.settings.rates, client)).unwrap_or_default()
    }

    /// Lets a failure cost its client although it was not asked whether there was room.
    pub async fn cost(self) -> Result<(), AuthError> {
        let _ = self.take(&self.client_charges()).await?;
        Ok(())
    }
}

impl Attempt<'_> {
    /// Compares a code with a secret.
    pub fn compare(&self, secret: &[u8], code: &Code) -> Option<RightStep> {
        totp::check(secret, code, self.bench.visitor.now.wall).map(RightStep)
    }

    /// What the store compares a recovery code by.
    pub fn recovery_hash(&self, code: &RecoveryCode, account: AccountId) -> [u8; 32] {
        code.hash(self.bench.keys, account)
    }

    /// It was wrong.
    pub async fn wrong(self, account: &Account, action: &'static str) -> Result<AfterWrongCode, AuthError> {
        let Bench { store, settings, visitor, .. } = self.bench;
        let event: Event = events::failed(visitor, Some(account), action);
        // The store writes it if this was the last one: then it tells of the lock.
        let last = event.clone().telling(tell(settings, visitor, account, Notice::Locked));
        let after = store.settle_wrong(&self.pending, self.id, &settings.codes, visitor.now.secure, last).await?;
        store.note_failure(event).await?;
        if self.taken.is_empty() {
            self.bench.cost().await?;
        }
        Ok(after)
    }

    /// It was neither right nor wrong: this pending login has used it already.
    pub async fn void(self) -> Result<(), AuthError> {
        self.bench.store.settle_void(&self.pending, self.id).await?;
        self.bench.give_back(&self.taken).await
    }

    /// It was right, and the store has settled it with what it was spent on. What cannot be given back to the client now comes
    /// back with time: a code that was spent must not be answered with a failure.
    pub async fn spent(self) {
        if let Err(error) = self.bench.give_back(&self.taken).await {
            tracing::warn!(%error, "a client has paid for a right code");
        }
    }
}
