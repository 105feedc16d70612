//! An open WebSocket: opaque bytes both ways, until either end closes or the permit no longer holds.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead as _, AsyncWriteExt as _, ReadBuf};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::proxy::pool::Lease;
use crate::proxy::pulse::Waiting;
use crate::proxy::upgrade::frames::{self, Frames};
use crate::proxy::upgrade::pipe::Pipe;
use crate::proxy::watch::Watch;
use crate::session::record::Standing;

/// How long either end may take to hand over its connection.
const HANDOVER: Duration = Duration::from_secs(30);

/// How long one direction may outlive the other.
const HALF_OPEN: Duration = Duration::from_secs(10);

/// How long each step of an orderly end may take. A beat and both steps together are less than the second within which a
/// tunnel has sent its last byte.
const FAREWELL: Duration = Duration::from_millis(200);

/// Both ends, as hyper will hand them over once the 101 is written.
#[derive(Debug)]
pub(in crate::proxy) struct Ends {
    pub(in crate::proxy) client: OnUpgrade,
    pub(in crate::proxy) upstream: OnUpgrade,
}

/// Why a tunnel ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Both ends closed, or one broke.
    Theirs,
    /// The session needs a code, or is over.
    Session,
    /// Nobody can tell any more whether the session stands.
    Away,
    /// The worker drains.
    Drain,
}

/// Carries a tunnel to its end. Keeps its place among the upstream's connections meanwhile.
pub(in crate::proxy) async fn run(ends: Ends, lease: Lease, watch: Watch, drain: CancellationToken) {
    // What the client sent ahead of the 101 has waited in hyper's buffer and comes first now.
    let handover = async { tokio::try_join!(ends.client, ends.upstream) };
    let Ok(Ok((client, upstream))) = timeout(HANDOVER, handover).await else { return };
    let mut tunnel = Tunnel {
        client: TokioIo::new(client),
        upstream: TokioIo::new(upstream),
        up: Pipe::default(),
        down: Pipe::default(),
        frames: Frames::default(),
        watch,
        drain,
        half_open: Waiting::default(),
    };
    let end = poll_fn(|cx| tunnel.poll(cx)).await;
    tracing::debug!(upstream = %lease.upstream().name, ?end, "tunnel ended");
    match end {
        End::Theirs => {}
        End::Session => tunnel.close(1008, "A new code is needed").await,
        End::Away => tunnel.close(1013, "Try again later").await,
        End::Drain => tunnel.close(1001, "Restarting").await,
    }
}

struct Tunnel {
    client: TokioIo<Upgraded>,
    upstream: TokioIo<Upgraded>,
    up: Pipe,
    down: Pipe,
    frames: Frames,
    watch: Watch,
    drain: CancellationToken,
    half_open: Waiting,
}

impl Tunnel {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        // First of all, so that traffic without a pause puts nothing off.
        while self.watch.ticker().poll(cx).is_ready() {
            match self.watch.standing() {
                Standing::Fresh => {}
                Standing::Unknown => return Poll::Ready(End::Away),
                Standing::WindowPassed | Standing::Over => return Poll::Ready(End::Session),
            }
            if self.drain.is_cancelled() {
                return Poll::Ready(End::Drain);
            }
            if self.up.is_ended() || self.down.is_ended() {
                self.half_open.begin(self.watch.uptime());
                if self.half_open.exceeds(HALF_OPEN, self.watch.uptime()) {
                    return Poll::Ready(End::Theirs);
                }
            }
        }
        let up = self.up.poll(cx, Pin::new(&mut self.client), Pin::new(&mut self.upstream), |_| ());
        let frames = &mut self.frames;
        let down = self.down.poll(cx, Pin::new(&mut self.upstream), Pin::new(&mut self.client), |bytes| frames.pass(bytes));
        match (up, down) {
            (Poll::Ready(Err(_)), _) | (_, Poll::Ready(Err(_))) | (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => {
                Poll::Ready(End::Theirs)
            }
            _ => Poll::Pending,
        }
    }

    /// Says why, as far as it can be said in time, and closes.
    async fn close(mut self, code: u16, reason: &str) {
        // From here on nothing goes upstream; all that is still read there is the rest of a frame that has begun.
        if let Ok(Ok(true)) = timeout(FAREWELL, poll_fn(|cx| self.poll_boundary(cx))).await {
            let farewell = async {
                self.client.write_all(&frames::close(code, reason)).await?;
                self.client.shutdown().await
            };
            if let Ok(Ok(())) = timeout(FAREWELL, farewell).await {
                // Closed with bytes of the client's unread, the connection would be reset, and the farewell lost with it.
                let _ = timeout(FAREWELL, poll_fn(|cx| self.poll_discard(cx))).await;
            }
        }
    }

    /// Carries on to the end of the frame that is under way; false: there will be none.
    fn poll_boundary(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<bool>> {
        loop {
            if let Some(end) = self.frames.boundary(self.down.rest()) {
                self.down.keep_only(end);
            }
            let frames = &mut self.frames;
            std::task::ready!(self.down.poll_rest(cx, Pin::new(&mut self.client), &mut |bytes| frames.pass(bytes)))?;
            if self.frames.is_between() {
                return Poll::Ready(Ok(true));
            }
            if !std::task::ready!(self.down.poll_more(cx, Pin::new(&mut self.upstream)))? {
                return Poll::Ready(Ok(false));
            }
        }
    }

    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut space = [std::mem::MaybeUninit::<u8>::uninit(); 1024];
        loop {
            let mut read = ReadBuf::uninit(&mut space);
            match Pin::new(&mut self.client).poll_read(cx, &mut read) {
                Poll::Ready(Ok(())) if !read.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
