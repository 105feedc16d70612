//! A clock whose hands tests move.

use std::sync::Mutex;
use std::time::Duration;

use vestibule::clock::{Clock, TimeSource, Timestamp};

/// How long one code is shown (RFC 6238), in milliseconds.
const STEP: i64 = 30_000;

/// Real time, moved. Both hands run with the system's clocks, so that time-outs of sockets and time of decisions agree while
/// nobody turns them, but never into the next code's time: how slow the machine is decides nothing about a code that a test
/// has just read off.
pub struct Hands {
    system: Clock,
    places: Mutex<Places>,
}

/// Where the hands were put last, and when that was. Milliseconds.
struct Places {
    wall: i64,
    boot: i64,
    system: i64,
}

impl Places {
    /// Where they are when the system's clock has gone on to `system`.
    fn at(&self, system: i64) -> (i64, i64) {
        let run = (system - self.system).min(STEP - 1 - self.wall.rem_euclid(STEP));
        (self.wall + run, self.boot + run)
    }
}

impl Default for Hands {
    fn default() -> Self {
        Self::ago(Duration::ZERO)
    }
}

impl Hands {
    /// Both hands behind by so much, and at the beginning of a code's time.
    pub fn ago(span: Duration) -> Self {
        let system = Clock::system();
        let now = system.now().secure.millis();
        let behind = now - millis(span);
        let wall = behind - behind.rem_euclid(STEP);
        Self { system, places: Mutex::new(Places { wall, boot: wall, system: now }) }
    }

    /// Time passes.
    pub fn advance(&self, span: Duration) {
        self.turn(millis(span), millis(span));
    }

    /// Somebody sets the wall clock, forward or back; no time passes.
    pub fn jump(&self, seconds: i64) {
        self.turn(seconds * 1000, 0);
    }

    /// Not behind the system's clock any more, which is the one that other processes see: what they have written is not of the
    /// future.
    pub fn catch_up(&self) {
        let behind = self.system.now().secure.millis() - self.now().0;
        if behind > 0 {
            self.turn(behind, behind);
        }
    }

    /// The wall clock.
    pub fn wall_now(&self) -> Timestamp {
        self.wall()
    }

    fn turn(&self, wall: i64, boot: i64) {
        let mut places = self.places.lock().unwrap();
        let system = self.system.now().secure.millis();
        let now = places.at(system);
        *places = Places { wall: now.0 + wall, boot: now.1 + boot, system };
    }

    fn now(&self) -> (i64, i64) {
        self.places.lock().unwrap().at(self.system.now().secure.millis())
    }
}

impl TimeSource for Hands {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(self.now().0)
    }

    fn boot(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.now().1).unwrap())
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap()
}
