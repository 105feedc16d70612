//! What is compared and written each minute goes in parts, with rests between them: on a machine with few cores, requests come
//! first.

use std::time::Duration;

use tokio::time::Instant;

/// So many times as long as a part took is the rest after it: a quarter of a core is the most that such work takes.
const RESTS: u32 = 3;
/// No rest is longer: a part that took so long has waited for something else.
const LONGEST: Duration = Duration::from_secs(1);

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
            tokio::time::sleep(LONGEST.min(self.begun.elapsed() * RESTS)).await;
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
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_has_time_rests_three_times_as_long_as_it_worked() {
        for (mut pace, rests) in [(Pace::steady(), [300, 300, 1000]), (Pace::hurried(), [0; 3])] {
            for (took, rest) in [100, 100, 60_000].into_iter().zip(rests) {
                tokio::time::advance(Duration::from_millis(took)).await;
                let done = now();
                pace.part_done().await;
                assert_eq!(done.elapsed().as_millis(), rest);
            }
        }
    }
}
