//! The admin's reauthorization window, shared by everything that judges a session.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The window; changing it bites at the next judgement, open tunnels included.
#[derive(Debug)]
pub struct AdminWindow(AtomicU64);

impl AdminWindow {
    /// With its first value.
    pub fn new(window: Duration) -> Self {
        Self(AtomicU64::new(u64::try_from(window.as_millis()).unwrap_or(u64::MAX)))
    }

    /// The value now.
    pub fn load(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Acquire))
    }

    /// Changes it.
    pub fn store(&self, window: Duration) {
        self.0.store(u64::try_from(window.as_millis()).unwrap_or(u64::MAX), Ordering::Release);
    }
}
