//! The bucket of one session, which lies in the session itself: it is at hand when the session is, and ends with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};

use crate::clock::awake;
use crate::limit::Rate;

/// How far two readings of the clock may be apart, in nanoseconds.
const SLACK: u64 = 1_000_000_000;

/// How much of a rate has been used up. New, nothing of it.
///
/// Kept as the moment at which nothing will be used up any more, in nanoseconds of [`awake`]: that means the same whatever the rate, which
/// may change while a session lives.
#[derive(Debug, Default)]
pub struct Bucket(AtomicU64);

impl Bucket {
    /// Takes one; an error says after what time there will be one again.
    pub(super) fn take(&self, rate: Rate) -> Result<(), Duration> {
        self.take_at(rate, awake())
    }

    fn take_at(&self, rate: Rate, now: Duration) -> Result<(), Duration> {
        let quota = rate.quota();
        let full = rate.interval.saturating_mul(rate.burst.get());
        let limiter: RateLimiter<_, _, _, NoOpMiddleware<Nanos>> =
            RateLimiter::new(quota, Seen { bucket: self, now: nanos(now), full: nanos(full) }, Standing);
        limiter.check().map_err(|until| until.wait_time_from(Standing.now()))
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// A bucket at one moment, which to the limiter is the beginning of time.
struct Seen<'a> {
    bucket: &'a Bucket,
    now: u64,
    /// How far ahead of that a bucket is of which all is used up.
    full: u64,
}

impl StateStore for Seen<'_> {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let most = self.now.saturating_add(self.full);
        // Whoever read the clock later may be a little ahead of that. More is of a slower rate, and counts as one burst of this one.
        let counted = |kept: u64| if kept > most.saturating_add(SLACK) { most } else { kept };
        let mut kept = self.bucket.0.load(Ordering::Relaxed);
        loop {
            let counts = counted(kept);
            let decided = decide(Some(counts.saturating_sub(self.now).into()));
            let next = match &decided {
                Ok((_, ahead)) => self.now.saturating_add(ahead.as_u64()),
                // In the bucket, too: else it would be as far ahead again at the next moment.
                Err(_) if counts != kept => counts,
                Err(_) => return decided.map(|(done, _)| done),
            };
            match self.bucket.0.compare_exchange_weak(kept, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return decided.map(|(done, _)| done),
                Err(newer) => kept = newer,
            }
        }
    }
}

/// The clock of that one moment.
#[derive(Clone, Debug)]
struct Standing;

impl Clock for Standing {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::default()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn rate(interval: Duration, burst: u32) -> Rate {
        Rate { interval, burst: NonZeroU32::new(burst).unwrap() }
    }

    /// How many of so many come through at this second.
    fn passed(bucket: &Bucket, rate: Rate, second: u64, of: u32) -> usize {
        (0..of).filter(|_| bucket.take_at(rate, Duration::from_secs(second)).is_ok()).count()
    }

    #[test]
    fn a_burst_at_once_and_then_one_in_each_interval() {
        let (bucket, rate) = (Bucket::default(), rate(Duration::from_secs(10), 3));
        assert_eq!(passed(&bucket, rate, 1000, 5), 3);
        let wait = bucket.take_at(rate, Duration::from_secs(1004)).unwrap_err();
        assert_eq!(wait, Duration::from_secs(6));
        assert_eq!([1009, 1010, 1025, 1026].map(|second| passed(&bucket, rate, second, 5)), [0, 1, 1, 0]);
        assert_eq!(passed(&bucket, rate, 5000, 5), 3, "no more than a burst, however long it was not used");
    }

    #[test]
    fn whoever_read_the_clock_a_little_earlier_gives_nothing_back() {
        let (bucket, rate) = (Bucket::default(), rate(Duration::from_secs(10), 3));
        assert_eq!(passed(&bucket, rate, 1000, 3), 3);
        assert!(bucket.take_at(rate, Duration::from_millis(999_500)).is_err());
        assert!(bucket.take_at(rate, Duration::from_millis(1_009_900)).is_err());
        assert!(bucket.take_at(rate, Duration::from_secs(1010)).is_ok());
    }

    #[test]
    fn whoever_is_refused_loses_nothing_by_that() {
        let (bucket, rate) = (Bucket::default(), rate(Duration::from_secs(10), 1));
        assert_eq!(passed(&bucket, rate, 100, 1000), 1);
        assert_eq!(passed(&bucket, rate, 110, 1), 1);
    }

    #[test]
    fn what_was_used_up_at_a_slower_rate_counts_as_one_burst_at_most() {
        let bucket = Bucket::default();
        assert_eq!(passed(&bucket, rate(Duration::from_hours(1), 100), 1000, 200), 100);
        let faster = rate(Duration::from_secs(1), 5);
        assert_eq!([1000, 1001, 1005].map(|second| passed(&bucket, faster, second, 1)), [0, 1, 1]);
        assert_eq!(passed(&bucket, faster, 1100, 10), 5);
    }

    #[test]
    fn many_at_the_same_time_get_no_more_than_one_would() {
        let (bucket, rate) = (Bucket::default(), rate(Duration::from_hours(1), 1000));
        let passed: usize = std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(|| passed(&bucket, rate, 1000, 500))).collect();
            all.into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!(passed, 1000);
    }
}
