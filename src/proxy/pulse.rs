//! The worker's heartbeat: whatever waits or stays open is looked at on each beat, without a timer or clock read of its own.
//!
//! A timer per request would cost more than the check that let the request in. So everything that lasts registers here; most
//! requests are over before the first beat and never notice.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::Timestamp;

/// How often the worker's pulse beats at least.
pub const BEAT: Duration = Duration::from_millis(500);

/// The longest step between two beats that is believed. A longer one is a jump of the clock, a suspend or a stall of ours: a
/// permit must know of it at once, but it is no silence of a peer, and counts for one beat.
const STEP: Duration = Duration::from_secs(2);

/// Since when something has been waited for, to within a beat, in the pulse's own time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiting(Option<Duration>);

impl Waiting {
    /// Begins, unless it has begun.
    pub(super) fn begin(&mut self, uptime: Duration) {
        self.0.get_or_insert(uptime);
    }

    /// What was waited for has come.
    pub(super) fn end(&mut self) {
        self.0 = None;
    }

    /// Whether it has lasted for longer than this: never too early, since it may have begun just before a beat.
    pub(super) fn exceeds(self, span: Duration, uptime: Duration) -> bool {
        self.0.is_some_and(|since| uptime.saturating_sub(since) > span.saturating_add(BEAT))
    }
}

/// One per worker.
#[derive(Debug)]
pub(super) struct Pulse {
    count: Cell<u64>,
    now: Cell<Timestamp>,
    uptime: Cell<Duration>,
    draining: Cell<bool>,
    slots: RefCell<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Pulse {
    pub(super) fn new(now: Timestamp) -> Rc<Self> {
        let (count, uptime, draining) = (Cell::new(0), Cell::default(), Cell::new(false));
        Rc::new(Self { count, now: Cell::new(now), uptime, draining, slots: RefCell::default() })
    }

    /// Beats: notes the time and wakes whoever waits.
    pub(super) fn beat(&self, now: Timestamp) {
        self.count.set(self.count.get() + 1);
        let step = now.since(self.now.replace(now));
        self.uptime.set(self.uptime.get() + if step > STEP { BEAT } else { step });
        let mut slot = 0;
        // Nothing is borrowed while waking: a waker may drop the last handle of a task, and that task's ticker is in here.
        loop {
            let mut slots = self.slots.borrow_mut();
            let Some(waker) = slots.wakers.get_mut(slot) else { break };
            let waker = waker.take();
            drop(slots);
            if let Some(waker) = waker {
                waker.wake();
            }
            slot += 1;
        }
    }

    /// The time of the last beat.
    pub(super) fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// How long it has been beating, jumps of the clock left out: for waits.
    pub(super) fn uptime(&self) -> Duration {
        self.uptime.get()
    }

    /// What stays open is to end, from the next beat on.
    pub(super) fn drain(&self) {
        self.draining.set(true);
    }

    /// Whether it is. Cheaper to ask than the token behind it, which has a lock.
    pub(super) fn is_draining(&self) -> bool {
        self.draining.get()
    }

    /// Beats so far.
    fn count(&self) -> u64 {
        self.count.get()
    }

    /// Something to wait for beats with.
    pub(super) fn ticker(self: &Rc<Self>) -> Ticker {
        Ticker { pulse: Rc::clone(self), seen: self.count.get(), slot: None }
    }
}

/// Waits for beats.
#[derive(Debug)]
pub(super) struct Ticker {
    pulse: Rc<Pulse>,
    seen: u64,
    slot: Option<usize>,
}

impl Ticker {
    /// The time of the last beat.
    pub(super) fn now(&self) -> Timestamp {
        self.pulse.now()
    }

    /// See [`Pulse::uptime`].
    pub(super) fn uptime(&self) -> Duration {
        self.pulse.uptime()
    }

    /// Whether there was a beat since last asked.
    pub(super) fn passed(&mut self) -> bool {
        let seen = std::mem::replace(&mut self.seen, self.pulse.count());
        seen != self.seen
    }

    /// Ready once there was a beat since last asked.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.passed() {
            return Poll::Ready(());
        }
        self.register(cx.waker());
        Poll::Pending
    }

    fn register(&mut self, waker: &Waker) {
        let mut slots = self.pulse.slots.borrow_mut();
        if let Some(kept) = self.slot.and_then(|slot| slots.wakers.get_mut(slot)) {
            if kept.as_ref().is_some_and(|kept| kept.will_wake(waker)) {
                return;
            }
            let old = kept.replace(waker.clone());
            drop(slots);
            drop(old);
            return;
        }
        let free = slots.free.pop();
        if let Some(kept) = free.and_then(|slot| slots.wakers.get_mut(slot)) {
            *kept = Some(waker.clone());
            self.slot = free;
        } else {
            slots.wakers.push(Some(waker.clone()));
            self.slot = Some(slots.wakers.len() - 1);
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        let Some(slot) = self.slot else { return };
        let mut slots = self.pulse.slots.borrow_mut();
        let waker = slots.wakers.get_mut(slot).and_then(Option::take);
        slots.free.push(slot);
        drop(slots);
        drop(waker);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn each_beat_wakes_those_who_wait_and_no_one_else() {
        let pulse = Pulse::new(Timestamp::from_secs(1));
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let cx = Context::from_waker(&waker);
        let (mut one, mut two) = (pulse.ticker(), pulse.ticker());
        assert!(one.poll(&cx).is_pending() && one.poll(&cx).is_pending() && two.poll(&cx).is_pending());
        pulse.beat(Timestamp::from_secs(2));
        assert_eq!(count.0.load(Ordering::Relaxed), 2);
        assert_eq!((one.poll(&cx), one.now()), (Poll::Ready(()), Timestamp::from_secs(2)));
        assert!(one.poll(&cx).is_pending());
        drop(one);
        pulse.beat(Timestamp::from_secs(3));
        assert_eq!(count.0.load(Ordering::Relaxed), 2, "a dropped one is not woken, nor one that does not wait");
        assert!(two.poll(&cx).is_ready(), "beats that came in between are not lost");
        assert_eq!((pulse.slots.borrow().wakers.len(), pulse.slots.borrow().free.len()), (2, 1));
        let mut three = pulse.ticker();
        assert!(three.poll(&cx).is_pending());
        assert_eq!(pulse.slots.borrow().wakers.len(), 2, "places are used again");
    }

    #[test]
    fn a_wait_is_never_cut_short() {
        let mut waiting = Waiting::default();
        let (at, second) = (Duration::from_millis, Duration::from_secs(1));
        assert!(!waiting.exceeds(Duration::ZERO, at(9_000)));
        waiting.begin(at(1_000));
        waiting.begin(at(2_000));
        assert!(!waiting.exceeds(second, at(2_500)) && waiting.exceeds(second, at(2_501)));
        waiting.end();
        assert!(!waiting.exceeds(Duration::ZERO, at(9_000)));
    }

    #[test]
    fn a_jump_of_the_clock_is_seen_at_once_and_is_no_long_wait() {
        let pulse = Pulse::new(Timestamp::from_secs(1));
        pulse.beat(Timestamp::from_millis(1500));
        pulse.beat(Timestamp::from_secs(86_400));
        assert_eq!((pulse.now(), pulse.uptime()), (Timestamp::from_secs(86_400), Duration::from_secs(1)));
    }
}
