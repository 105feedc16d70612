//! The rim: sockets, caps, PROXY headers, TLS, HTTP framing, deadlines, and one runtime per core.
//!
//! ```text
//! listener ─► caps ─► (hand_over) ─► proxy_protocol ─► tls ─► conn (http1 | http2, by ALPN) ─► service ─► Handler (the gateway)
//!            socket: stall, linger, slot        activity, streams: deadlines
//! ```
//! Everything a stranger can send is bounded here, in size, number and time. Nothing here decides who may do what.

mod activity;
mod alarm;
mod caps;
mod conn;
mod descriptors;
mod door;
mod hand_over;
mod handler;
mod listener;
mod proxy_protocol;
mod service;
mod settings;
mod socket;
mod streams;
pub mod tls;
mod worker;

/// The PROXY header by itself: for tests and fuzzing, and in no release.
#[cfg(any(debug_assertions, feature = "testing"))]
pub use proxy_protocol::{Error as ProxyHeaderError, Origin as ProxyHeader, read as read_proxy_header};

pub use handler::{Connection, Doors, Fault, Handler, Misdirected, Protocol};
pub use settings::{Deadlines, Settings};
pub use worker::{WorkerContext, WorkerDied, Workers};
