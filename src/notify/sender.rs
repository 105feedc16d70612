//! The one task that sends mails. It looks once a second for what is due; a server that is away is tried again and again, more
//! and more seldom, and holds up nobody but the mails.
//!
//! What strangers ask for takes the same time whether there is such an account or not: so many are looked up at each beat, and
//! those that are for somebody are then sent side by side. So nobody can tell from when a mail of their own comes, asked for right
//! after another, whether that one went anywhere.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::keys;
use crate::notify::letter::{self, Place};
use crate::notify::mail::MailId;
use crate::notify::outbox::{Claimed, Outbox, Room};
use crate::notify::outlet::Outlet;
use crate::notify::smtp::{Parcel, SendError, Server};
use crate::ports::StoreError;

/// How often the outbox is looked at: other processes put mails in too.
const BEAT: Duration = Duration::from_secs(1);
/// So many mails that tell of what was done are on their way at a time. A server that is slow with one (there is a bound to that,
/// shorter than a lease) has room for the others.
const TOLD: u32 = 4;
/// The same for those that strangers have asked for; and so many of them are looked up at each beat. More than anybody asks for in
/// earnest; ten thousand, which is all that may wait, are through long before their links end.
const ASKED: u32 = 16;
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
#[derive(Clone)]
pub struct Sender {
    /// Where mails come from.
    pub outbox: Arc<dyn Outbox>,
    /// The time.
    pub clock: Clock,
    /// None: no mail server is configured, and what waits goes on waiting.
    pub post: Arc<ArcSwapOption<Post>>,
}

impl Sender {
    /// Sends until `stop`; mails that are on their way then are still sent.
    pub async fn run(self, stop: CancellationToken) {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut air, mut deaf) = (Air::default(), false);
        loop {
            let round = tokio::select! {
                () = stop.cancelled() => break,
                _ = beat.tick() => self.beat(&mut air).await,
                Some(landed) = air.flights.join_next_with_id() => match air.landed(landed) {
                    // Until nothing is due: who waits does not wait for the next beat.
                    Ok(()) if !air.away => self.send_due(&mut air).await,
                    other => other,
                },
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
        while air.flights.join_next().await.is_some() {}
    }

    /// What strangers ask for is looked up here and nowhere else: so much at a time, whoever it is for.
    async fn beat(&self, air: &mut Air) -> Result<(), StoreError> {
        metrics::gauge!("vestibule_mails_waiting").set(as_gauge(self.outbox.waiting().await?));
        if self.post.load().is_none() {
            return Ok(());
        }
        self.outbox.look_up(self.clock.now().secure, ASKED).await?;
        self.send_due(air).await
    }

    /// Sends what is due, as far as there is room.
    async fn send_due(&self, air: &mut Air) -> Result<(), StoreError> {
        let Some(post) = self.post.load_full() else { return Ok(()) };
        for claimed in self.outbox.claim(self.clock.now().secure, air.room()).await? {
            // A clock that was put forward ends leases, of our own mails too.
            if air.has(claimed.id) {
                continue;
            }
            let (sender, post, ids) = (self.clone(), Arc::clone(&post), (claimed.id, claimed.asked));
            air.start(ids, async move {
                let outcome = deliver(&post, &claimed, &sender.clock).await;
                let away = matches!(outcome, Err(SendError::Away(_)));
                sender.settle(&claimed, outcome).await.map(|()| away)
            });
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
                self.outbox.put_off(claimed, now + wait, &error).await
            }
            Err(SendError::Never(error)) => {
                count("refused");
                tracing::error!(kind, %mail, tries, error, "a mail cannot be sent");
                self.outbox.give_up(claimed.id, now, &error).await
            }
        }
    }
}

/// The mails that are on their way.
#[derive(Default)]
struct Air {
    /// Each says whether the server was away.
    flights: JoinSet<Result<bool, StoreError>>,
    mails: HashMap<task::Id, (MailId, bool)>,
    /// The server was away when it was last tried: one mail at a time finds out whether it is back.
    away: bool,
}

impl Air {
    fn room(&self) -> Room {
        let asked = self.mails.values().filter(|(_, asked)| *asked).count();
        let told = self.mails.len() - asked;
        let left = |all: u32, taken: usize| all.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        let (most_told, most_asked) = if self.away { (1, 1) } else { (TOLD, ASKED) };
        Room { told: left(most_told, told), asked: left(most_asked, asked) }
    }

    fn has(&self, mail: MailId) -> bool {
        self.mails.values().any(|(known, _)| *known == mail)
    }

    fn start(&mut self, mail: (MailId, bool), flight: impl Future<Output = Result<bool, StoreError>> + Send + 'static) {
        let task = self.flights.spawn(flight);
        self.mails.insert(task.id(), mail);
    }

    fn landed(&mut self, landed: Result<(task::Id, Result<bool, StoreError>), JoinError>) -> Result<(), StoreError> {
        match landed {
            Ok((task, outcome)) => {
                self.mails.remove(&task);
                self.away = outcome?;
                Ok(())
            }
            Err(error) => {
                // One mail that cannot be written must not keep all others from being sent.
                let mail = self.mails.remove(&error.id()).map(|(mail, _)| mail.0);
                tracing::error!(?mail, "sending a mail died; it comes back when its lease ends");
                Ok(())
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
