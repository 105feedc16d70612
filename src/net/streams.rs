//! The streams of an HTTP/2 connection as tasks, and the end of those whose client does not take its answer.
//!
//! A client may open a stream with a closed window and never open it, while it answers every ping: the socket is not
//! blocked then, nothing is polled, and what the handler holds (an upstream connection, say) would be held for ever.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Sleep;
use tokio_util::task::TaskTracker;

use super::service::Taking;

/// hyper's executor for one connection.
#[derive(Clone)]
pub(super) struct Streams {
    tasks: TaskTracker,
    stall: Duration,
    /// From the service to the executor: hyper calls the one right before the other.
    next: Rc<RefCell<Option<Rc<Taking>>>>,
}

impl Streams {
    pub(super) fn new(tasks: TaskTracker, stall: Duration) -> Self {
        Self { tasks, stall, next: Rc::default() }
    }

    /// For the stream whose task is executed next.
    pub(super) fn next(&self) -> Rc<Taking> {
        let taking = Rc::<Taking>::default();
        self.next.replace(Some(taking.clone()));
        taking
    }
}

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let taking = self.next.take();
        self.tasks.spawn_local(Patient { stream, taking, stall: self.stall, seen: 0, alarm: None });
    }
}

pin_project! {
    /// A stream's task, dropped (which resets the stream) when its client has not moved for too long.
    struct Patient<F> {
        #[pin]
        stream: F,
        taking: Option<Rc<Taking>>,
        stall: Duration,
        seen: u32,
        alarm: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future<Output = ()>> Future for Patient<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.stream.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let Some(turn) = this.taking.as_ref().and_then(|taking| taking.turn()) else {
            *this.alarm = None;
            return Poll::Pending;
        };
        if turn != *this.seen {
            *this.seen = turn;
            *this.alarm = None;
        }
        let stall = *this.stall;
        let expired = this.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep(stall))).as_mut().poll(cx);
        if expired.is_ready() {
            tracing::debug!("stream reset: the client does not take its answer");
        }
        expired
    }
}
