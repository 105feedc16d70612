//! One direction of a tunnel: bytes as they come, with no buffer while nothing moves.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

const CHUNK: usize = 8 << 10;

/// One direction. What was read but cannot be written yet is all that it keeps.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    rest: Vec<u8>,
    at: usize,
    unflushed: bool,
    ended: bool,
    closed: bool,
}

impl Pipe {
    /// Moves what can be moved; ready at the end, after `to` has been told of it. `passed` sees what was written.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut from: Pin<&mut impl AsyncRead>,
        mut to: Pin<&mut impl AsyncWrite>,
        mut passed: impl FnMut(&[u8]),
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_rest(cx, to.as_mut(), &mut passed))?;
            if self.closed {
                return Poll::Ready(Ok(()));
            }
            if self.ended {
                ready!(to.as_mut().poll_shutdown(cx))?;
                self.closed = true;
                continue;
            }
            let mut space = [MaybeUninit::<u8>::uninit(); CHUNK];
            let mut read = ReadBuf::uninit(&mut space);
            match from.as_mut().poll_read(cx, &mut read)? {
                Poll::Ready(()) if read.filled().is_empty() => self.ended = true,
                Poll::Ready(()) => {
                    let mut bytes = read.filled();
                    self.unflushed = true;
                    while !bytes.is_empty() {
                        let Poll::Ready(written) = poll_some(cx, to.as_mut(), bytes)? else { break };
                        let (gone, left) = bytes.split_at_checked(written).unwrap_or((bytes, &[]));
                        passed(gone);
                        bytes = left;
                    }
                    self.rest.extend_from_slice(bytes);
                }
                Poll::Pending => {
                    if self.unflushed {
                        ready!(to.as_mut().poll_flush(cx))?;
                        self.unflushed = false;
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    /// Writes what is kept.
    pub(super) fn poll_rest(
        &mut self,
        cx: &mut Context<'_>,
        mut to: Pin<&mut impl AsyncWrite>,
        passed: &mut impl FnMut(&[u8]),
    ) -> Poll<io::Result<()>> {
        while let Some(left) = self.rest.get(self.at..).filter(|left| !left.is_empty()) {
            let written = ready!(poll_some(cx, to.as_mut(), left))?;
            passed(left.get(..written).unwrap_or(left));
            self.at += written;
        }
        self.rest = Vec::new();
        self.at = 0;
        Poll::Ready(Ok(()))
    }

    /// Reads more without writing it; false at the end.
    pub(super) fn poll_more(&mut self, cx: &mut Context<'_>, from: Pin<&mut impl AsyncRead>) -> Poll<io::Result<bool>> {
        let mut space = [MaybeUninit::<u8>::uninit(); CHUNK];
        let mut read = ReadBuf::uninit(&mut space);
        ready!(from.poll_read(cx, &mut read))?;
        self.rest.extend_from_slice(read.filled());
        Poll::Ready(Ok(!read.filled().is_empty()))
    }

    /// What was read and not written.
    pub(super) fn rest(&self) -> &[u8] {
        self.rest.get(self.at..).unwrap_or_default()
    }

    /// Forgets what was read and not written, but for so many bytes.
    pub(super) fn keep_only(&mut self, bytes: usize) {
        self.rest.truncate(self.at.saturating_add(bytes));
    }

    /// Whether it has come to its end.
    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }
}

fn poll_some(cx: &mut Context<'_>, to: Pin<&mut impl AsyncWrite>, bytes: &[u8]) -> Poll<io::Result<usize>> {
    match ready!(to.poll_write(cx, bytes))? {
        0 => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
        written => Poll::Ready(Ok(written)),
    }
}
