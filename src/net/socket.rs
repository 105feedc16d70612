//! The TCP stream below everything: what was read too much of it, writes that stall, and a close that loses no answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::activity::Activity;
use super::caps::Slot;
use super::settings::Deadlines;

/// Unsent bytes that the kernel takes at most: keeps its memory small, and makes "no progress" mean what it says, since
/// the kernel else reports a socket as writable only when a third of a much larger buffer is free.
const UNSENT: u32 = 128 * 1024;

/// A client's TCP stream.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    /// What came with the PROXY header: the first bytes of the handshake.
    ahead: Bytes,
    stall: Duration,
    linger: Duration,
    /// Armed while a write is blocked, or while lingering.
    alarm: Option<Pin<Box<Sleep>>>,
    lingering: bool,
    activity: Arc<Activity>,
    _slot: Slot,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, ahead: Bytes, deadlines: &Deadlines, activity: Arc<Activity>, slot: Slot) -> Self {
        let (stall, linger) = (deadlines.stall, deadlines.linger);
        Self { stream, ahead, stall, linger, alarm: None, lingering: false, activity, _slot: slot }
    }

    /// Passes on what a write said; an error once one has been blocked for too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.alarm = None;
            return outcome;
        }
        let stall = self.stall;
        ready!(self.expired(cx, stall));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")))
    }

    fn expired(&mut self, cx: &mut Context<'_>, after: Duration) -> Poll<()> {
        self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep(after))).as_mut().poll(cx)
    }
}

/// What every stream from a client gets: no delay for small answers, and an end when its other side has vanished.
pub(super) fn prepare(stream: &TcpStream, deadlines: &Deadlines) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_notsent_lowat(UNSENT)?;
    socket.set_tcp_user_timeout(Some(deadlines.stall))?;
    // For tunnels without traffic, which have no other deadline than their session's.
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(Duration::from_mins(1)).with_interval(Duration::from_secs(15)))
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let some = self.ahead.len().min(buf.remaining());
            let chunk = self.ahead.split_to(some);
            buf.put_slice(&chunk);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        // One slice, as of nearly every TLS record: `send` is a shorter way through the kernel than `writev`.
        let written = match bufs {
            [only] => Pin::new(&mut self.stream).poll_write(cx, only),
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, bufs),
        };
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Closes our direction, then takes and forgets what still comes, for a while (RFC 9112 section 9.6). Else the
    /// kernel would answer the unread rest of a body with a reset, and the client might lose the answer it was sent.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.lingering {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            if self.activity.is_handed_over() {
                return Poll::Ready(Ok(()));
            }
            self.alarm = None;
            self.lingering = true;
        }
        let mut scratch = [0; 4096];
        loop {
            let linger = self.linger;
            if self.expired(cx, linger).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut unread = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut unread)) {
                Ok(()) if !unread.filled().is_empty() => {}
                // The client has closed too, or is gone.
                Ok(()) | Err(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}
