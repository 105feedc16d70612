//! The command line: one file per command; talks to the store, never to HTTP.

mod audit;
mod completions;
mod config;
mod demo;
mod desk;
mod exit;
mod explain;
mod init;
mod links;
mod output;
mod serve;
mod session;
mod settings;
mod user;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Parser, Subcommand};

use exit::{Failure, Outcome};

/// A TLS-terminating authentication proxy: password, one-time code, and a window that is checked on every request.
#[derive(Parser, Debug)]
#[command(name = "vestibule", version, propagate_version = true, subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Try it without any set-up:\n  vestibule demo\n\nPut it in front of a portal:\n  vestibule init\n  vestibule serve"
)]
struct Cli {
    /// The configuration [default: ./vestibule.toml, then /etc/vestibule/vestibule.toml]
    // An empty variable is what a script has that does not want to name one; clap's own parser of paths refuses it.
    #[arg(long, global = true, env = "VESTIBULE_CONFIG", hide_env_values = true, value_name = "FILE")]
    #[arg(value_parser = OsStringValueParser::new().map(PathBuf::from))]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Demo(demo::Args),
    Init(init::Args),
    Serve(serve::Args),
    Config(config::Args),
    Explain(explain::Args),
    User(user::Args),
    Session(session::Args),
    Settings(settings::Args),
    Audit(audit::Args),
    Completions(completions::Args),
}

/// Runs the command that `args` (with the program's name in front) ask for, and says how it ended.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout, complaints to stderr; that is clap's to know.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            match &failure {
                Failure::ReaderGone => {}
                Failure::Config(report) => report.mistake_lines().for_each(|line| output::error(&line)),
                _ => output::error(&failure.to_string()),
            }
            failure.code()
        }
    }
}

fn dispatch(cli: Cli) -> Outcome {
    let file = cli.config.as_deref();
    match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Init(args) => wait_for(init::run(args)),
        Command::Serve(args) => serve::run(&args, file),
        Command::Config(args) => config::run(&args, file),
        Command::Explain(args) => wait_for(explain::run(args, file)),
        Command::User(args) => wait_for(user::run(args, file)),
        Command::Session(args) => wait_for(session::run(args, file)),
        Command::Settings(args) => wait_for(settings::run(args, file)),
        Command::Audit(args) => wait_for(audit::run(args, file)),
        Command::Completions(args) => completions::run(&args),
    }
}

/// Runs a command that waits for the store. One thread will do: it does one thing after the other.
fn wait_for(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Unavailable(format!("the system gives no event loop: {error}")))?.block_on(work)
}
