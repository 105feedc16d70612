//! Between hyper and the handler: counts what is in flight, catches panics, and notes whether a client takes its answer.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;

use super::activity::{Activity, InFlight};
use super::handler::{Connection, Fault, Handler, Never};
use super::streams::Streams;

/// hyper's service for one connection.
pub(super) struct Service<H> {
    pub(super) handler: Rc<H>,
    pub(super) connection: Rc<Connection>,
    pub(super) activity: Arc<Activity>,
    pub(super) max_headers: usize,
    /// On HTTP/2 only.
    pub(super) streams: Option<Streams>,
}

/// Boxed, because hyper reserves room for it for the whole life of a connection, and most of that is idle.
type Answer<B> = Pin<Box<dyn Future<Output = Result<Response<Outgoing<B>>, Never>>>>;

impl<H: Handler> hyper::service::Service<Request<Incoming>> for Service<H> {
    type Response = Response<Outgoing<H::Body>>;
    type Error = Never;
    type Future = Answer<H::Body>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let in_flight = self.activity.begin();
        let taking = self.streams.as_ref().map(Streams::next);
        let (handler, connection, max_headers) = (self.handler.clone(), self.connection.clone(), self.max_headers);
        Box::pin(async move {
            let mut note = handler.begin(&connection, &request);
            let response = if request.headers().len() > max_headers {
                handler.fault(Fault::TooManyHeaders, &mut note)
            } else {
                // The future is made inside, so that a panic before the first await is caught too.
                let answer = AssertUnwindSafe(async { handler.handle(&connection, request, &mut note).await }).catch_unwind();
                answer.await.unwrap_or_else(|_| panicked(&*handler, &connection, &mut note))
            };
            if let Some(taking) = &taking {
                taking.offered(!response.body().is_end_stream());
            }
            Ok(response.map(|body| Outgoing { body, taking, _in_flight: in_flight }))
        })
    }
}

fn panicked<H: Handler>(handler: &H, connection: &Connection, note: &mut H::Note) -> Response<H::Body> {
    // What was said is left to the panic hook: it may hold what no log should.
    tracing::error!(connection = connection.id, "a request handler panicked; the client gets 500");
    metrics::counter!("vestibule_panics_total").increment(1);
    handler.fault(Fault::Panicked, note)
}

/// Whether the client takes what it is offered: `waiting` while the next step is its own.
#[derive(Debug, Default)]
pub(super) struct Taking {
    waiting: Cell<bool>,
    turn: Cell<u32>,
}

impl Taking {
    fn offered(&self, more: bool) {
        self.waiting.set(more);
        self.turn.set(self.turn.get().wrapping_add(1));
    }

    /// `Some` while it is the client's turn, with a number that differs for every turn.
    pub(super) fn turn(&self) -> Option<u32> {
        self.waiting.get().then(|| self.turn.get())
    }
}

pin_project! {
    /// A response body that knows when it is over, and whose turn it is.
    pub(super) struct Outgoing<B> {
        #[pin]
        body: B,
        taking: Option<Rc<Taking>>,
        _in_flight: InFlight,
    }
}

impl<B: Body<Data = Bytes>> Body for Outgoing<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = this.body.poll_frame(cx);
        if let Some(taking) = this.taking {
            taking.offered(matches!(frame, Poll::Ready(Some(Ok(_)))));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
