//! Metrics: names, buckets, and handles made once, so that counting costs an atomic addition.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use ::metrics::{Counter, Histogram, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// From 1 µs: what a check costs.
const CHECK_BUCKETS: &[f64] = &[1e-6, 2e-6, 3e-6, 5e-6, 7e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2];
/// From 100 µs to a minute: what a request takes.
const REQUEST_BUCKETS: &[f64] =
    &[1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Counters that are there, at zero, before anything has happened: name, label, its values, what is counted. A series that first
/// shows at its first event hides that event from every rate.
const COUNTERS: &[(&str, Option<&str>, &[&str], &str)] = &[
    (
        "vestibule_logins_total",
        Some("result"),
        &[
            "confirmed",
            "enrolled",
            "locked",
            "no_grant",
            "password_accepted",
            "recovered",
            "refused",
            "signed_in",
            "slowed",
            "wrong_code",
        ],
        "Sign-in steps by result",
    ),
    (
        "vestibule_rate_limited_total",
        Some("limit"),
        &[
            "anonymous_per_client",
            "requests_per_session",
            "failures_per_client",
            "passwords",
            "connections",
            "connections_per_client",
        ],
        "Requests and connections refused by a limit",
    ),
    ("vestibule_tls_handshakes_total", Some("result"), &["ok", "closed", "failed", "timeout"], "TLS handshakes by result"),
    ("vestibule_malformed_total", None, &[], "Bytes that never became a request"),
    ("vestibule_panics_total", None, &[], "Requests that ended in a fault of ours"),
    ("vestibule_log_lines_lost_total", None, &[], "Access records that were not written: no room, or an error"),
    ("vestibule_mails_total", Some("result"), &["sent", "put_off", "refused"], "Mails handed to the mail server, by result"),
    (
        "vestibule_texts_total",
        Some("result"),
        &["sent", "away", "refused", "capped"],
        "Texts handed to the SMS gateway, by result; capped: a limit kept them back",
    ),
    ("vestibule_reloads_total", Some("result"), &["done", "refused"], "Reloads by result"),
];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Installs the recorder once per process. Call it before any handle is made.
pub fn install() -> Option<PrometheusHandle> {
    HANDLE.get_or_init(build).clone()
}

fn build() -> Option<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("vestibule_check_seconds".to_owned()), CHECK_BUCKETS)
        .and_then(|builder| builder.set_buckets(REQUEST_BUCKETS))
        .and_then(PrometheusBuilder::install_recorder)
        .inspect_err(|error| tracing::error!(%error, "metrics could not be set up"))
        .ok()?;
    for (name, label, values, what) in COUNTERS {
        describe_counter!(*name, *what);
        match label {
            Some(label) => values.iter().for_each(|value| counter!(*name, *label => *value).absolute(0)),
            None => counter!(*name).absolute(0),
        }
    }
    describe_counter!("vestibule_requests_total", "Requests by portal and decision");
    describe_histogram!("vestibule_check_seconds", "Time from a request's head to its decision");
    describe_histogram!("vestibule_request_seconds", "Time from a request's head to the head of its answer");
    describe_histogram!("vestibule_upstream_seconds", "Time from sending a request upstream to the head of its answer");
    describe_gauge!("vestibule_sessions", "Live sessions");
    describe_gauge!("vestibule_connections", "Open client connections");
    describe_gauge!("vestibule_mails_waiting", "Mails that wait to be sent");
    describe_gauge!("vestibule_clock_drift_seconds", "How far the wall clock is behind the time that windows are measured in");
    describe_gauge!("vestibule_certificate_expires_seconds", "Time until the certificate is no longer good; negative: it is not");
    gauge!("vestibule_connections").set(0.0);
    Some(handle)
}

/// Keeps histograms small; call it every few seconds, whether somebody scrapes or not.
pub fn upkeep() {
    if let Some(Some(handle)) = HANDLE.get() {
        handle.run_upkeep();
    }
}

/// All metrics in the text format of Prometheus.
pub fn render() -> String {
    HANDLE.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}

/// One more gauge in the same format, for what is known at the moment of asking and may be gone at the next: the recorder would
/// show it for ever.
pub fn render_gauge(name: &str, what: &str, label: &str, series: impl IntoIterator<Item = (String, f64)>) -> String {
    let mut text = format!("# HELP {name} {what}\n# TYPE {name} gauge\n");
    for (value, number) in series {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}{{{label}=\"{value}\"}} {number}");
    }
    text
}

/// What became of a request, for `vestibule_requests_total`.
pub const DECISIONS: [&str; 8] = ["forward", "login", "confirm", "deny", "page", "limit", "refuse", "redirect"];

/// The handles of one portal (or of requests that name none).
pub struct PortalHandles {
    decisions: [(&'static str, Counter); DECISIONS.len()],
    /// From a request's head to its decision.
    pub check: Histogram,
    /// From a request's head to the head of its answer.
    pub request: Histogram,
    /// The upstream's part of it.
    pub upstream: Histogram,
}

impl PortalHandles {
    /// Makes them.
    pub fn new(portal: &str) -> Self {
        let portal = portal.to_owned();
        Self {
            decisions: DECISIONS.map(|decision| {
                (decision, counter!("vestibule_requests_total", "portal" => portal.clone(), "decision" => decision))
            }),
            check: histogram!("vestibule_check_seconds"),
            request: histogram!("vestibule_request_seconds"),
            upstream: histogram!("vestibule_upstream_seconds"),
        }
    }

    /// Counts one request.
    pub fn count(&self, decision: &str, check: Duration, total: Duration) {
        if let Some((_, counter)) = self.decisions.iter().find(|(name, _)| *name == decision) {
            counter.increment(1);
        }
        self.check.record(check.as_secs_f64());
        self.request.record(total.as_secs_f64());
    }
}
