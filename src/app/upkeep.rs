//! What has to be done every so often and waits for nobody: forgetting, measuring, and warning in time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::admin::letters::Letters;
use crate::app::{AppParts, ops, told};
use crate::clock::Timestamp;
use crate::telemetry::{self, metrics};

/// So long before its end a certificate is warned about, once a day.
const EXPIRES_SOON: Duration = Duration::from_hours(14 * 24);
const DAY: Duration = Duration::from_hours(24);

/// Once a second, for as long as it is polled. What admins do goes on beside the rest: an act on many takes its time.
pub async fn run(parts: Arc<AppParts>) {
    tokio::join!(keep_house(&parts), carry_out_due(&parts));
}

async fn keep_house(parts: &AppParts) {
    let mut turn = tokio::time::interval(Duration::from_secs(1));
    let mut told = Told::default();
    loop {
        turn.tick().await;
        parts.live.load().parts.limits.sweep();
        metrics::upkeep();
        ::metrics::gauge!("vestibule_sessions").set(telemetry::as_gauge(parts.table.len()));
        if let Err(error) = parts.continuity.hold(parts.clock.now()).await {
            tracing::debug!(%error, "the database could not be compared with what was noted of it");
        }
        told.drift(parts.clock.drift());
        told.certificate(parts.certificates.facts().not_after, parts.clock.now().wall);
    }
}

/// Acts of admins that have waited their day.
async fn carry_out_due(parts: &AppParts) {
    let (mut turn, mut failing) = (tokio::time::interval(Duration::from_secs(1)), false);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        let now = parts.clock.now();
        let letters = Letters { enrolment_window: parts.window.enrolment_window(), mail: parts.auth.load().mail };
        match parts.store.office().carry_out_due(letters, now).await {
            Ok(settled) => {
                if settled > 0 {
                    told::catch_up(&parts.follower).await;
                    tracing::info!(settled, "acts of admins wait no longer");
                }
                failing = false;
            }
            // What is due stays due, and is tried again; said once.
            Err(error) => {
                if !failing {
                    tracing::error!(%error, "acts of admins that are due could not be carried out; trying until they are");
                }
                failing = true;
            }
        }
    }
}

/// What has been said already, so that the log does not say it every second.
#[derive(Default)]
struct Told {
    drifted: bool,
    expiry: Option<Timestamp>,
}

impl Told {
    fn drift(&mut self, drift: Duration) {
        ::metrics::gauge!("vestibule_clock_drift_seconds").set(drift.as_secs_f64());
        if (drift > ops::MAX_DRIFT) == self.drifted {
            return;
        }
        self.drifted = !self.drifted;
        if self.drifted {
            tracing::warn!(
                seconds = drift.as_secs(),
                "the wall clock is behind the time that windows are measured in: one-time codes may be refused"
            );
        } else {
            tracing::info!("the wall clock is right again");
        }
    }

    fn certificate(&mut self, end: Timestamp, now: Timestamp) {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 seconds, and only shown")]
        ::metrics::gauge!("vestibule_certificate_expires_seconds").set((end.secs() - now.secs()) as f64);
        if self.must_warn(end, now) {
            let days = end.since(now).as_secs() / DAY.as_secs();
            tracing::warn!(days, until = %end, "the certificate is good for a few days only: put a new one in its place");
        }
    }

    /// Not of one that has ended: that is said when it is loaded, and by `/readyz`.
    fn must_warn(&mut self, end: Timestamp, now: Timestamp) -> bool {
        if now > end || end.since(now) > EXPIRES_SOON {
            self.expiry = None;
            return false;
        }
        let due = self.expiry.is_none_or(|last| now.since(last) >= DAY);
        if due {
            self.expiry = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_warned_about_from_fourteen_days_before_once_a_day() {
        let end = Timestamp::from_secs(100 * 86_400);
        let mut told = Told::default();
        let mut at = |days: i64, secs: i64| told.must_warn(end, Timestamp::from_secs(days * 86_400 + secs));
        assert!(!at(85, 86_399));
        assert!(at(86, 0) && !at(86, 1) && !at(86, 86_399));
        assert!(at(87, 0) && !at(87, 5));
        assert!(at(99, 0));
        assert!(!at(100, 1), "over is over");
        assert!(at(90, 0), "another one was put in its place, and ends soon too");
    }
}
