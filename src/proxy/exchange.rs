//! One attempt: a request out on a connection, and the head of its response back, while the permit holds.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use http::{Request, Response};
use hyper::body::Incoming;

use crate::proxy::failure::Failure;
use crate::proxy::outbound::{BodyFault, Outbound};
use crate::proxy::pool::Lease;
use crate::proxy::pulse::Waiting;
use crate::proxy::settings::Settings;
use crate::proxy::watch::Watch;
use crate::session::record::Standing;

/// Why one attempt brought nothing.
pub(super) enum Trouble {
    /// Not a byte of the request was written; here it is again.
    Unsent(Box<Request<Outbound>>, hyper::Error),
    /// The connection was closed before a byte of a response came.
    Unanswered(hyper::Error),
    /// That was it.
    Final(Failure),
}

/// Sends a request and waits for the head of its response.
pub(super) async fn exchange(
    settings: &Settings,
    lease: &mut Lease,
    request: Request<Outbound>,
    watch: &mut Watch,
) -> Result<Response<Incoming>, Trouble> {
    let mut sending = pin!(lease.sender().try_send_request(request));
    let (gauge, name) = (lease.gauge(), &lease.upstream().name);
    let (mut waiting, mut parts) = (Waiting::default(), gauge.parts());
    waiting.begin(watch.uptime());
    let answer = std::future::poll_fn(|cx| {
        loop {
            if let Poll::Ready(answer) = sending.as_mut().poll(cx) {
                return Poll::Ready(Ok(answer));
            }
            if watch.ticker().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let standing = watch.standing();
            if standing != Standing::Fresh {
                return Poll::Ready(Err(Failure::SessionOver(standing)));
            }
            // A long upload is no silence.
            if gauge.parts() != parts {
                parts = gauge.parts();
                waiting.end();
                waiting.begin(watch.uptime());
            }
            if waiting.exceeds(settings.response_timeout, watch.uptime()) {
                return Poll::Ready(Err(Failure::ResponseTimeout(Arc::clone(name))));
            }
        }
    });
    let mut error = match answer.await.map_err(Trouble::Final)? {
        Ok(response) => {
            gauge.answered();
            return Ok(response);
        }
        Err(error) => error,
    };
    if let Some(request) = error.take_message() {
        return Err(Trouble::Unsent(Box::new(request), error.into_error()));
    }
    let source = error.into_error();
    Err(match fault(&source) {
        Some(BodyFault::TooLarge) => Trouble::Final(Failure::BodyTooLarge(settings.max_body)),
        Some(BodyFault::Timeout) => Trouble::Final(Failure::ClientTimeout),
        Some(BodyFault::Gone) => Trouble::Final(Failure::ClientGone),
        Some(BodyFault::Malformed) => Trouble::Final(Failure::BodyMalformed),
        None if gauge.is_untouched() => Trouble::Unanswered(source),
        None => Trouble::Final(Failure::Broken { upstream: Arc::clone(name), source }),
    })
}

/// What went wrong with the request body, if that is what went wrong.
fn fault(error: &hyper::Error) -> Option<BodyFault> {
    std::error::Error::source(error)?.downcast_ref().copied()
}
