//! The one task that sends mails. It looks once a second for what is due; a server that is away is tried again and again, more
//! and more seldom, and holds up nobody but the mails.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::keys;
use crate::notify::letter::{self, Place};
use crate::notify::outbox::{Claimed, Outbox};
use crate::notify::outlet::Outlet;
use crate::notify::smtp::{Parcel, SendError, Server};
use crate::ports::StoreError;

/// How often the outbox is looked at: other processes put mails in too.
const BEAT: Duration = Duration::from_secs(1);
/// Before the second try; doubled with every further one.
const FIRST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Who takes mails over.
#[derive(Debug)]
pub enum Carrier {
    /// A mail server.
    Server(Server),
    /// Nobody: they are shown.
    Outlet(Outlet),
}

/// What it takes to send: who carries mails, and the portals that they are about. Swapped at a reload.
#[derive(Debug)]
pub struct Post {
    /// Who carries them.
    pub carrier: Carrier,
    /// The portals, at least one.
    pub places: Vec<Place>,
}

impl Post {
    /// The name that we give ourselves to a mail server: that of the first portal.
    fn hello(&self) -> &str {
        let origin = self.places.first().map_or("localhost", |place| place.origin.as_str());
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        host.split(':').next().filter(|host| !host.is_empty() && !host.starts_with('[')).unwrap_or("localhost")
    }
}

/// The task.
pub struct Sender {
    /// Where mails come from.
    pub outbox: Arc<dyn Outbox>,
    /// The time.
    pub clock: Clock,
    /// None: no mail server is configured, and what waits goes on waiting.
    pub post: Arc<ArcSwapOption<Post>>,
}

impl Sender {
    /// Sends until `stop`; a mail that is on its way then is still sent.
    pub async fn run(self, stop: CancellationToken) {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut deaf = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = beat.tick() => {}
            }
            let Ok(round) = AssertUnwindSafe(self.round(&stop)).catch_unwind().await else {
                // One mail that cannot be written must not keep all others from being sent. It comes back when its lease ends.
                tracing::error!("sending a mail died; going on with the next one");
                continue;
            };
            if round.is_err() != deaf {
                deaf = round.is_err();
                if let Err(error) = round {
                    tracing::warn!(%error, "the outbox cannot be read; mails wait");
                } else {
                    tracing::info!("the outbox can be read again");
                }
            }
        }
    }

    /// Sends what is due. Ends early when the server is away: the rest would only learn the same.
    async fn round(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        metrics::gauge!("vestibule_mails_waiting").set(as_gauge(self.outbox.waiting().await?));
        let Some(post) = self.post.load_full() else { return Ok(()) };
        while !stop.is_cancelled() {
            let Some(claimed) = self.outbox.claim(self.clock.now().secure).await? else { break };
            let outcome = deliver(&post, &claimed, &self.clock).await;
            let away = matches!(outcome, Err(SendError::Away(_)));
            self.settle(&claimed, outcome).await?;
            if away {
                break;
            }
        }
        Ok(())
    }

    async fn settle(&self, claimed: &Claimed, outcome: Result<(), SendError>) -> Result<(), StoreError> {
        let (kind, mail, tries) = (claimed.mail.word(), claimed.id.0, claimed.tries);
        let now = self.clock.now().secure;
        match outcome {
            Ok(()) => {
                count("sent");
                tracing::info!(kind, %mail, tries, "a mail was sent");
                self.outbox.sent(claimed.id).await
            }
            Err(SendError::Away(error) | SendError::Later(error)) => {
                count("put_off");
                let wait = wait(tries, keys::random());
                tracing::warn!(kind, %mail, tries, error, again_in = ?wait, "a mail could not be sent yet");
                self.outbox.put_off(claimed.id, now + wait, &error).await
            }
            Err(SendError::Never(error)) => {
                count("refused");
                tracing::error!(kind, %mail, tries, error, "a mail cannot be sent");
                self.outbox.give_up(claimed.id, now, &error).await
            }
        }
    }
}

async fn deliver(post: &Post, claimed: &Claimed, clock: &Clock) -> Result<(), SendError> {
    let letter = letter::write(&post.places, claimed).map_err(|error| SendError::Later(error.to_string()))?;
    let letter = letter.ok_or_else(|| SendError::Later("there is no portal".to_owned()))?;
    let to = &claimed.to.login;
    match &post.carrier {
        Carrier::Server(server) => server.send(post.hello(), Parcel { id: claimed.id, to, letter, now: clock.now().wall }).await,
        Carrier::Outlet(outlet) => {
            outlet.mail(to, &letter);
            Ok(())
        }
    }
}

/// How long to wait after so many tries: doubled each time, up to an hour, and up to a quarter more by chance, so that what
/// failed together does not come back together.
fn wait(tries: u32, chance: [u8; 1]) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(LONGEST_WAIT);
    doubled + doubled.mul_f64(f64::from(chance[0]) / 1024.0)
}

/// `vestibule_mails_total{result}`.
fn count(result: &'static str) {
    metrics::counter!("vestibule_mails_total", "result" => result).increment(1);
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, and only shown")]
fn as_gauge(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_a_quarter() {
        assert_eq!(wait(1, [0]), Duration::from_secs(30));
        assert_eq!(wait(2, [0]), Duration::from_mins(1));
        assert_eq!(wait(5, [0]), Duration::from_mins(8));
        assert_eq!(wait(50, [0]), LONGEST_WAIT);
        assert_eq!(wait(u32::MAX, [0]), LONGEST_WAIT);
        assert!(wait(1, [255]) > Duration::from_secs(37) && wait(1, [255]) < Duration::from_secs(38));
    }
}
