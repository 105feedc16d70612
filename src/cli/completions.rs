//! `vestibule completions`: what a shell needs to complete our commands.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use super::exit::{Failure, Outcome};
use super::output;

/// Print completions for a shell
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule completions bash > /etc/bash_completion.d/vestibule")]
pub(super) struct Args {
    /// Which shell
    shell: Shell,
}

pub(super) fn run(args: &Args) -> Outcome {
    let mut script = Vec::new();
    generate(args.shell, &mut super::Cli::command(), "vestibule", &mut script);
    let script = String::from_utf8(script).map_err(|error| Failure::Failed(error.to_string()))?;
    output::raw(&script)
}
