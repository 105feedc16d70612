//! The body of an answer: our own bytes, or the upstream's stream. No boxes.

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
}

/// The answer to a HEAD request: what it would have been, without its body (RFC 9110, section 9.3.2). HTTP/1 leaves a body out
/// by itself; in HTTP/2 it would be sent, and the client would take it for an error of the stream.
pub fn without_body(mut response: Response<Body>) -> Response<Body> {
    if let Body::Own(body) = response.body()
        && let Some(length) = body.size_hint().exact()
    {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
        *response.body_mut() = Body::Own(Full::default());
    }
    response
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Own(Full::new(bytes))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Self::Own(body) => Pin::new(body).poll_frame(cx).map_err(|never| match never {}),
            Self::Forwarded(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(body) => body.is_end_stream(),
            Self::Forwarded(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(body) => body.size_hint(),
            Self::Forwarded(body) => body.size_hint(),
        }
    }
}
