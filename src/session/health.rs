//! Whether the store answers, and for how long sessions are believed when it does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{Timestamp, awake};
use crate::session::record::{Session, Standing, Terms};

/// Whether one thing that is done again and again works, and since when it does not.
#[derive(Debug)]
pub struct Health {
    /// Secure time of the last success, in milliseconds: of its beginning, since what came later it cannot have seen.
    good: AtomicI64,
    /// When its end was reported, in milliseconds of [`awake`].
    told: AtomicU64,
    /// Whether the last try failed.
    failing: AtomicBool,
    /// Silent for longer than this, it hangs.
    late: Duration,
}

impl Health {
    /// It worked just now. Whoever does it reports at least once in `late`, or counts as failing.
    pub fn new(now: Timestamp, late: Duration) -> Self {
        let told = AtomicU64::new(millis(awake()));
        Self { good: AtomicI64::new(now.millis()), told, failing: AtomicBool::new(false), late }
    }

    /// How long ago it last worked, if it does not work now: if it failed, or if nothing is heard of it.
    pub fn failing_for(&self, now: Timestamp) -> Option<Duration> {
        self.failing_at(now, awake)
    }

    fn failing_at(&self, now: Timestamp, awake: impl FnOnce() -> Duration) -> Option<Duration> {
        let since = now.since(Timestamp::from_millis(self.good.load(Ordering::Acquire)));
        if self.failing.load(Ordering::Acquire) {
            return Some(since);
        }
        // A silence may be a jump of the clock or a suspend: then the next report is on its way, and nothing hangs.
        let hangs = || millis(awake()).saturating_sub(self.told.load(Ordering::Acquire)) > millis(self.late);
        (since > self.late && hangs()).then_some(since)
    }

    /// A try that began at `began` came to its end.
    pub(super) fn note(&self, worked: bool, began: Timestamp) {
        if worked {
            // Of several that take turns, one that took long may have begun before the last.
            self.good.fetch_max(began.millis(), Ordering::AcqRel);
            self.told.store(millis(awake()), Ordering::Release);
        }
        self.failing.store(!worked, Ordering::Release);
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// For how long sessions are believed while nobody can read what may have ended them.
#[derive(Debug)]
pub struct Trust {
    reading: Arc<Health>,
    grace: Duration,
}

impl Trust {
    /// Believes them for `grace` after the last good reading.
    pub fn new(reading: Arc<Health>, grace: Duration) -> Self {
        Self { reading, grace }
    }

    /// Where a session stands by these terms, as far as that is known. `code_at` as in [`Session::standing`].
    pub fn standing(&self, session: &Session, code_at: Timestamp, terms: Terms, now: Timestamp) -> Standing {
        match session.standing(code_at, terms, now) {
            Standing::Fresh | Standing::WindowPassed if self.is_lost(now) => Standing::Unknown,
            standing => standing,
        }
    }

    fn is_lost(&self, now: Timestamp) -> bool {
        self.reading.failing_for(now).is_some_and(|since| since > self.grace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: Duration = Duration::from_secs(5);
    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_failure_is_counted_from_the_last_success() {
        let start = Timestamp::from_secs(1000);
        let health = Health::new(start, LATE);
        assert_eq!(health.failing_for(start + Duration::from_secs(1)), None);
        health.note(false, start + Duration::from_secs(2));
        health.note(false, start + Duration::from_secs(4));
        assert_eq!(health.failing_for(start + HOUR), Some(HOUR));
        health.note(true, start + HOUR);
        assert_eq!(health.failing_for(start + HOUR), None);
        health.note(false, start + HOUR);
        assert_eq!(health.failing_for(start + HOUR + LATE), Some(LATE));
    }

    #[test]
    fn silence_is_a_failure_and_a_jump_of_the_clock_is_not() {
        let start = Timestamp::from_secs(1000);
        let health = Health::new(start, LATE);
        let told = Duration::from_millis(health.told.load(Ordering::Relaxed));
        let at = |passed: Duration, awake: Duration| health.failing_at(start + passed, || told + awake);
        assert_eq!(at(LATE, LATE), None);
        assert_eq!(at(HOUR, Duration::from_secs(1)), None, "the clock was set, or the machine slept");
        assert_eq!(at(LATE * 2, LATE * 2), Some(LATE * 2));
        assert_eq!(at(HOUR, HOUR), Some(HOUR));
    }
}
