//! Bodies. Of an answer: our own bytes, or the upstream's stream, without boxes; or a file of ours that is made while it is read.
//! And of a request that is read here: within a bound and a time, both of them for the whole.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{Response, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full};

use crate::proxy::{Broken, ForwardedBody};

/// The body of an answer.
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

/// Why a request's body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is longer than it may be.
    TooLong,
    /// It took longer than it may take.
    TooLate,
    /// The client went away, or sent what is no body.
    Broken,
}

/// As much of a request's body as was to be read.
pub enum Extent {
    /// All of it.
    Whole(Bytes),
    /// It is longer; this is how it begins.
    Beginning(Bytes),
}

/// The length that the head of a request announces.
pub fn announced(head: &Parts) -> Option<u64> {
    head.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a body of at most `most` bytes, which has `within` to arrive, however it is sent.
pub async fn read<B>(head: &Parts, body: B, most: usize, within: Duration) -> Result<Bytes, Unread>
where
    B: HttpBody<Data = Bytes> + Unpin,
{
    // Nobody waits for what would be thrown away.
    if announced(head).is_some_and(|length| usize::try_from(length).map_or(true, |length| length > most)) {
        return Err(Unread::TooLong);
    }
    let mut body = body;
    match begin(&mut body, most, within).await? {
        Extent::Whole(bytes) => Ok(bytes),
        Extent::Beginning(_) => Err(Unread::TooLong),
    }
}

/// The same, for whoever goes on with what is longer.
pub async fn begin<B>(body: &mut B, most: usize, within: Duration) -> Result<Extent, Unread>
where
    B: HttpBody<Data = Bytes> + Unpin,
{
    let reading = async {
        let expected = usize::try_from(body.size_hint().lower()).unwrap_or(most);
        let mut read = BytesMut::with_capacity(expected.min(most));
        while read.len() <= most {
            match body.frame().await {
                // Trailers go nowhere.
                Some(Ok(frame)) => read.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Some(Err(_)) => return Err(Unread::Broken),
                None => return Ok(Extent::Whole(read.freeze())),
            }
        }
        Ok(Extent::Beginning(read.freeze()))
    };
    tokio::time::timeout(within, reading).await.unwrap_or(Err(Unread::TooLate))
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

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http::Request;
    use http_body_util::StreamBody;

    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn head(length: Option<&str>) -> Parts {
        let request = Request::builder();
        let request = length.into_iter().fold(request, |request, length| request.header("content-length", length));
        request.body(()).unwrap().into_parts().0
    }

    /// So many bytes, one at a time.
    fn trickle(bytes: usize, every: Duration) -> impl HttpBody<Data = Bytes, Error = ()> + Unpin {
        let frames = stream::unfold(0, move |sent| async move {
            if sent == bytes {
                return None;
            }
            tokio::time::sleep(every).await;
            Some((Ok(Frame::data(Bytes::from_static(b"x"))), sent + 1))
        });
        StreamBody::new(Box::pin(frames))
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_is_for_the_whole_however_often_something_comes() {
        let head = head(None);
        let read = |bytes, every| read(&head, trickle(bytes, Duration::from_secs(every)), 100, MINUTE);
        assert_eq!(read(61, 1).await, Err(Unread::TooLate));
        assert_eq!(read(3, 29).await, Err(Unread::TooLate));
        assert_eq!(read(2, 29).await, Ok(Bytes::from_static(b"xx")));
    }

    #[tokio::test(start_paused = true)]
    async fn the_bound_is_for_the_whole_whatever_was_announced() {
        for (length, bytes, expected) in [
            (None, 4, Ok(Bytes::from_static(b"xxxx"))),
            (Some("4"), 4, Ok(Bytes::from_static(b"xxxx"))),
            (None, 5, Err(Unread::TooLong)),
            (Some("1"), 5, Err(Unread::TooLong)),
        ] {
            assert_eq!(read(&head(length), trickle(bytes, Duration::ZERO), 4, MINUTE).await, expected, "{length:?} {bytes}");
        }
        let never = trickle(1, Duration::MAX);
        assert_eq!(read(&head(Some("5")), never, 4, MINUTE).await, Err(Unread::TooLong), "before it is read");
        let mut longer = trickle(9, Duration::ZERO);
        let Ok(Extent::Beginning(begun)) = begin(&mut longer, 4, MINUTE).await else { panic!("all of it?") };
        let rest = longer.collect().await.unwrap().to_bytes();
        assert_eq!(begun.len() + rest.len(), 9, "nothing is lost");
    }
}
