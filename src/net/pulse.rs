//! The heartbeat of a worker: everything long-lived waits on it and then judges its permit again.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::MissedTickBehavior;

/// How often a worker's pulse beats: half of the second within which a revocation must have acted.
pub const PULSE: Duration = Duration::from_millis(500);

/// A listener on a worker's heartbeat, local to its thread.
///
/// Each clone keeps count for itself: a beat that came while its owner was busy is not lost but returned by the next
/// [`beat`](Self::beat). So every task must wait on a clone of its own, never on one shared by reference.
///
/// ```ignore
/// let pulse = context.pulse.clone();
/// loop {
///     tokio::select! {
///         chunk = upstream.read() => pass_on(chunk?).await?,
///         () = pulse.beat() => if !permit.still_holds(clock.now()) { return },
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Pulse {
    heart: Rc<Heart>,
    heard: Cell<u64>,
}

#[derive(Debug, Default)]
struct Heart {
    beats: Cell<u64>,
    waiting: Notify,
}

impl Pulse {
    /// One that beats only when [`strike`](Self::strike) is called: for tests, and for the worker that drives it.
    pub fn manual() -> Self {
        Self { heart: Rc::new(Heart::default()), heard: Cell::new(0) }
    }

    /// Beats once: every clone's `beat` returns.
    pub fn strike(&self) {
        self.heart.beats.set(self.heart.beats.get().wrapping_add(1));
        self.heart.waiting.notify_waiters();
    }

    /// Waits for a beat that this clone has not heard yet. Allocates nothing; cancel safe.
    pub async fn beat(&self) {
        loop {
            let next = self.heart.waiting.notified();
            let beats = self.heart.beats.get();
            if beats != self.heard.get() {
                self.heard.set(beats);
                return;
            }
            next.await;
        }
    }

    /// Beats every [`PULSE`], and whenever the bell rings, for as long as it is polled.
    pub(super) async fn keep_time(&self, mut bell: watch::Receiver<()>) {
        let mut ticks = tokio::time::interval(PULSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                Ok(()) = bell.changed() => {}
            }
            self.strike();
        }
    }
}

/// Makes every worker's pulse beat at once, from any thread: after a revocation, so that it need not wait for the tick.
#[derive(Clone, Debug, Default)]
pub struct Bell(watch::Sender<()>);

impl Bell {
    /// Rings it. Several rings before a worker wakes are one beat there.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    pub(super) fn listen(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_beat_that_came_in_between_is_not_lost() {
        let pulse = Pulse::manual();
        let mine = pulse.clone();
        assert!(mine.beat().now_or_never().is_none());
        pulse.strike();
        assert!(mine.beat().now_or_never().is_some());
        assert!(mine.beat().now_or_never().is_none(), "but it is heard once");
    }

    #[tokio::test]
    async fn it_beats_by_time_and_by_the_bell() {
        let (pulse, bell) = (Pulse::manual(), Bell::default());
        let (listener, counter) = (bell.listen(), pulse.clone());
        let count = async {
            counter.beat().await; // the first tick is immediate
            counter.beat().await;
            bell.ring();
            counter.beat().await;
        };
        tokio::select! { () = pulse.keep_time(listener) => {}, () = count => {} }
        assert_eq!(pulse.heart.beats.get(), 3);
    }
}
