//! What is seen from outside: the log, the access record, metrics. The only owner of stopwatches.
//!
//! Never in any of them: a cookie, token, link, password, code, secret, body or query.
pub mod access_log;
pub mod latency;
pub mod metrics;

use std::io::IsTerminal as _;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

/// How lines of the log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// Text.
    Text,
    /// One JSON object per line.
    Json,
}

impl Format {
    /// Whether this comes out as JSON on this process's standard error.
    pub fn is_json(self) -> bool {
        match self {
            Self::Auto => !std::io::stderr().is_terminal(),
            Self::Text => false,
            Self::Json => true,
        }
    }
}

/// Starts the log on standard error; a second call changes nothing. `RUST_LOG` chooses what is told (default: `info`).
pub fn start_log(format: Format) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour);
    // It would tell standard error that standard error takes nothing, and panic in whatever had something to log.
    let builder = builder.log_internal_errors(false);
    // Fails only where a log is running already: in tests.
    let _ = if format.is_json() {
        tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish())
    } else {
        tracing::subscriber::set_global_default(builder.with_target(false).finish())
    };
}

/// A count as a gauge's value.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, and only shown")]
pub fn as_gauge(count: usize) -> f64 {
    count as f64
}

/// Measures how long something took, for metrics and logs; decides nothing.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts.
    #[expect(clippy::disallowed_methods, reason = "stopwatches live here, and nothing is decided on them")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// The time since.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
