//! What tests and curious people ask of an upstream: what it was sent, and answers that are long, slow or never end.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, StatusCode, Uri};
use http_body_util::{BodyExt as _, Limited};
use url::form_urlencoded;

use crate::clock::Clock;
use crate::sample::{MAX_BODY, page};

const TEXT: &str = "text/plain; charset=utf-8";
/// The largest answer: one gibibyte.
const MAX_BIG: u64 = 1 << 30;
const CHUNK: usize = 64 * 1024;
const MAX_SLOW: u64 = 60_000;

/// The request line and every header, as text.
pub async fn headers(request: Request) -> Response {
    let mut text = format!("{} {} {:?}\n", request.method(), request.uri(), request.version());
    for (name, value) in page::dump(request.headers()) {
        let _ = writeln!(text, "{name}: {value}");
    }
    ([(CONTENT_TYPE, TEXT)], text).into_response()
}

/// An event stream: the time, once a second, for as long as somebody listens.
pub async fn events() -> Response {
    let ticks = tokio::time::interval(Duration::from_secs(1));
    let body = stream::unfold((ticks, Clock::system(), 1_u64), |(mut ticks, clock, count)| async move {
        ticks.tick().await;
        let event = format!("id: {count}\ndata: {}\n\n", clock.now().wall);
        Some((Ok::<_, Infallible>(Bytes::from(event)), (ticks, clock, count + 1)))
    });
    ([(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")], Body::from_stream(body)).into_response()
}

/// Sends back the body that it was sent, with its media type.
pub async fn echo(request: Request) -> Response {
    let plain = HeaderValue::from_static("application/octet-stream");
    let media_type = request.headers().get(CONTENT_TYPE).cloned().unwrap_or(plain);
    match Limited::new(request.into_body(), MAX_BODY).collect().await {
        // Never as a page of this origin, whatever the sender says it is.
        Ok(body) => ([(CONTENT_TYPE, media_type), SANDBOX], body.to_bytes()).into_response(),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

const SANDBOX: (http::HeaderName, HeaderValue) = (http::header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));

/// As many bytes as `bytes` says.
pub async fn big(uri: Uri) -> Response {
    let bytes = number(&uri, "bytes").unwrap_or(1024).min(MAX_BIG);
    let chunk = Bytes::from(vec![b'.'; CHUNK]);
    let body = stream::unfold((bytes, chunk), |(left, chunk)| async move {
        let size = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let rest = left.saturating_sub(u64::try_from(size).unwrap_or(left));
        (size > 0).then(|| (Ok::<_, Infallible>(chunk.slice(..size)), (rest, chunk)))
    });
    ([(CONTENT_TYPE, HeaderValue::from_static(TEXT)), (CONTENT_LENGTH, bytes.into())], Body::from_stream(body)).into_response()
}

/// Answers after `ms` milliseconds.
pub async fn slow(uri: Uri) -> Response {
    let pause = Duration::from_millis(number(&uri, "ms").unwrap_or(3000).min(MAX_SLOW));
    tokio::time::sleep(pause).await;
    ([(CONTENT_TYPE, TEXT)], format!("after {} ms\n", pause.as_millis())).into_response()
}

fn number(uri: &Uri, name: &str) -> Option<u64> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).and_then(|(_, value)| value.parse().ok())
}
