//! `vestibule serve`: runs the gate.

use std::path::Path;

use super::desk::configuration;
use super::exit::{Failure, Outcome};
use super::output;
use crate::config::Config;

/// Run the gate
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule serve --config /etc/vestibule/vestibule.toml")]
pub(super) struct Args {}

pub(super) fn run(_: &Args, file: Option<&Path>) -> Outcome {
    let loaded = configuration(file)?;
    loaded.report.warning_lines().for_each(|line| output::warning(&line));
    serve(loaded.config)
}

/// Where the command line hands over to the application: serves, and comes back when it is told to stop.
fn serve(_config: Config) -> Outcome {
    Err(Failure::Unavailable("this build does not serve".to_owned()))
}
