//! What an admin may set and every judgement of a session needs: the reauthorization window and the idle limit, and what else
//! goes with them. Shared by everything that judges a session; a change bites at the next judgement, open tunnels included.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::session::log::StoredSettings;

/// No idle limit.
const OFF: u64 = u64::MAX;

/// What the config file says, which holds until an admin sets something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Configured {
    /// `mfa.reauth_window`.
    pub window: Duration,
    /// `session.idle`; `None`: off.
    pub idle: Option<Duration>,
    /// `mfa.enrolment_window`.
    pub enrolment_window: Duration,
}

impl Configured {
    /// With this window, no idle limit, and a week to enrol.
    pub const fn window(window: Duration) -> Self {
        Self { window, idle: None, enrolment_window: Duration::from_hours(7 * 24) }
    }

    /// What holds where an admin has set this.
    #[must_use]
    pub fn with(self, stored: &StoredSettings) -> Self {
        let idle = match stored.idle {
            Some(Duration::ZERO) => None,
            Some(idle) => Some(idle),
            None => self.idle,
        };
        Self {
            window: stored.reauth_window.unwrap_or(self.window),
            idle,
            enrolment_window: stored.enrolment_window.unwrap_or(self.enrolment_window),
        }
    }

    /// Whether it gives anybody more time in anything than `other`.
    pub fn is_laxer_than(&self, other: &Self) -> bool {
        let rest = |of: &Self| of.idle.unwrap_or(Duration::MAX);
        self.window > other.window || rest(self) > rest(other) || self.enrolment_window > other.enrolment_window
    }
}

/// What holds now. Numbers that every request asks for are read without a lock.
#[derive(Debug)]
pub struct AdminWindow {
    window: AtomicU64,
    idle: AtomicU64,
    configured: ArcSwap<Configured>,
    stored: ArcSwap<StoredSettings>,
    /// A reload and the feed come from two sides: what one of them shows is never older than what the other has brought.
    showing: Mutex<()>,
}

impl AdminWindow {
    /// As configured; nothing is known yet of what an admin has set.
    pub fn new(configured: Configured) -> Self {
        let this = Self {
            window: AtomicU64::new(0),
            idle: AtomicU64::new(OFF),
            configured: ArcSwap::from_pointee(configured),
            stored: ArcSwap::default(),
            showing: Mutex::default(),
        };
        this.show();
        this
    }

    /// The reauthorization window.
    pub fn load(&self) -> Duration {
        Duration::from_millis(self.window.load(Ordering::Acquire))
    }

    /// The idle limit; `None`: off.
    pub fn idle(&self) -> Option<Duration> {
        match self.idle.load(Ordering::Acquire) {
            OFF => None,
            millis => Some(Duration::from_millis(millis)),
        }
    }

    /// How long an invitation or enrolment link lives.
    pub fn enrolment_window(&self) -> Duration {
        self.configured().with(&self.stored.load()).enrolment_window
    }

    /// What the config file says.
    pub fn configured(&self) -> Configured {
        **self.configured.load()
    }

    /// What an admin has set, as last read.
    pub fn stored(&self) -> Arc<StoredSettings> {
        self.stored.load_full()
    }

    /// A reload brought another config file.
    pub fn configure(&self, configured: Configured) {
        self.configured.store(Arc::new(configured));
        self.show();
    }

    /// The store says something else now.
    pub fn set(&self, stored: StoredSettings) {
        if **self.stored.load() != stored {
            self.stored.store(Arc::new(stored));
        }
        self.show();
    }

    fn show(&self) {
        let _alone = self.showing.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = self.configured().with(&self.stored.load());
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.window.store(millis(holds.window), Ordering::Release);
        self.idle.store(holds.idle.map_or(OFF, millis), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_admin_sets_holds_before_what_the_file_says() {
        let (hour, day) = (Duration::from_hours(1), Duration::from_hours(24));
        let window = AdminWindow::new(Configured { window: day, idle: Some(hour), enrolment_window: day });
        assert_eq!((window.load(), window.idle(), window.enrolment_window()), (day, Some(hour), day));
        let stored = StoredSettings {
            reauth_window: Some(hour),
            idle: Some(Duration::ZERO),
            enrolment_window: Some(hour),
            ..StoredSettings::default()
        };
        window.set(stored);
        assert_eq!((window.load(), window.idle(), window.enrolment_window()), (hour, None, hour));
        window.configure(Configured { window: day * 2, idle: Some(day), enrolment_window: day * 2 });
        assert_eq!((window.load(), window.idle(), window.enrolment_window()), (hour, None, hour));
        window.set(StoredSettings::default());
        assert_eq!((window.load(), window.idle(), window.enrolment_window()), (day * 2, Some(day), day * 2));
    }

    #[test]
    fn a_reload_and_an_admin_at_the_same_moment_leave_what_holds() {
        let window = AdminWindow::new(Configured::window(Duration::from_secs(1)));
        let both = std::sync::Barrier::new(3);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0..20_000 {
                    both.wait();
                    window.configure(Configured::window(Duration::from_secs(round)));
                    both.wait();
                }
            });
            scope.spawn(|| {
                for round in 0..20_000 {
                    both.wait();
                    let reauth_window = (round % 2 == 0).then_some(Duration::from_millis(round));
                    window.set(StoredSettings { reauth_window, ..StoredSettings::default() });
                    both.wait();
                }
            });
            for round in 0..20_000 {
                both.wait();
                both.wait();
                assert_eq!(window.load(), window.configured().with(&window.stored()).window, "round {round}");
            }
        });
    }
}
