//! The worker's heartbeat: whatever waits or stays open is looked at on each beat, without a timer or clock read of its own.
//!
//! A timer per request would cost more than the check that let the request in. So everything that lasts registers here; most
//! requests are over before the first beat and never notice.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::Timestamp;

/// How often the worker's pulse beats.
pub const BEAT: Duration = Duration::from_millis(500);

/// How many beats a span takes: one more than would fit, since the first may come at once.
pub(super) fn beats(span: Duration) -> u64 {
    u64::try_from(span.as_millis().div_ceil(BEAT.as_millis())).unwrap_or(u64::MAX).saturating_add(1)
}

/// One per worker.
#[derive(Debug)]
pub(super) struct Pulse {
    count: Cell<u64>,
    now: Cell<Timestamp>,
    slots: RefCell<Slots>,
}

#[derive(Debug, Default)]
struct Slots {
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Pulse {
    pub(super) fn new(now: Timestamp) -> Rc<Self> {
        Rc::new(Self { count: Cell::new(0), now: Cell::new(now), slots: RefCell::default() })
    }

    /// Beats: notes the time and wakes whoever waits.
    pub(super) fn beat(&self, now: Timestamp) {
        self.count.set(self.count.get() + 1);
        self.now.set(now);
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

    /// Beats so far.
    pub(super) fn count(&self) -> u64 {
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

    /// How many beats have passed since last asked.
    pub(super) fn passed(&mut self) -> u64 {
        let passed = self.pulse.count() - self.seen;
        self.seen += passed;
        passed
    }

    /// How many beats have passed since last asked, once there are any.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<u64> {
        match self.passed() {
            0 => {
                self.register(cx.waker());
                Poll::Pending
            }
            passed => Poll::Ready(passed),
        }
    }

    fn register(&mut self, waker: &Waker) {
        let mut slots = self.pulse.slots.borrow_mut();
        if let Some(kept) = self.slot.and_then(|slot| slots.wakers.get_mut(slot)) {
            match kept {
                Some(kept) if kept.will_wake(waker) => {}
                kept => *kept = Some(waker.clone()),
            }
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
        assert_eq!((one.poll(&cx), one.now()), (Poll::Ready(1), Timestamp::from_secs(2)));
        assert!(one.poll(&cx).is_pending());
        drop(one);
        pulse.beat(Timestamp::from_secs(3));
        assert_eq!(count.0.load(Ordering::Relaxed), 2, "a dropped one is not woken, nor one that does not wait");
        assert_eq!(two.poll(&cx), Poll::Ready(2), "beats that were missed are counted");
        assert_eq!((pulse.slots.borrow().wakers.len(), pulse.slots.borrow().free.len()), (2, 1));
        let mut three = pulse.ticker();
        assert!(three.poll(&cx).is_pending());
        assert_eq!(pulse.slots.borrow().wakers.len(), 2, "places are used again");
    }

    #[test]
    fn a_span_is_never_cut_short() {
        assert_eq!(beats(Duration::from_secs(60)), 121);
        assert_eq!(beats(Duration::from_millis(1)), 2);
    }
}
