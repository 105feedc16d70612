//! Texts, from who may ask for one to the gateway. Every text of a code goes through [`Leave`] and [`send`], so no surface has limits
//! of its own.
//!
//! | limit | how many |
//! |---|---|
//! | one account: unknown browsers together, each known browser, the owner | 3 at once, then one in 20 minutes; 10 a day |
//! | one client (an IPv4 address, a /64; a /48 has twice that) | 10 at once, then one in 6 minutes |
//! | one number | 5 a day |
//! | everybody together | `[sms] daily_limit` a day |
//!
//! The first two are told to whoever asks, and are the same whether or not there is a mobile: also while the gateway is away, when a
//! recovery gets nothing back that it would not get back without one. The others are not told where that would say that there is one.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crate::auth::budget::{self, TextAsker};
use crate::auth::credentials::{Charge, Charged, Credentials};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys::KeyRing;
use crate::notify::mobile::{CallingCodes, Mobile};
use crate::notify::sms::{Gateway, TextError};
use crate::ports::StoreError;

/// The way of texts, as configured.
pub struct Texts {
    /// Delivers them.
    pub gateway: Box<dyn Gateway>,
    /// Where to.
    pub countries: CallingCodes,
    /// How many a day, to whomever.
    pub daily_limit: u32,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts")
            .field("countries", &self.countries)
            .field("daily_limit", &self.daily_limit)
            .finish_non_exhaustive()
    }
}

/// What texts are counted with.
#[derive(Clone, Copy)]
pub(super) struct Counter<'a> {
    pub store: &'a dyn Credentials,
    pub keys: &'a KeyRing,
    pub now: Timestamp,
}

/// Leave to send one text for one account: its asker's limits had room, and have been charged.
#[must_use = "it has been charged"]
pub(super) struct Leave {
    account: AccountId,
    charges: Vec<Charge>,
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Sent {
    /// The gateway has it.
    Yes,
    /// The number or everybody together have had enough for today, or its country is allowed no longer.
    Capped,
    /// The gateway does not send to this number.
    Refused,
    /// The gateway cannot be reached, or has no time.
    Away,
}

impl Leave {
    /// Charged whatever becomes of the text: for where nobody may learn whether one was sent.
    pub fn for_good(self) -> Self {
        Self { charges: Vec::new(), ..self }
    }

    /// Asks for one. How long to wait, where there is no room.
    pub async fn ask(
        counter: Counter<'_>,
        account: AccountId,
        asker: TextAsker,
        client: Option<IpAddr>,
    ) -> Result<Result<Self, Duration>, StoreError> {
        let charges = budget::text_asker_charges(counter.keys, account, asker, client);
        Ok(match counter.store.charge(&charges, counter.now).await? {
            Charged::Taken => Ok(Self { account, charges }),
            Charged::Until(then) => {
                count("capped");
                Err(then.since(counter.now).max(Duration::from_secs(1)))
            }
        })
    }
}

/// Sends a code. What the gateway did not take costs neither its asker (see [`Leave::for_good`]) nor the number anything; the day's limit it does cost, so
/// that a gateway that fails is not asked without end.
pub(super) async fn send(counter: Counter<'_>, texts: &Texts, leave: Leave, to: &Mobile, text: &str) -> Result<Sent, StoreError> {
    let number = budget::text_number_charge(counter.keys, to.as_e164());
    let all = budget::text_daily_charge(counter.keys, texts.daily_limit);
    let allowed = to.is_allowed(&texts.countries);
    if !allowed || counter.store.charge(&[number.clone(), all], counter.now).await? != Charged::Taken {
        count("capped");
        let why =
            if allowed { "its number or all together have had as many as they may today" } else { "its country is not allowed" };
        tracing::warn!(account = %leave.account, why, "a text was not sent");
        return Ok(Sent::Capped);
    }
    let sent = deliver(texts, leave.account, to, text).await;
    if sent == Sent::Away {
        let back: Vec<Charge> = leave.charges.into_iter().chain([number]).collect();
        counter.store.refund(&back, counter.now).await?;
    }
    Ok(sent)
}

/// Tells something that holds no code: only the day's limit counts, so that whoever changes a number cannot keep its owner from
/// hearing of it. Nothing hangs on whether it arrives.
pub(super) async fn tell(counter: Counter<'_>, texts: &Texts, account: AccountId, to: &Mobile, text: &str) {
    let all = budget::text_daily_charge(counter.keys, texts.daily_limit);
    match counter.store.charge(&[all], counter.now).await {
        Ok(Charged::Taken) if to.is_allowed(&texts.countries) => {
            let _ = deliver(texts, account, to, text).await;
        }
        Ok(_) => {
            count("capped");
            tracing::warn!(%account, "a notice was not sent as a text: enough for today, or its country is not allowed");
        }
        Err(error) => tracing::warn!(%account, %error, "a notice was not sent as a text"),
    }
}

/// The one place that asks the gateway.
async fn deliver(texts: &Texts, account: AccountId, to: &Mobile, text: &str) -> Sent {
    let (sent, word) = match texts.gateway.send(to, text).await {
        Ok(()) => (Sent::Yes, "sent"),
        Err(error) => {
            let (sent, word) =
                if matches!(error, TextError::Refused(_)) { (Sent::Refused, "refused") } else { (Sent::Away, "away") };
            tracing::warn!(%account, cause = error.cause(), "a text was not sent");
            (sent, word)
        }
    };
    count(word);
    sent
}

/// `vestibule_texts_total{result}`.
fn count(result: &'static str) {
    metrics::counter!("vestibule_texts_total", "result" => result).increment(1);
}
