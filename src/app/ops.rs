//! The ops listener: liveness, readiness, metrics. On loopback by default, never on the public listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use crate::app::AppParts;
use crate::shutdown::Shutdown;
use crate::telemetry::metrics;

/// Beyond this the wall clock counts as wrong.
pub const MAX_DRIFT: Duration = Duration::from_secs(90);

/// Starts it, if an address is given; says where it listens.
pub async fn start(
    address: Option<SocketAddr>,
    parts: &Arc<AppParts>,
    shutdown: &Shutdown,
) -> std::io::Result<Option<SocketAddr>> {
    let Some(address) = address else { return Ok(None) };
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| std::io::Error::new(error.kind(), format!("{address} (listen.ops): {error}")))?;
    let bound = listener.local_addr()?;
    let router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(|| async { ([(CONTENT_TYPE, "text/plain; version=0.0.4")], metrics::render()) }))
        .with_state(Arc::clone(parts));
    let soft = shutdown.soft().clone();
    shutdown.tasks().spawn(async move {
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move { soft.cancelled().await });
        if let Err(error) = serve.await {
            tracing::error!(%error, "the ops listener ended");
        }
    });
    Ok(Some(bound))
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    problems: Vec<String>,
}

/// What does not answer. 503 while there is anything.
async fn ready(State(parts): State<Arc<AppParts>>) -> (StatusCode, [(http::HeaderName, &'static str); 1], String) {
    let now = parts.clock.now().secure;
    let mut problems = Vec::new();
    if let Err(error) = parts.store.ping().await {
        problems.push(format!("store: {error}"));
    }
    if let Some(since) = parts.follower.reading().failing_for(now) {
        problems.push(format!("store: the change feed has not been readable for {} s", since.as_secs()));
    }
    if let Some(since) = parts.follower.writing().failing_for(now) {
        problems.push(format!("store: it has not been writable for {} s", since.as_secs()));
    }
    for down in parts.upstreams.ready() {
        problems.push(format!("upstream: {} of portal {} does not answer", down.upstream, down.portal));
    }
    let drift = parts.clock.drift();
    if drift > MAX_DRIFT {
        problems.push(format!("clock: {} s behind what it was", drift.as_secs()));
    }
    let facts = parts.certificates.facts();
    if !facts.is_valid_at(parts.clock.now().wall) {
        problems.push("tls: the certificate is not valid now".to_owned());
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::to_string(&Readiness { ready: problems.is_empty(), problems }).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json")], body + "\n")
}
