//! The ops listener: liveness, readiness, metrics. On loopback by default, never on the public listener. It answers from the
//! first moment of a start on, before there is anything to be ready.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
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
use crate::session::log::Tally;
use crate::shutdown::Shutdown;
use crate::telemetry::metrics;

/// Beyond this the wall clock counts as wrong.
pub const MAX_DRIFT: Duration = Duration::from_secs(90);

/// How far the start has come.
#[derive(Default)]
pub struct Stage {
    /// The whole gate, once it is open.
    parts: OnceLock<Arc<AppParts>>,
    read: Tally,
}

impl Stage {
    /// Counts the sessions that are read.
    pub fn read(&self) -> &Tally {
        &self.read
    }

    /// The gate is open.
    pub fn set(&self, parts: &Arc<AppParts>) {
        // Once only; there is one gate.
        let _ = self.parts.set(Arc::clone(parts));
    }

    /// What is done before it is.
    fn said(&self) -> String {
        match self.read.so_far() {
            0 => "starting: the database is being opened".to_owned(),
            1 => "starting: 1 session read".to_owned(),
            read => format!("starting: {} sessions read", grouped(read)),
        }
    }
}

/// A number as people read it: 420,000.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Starts it, if an address is given; says where it listens.
pub async fn start(address: Option<SocketAddr>, stage: &Arc<Stage>, shutdown: &Shutdown) -> std::io::Result<Option<SocketAddr>> {
    let Some(address) = address else { return Ok(None) };
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| std::io::Error::new(error.kind(), format!("{address} (listen.ops): {error}")))?;
    let bound = listener.local_addr()?;
    let router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(scraped))
        .with_state(Arc::clone(stage));
    let router = if bound.ip().is_loopback() { router.layer(axum::middleware::from_fn(only_from_here)) } else { router };
    let soft = shutdown.soft().clone();
    shutdown.tasks().spawn(async move {
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move { soft.cancelled().await });
        if let Err(error) = serve.await {
            tracing::error!(%error, "the ops listener ended");
        }
    });
    tracing::info!(ops = %bound, "the ops listener answers; the gate is starting");
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
async fn scraped(State(stage): State<Arc<Stage>>) -> ([(http::HeaderName, &'static str); 1], String) {
    let mut up = BTreeMap::new();
    for state in stage.parts.get().into_iter().flat_map(|parts| parts.upstreams.states()) {
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
/// either way. While the gate is starting it is 503, too, and says how far it has come.
async fn ready(State(stage): State<Arc<Stage>>) -> (StatusCode, [(http::HeaderName, &'static str); 1], String) {
    let Some(parts) = stage.parts.get() else { return answer(false, vec![stage.said()]) };
    let mut problems = faults(parts).await;
    let upstreams = parts.upstreams.states();
    let served = |portal: &str| upstreams.iter().any(|state| *state.portal == *portal && state.answers);
    let ready = problems.is_empty() && upstreams.iter().all(|state| served(&state.portal));
    let down = upstreams.iter().filter(|state| !state.answers);
    problems.extend(down.map(|down| format!("upstream: {} of portal {} does not answer", down.upstream, down.portal)));
    answer(ready, problems)
}

fn answer(ready: bool, problems: Vec<String>) -> (StatusCode, [(http::HeaderName, &'static str); 1], String) {
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::to_string(&Readiness { ready, problems }).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json")], body + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_says_how_far_it_has_come() {
        let stage = Stage::default();
        assert_eq!(stage.said(), "starting: the database is being opened");
        stage.read().count();
        assert_eq!(stage.said(), "starting: 1 session read");
        (1..420_000).for_each(|_| stage.read().count());
        assert_eq!(stage.said(), "starting: 420,000 sessions read");
        assert_eq!(["999", "1,000", "1,234,567"], [999, 1000, 1_234_567].map(grouped).each_ref().map(String::as_str));
    }
}
