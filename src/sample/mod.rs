//! The demo's built-in portal: a small help desk that shows who it believes you are, what it was sent, and how long what is
//! open stays open. Plain HTTP on loopback, an upstream like any other; it knows nothing of the gate.

mod clock_socket;
mod desk;
mod page;
mod probe;
mod serve;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, post};

pub use serve::{Running, start};

use self::desk::Desk;

/// The largest body that a form or echo may have.
const MAX_BODY: usize = 1024 * 1024;

fn router() -> Router {
    Router::new()
        .route("/", get(page::show))
        .route("/tickets", post(page::create))
        .route("/sample.css", get(page::style))
        .route("/sample.js", get(page::script))
        .route("/headers", any(probe::headers))
        .route("/events", get(probe::events))
        .route("/clock", get(clock_socket::open))
        .route("/post", any(probe::echo))
        .route("/big", get(probe::big))
        .route("/slow", get(probe::slow))
        .with_state(Arc::new(Desk::default()))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, Bytes};
    use http::{Request, Response, StatusCode};
    use http_body_util::BodyExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(router: &Router, request: http::request::Builder, body: &'static str) -> Response<Bytes> {
        let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn whatever_it_is_sent_is_shown_as_text() {
        let desk = router();
        let posted = ask(&desk, Request::post("/tickets").header("x-forwarded-user", "<i>anna"), "subject=%3Cscript%3E1").await;
        assert_eq!((posted.status(), &posted.headers()["location"]), (StatusCode::SEE_OTHER, &"/#tickets".parse().unwrap()));
        let named = Request::get("/").header("x-forwarded-preferred-username", "M%C3%BCller%3Cb%3E").header("x-odd", "\"><u>");
        let page = String::from_utf8(ask(&desk, named, "").await.into_body().to_vec()).unwrap();
        assert!(page.contains("Hello, Müller&#60;b&#62;") && page.contains("&#60;script&#62;1"), "{page}");
        for tag in ["<i>", "<b>", "<u>", "<script>1"] {
            assert!(!page.contains(tag), "{tag}");
        }
    }

    #[tokio::test]
    async fn it_answers_what_tests_ask_for() {
        let desk = router();
        let dump = ask(&desk, Request::get("/headers?q=1").header("x-forwarded-user", "anna"), "").await;
        assert!(std::str::from_utf8(dump.body()).unwrap().contains("GET /headers?q=1 HTTP/1.1\nx-forwarded-user: anna\n"));
        let big = ask(&desk, Request::get("/big?bytes=200001"), "").await;
        assert_eq!((big.body().len(), &big.headers()["content-length"]), (200_001, &"200001".parse().unwrap()));
        let echo = ask(&desk, Request::post("/post").header("content-type", "text/x"), "hello").await;
        assert_eq!((&echo.headers()["content-type"], echo.body()), (&"text/x".parse().unwrap(), &Bytes::from("hello")));
        assert_eq!(ask(&desk, Request::get("/slow?ms=1"), "").await.body(), "after 1 ms\n");
        assert_eq!(ask(&desk, Request::get("/clock"), "").await.status(), StatusCode::UPGRADE_REQUIRED);
    }

    #[tokio::test]
    async fn its_socket_tells_the_time_and_ends_when_asked() {
        let running = start().await.unwrap();
        let mut socket = tokio::net::TcpStream::connect(running.address).await.unwrap();
        let handshake = "GET /clock HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        socket.write_all(handshake.as_bytes()).await.unwrap();
        // A ping and a close of the client, masked with zeroes.
        socket.write_all(&[0x89, 0x81, 0, 0, 0, 0, b'!', 0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]).await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with("HTTP/1.1 101") && text.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{text}");
        assert!(answer.windows(3).any(|bytes| bytes == [0x8a, 1, b'!']), "the ping is answered");
        assert!(answer.ends_with(&[0x88, 2, 0x03, 0xe8]), "and so is the close");
    }
}
