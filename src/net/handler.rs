//! The seam to the gateway: what it is told about a connection, and what it answers to a request.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Empty;
use hyper::body::Incoming;

/// What is known about a connection before its first request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Unique in the process.
    pub id: u64,
    /// The worker it lives on.
    pub worker: usize,
    /// The client: the peer of the socket, or whom the PROXY header names. Never an IPv4-mapped IPv6 address.
    pub peer: SocketAddr,
    /// The address that the client reached.
    pub local: SocketAddr,
    /// The server name of the handshake, in lower case; `None` too on a connection without TLS.
    pub sni: Option<String>,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// What is spoken on it.
    pub protocol: Protocol,
}

/// The protocol of a connection, chosen by ALPN and never by sniffing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.0 or 1.1 (RFC 9112); also where no ALPN was offered.
    Http1,
    /// HTTP/2 (RFC 9113).
    Http2,
}

/// Why the net room itself must answer a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `handle` panicked: 500.
    Panicked,
    /// More header lines than allowed, on HTTP/2 (on HTTP/1 hyper refuses them before there is a request): 431.
    TooManyHeaders,
}

/// Who answers requests. One is made per worker, on its thread, and stays there: nothing need be `Send`.
///
/// To have an HTTP/1 connection closed after an answer, set `Connection: close` on the response; on HTTP/2 hyper takes
/// that header out. Do so wherever a request is refused without its body having been read. Without it nothing bad
/// happens either: hyper then reads on at most once, and closes unless that was the rest of the body, so no part of a
/// body is ever parsed as a request; but the client learns of the close only when it comes.
pub trait Handler: 'static {
    /// The body of the answers.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + 'static;
    /// What is kept of a request until it is answered, whatever becomes of the answer. Dropped with `handle` when the client goes
    /// away, and after the answer otherwise.
    type Note: 'static;

    /// A request has come. Must not panic.
    fn begin(&self, connection: &Connection, request: &Request<Incoming>) -> Self::Note;

    /// Answers it. Dropped without notice when the client goes away; a panic becomes [`Fault::Panicked`].
    fn handle(
        &self,
        connection: &Rc<Connection>,
        request: Request<Incoming>,
        note: &mut Self::Note,
    ) -> impl Future<Output = Response<Self::Body>>;

    /// The answer to a request that `handle` did not answer. Must not panic.
    fn fault(&self, fault: Fault, note: &mut Self::Note) -> Response<Self::Body>;
}

impl Fault {
    /// The status that goes with it.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
            Self::TooManyHeaders => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        }
    }
}

/// The handlers of a worker, by listener. Two types, so that what answers in plain text cannot be the gate itself.
#[derive(Debug)]
pub struct Doors<H, R> {
    /// Behind TLS.
    pub https: H,
    /// On the plain listener.
    pub http: R,
}

/// Answers everything with 421: for a plain listener that is not there.
#[derive(Clone, Copy, Debug)]
pub struct Misdirected;

impl Handler for Misdirected {
    type Body = Empty<Bytes>;
    type Note = ();

    fn begin(&self, _: &Connection, _: &Request<Incoming>) {}

    async fn handle(&self, _: &Rc<Connection>, _: Request<Incoming>, (): &mut ()) -> Response<Empty<Bytes>> {
        empty(StatusCode::MISDIRECTED_REQUEST)
    }

    fn fault(&self, fault: Fault, (): &mut ()) -> Response<Empty<Bytes>> {
        empty(fault.status())
    }
}

fn empty(status: StatusCode) -> Response<Empty<Bytes>> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    response
}

/// What hyper wants as a service's error; there is none.
pub(super) type Never = Infallible;
