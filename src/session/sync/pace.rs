//! Work of each minute goes in parts, with rests between them: on a machine with few cores, requests come first.

use tokio::time::Instant;

/// So many times as long as a part took is the rest after it: a quarter of a core is the most that such work takes.
const RESTS: u32 = 3;

/// Measures parts and rests between them.
#[derive(Debug)]
pub(super) struct Pace {
    rests: bool,
    begun: Instant,
}

impl Pace {
    /// With rests.
    pub(super) fn steady() -> Self {
        Self { rests: true, begun: now() }
    }

    /// Without: somebody waits for the end.
    pub(super) fn hurried() -> Self {
        Self { rests: false, begun: now() }
    }

    /// A part is done.
    pub(super) async fn part_done(&mut self) {
        if self.rests {
            tokio::time::sleep(self.begun.elapsed() * RESTS).await;
        }
        self.begun = now();
    }
}

#[expect(clippy::disallowed_methods, reason = "the time by which the runtime's timers go")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_has_time_rests_three_times_as_long_as_it_worked() {
        for (mut pace, rest) in [(Pace::steady(), 300), (Pace::hurried(), 0)] {
            for _ in 0..2 {
                tokio::time::advance(Duration::from_millis(100)).await;
                let done = now();
                pace.part_done().await;
                assert_eq!(done.elapsed().as_millis(), rest);
            }
        }
    }
}
