//! `vestibule config`: whether a configuration can be used, and what holds.

mod connect;

use std::path::Path;

use clap::Subcommand;

use super::desk::configuration;
use super::exit::Outcome;
use super::{output, wait_for};

/// Check and show the configuration
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule config check --connect")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Report every mistake at once
    #[command(after_help = "Example:\n  vestibule config check --config /etc/vestibule/vestibule.toml")]
    Check {
        /// Also try to reach the database, the upstreams and the mail server
        #[arg(long)]
        connect: bool,
    },
    /// Print what holds and where it comes from, secrets masked
    #[command(after_help = "Example:\n  vestibule config show")]
    Show,
}

pub(super) fn run(args: &Args, file: Option<&Path>) -> Outcome {
    let loaded = configuration(file)?;
    match args.command {
        Command::Show => output::raw(&loaded.show()),
        Command::Check { connect } => {
            loaded.report.warning_lines().for_each(|line| output::warning(&line));
            loaded.report.note_lines().for_each(|line| output::note(&line));
            if connect {
                wait_for(connect::try_all(&loaded.config))?;
            }
            let rules: usize = loaded.config.portals.iter().map(|portal| portal.rules.len()).sum();
            let counted = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
            let (portals, rules) = (counted(loaded.config.portals.len(), "portal"), counted(rules, "rule"));
            output::line(&format!("{} can be used: {portals}, {rules}", loaded.report.file))
        }
    }
}
