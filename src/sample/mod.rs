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
