//! A clock whose hands tests move.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use vestibule::clock::{Clock, TimeSource, Timestamp};

/// Real time, moved. Both hands run with the system's clocks, so that time-outs of sockets and time of decisions agree while
/// nobody turns them.
pub struct Hands {
    system: Clock,
    wall: AtomicI64,
    boot: AtomicI64,
}

impl Default for Hands {
    fn default() -> Self {
        Self { system: Clock::system(), wall: AtomicI64::new(0), boot: AtomicI64::new(0) }
    }
}

impl Hands {
    /// Both hands behind by so much.
    pub fn ago(span: Duration) -> Self {
        let behind = -i64::try_from(span.as_millis()).unwrap();
        Self { system: Clock::system(), wall: AtomicI64::new(behind), boot: AtomicI64::new(behind) }
    }

    /// Time passes.
    pub fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).unwrap();
        self.wall.fetch_add(millis, Ordering::SeqCst);
        self.boot.fetch_add(millis, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock, forward or back; no time passes.
    pub fn jump(&self, seconds: i64) {
        self.wall.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// The wall clock.
    pub fn wall_now(&self) -> Timestamp {
        self.wall()
    }
}

impl TimeSource for Hands {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.system.now().wall.millis() + self.wall.load(Ordering::SeqCst))
    }

    fn boot(&self) -> Duration {
        // Only differences count, so that the system's secure time serves.
        let millis = self.system.now().secure.millis() + self.boot.load(Ordering::SeqCst);
        Duration::from_millis(u64::try_from(millis).unwrap())
    }
}
