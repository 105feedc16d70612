//! The body of an answer: our own bytes, or the upstream's stream, without boxes; or a file of ours that is made while it is read.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Response, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::Full;

use crate::proxy::{Broken, ForwardedBody};

/// The body of an answer.
#[expect(clippy::large_enum_variant, reason = "nearly every answer is a forwarded one: boxing it would cost each of them")]
pub enum Body {
    /// Ours.
    Own(Full<Bytes>),
    /// The upstream's.
    Forwarded(ForwardedBody),
    /// A page of the admin's, or a file.
    Made(axum::body::Body),
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum Unfinished {
    /// The upstream's.
    #[error(transparent)]
    Forwarded(#[from] Broken),
    /// A file of ours.
    #[error("a file of ours could not be written to its end")]
    Made(#[source] axum::Error),
}

/// The answer to a HEAD request: what it would have been, without its body (RFC 9110, section 9.3.2). HTTP/1 leaves a body out
/// by itself; in HTTP/2 it would be sent, and the client would take it for an error of the stream.
pub fn without_body(mut response: Response<Body>) -> Response<Body> {
    match response.body() {
        Body::Own(body) => {
            if let Some(length) = body.size_hint().exact() {
                response.headers_mut().entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
            }
        }
        // Its length is there already, where it is known.
        Body::Made(_) => {}
        Body::Forwarded(_) => return response,
    }
    *response.body_mut() = Body::Own(Full::default());
    response
}

impl From<axum::body::Body> for Body {
    fn from(body: axum::body::Body) -> Self {
        Self::Made(body)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Own(Full::new(bytes))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Unfinished;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Unfinished>>> {
        match self.get_mut() {
            Self::Own(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Forwarded(body) => Pin::new(body).poll_frame(cx).map_err(Unfinished::Forwarded),
            Self::Made(body) => Pin::new(body).poll_frame(cx).map_err(Unfinished::Made),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(body) => body.is_end_stream(),
            Self::Forwarded(body) => body.is_end_stream(),
            Self::Made(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(body) => body.size_hint(),
            Self::Forwarded(body) => body.size_hint(),
            Self::Made(body) => body.size_hint(),
        }
    }
}
