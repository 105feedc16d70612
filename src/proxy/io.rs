//! The socket to an upstream, with a limit on how much it may send before its response has a head.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::client::TlsStream;

/// What an upstream may send before the head of its response is complete: interim responses (1xx) included, which hyper would
/// otherwise skip without end. Some of the body may come in with the head, hence so much.
const HEAD_BUDGET: usize = 512 << 10;

/// What the two ends of a connection tell each other: the task that drives it, and whoever has the request.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    /// Bytes that may still be read.
    budget: AtomicUsize,
    /// Frames of the request body that went out.
    frames: AtomicUsize,
    /// The request has gone out whole.
    sent: AtomicBool,
}

// One thread does it all; atomics only because hyper wants `Send` for what may become a tunnel.
impl Gauge {
    /// A request begins.
    pub(super) fn begin(&self, without_body: bool) {
        self.budget.store(HEAD_BUDGET, Ordering::Relaxed);
        self.sent.store(without_body, Ordering::Relaxed);
    }

    /// The head of the response is there: no limit from here on.
    pub(super) fn answered(&self) {
        self.budget.store(usize::MAX, Ordering::Relaxed);
    }

    /// Whether anything was read since the request began.
    pub(super) fn is_untouched(&self) -> bool {
        self.budget.load(Ordering::Relaxed) == HEAD_BUDGET
    }

    /// A part of the request body went out.
    pub(super) fn part(&self) {
        self.frames.store(self.frames.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// Parts of request bodies so far: that it moves is all that matters.
    pub(super) fn parts(&self) -> usize {
        self.frames.load(Ordering::Relaxed)
    }

    /// The request is out.
    pub(super) fn end(&self) {
        self.sent.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    pub(super) fn is_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    fn spend(&self, read: usize) -> io::Result<()> {
        let budget = self.budget.load(Ordering::Relaxed);
        if budget == usize::MAX {
            return Ok(());
        }
        let rest = budget.checked_sub(read).ok_or_else(|| io::Error::other("the response has no end of its head"))?;
        self.budget.store(rest, Ordering::Relaxed);
        Ok(())
    }
}

/// A socket of any kind.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

/// A socket and its gauge.
#[derive(Debug)]
pub(super) struct Io {
    socket: Socket,
    gauge: Arc<Gauge>,
}

impl Io {
    pub(super) fn new(socket: Socket, gauge: Arc<Gauge>) -> Self {
        Self { socket, gauge }
    }
}

macro_rules! socket {
    ($self:ident, $socket:ident => $call:expr) => {
        match &mut $self.get_mut().socket {
            Socket::Tcp($socket) => $call,
            Socket::Tls($socket) => $call,
            Socket::Unix($socket) => $call,
        }
    };
}

impl AsyncRead for Io {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let this = self.get_mut();
        let read = match &mut this.socket {
            Socket::Tcp(socket) => Pin::new(socket).poll_read(cx, buf),
            Socket::Tls(socket) => Pin::new(socket).poll_read(cx, buf),
            Socket::Unix(socket) => Pin::new(socket).poll_read(cx, buf),
        };
        match read {
            Poll::Ready(Ok(())) => Poll::Ready(this.gauge.spend(buf.filled().len() - before)),
            other => other,
        }
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        socket!(self, socket => Pin::new(socket).poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        socket!(self, socket => Pin::new(socket).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        socket!(self, socket => Pin::new(socket).poll_shutdown(cx))
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        // One slice, as of every request without a body: `send` is a shorter way through the kernel than `writev`.
        if let [only] = bufs {
            return self.poll_write(cx, only);
        }
        socket!(self, socket => Pin::new(socket).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.socket {
            Socket::Tcp(socket) => socket.is_write_vectored(),
            Socket::Tls(socket) => socket.is_write_vectored(),
            Socket::Unix(socket) => socket.is_write_vectored(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_without_end_runs_out_of_budget_and_a_body_does_not() {
        let gauge = Gauge::default();
        gauge.begin(true);
        assert!(gauge.is_untouched() && gauge.is_sent());
        assert!(gauge.spend(HEAD_BUDGET).is_ok() && !gauge.is_untouched());
        assert!(gauge.spend(1).is_err());
        gauge.answered();
        assert!(gauge.spend(usize::MAX - 1).is_ok());
    }
}
