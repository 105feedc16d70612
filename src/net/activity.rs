//! What a connection is doing, as seen from outside of hyper, so that each phase can have its own deadline.
//!
//! ```text
//!          bytes (HTTP/1)          head complete
//! Fresh ──────────────────► Head ─────────────────► Busy
//!   │                        ▲                       │ last answer sent
//!   │ bytes (HTTP/2)         │ bytes (HTTP/1)        ▼
//!   └──────────────────────► Idle ◄──────────────────┘
//! ```
//! hyper has one timer for Head and Idle on HTTP/1, and none at all for Idle on HTTP/2.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Protocol;

/// A phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// No byte has come yet.
    Fresh,
    /// Part of a request head has come (HTTP/1).
    Head,
    /// At least one request is being answered.
    Busy,
    /// Between requests.
    Idle,
}

/// Shared by a connection's stream, its service and its driver. All live on one thread; atomics only because hyper hands
/// streams that may be upgraded to other threads.
#[derive(Debug)]
pub(super) struct Activity {
    phase: AtomicU8,
    /// Counts changes of phase: the same phase as before need not mean that nothing happened.
    turn: AtomicU32,
    requests: AtomicU32,
    multiplexed: AtomicBool,
    broken: AtomicBool,
    handed_over: AtomicBool,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            phase: AtomicU8::new(Phase::Fresh as u8),
            turn: AtomicU32::new(0),
            requests: AtomicU32::new(0),
            multiplexed: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            handed_over: AtomicBool::new(false),
        })
    }

    /// Tells it what is spoken, before the first byte of it.
    pub(super) fn speaks(&self, protocol: Protocol) {
        self.multiplexed.store(protocol == Protocol::Http2, Relaxed);
    }

    /// The phase, and a number that differs whenever there was a change in between.
    pub(super) fn now(&self) -> (Phase, u32) {
        let phase = match self.phase.load(Relaxed) {
            0 => Phase::Fresh,
            1 => Phase::Head,
            2 => Phase::Busy,
            _ => Phase::Idle,
        };
        (phase, self.turn.load(Relaxed))
    }

    fn turn_to(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
        self.turn.fetch_add(1, Relaxed);
    }

    fn received(&self) {
        match self.now().0 {
            Phase::Fresh | Phase::Idle if !self.multiplexed.load(Relaxed) => self.turn_to(Phase::Head),
            Phase::Fresh => self.turn_to(Phase::Idle),
            _ => {}
        }
    }

    /// A request's head is complete.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        if self.requests.fetch_add(1, Relaxed) == 0 {
            self.turn_to(Phase::Busy);
        }
        InFlight(self.clone())
    }

    /// Whether the transport failed or ended, so that an error of the protocol above is no surprise.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Relaxed)
    }

    /// The stream now belongs to a tunnel: closing one direction of it must leave the other alone.
    pub(super) fn hand_over(&self) {
        self.handed_over.store(true, Relaxed);
    }

    /// Whether it does.
    pub(super) fn is_handed_over(&self) -> bool {
        self.handed_over.load(Relaxed)
    }
}

/// Held from the head of a request to the last byte of its answer.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.0.requests.fetch_sub(1, Relaxed) == 1 {
            self.0.turn_to(Phase::Idle);
        }
    }
}

/// A stream of plain text that reports what comes in. Stands above TLS.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        match &read {
            Poll::Ready(Ok(())) if buf.filled().len() > before => self.activity.received(),
            Poll::Ready(_) => self.activity.broken.store(true, Relaxed),
            Poll::Pending => {}
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.note(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Whoever has gone before we could take leave sent nothing that was malformed.
        let closed = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.note(closed)
    }
}

impl<S> Watched<S> {
    fn note<T>(&self, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(_)) = outcome {
            self.activity.broken.store(true, Relaxed);
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http1_goes_from_bytes_to_head_to_busy_to_idle() {
        let activity = Activity::new();
        activity.speaks(Protocol::Http1);
        activity.received();
        let (phase, turn) = activity.now();
        assert_eq!(phase, Phase::Head);
        activity.received();
        assert_eq!(activity.now(), (Phase::Head, turn), "more bytes do not move the deadline");
        let request = activity.begin();
        activity.received();
        assert_eq!(activity.now().0, Phase::Busy);
        drop(request);
        assert_eq!(activity.now().0, Phase::Idle);
        activity.received();
        assert_eq!(activity.now().0, Phase::Head);
    }

    #[test]
    fn http2_is_busy_until_the_last_stream_is_answered_and_pings_do_not_move_idle() {
        let activity = Activity::new();
        activity.speaks(Protocol::Http2);
        activity.received();
        let idle = activity.now();
        assert_eq!(idle.0, Phase::Idle);
        activity.received();
        assert_eq!(activity.now(), idle);
        let (one, two) = (activity.begin(), activity.begin());
        drop(one);
        assert_eq!(activity.now().0, Phase::Busy);
        drop(two);
        assert_eq!(activity.now().0, Phase::Idle);
    }
}
