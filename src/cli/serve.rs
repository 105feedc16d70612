//! `vestibule serve`: runs the gate.

use std::error::Error as _;
use std::path::Path;
use std::sync::Arc;

use super::desk::configuration;
use super::exit::{Failure, Outcome};
use crate::app::{self, App, Options, StartError};
use crate::clock::Clock;
use crate::config::{Report, load};
use crate::ports::StoreError;
use crate::shutdown::Shutdown;
use crate::store::OpenError;
use crate::telemetry;

/// Run the gate
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule serve --config /etc/vestibule/vestibule.toml")]
pub(super) struct Args {}

pub(super) fn run(_: &Args, file: Option<&Path>) -> Outcome {
    let loaded = configuration(file)?;
    telemetry::start_log(app::settings::log_format(&loaded.config));
    // To the log, in its own form: whoever reads it line by line finds nothing else there.
    loaded.report.warning_lines().for_each(|line| tracing::warn!("{line}"));
    let named = loaded.config.file.clone();
    let reread = move || load(&named, std::env::vars_os()).map(|loaded| loaded.config).map_err(|report| text(&report));
    let options = Options { clock: Clock::of_program(), shutdown: Shutdown::new(), reread: Some(Arc::new(reread)) };
    let app = App::start(&loaded.config, options).map_err(|error| failure(&error))?;
    app.obey_signals().map_err(|error| failure(&error))?;
    ended(app.wait())
}

/// What a reload says when it changes nothing.
fn text(report: &Report) -> String {
    report.mistake_lines().collect::<Vec<_>>().join("\n")
}

/// Why the gate does not start, with every cause, and what to do where that can be said.
pub(super) fn failure(error: &StartError) -> Failure {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    match error {
        StartError::Open(OpenError::Store(StoreError::Unavailable(_))) => Failure::Unavailable(text),
        StartError::Certificate(_) | StartError::Settings(_) | StartError::Open(OpenError::Key(_)) => Failure::Unusable(text),
        StartError::Open(_) | StartError::Store(StoreError::Corrupt(_)) => Failure::Failed(text),
        _ => Failure::Unavailable(text),
    }
}

/// How a gate that was started has ended.
pub(super) fn ended(clean: bool) -> Outcome {
    if clean { Ok(()) } else { Err(Failure::Failed("a worker died; the log says why".to_owned())) }
}
