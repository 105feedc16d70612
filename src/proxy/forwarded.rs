//! A response body on its way to the client: frames pass as they come, for as long as the permit allows.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::proxy::headers::response;
use crate::proxy::pool::Lease;
use crate::proxy::pulse::Pulse;
use crate::proxy::watch::{Lasting, Verdict, Watch};

/// Why a response was broken off in the middle; the client sees a reset.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The upstream broke off.
    #[error("the upstream broke off in the middle of its response")]
    Upstream(#[source] hyper::Error),
    /// The session stopped standing, the grace is over, or the upstream fell silent.
    #[error("the response may not stay open any longer")]
    Cut,
}

/// A response body on its way to the client.
///
/// Dropped before its end, it closes the upstream connection; the connection serves again only after a clean end.
///
/// Boxed, since every step that an answer takes would move it.
#[derive(Debug)]
pub struct ForwardedBody(Option<Box<Open>>);

#[derive(Debug)]
struct Open {
    body: Incoming,
    lease: Lease,
    watch: Watch,
    lasting: Lasting,
    pulse: Rc<Pulse>,
}

impl ForwardedBody {
    /// No body: what it came on is free again.
    pub(super) fn empty() -> Self {
        Self(None)
    }

    pub(super) fn new(body: Incoming, lease: Lease, watch: Watch, lasting: Lasting, pulse: Rc<Pulse>) -> Self {
        if body.is_end_stream() {
            lease.give_back(&pulse);
            return Self::empty();
        }
        Self(Some(Box::new(Open { body, lease, watch, lasting, pulse })))
    }

    /// This response is the portal's farewell: the session ends with it, and it comes to its end all the same, within the
    /// grace of a download.
    pub fn outlive_session(&mut self) {
        if let Some(open) = &mut self.0 {
            open.lasting.outlive_session();
        }
    }

    /// It has ended as it should.
    fn end(&mut self) {
        if let Some(open) = self.0.take() {
            open.lease.give_back(&open.pulse);
        }
    }
}

impl Open {
    /// What to do at a beat.
    fn judge(&mut self) -> Verdict {
        self.lasting.judge(self.watch.standing(), self.watch.uptime(), self.pulse.is_draining())
    }
}

impl Body for ForwardedBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = self.get_mut();
        loop {
            let Some(open) = &mut this.0 else { return Poll::Ready(None) };
            // Also while data flows without a pause, so that a busy stream ends as soon as a quiet one.
            if open.watch.ticker().passed() {
                match open.judge() {
                    Verdict::Stay => {}
                    Verdict::Close => {
                        this.0 = None;
                        return Poll::Ready(None);
                    }
                    Verdict::Cut => {
                        this.0 = None;
                        return Poll::Ready(Some(Err(Broken::Cut)));
                    }
                }
            }
            match Pin::new(&mut open.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    open.lasting.moved();
                    // Nothing comes after trailers, and nobody asks again to be told so.
                    if frame.is_trailers() || open.body.is_end_stream() {
                        this.end();
                    }
                    return Poll::Ready(Some(Ok(passed_on(frame))));
                }
                Poll::Ready(Some(Err(error))) => {
                    this.0 = None;
                    return Poll::Ready(Some(Err(Broken::Upstream(error))));
                }
                Poll::Ready(None) => {
                    this.end();
                    return Poll::Ready(None);
                }
                Poll::Pending => {}
            }
            open.lasting.waits(open.watch.uptime());
            if open.watch.ticker().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), |open| open.body.size_hint())
    }
}

fn passed_on(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(trailers) => Frame::trailers(clean(trailers)),
        Err(frame) => frame,
    }
}

fn clean(mut trailers: HeaderMap) -> HeaderMap {
    response::clean_trailers(&mut trailers);
    trailers
}
