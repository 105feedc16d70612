//! Time: the only place that asks the system for it, and the rule by which no clock jump lengthens a window.

use std::fmt;
use std::ops::{Add, Sub};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since 1970, capped at what fits.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(span)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(span)))
    }
}

/// RFC 3339 in UTC with whole seconds: what people and JSON get to see.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.secs()) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{}s since 1970", self.secs()),
        }
    }
}

fn millis_of(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// One reading of the clock; a request takes one and hands it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What the wall clock says: for one-time codes (RFC 6238), certificates and people.
    pub wall: Timestamp,
    /// Never runs slower than real time and never goes back: for windows, expiries and deadlines.
    pub secure: Timestamp,
}

/// Where time comes from; tests bring their own.
pub trait TimeSource: Send + Sync {
    /// The wall clock.
    fn wall(&self) -> Timestamp;
    /// Time since an arbitrary start that only moves forward and counts suspended time too.
    fn boot(&self) -> Duration;
}

struct SystemTimeSource;

impl TimeSource for SystemTimeSource {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    fn wall(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp(since.map_or(0, millis_of))
    }

    fn boot(&self) -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
    }
}

/// A handle on the time, shared by everything that decides.
///
/// `secure` is the boot-time clock plus the greatest difference to the wall clock ever seen, the stored high-water mark
/// included. So it follows the wall clock forward, and goes on at real speed when the wall clock is set back.
#[derive(Clone)]
pub struct Clock {
    source: Arc<dyn TimeSource>,
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clocks.
    pub fn system() -> Self {
        Self::with_source(Arc::new(SystemTimeSource))
    }

    /// What the program runs on: the system's clocks, or, in a build for tests, those moved by a file.
    pub fn of_program() -> Self {
        #[cfg(feature = "testing")]
        if let Some(path) = std::env::var_os("VESTIBULE_TEST_CLOCK") {
            return Self::with_source(Arc::new(moved::MovedByFile::new(path.into())));
        }
        Self::system()
    }

    /// A clock on another source.
    pub fn with_source(source: Arc<dyn TimeSource>) -> Self {
        let offset = source.wall().0.saturating_sub(millis_of(source.boot()));
        Self { source, offset: Arc::new(AtomicI64::new(offset)) }
    }

    /// Reads the time once.
    pub fn now(&self) -> Reading {
        let wall = self.source.wall();
        let boot = millis_of(self.source.boot());
        let seen = wall.0.saturating_sub(boot);
        // A load first: the common case writes nothing, so that cores do not fight over the line.
        let mut offset = self.offset.load(Ordering::Relaxed);
        if seen > offset {
            offset = self.offset.fetch_max(seen, Ordering::Relaxed).max(seen);
        }
        Reading { wall, secure: Timestamp(boot.saturating_add(offset)) }
    }

    /// Makes sure that `secure` is at least `mark` from now on: the high-water mark that the store kept.
    pub fn raise_to(&self, mark: Timestamp) {
        let boot = millis_of(self.source.boot());
        self.offset.fetch_max(mark.0.saturating_sub(boot), Ordering::Relaxed);
    }

    /// How far the wall clock is behind the time that windows are measured in.
    pub fn drift(&self) -> Duration {
        let now = self.now();
        now.secure.since(now.wall)
    }
}

/// How long this machine has run, suspended time left out. Nobody sets it and no test moves it: rates are measured by it, and it tells a
/// hang of ours from a jump of a clock. No window and no deadline is.
pub fn awake() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// A clock that a file moves, for tests of the real process. Not in a release.
#[cfg(feature = "testing")]
mod moved {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{SystemTimeSource, TimeSource, Timestamp};

    /// Reads the seconds to add to the wall clock from a file, at every reading.
    pub(super) struct MovedByFile(PathBuf);

    impl MovedByFile {
        pub(super) fn new(path: PathBuf) -> Self {
            Self(path)
        }
    }

    impl TimeSource for MovedByFile {
        fn wall(&self) -> Timestamp {
            let seconds: i64 = std::fs::read_to_string(&self.0).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            Timestamp(SystemTimeSource.wall().0.saturating_add(seconds.saturating_mul(1000)))
        }

        fn boot(&self) -> Duration {
            SystemTimeSource.boot()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Hands {
        wall: AtomicI64,
        boot: AtomicI64,
    }

    impl TimeSource for Hands {
        fn wall(&self) -> Timestamp {
            Timestamp(self.wall.load(Ordering::Relaxed))
        }
        fn boot(&self) -> Duration {
            Duration::from_millis(u64::try_from(self.boot.load(Ordering::Relaxed)).unwrap())
        }
    }

    #[test]
    fn no_jump_of_the_wall_clock_makes_secure_time_stand_still_or_go_back() {
        let hands = Arc::new(Hands::default());
        hands.wall.store(1_000_000, Ordering::Relaxed);
        let clock = Clock::with_source(hands.clone());
        let step = |wall: i64, boot: i64| {
            hands.wall.fetch_add(wall, Ordering::Relaxed);
            hands.boot.fetch_add(boot, Ordering::Relaxed);
            clock.now().secure.millis()
        };
        assert_eq!(step(0, 0), 1_000_000);
        assert_eq!(step(10, 10), 1_000_010);
        assert_eq!(step(-5000, 10), 1_000_020, "set back: real time goes on");
        assert_eq!(step(86_400_000, 0), 1_000_010 - 5000 + 86_400_000, "set forward: followed");
        assert_eq!(step(-86_400_000, 7), 1_000_017 - 5000 + 86_400_000, "and back again: real time goes on from there");
    }

    #[test]
    fn a_stored_mark_survives_a_restart_with_a_clock_set_back() {
        let hands = Arc::new(Hands::default());
        hands.wall.store(500, Ordering::Relaxed);
        let clock = Clock::with_source(hands.clone());
        clock.raise_to(Timestamp(9000));
        assert_eq!(clock.now().secure, Timestamp(9000));
        hands.boot.fetch_add(5, Ordering::Relaxed);
        assert_eq!(clock.now().secure, Timestamp(9005));
        assert_eq!(clock.now().wall, Timestamp(500));
        assert_eq!(clock.drift(), Duration::from_millis(8505));
    }
}
