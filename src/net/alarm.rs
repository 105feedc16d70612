//! A deadline that is moved with every request and hardly ever met: a timer of the runtime per move would cost more than the check
//! that lets the request in.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep};

pin_project! {
    /// Rings at its deadline. The timer below is only set anew when it would ring too late; one that rings too early goes on.
    #[derive(Debug)]
    pub(super) struct Alarm {
        #[pin]
        timer: Sleep,
        deadline: Instant,
    }
}

impl Alarm {
    /// Rings after that.
    pub(super) fn new(after: Duration) -> Self {
        let timer = tokio::time::sleep(after);
        let deadline = timer.deadline();
        Self { timer, deadline }
    }

    /// Rings after that, counted from now, and not before.
    #[expect(clippy::disallowed_methods, reason = "the time by which the runtime's timers go")]
    pub(super) fn set(self: Pin<&mut Self>, after: Duration) {
        let this = self.project();
        let now = Instant::now();
        // Too far for a clock to tell: as good as never.
        *this.deadline = now.checked_add(after).unwrap_or_else(|| now + Duration::from_hours(24 * 365));
        if *this.deadline < this.timer.deadline() {
            this.timer.reset(*this.deadline);
        }
    }

    /// Ready at the deadline. To be asked whenever it was set, and whenever it wakes.
    pub(super) fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        while this.timer.as_mut().poll(cx).is_ready() {
            if this.timer.deadline() >= *this.deadline {
                return Poll::Ready(());
            }
            this.timer.as_mut().reset(*this.deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the time by which the runtime's timers go")]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn it_rings_at_the_deadline_that_was_set_last_be_it_earlier_or_later() {
        for moves in [&[][..], &[9], &[3], &[9, 3], &[3, 9], &[20, 2, 7]] {
            let begun = Instant::now();
            let mut alarm = pin!(Alarm::new(SECOND * 5));
            for seconds in moves {
                alarm.as_mut().set(SECOND * *seconds);
                assert!(poll_fn(|cx| Poll::Ready(alarm.as_mut().poll(cx))).await.is_pending());
            }
            poll_fn(|cx| alarm.as_mut().poll(cx)).await;
            let rung = begun.elapsed();
            let due = SECOND * moves.last().copied().unwrap_or(5);
            assert!(rung >= due && rung < due + Duration::from_millis(5), "{moves:?}: {rung:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_moved_while_time_passes() {
        let mut alarm = pin!(Alarm::new(SECOND));
        for _ in 0..10 {
            tokio::time::sleep(SECOND / 2).await;
            alarm.as_mut().set(SECOND);
            assert!(
                poll_fn(|cx| Poll::Ready(alarm.as_mut().poll(cx))).await.is_pending(),
                "nothing has rung that was moved away"
            );
        }
        let moved = Instant::now();
        poll_fn(|cx| alarm.as_mut().poll(cx)).await;
        assert!(moved.elapsed() >= SECOND && moved.elapsed() < SECOND + Duration::from_millis(5));
    }
}
