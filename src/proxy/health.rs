//! Whether an upstream answers, learnt from connecting to it and, if asked for, from its health page.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use crate::clock::Timestamp;

const FIRST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What is known of an upstream; shared by all workers, written only when something changes.
///
/// ```text
///  up --connect failed--> paused 10 s, 20 s, 40 s, 60 s, 60 s ... --connected--> up
///  up --probe failed----> ill ------------------------------------probe passed--> up
/// ```
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Milliseconds since 1970 until which it is passed over; 0: up.
    paused_until: AtomicI64,
    /// Failures in a row.
    strikes: AtomicU32,
    /// The health page says so.
    ill: AtomicBool,
}

impl Health {
    /// Whether requests should go there.
    pub(super) fn is_up(&self, now: Timestamp) -> bool {
        !self.ill.load(Ordering::Relaxed) && now.millis() >= self.paused_until.load(Ordering::Relaxed)
    }

    /// Whether it has failed since it last succeeded, even if its pause is over.
    pub(super) fn is_suspect(&self) -> bool {
        self.ill.load(Ordering::Relaxed) || self.strikes.load(Ordering::Relaxed) > 0
    }

    /// The order in which those that are down are tried: the one that failed longest ago first.
    pub(super) fn paused_until(&self) -> i64 {
        self.paused_until.load(Ordering::Relaxed)
    }

    /// Connecting failed. Says whether that is news.
    pub(super) fn failed(&self, now: Timestamp) -> bool {
        // Many requests fail at once when an upstream goes: that is one strike.
        if now.millis() < self.paused_until.load(Ordering::Relaxed) {
            return false;
        }
        let strikes = self.strikes.fetch_add(1, Ordering::Relaxed);
        let pause = FIRST_PAUSE.saturating_mul(1 << strikes.min(3)).min(LONGEST_PAUSE);
        self.paused_until.store((now + pause).millis(), Ordering::Relaxed);
        strikes == 0
    }

    /// Connecting worked. Says whether that is news.
    pub(super) fn connected(&self) -> bool {
        if self.strikes.load(Ordering::Relaxed) == 0 {
            return false;
        }
        self.strikes.store(0, Ordering::Relaxed);
        self.paused_until.store(0, Ordering::Relaxed);
        true
    }

    /// What the health page said. Says whether that is news.
    pub(super) fn probed(&self, healthy: bool) -> bool {
        self.ill.swap(!healthy, Ordering::Relaxed) == healthy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_a_success_ends_them() {
        let health = Health::default();
        let mut now = Timestamp::from_secs(1000);
        for pause in [10, 20, 40, 60, 60] {
            assert!(health.is_up(now));
            health.failed(now);
            assert!(!health.failed(now), "one strike for all that fail at once");
            assert!(!health.is_up(now + Duration::from_millis(pause * 1000 - 1)));
            now = now + Duration::from_secs(pause);
        }
        health.failed(now);
        assert!(!health.is_up(now) && health.is_suspect());
        assert!(health.connected() && !health.connected());
        assert!(health.is_up(now) && !health.is_suspect());
    }

    #[test]
    fn an_ill_upstream_stays_down_although_it_can_be_connected_to() {
        let health = Health::default();
        assert!(health.probed(false) && !health.probed(false));
        health.connected();
        assert!(!health.is_up(Timestamp::from_secs(1)));
        assert!(health.probed(true));
        assert!(health.is_up(Timestamp::from_secs(1)));
    }
}
