//! Why a permitted request got no answer from upstream: a precise cause for the log, a bare status for the client.

use std::io;
use std::sync::Arc;

use http::StatusCode;

use crate::session::record::Standing;

/// Why connecting to an upstream failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not within `connect_timeout`.
    #[error("no connection in time")]
    Timeout,
    /// Its name could not be looked up.
    #[error("its name could not be looked up")]
    Lookup(#[source] io::Error),
    /// Refused, unreachable, no such socket.
    #[error("it could not be connected to")]
    Socket(#[source] io::Error),
    /// The TLS handshake failed: wrong certificate, wrong name, no TLS there.
    #[error("the TLS handshake failed")]
    Tls(#[source] io::Error),
    /// HTTP could not be started on the connection.
    #[error("HTTP could not be started")]
    Http(#[source] hyper::Error),
}

/// Why a permitted request got no answer from upstream. The name of the upstream is for the log.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The portal has gone from the config since the request was judged.
    #[error("portal {0} is no longer configured")]
    UnknownPortal(Arc<str>),
    /// No upstream could be connected to; this is the last one tried.
    #[error("upstream {upstream} cannot be reached")]
    Unreachable {
        /// Which.
        upstream: Arc<str>,
        /// Why.
        source: ConnectError,
    },
    /// All connections that one worker may have are taken.
    #[error("all connections to {0} are taken")]
    Saturated(Arc<str>),
    /// The connection broke before anything was sent.
    #[error("upstream {upstream} broke off before anything was sent")]
    Unsent {
        /// Which.
        upstream: Arc<str>,
        /// What happened.
        source: hyper::Error,
    },
    /// The connection broke, or what came was no HTTP.
    #[error("upstream {upstream} broke off")]
    Broken {
        /// Which.
        upstream: Arc<str>,
        /// What happened.
        source: hyper::Error,
    },
    /// What came was HTTP that must not be passed on.
    #[error("upstream {upstream} sent a bad response: {what}")]
    BadResponse {
        /// Which.
        upstream: Arc<str>,
        /// What is wrong with it.
        what: &'static str,
    },
    /// No head of a response within `response_timeout`.
    #[error("upstream {0} did not answer in time")]
    ResponseTimeout(Arc<str>),
    /// The request body is longer than `max_body`.
    #[error("the request body is longer than {0} bytes")]
    BodyTooLarge(u64),
    /// The client stopped sending in the middle of its body.
    #[error("the client stopped sending its body")]
    ClientTimeout,
    /// The client went away in the middle of its body.
    #[error("the client went away")]
    ClientGone,
    /// The client's body is framed wrongly.
    #[error("the request body is not framed as RFC 9112 has it")]
    BodyMalformed,
    /// The session stopped standing before anything was sent.
    #[error("the session stopped standing before anything was sent ({0:?})")]
    Barred(Standing),
    /// The session stopped standing while the upstream was thinking.
    #[error("the session stopped standing while waiting ({0:?})")]
    SessionOver(Standing),
    /// A request that cannot be written: the target was not canonical.
    #[error("the request cannot be written upstream: {0}")]
    Unwritable(#[from] http::Error),
}

impl Failure {
    /// What the client is told; nothing else of this reaches it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPortal(_)
            | Self::Saturated(_)
            | Self::Barred(Standing::Unknown)
            | Self::SessionOver(Standing::Unknown) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreachable { source: ConnectError::Timeout, .. } | Self::ResponseTimeout(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Unreachable { .. } | Self::Unsent { .. } | Self::Broken { .. } | Self::BadResponse { .. } => {
                StatusCode::BAD_GATEWAY
            }
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ClientTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::ClientGone | Self::BodyMalformed => StatusCode::BAD_REQUEST,
            Self::Barred(_) | Self::SessionOver(_) => StatusCode::UNAUTHORIZED,
            Self::Unwritable(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether the client is why: nothing is wrong with the portal then.
    pub fn is_the_clients(&self) -> bool {
        matches!(
            self,
            Self::BodyTooLarge(_)
                | Self::ClientTimeout
                | Self::ClientGone
                | Self::BodyMalformed
                | Self::Barred(_)
                | Self::SessionOver(_)
        )
    }

    /// How the session stands, where that is why.
    pub fn standing(&self) -> Option<Standing> {
        match self {
            Self::Barred(standing) | Self::SessionOver(standing) => Some(*standing),
            _ => None,
        }
    }

    /// Whether certainly not a byte of the request was sent, if it is none that may be sent twice.
    pub fn is_unsent(&self) -> bool {
        matches!(
            self,
            Self::UnknownPortal(_)
                | Self::Unreachable { .. }
                | Self::Saturated(_)
                | Self::Unsent { .. }
                | Self::Barred(_)
                | Self::Unwritable(_)
        )
    }

    /// One word for the access record and metrics.
    pub fn cause(&self) -> &'static str {
        match self {
            Self::UnknownPortal(_) => "unknown-portal",
            Self::Unreachable { .. } => "upstream-unreachable",
            Self::Saturated(_) => "upstream-saturated",
            Self::Unsent { .. } | Self::Broken { .. } => "upstream-broken",
            Self::BadResponse { .. } => "upstream-bad-response",
            Self::ResponseTimeout(_) => "upstream-timeout",
            Self::BodyTooLarge(_) => "body-too-large",
            Self::ClientTimeout => "client-timeout",
            Self::ClientGone => "client-gone",
            Self::BodyMalformed => "body-malformed",
            Self::Barred(Standing::Unknown) | Self::SessionOver(Standing::Unknown) => "store-away",
            Self::Barred(_) | Self::SessionOver(_) => "session-over",
            Self::Unwritable(_) => "unwritable",
        }
    }
}
