//! `vestibule settings`: what an admin may change without touching the file. Takes effect beside a running gate.

use std::path::Path;
use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::desk::{Desk, event};
use super::exit::Outcome;
use super::output::{self, FormatArg};
use crate::config::values::{duration, duration_text};

const HOUR: Duration = Duration::from_hours(1);
const LONGEST: Duration = Duration::from_hours(30 * 24);

/// Show and change what an admin may set while the gate runs
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule settings set reauth-window 12h")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show what holds: one value, or all with where they come from
    #[command(after_help = "Example:\n  vestibule settings get reauth-window")]
    Get {
        /// Which; all if left out
        key: Option<Key>,
        #[command(flatten)]
        format: FormatArg,
    },
    /// Set a value; it holds within a second, for sessions that are open too
    #[command(after_help = "Example:\n  vestibule settings set reauth-window 12h")]
    Set {
        /// Which
        key: Key,
        /// For reauth-window: a duration from 1h to 30d
        #[arg(value_parser = window)]
        value: Duration,
    },
    /// Go back to what the configuration says
    #[command(after_help = "Example:\n  vestibule settings unset reauth-window")]
    Unset {
        /// Which
        key: Key,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Key {
    /// How long after a code a session may go on
    ReauthWindow,
}

const REAUTH_WINDOW: &str = "reauth-window";

#[derive(Serialize)]
struct Setting {
    key: &'static str,
    value: String,
    source: &'static str,
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> Outcome {
    match args.command {
        Command::Get { key, format } => show(&Desk::open_to_read(file).await?, key, format).await,
        Command::Set { key: Key::ReauthWindow, value } => change(&Desk::open(file).await?, Some(value)).await,
        Command::Unset { key: Key::ReauthWindow } => change(&Desk::open(file).await?, None).await,
    }
}

async fn show(desk: &Desk, key: Option<Key>, format: FormatArg) -> Outcome {
    let stored = desk.sessions.settings().await?.reauth_window;
    let value = duration_text(stored.unwrap_or(desk.config.mfa.reauth_window));
    if key.is_some() && format.format == output::Format::Table {
        return output::line(&value);
    }
    let source = if stored.is_some() { "admin" } else { "configuration" };
    let settings = [Setting { key: REAUTH_WINDOW, value, source }];
    output::list(format.format, &settings, &["key", "value", "source"], |setting| {
        vec![setting.key.to_owned(), setting.value.clone(), setting.source.to_owned()]
    })
}

async fn change(desk: &Desk, window: Option<Duration>) -> Outcome {
    let action = if window.is_some() { "settings.set" } else { "settings.unset" };
    let event = event(desk.clock.now(), action).with("key", REAUTH_WINDOW);
    desk.sessions.set_reauth_window(window, event).await?;
    let (holds, how) = match window {
        Some(window) => (window, "now"),
        None => (desk.config.mfa.reauth_window, "again, as configured"),
    };
    output::note(&format!("{REAUTH_WINDOW} is {} {how}", duration_text(holds)));
    Ok(())
}

fn window(text: &str) -> Result<Duration, String> {
    match duration(text) {
        Some(window) if (HOUR..=LONGEST).contains(&window) => Ok(window),
        _ => Err("give a duration from 1h to 30d, like 12h or 7d".to_owned()),
    }
}
