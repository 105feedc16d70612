//! The ops listener: liveness, readiness, metrics. On loopback by default, never on the public listener.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HOST};
use serde::Serialize;

use crate::access::host::canonical_host;
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
        .route("/metrics", get(scraped))
        .with_state(Arc::clone(parts));
    let router = if bound.ip().is_loopback() { router.layer(axum::middleware::from_fn(only_from_here)) } else { router };
    let soft = shutdown.soft().clone();
    shutdown.tasks().spawn(async move {
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move { soft.cancelled().await });
        if let Err(error) = serve.await {
            tracing::error!(%error, "the ops listener ended");
        }
    });
    Ok(Some(bound))
}

/// On loopback nobody has a reason to come by another name: who does is a web page that has made its own name point here, and
/// would read what it gets (DNS rebinding).
async fn only_from_here(request: Request, next: Next) -> Response {
    let address = |host: &str| host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let ours = request.headers().get(HOST).is_none_or(|host| {
        let host = host.to_str().ok().and_then(|host| canonical_host(host).ok());
        host.is_some_and(|host| host == "localhost" || address(&host))
    });
    if ours { next.run(request).await } else { StatusCode::MISDIRECTED_REQUEST.into_response() }
}

/// All metrics. Upstreams are told as they are now: one that a reload has taken out is gone here too, and an address that
/// several portals share is up if it answers any of them.
async fn scraped(State(parts): State<Arc<AppParts>>) -> ([(http::HeaderName, &'static str); 1], String) {
    let mut up = BTreeMap::new();
    for state in parts.upstreams.states() {
        *up.entry(state.upstream.to_string()).or_insert(false) |= state.answers;
    }
    let series = up.into_iter().map(|(upstream, up)| (upstream, if up { 1.0 } else { 0.0 }));
    let upstreams = metrics::render_gauge("vestibule_upstream_up", "Whether an upstream answers", "upstream", series);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], metrics::render() + &upstreams)
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// Whatever does not answer, also if requests get along without it.
    problems: Vec<String>,
}

/// What is wrong with the gate itself: nobody should be sent here.
async fn faults(parts: &AppParts) -> Vec<String> {
    let now = parts.clock.now();
    let mut faults = Vec::new();
    if let Err(error) = parts.store.ping().await {
        faults.push(format!("store: {error}"));
    }
    if let Some(since) = parts.follower.reading().failing_for(now.secure) {
        faults.push(format!("store: the change feed has not been readable for {} s", since.as_secs()));
    }
    if let Some(since) = parts.follower.writing().failing_for(now.secure) {
        faults.push(format!("store: it has not been writable for {} s", since.as_secs()));
    }
    let drift = parts.clock.drift();
    if drift > MAX_DRIFT {
        faults.push(format!("clock: {} s behind what it was", drift.as_secs()));
    }
    if !parts.certificates.facts().is_valid_at(now.wall) {
        faults.push("tls: the certificate is not valid now".to_owned());
    }
    faults
}

/// 503 while something is wrong with the gate itself, or a portal has no upstream that answers. What does not answer is named
/// either way.
async fn ready(State(parts): State<Arc<AppParts>>) -> (StatusCode, [(http::HeaderName, &'static str); 1], String) {
    let mut problems = faults(&parts).await;
    let upstreams = parts.upstreams.states();
    let served = |portal: &str| upstreams.iter().any(|state| *state.portal == *portal && state.answers);
    let ready = problems.is_empty() && upstreams.iter().all(|state| served(&state.portal));
    let down = upstreams.iter().filter(|state| !state.answers);
    problems.extend(down.map(|down| format!("upstream: {} of portal {} does not answer", down.upstream, down.portal)));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::to_string(&Readiness { ready, problems }).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json")], body + "\n")
}
