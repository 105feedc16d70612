//! The request body on its way upstream: as it comes, no longer than allowed, never without end, and without trailers.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::proxy::io::Gauge;
use crate::proxy::pulse::{Ticker, Waiting};

/// How long a client may pause in the middle of its body.
const PAUSE: Duration = Duration::from_secs(30);

/// A request body as it is handed to the proxy.
#[derive(Debug)]
pub enum RequestBody {
    /// None.
    Empty,
    /// All of it, as of a request that was parked.
    Whole(Bytes),
    /// As the client sends it.
    Streaming(Incoming),
    /// The same, of which the beginning was looked at.
    Begun(Bytes, Incoming),
}

impl From<Incoming> for RequestBody {
    fn from(body: Incoming) -> Self {
        if body.is_end_stream() { Self::Empty } else { Self::Streaming(body) }
    }
}

impl From<Bytes> for RequestBody {
    fn from(body: Bytes) -> Self {
        if body.is_empty() { Self::Empty } else { Self::Whole(body) }
    }
}

impl RequestBody {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// How long it is at least, and exactly if that is known.
    pub(super) fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Whole(bytes) => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Self::Streaming(body) => body.size_hint(),
            Self::Begun(begun, body) => {
                let (begun, rest) = (u64::try_from(begun.len()).unwrap_or(u64::MAX), body.size_hint());
                let mut both = SizeHint::new();
                both.set_lower(rest.lower().saturating_add(begun));
                if let Some(upper) = rest.upper() {
                    both.set_upper(upper.saturating_add(begun));
                }
                both
            }
        }
    }
}

/// What can go wrong on the client's side of a request body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyFault {
    #[error("the request body is too long")]
    TooLarge,
    #[error("the client stopped sending")]
    Timeout,
    #[error("the client went away")]
    Gone,
    #[error("the client's chunks are none")]
    Malformed,
}

impl BodyFault {
    /// Of a body that broke off. What hyper says of bad chunks is an [`io::Error`] without a type of its own.
    fn of(error: &hyper::Error) -> Self {
        let kind = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind);
        match kind {
            Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => Self::Malformed,
            _ => Self::Gone,
        }
    }
}

/// A request body on its way.
#[derive(Debug)]
pub(super) struct Outbound {
    body: RequestBody,
    /// Bytes that may still come.
    left: u64,
    gauge: Arc<Gauge>,
    ticker: Ticker,
    /// For the client.
    waiting: Waiting,
}

impl Outbound {
    pub(super) fn new(body: RequestBody, max: u64, gauge: Arc<Gauge>, ticker: Ticker) -> Self {
        gauge.begin(body.is_empty());
        Self { body, left: max, gauge, ticker, waiting: Waiting::default() }
    }

    pub(super) fn body(&self) -> &RequestBody {
        &self.body
    }

    /// The body back, when none of it was sent.
    pub(super) fn into_inner(self) -> RequestBody {
        self.body
    }

    fn part(&mut self, data: Bytes) -> Result<Frame<Bytes>, BodyFault> {
        let long = u64::try_from(data.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(long).ok_or(BodyFault::TooLarge)?;
        self.waiting.end();
        self.gauge.part();
        if self.is_end_stream() {
            self.gauge.end();
        }
        Ok(Frame::data(data))
    }
}

impl Body for Outbound {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = self.get_mut();
        loop {
            let polled = match &mut this.body {
                RequestBody::Empty => Poll::Ready(None),
                RequestBody::Whole(bytes) => {
                    let bytes = std::mem::take(bytes);
                    this.body = RequestBody::Empty;
                    return Poll::Ready(Some(this.part(bytes)));
                }
                RequestBody::Begun(..) => {
                    let RequestBody::Begun(begun, rest) = std::mem::replace(&mut this.body, RequestBody::Empty) else { continue };
                    this.body = RequestBody::Streaming(rest);
                    return Poll::Ready(Some(this.part(begun)));
                }
                RequestBody::Streaming(body) => Pin::new(body).poll_frame(cx),
            };
            match polled {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => return Poll::Ready(Some(this.part(data))),
                    // Trailers: names in them would pass by the checks on headers.
                    Err(_) => continue,
                },
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(BodyFault::of(&error)))),
                Poll::Ready(None) => {
                    this.gauge.end();
                    return Poll::Ready(None);
                }
                Poll::Pending => {}
            }
            this.waiting.begin(this.ticker.uptime());
            if this.ticker.poll(cx).is_pending() {
                return Poll::Pending;
            }
            if this.waiting.exceeds(PAUSE, this.ticker.uptime()) {
                return Poll::Ready(Some(Err(BodyFault::Timeout)));
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            RequestBody::Empty => true,
            RequestBody::Whole(_) | RequestBody::Begun(..) => false,
            RequestBody::Streaming(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
