//! `vestibule settings`: what an admin may change without touching the file. Takes effect beside a running gate.

use std::path::Path;
use std::time::Duration;

use clap::{Subcommand, ValueEnum};
use serde::Serialize;

use super::desk::{Desk, event};
use super::exit::{Failure, Outcome};
use super::output::{self, FormatArg};
use crate::config::values::{duration, duration_text};
use crate::session::log::Setting;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

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
        /// reauth-window: 1h to 30d. idle: 1m to 365d, or off. enrolment-window: 10m to 90d. Notices: at most 500 characters
        value: String,
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
    /// How long a session may rest before it ends
    Idle,
    /// How long a registration link lives
    EnrolmentWindow,
    /// Plain text above the sign-in form
    NoticeSignIn,
    /// Plain text above the form that asks for a new code
    NoticeConfirm,
}

impl Key {
    /// Back to the configuration.
    const fn unset(self) -> Setting {
        match self {
            Self::ReauthWindow => Setting::ReauthWindow(None),
            Self::Idle => Setting::Idle(None),
            Self::EnrolmentWindow => Setting::EnrolmentWindow(None),
            Self::NoticeSignIn => Setting::NoticeSignIn(None),
            Self::NoticeConfirm => Setting::NoticeConfirm(None),
        }
    }

    fn parse(self, text: &str) -> Result<Setting, String> {
        Ok(match self {
            Self::ReauthWindow => Setting::ReauthWindow(Some(span(text, HOUR, DAY * 30)?)),
            Self::Idle if text == "off" => Setting::Idle(Some(Duration::ZERO)),
            Self::Idle => Setting::Idle(Some(span(text, MINUTE, DAY * 365)?)),
            Self::EnrolmentWindow => Setting::EnrolmentWindow(Some(span(text, MINUTE * 10, DAY * 90)?)),
            Self::NoticeSignIn => Setting::NoticeSignIn(Some(notice(text)?)),
            Self::NoticeConfirm => Setting::NoticeConfirm(Some(notice(text)?)),
        })
    }
}

#[derive(Serialize)]
struct Line {
    key: &'static str,
    value: String,
    source: &'static str,
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> Outcome {
    match args.command {
        Command::Get { key, format } => show(&Desk::open_to_read(file).await?, key, format).await,
        Command::Set { key, value } => {
            // Before anything is opened: a wrong value is wrong everywhere.
            let setting = key.parse(&value).map_err(Failure::Usage)?;
            change(&Desk::open(file).await?, key, setting, "settings.set").await
        }
        Command::Unset { key } => change(&Desk::open(file).await?, key, key.unset(), "settings.unset").await,
    }
}

async fn show(desk: &Desk, key: Option<Key>, format: FormatArg) -> Outcome {
    let lines = Key::value_variants().iter().map(|key| line(desk, *key));
    let mut found = Vec::new();
    for next in lines {
        found.push(next.await?);
    }
    if let Some(key) = key {
        found.retain(|line| line.key == key.unset().key());
        if format.format == output::Format::Table {
            return found.iter().try_for_each(|line| output::line(&line.value));
        }
    }
    output::list(format.format, &found, &["key", "value", "source"], |line| {
        vec![line.key.to_owned(), line.value.clone(), line.source.to_owned()]
    })
}

async fn line(desk: &Desk, key: Key) -> Result<Line, Failure> {
    let (stored, configured) = (desk.sessions.settings().await?, &desk.config);
    let idle = |idle: Option<Duration>| idle.filter(|idle| !idle.is_zero()).map_or("off".to_owned(), duration_text);
    let (set, value) = match key {
        Key::ReauthWindow => {
            (stored.reauth_window.is_some(), duration_text(stored.reauth_window.unwrap_or(configured.mfa.reauth_window)))
        }
        Key::Idle => (stored.idle.is_some(), idle(stored.idle.or(configured.session.idle))),
        Key::EnrolmentWindow => {
            (stored.enrolment_window.is_some(), duration_text(stored.enrolment_window.unwrap_or(configured.mfa.enrolment_window)))
        }
        Key::NoticeSignIn => (stored.notice_sign_in.is_some(), stored.notice_sign_in.unwrap_or_default()),
        Key::NoticeConfirm => (stored.notice_confirm.is_some(), stored.notice_confirm.unwrap_or_default()),
    };
    Ok(Line { key: key.unset().key(), value, source: if set { "admin" } else { "configuration" } })
}

async fn change(desk: &Desk, key: Key, setting: Setting, action: &'static str) -> Outcome {
    let name = setting.key();
    let event = event(desk.clock.now(), action).with("key", name);
    desk.sessions.set(setting, event).await?;
    let value = line(desk, key).await?.value;
    let how = if action == "settings.unset" { "again, as configured" } else { "now" };
    output::note(&format!("{name} is {value} {how}"));
    Ok(())
}

fn span(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    match duration(text) {
        Some(span) if (least..=most).contains(&span) => Ok(span),
        _ => Err(format!("give a duration from {} to {}, like 12h or 7d", duration_text(least), duration_text(most))),
    }
}

fn notice(text: &str) -> Result<String, String> {
    let text = text.trim();
    let bad = text.is_empty() || text.chars().count() > 500 || text.chars().any(|c| c.is_control() && c != '\n');
    if bad { Err("give plain text of at most 500 characters".to_owned()) } else { Ok(text.to_owned()) }
}
