//! One connection: which protocol is spoken, every size and deadline of it, and how it ends.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use hyper::rt::{Read, Write};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::activity::{Activity, Phase, Watched};
use super::alarm::Alarm;
use super::handler::{Connection, Handler, Protocol};
use super::service::Service;
use super::settings::{Deadlines, Settings};
use super::streams::Streams;

/// hyper's own default, with which it parses on the stack; any other number costs an allocation per request.
const DEFAULT_HEADERS: usize = 100;
/// The least that hyper takes as the size of its buffers.
const SMALLEST_BUFFER: u32 = 8 * 1024;
/// Streams of one HTTP/2 connection at a time.
const STREAMS: u32 = 128;
/// How much of one request body may be on its way before we have taken it.
const STREAM_WINDOW: u32 = 1024 * 1024;
/// The same for all bodies of a connection: so that some stalled ones leave room for others.
const CONNECTION_WINDOW: u32 = 4 * 1024 * 1024;
/// How much of one answer HTTP/2 takes before the client has.
const SEND_BUFFER: usize = 128 * 1024;
/// Streams that were reset before we looked at them (CVE-2023-44487), after which the connection ends.
const PENDING_RESETS: usize = 20;
/// Streams that we had to reset for the client's errors (CVE-2025-8671), likewise.
const LOCAL_RESETS: usize = 64;

/// What all connections of a worker have in common.
pub(super) struct Terms {
    http1: http1::Builder,
    max_headers: usize,
    max_head: u32,
    deadlines: Deadlines,
    soft: CancellationToken,
    tasks: TaskTracker,
}

impl Terms {
    pub(super) fn new(settings: &Settings, soft: CancellationToken, tasks: TaskTracker) -> Self {
        let max_head = settings.max_head.max(SMALLEST_BUFFER);
        let buffer = usize::try_from(max_head).unwrap_or(usize::MAX);
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            // `drive` has a deadline for the head and another for idling, where hyper has one for both.
            .header_read_timeout(None)
            .half_close(false)
            .pipeline_flush(false)
            .max_header_size(buffer)
            .max_buf_size(buffer);
        if settings.max_headers != DEFAULT_HEADERS {
            http1.max_headers(settings.max_headers);
        }
        let (max_headers, deadlines) = (settings.max_headers, settings.deadlines.clone());
        Self { http1, max_headers, max_head, deadlines, soft, tasks }
    }

    /// Where the worker's tasks are counted, so that it can wait for them.
    pub(super) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    fn http2(&self, streams: Streams) -> http2::Builder<Streams> {
        let mut http2 = http2::Builder::new(streams);
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(self.max_head)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_pending_accept_reset_streams(PENDING_RESETS)
            .max_local_error_reset_streams(LOCAL_RESETS)
            .keep_alive_interval(self.deadlines.ping)
            .keep_alive_timeout(self.deadlines.pong);
        http2
    }
}

/// Serves a connection to its end. A tunnel that began on it goes on after this.
pub(super) async fn serve<S, H>(stream: S, connection: Connection, activity: Arc<Activity>, handler: Rc<H>, terms: &Terms)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Handler,
{
    let (id, protocol) = (connection.id, connection.protocol);
    activity.speaks(protocol);
    let io = TokioIo::new(Watched::new(stream, activity.clone()));
    let service = |streams| Service {
        handler,
        connection: Rc::new(connection),
        activity: activity.clone(),
        max_headers: terms.max_headers,
        streams,
    };
    // Boxed, so that a task is as large as the protocol it speaks and not as the larger of the two.
    let end = match protocol {
        Protocol::Http1 => {
            let mut talk = Box::pin(terms.http1.serve_connection(io, service(None)).with_upgrades());
            drive(talk.as_mut(), &activity, terms).await
        }
        Protocol::Http2 => {
            let streams = Streams::new(terms.tasks.clone(), terms.deadlines.stall);
            let mut talk = Box::pin(terms.http2(streams.clone()).serve_connection(io, service(Some(streams))));
            drive(talk.as_mut(), &activity, terms).await
        }
    };
    activity.hand_over();
    if end.is_malformed(protocol, &activity) {
        metrics::counter!("vestibule_malformed_total").increment(1);
    }
    tracing::debug!(connection = id, ?end, "connection ended");
}

/// How a connection ended.
#[derive(Debug)]
enum End {
    /// By hyper; an error may well be the client's ordinary way of leaving.
    Over(hyper::Result<()>),
    /// By the head deadline.
    HeadTooSlow,
    /// By the idle deadline, or after it, because the client did not take leave.
    Abandoned,
}

impl End {
    /// Whether there were bytes that never became a request.
    fn is_malformed(&self, protocol: Protocol, activity: &Activity) -> bool {
        match self {
            Self::Over(Err(error)) => match protocol {
                Protocol::Http1 => error.is_parse() || activity.now().0 == Phase::Head,
                // hyper tells no more about errors of HTTP/2; those of the transport are not meant.
                Protocol::Http2 => !activity.is_broken() && !error.is_timeout(),
            },
            Self::HeadTooSlow => true,
            Self::Over(Ok(())) | Self::Abandoned => false,
        }
    }
}

/// Polls a conversation and holds it to its deadlines.
async fn drive<C: Talk>(mut talk: Pin<&mut C>, activity: &Activity, terms: &Terms) -> End {
    let deadlines = &terms.deadlines;
    // For the last frames, and then for what the socket itself allows for closing.
    let farewell = deadlines.linger * 2;
    let mut soft = pin!(terms.soft.cancelled());
    let (_, mut seen) = activity.now();
    let mut alarm = pin!(Alarm::new(deadlines.head));
    let mut leaving = false;
    poll_fn(|cx| {
        loop {
            // First, so that an answer given from now on says that it is the last.
            if !leaving && soft.as_mut().poll(cx).is_ready() {
                leaving = true;
                talk.as_mut().leave();
                if activity.now().0 == Phase::Idle {
                    alarm.as_mut().set(farewell);
                }
            }
            if let Poll::Ready(result) = talk.as_mut().poll(cx) {
                return Poll::Ready(End::Over(result));
            }
            let (phase, turn) = activity.now();
            if turn != seen {
                seen = turn;
                match phase {
                    Phase::Busy => {}
                    Phase::Fresh | Phase::Head => alarm.as_mut().set(deadlines.head),
                    Phase::Idle if leaving => alarm.as_mut().set(farewell),
                    Phase::Idle => alarm.as_mut().set(deadlines.idle),
                }
            }
            if phase == Phase::Busy || alarm.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            match phase {
                Phase::Head => return Poll::Ready(End::HeadTooSlow),
                _ if leaving => return Poll::Ready(End::Abandoned),
                _ => {
                    leaving = true;
                    alarm.as_mut().set(farewell);
                    talk.as_mut().leave();
                }
            }
        }
    })
    .await
}

/// What both protocols' connections can do.
trait Talk: Future<Output = hyper::Result<()>> {
    /// Takes leave: what was asked for is answered, nothing more is.
    fn leave(self: Pin<&mut Self>);
}

impl<I, H> Talk for http1::UpgradeableConnection<I, Service<H>>
where
    I: Read + Write + Unpin + Send + 'static,
    H: Handler,
{
    fn leave(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, H> Talk for http2::Connection<I, Service<H>, Streams>
where
    I: Read + Write + Unpin,
    H: Handler,
{
    fn leave(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}
