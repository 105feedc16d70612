//! Who somebody is, and where they come from, is ours alone to tell the upstream: behind a body, too. (Before it: section B of
//! the attack table.)

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;

use crate::harness::browser::Kind;
use crate::harness::wire::Wire;
use crate::harness::{Gate, HOST, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn trailers_tell_nothing() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    let mut wire = Wire::to(&anna).await;
    wire.send(format!(
        "POST /t HTTP/1.1\r\nHost: {HOST}\r\nCookie: __Host-vestibule={}\r\nTransfer-Encoding: chunked\r\n\
         Trailer: X-Forwarded-User\r\nTE: trailers\r\n\r\n4\r\nbody\r\n0\r\nX-Forwarded-User: root\r\nX_Forwarded_Groups: root\r\n\r\n",
        anna.cookies["__Host-vestibule"]
    ))
    .await;
    assert_eq!(wire.status().await, 200);
    anna.http2 = true;
    let trailers = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-user"), HeaderValue::from_static("root"))]);
    let frames = [Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"body"))), Ok(Frame::trailers(trailers))];
    let (parts, _) = anna.request(&Method::POST, "/t", Kind::Fetch, &[], Bytes::new()).into_parts();
    let body = StreamBody::new(futures_util::stream::iter(frames));
    assert_eq!(anna.open(Request::from_parts(parts, body)).await.status(), StatusCode::OK);
    assert_eq!(upstream.count(), 2);
    for received in upstream.received() {
        assert_eq!(received.all("x-forwarded-user"), ["anna@example.com"], "{}", received.head);
        assert_eq!(received.body, b"body");
        assert!(!received.head.contains("root") && received.all("trailer").is_empty(), "{}", received.head);
    }
}
