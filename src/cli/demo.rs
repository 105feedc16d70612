//! `vestibule demo`: everything in one command with nothing to configure.

use std::path::PathBuf;

use super::exit::{Failure, Outcome};

/// Show everything at once: a sample portal behind the gate, on this machine, with nothing to configure
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule demo --port 9443")]
pub(super) struct Args {
    /// The port on 127.0.0.1; 0: any free one
    #[arg(long, default_value_t = 8443, value_name = "PORT")]
    port: u16,
    /// Keep the data in this folder [default: a fresh temporary one]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Outcome {
    show(args.port, args.data)
}

/// Where the command line hands over to the application: sets up, serves, and comes back when it is told to stop.
fn show(_port: u16, _data: Option<PathBuf>) -> Outcome {
    Err(Failure::Unavailable("this build has no demo".to_owned()))
}
