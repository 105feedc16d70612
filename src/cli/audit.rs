//! `vestibule audit`: the trail of what happened, and whether it is whole.

use std::path::Path;
use std::time::Duration;

use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;

use super::desk::Desk;
use super::exit::{Failure, Outcome};
use super::output::{self, Format, FormatArg};
use crate::audit::{Record, Verdict};
use crate::clock::Timestamp;
use crate::config::values::duration;
use crate::identity::Login;

/// How many records are read at once.
const PAGE: u32 = 1000;
/// How often `--follow` looks for new ones.
const PAUSE: Duration = Duration::from_millis(500);

/// Show the audit trail, oldest first
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:\n  vestibule audit --since 1d --user anna@example.com\n  vestibule audit verify")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Only what happened in this last span, like 15m or 7d
    #[arg(long, value_name = "DURATION", value_parser = span)]
    since: Option<Duration>,
    /// Only what is about this account
    #[arg(long, value_name = "LOGIN", value_parser = Login::parse)]
    user: Option<Login>,
    /// Go on with what happens from now on, until interrupted; JSON is then one object per line
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    format: FormatArg,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Check that no record was changed, removed or put in
    #[command(after_help = "Example:\n  vestibule audit verify")]
    Verify,
}

/// The keys are an interface.
#[derive(Serialize)]
struct Line {
    seq: i64,
    at: String,
    actor: String,
    client: String,
    action: String,
    account: String,
    login: String,
    detail: Value,
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> Outcome {
    let desk = Desk::open_to_read(file).await?;
    match args.command {
        Some(Command::Verify) => verify(&desk).await,
        None if args.follow => follow(&desk, &args).await,
        None => show(&desk, &args).await,
    }
}

async fn verify(desk: &Desk) -> Outcome {
    match desk.trail.verify().await? {
        Verdict::Whole { records } => output::line(&format!("the audit trail is whole: {records} records")),
        Verdict::BrokenAt { seq } => {
            output::line(&format!("the audit trail is broken at record {seq}"))?;
            let advice = "compare it with a backup, and find out who could write to the database";
            Err(Failure::Failed(format!("record {seq} is not what was written, or one before it is missing: {advice}")))
        }
    }
}

async fn show(desk: &Desk, args: &Args) -> Outcome {
    let mut lines = Vec::new();
    let mut last = 0;
    loop {
        let page = page(desk, args, last).await?;
        let Some(end) = page.last() else { break };
        last = end.seq;
        lines.extend(page.into_iter().map(describe));
    }
    let headings = ["seq", "at", "actor", "client", "action", "login", "detail"];
    output::list(args.format.format, &lines, &headings, cells)
}

async fn page(desk: &Desk, args: &Args, after: i64) -> Result<Vec<Record>, Failure> {
    let since = args.since.map(|since| desk.clock.now().wall - since);
    Ok(desk.trail.records(after, since, args.user.as_ref(), PAGE).await?)
}

/// Prints what there is since the time asked for (without one: nothing old), then what comes.
async fn follow(desk: &Desk, args: &Args) -> Outcome {
    let since = desk.clock.now().wall - args.since.unwrap_or_default();
    let mut last = 0;
    loop {
        for record in desk.trail.records(last, Some(since), args.user.as_ref(), PAGE).await? {
            last = record.seq;
            let line = describe(record);
            match args.format.format {
                Format::Json => output::line(&serde_json::to_string(&line).unwrap_or_default())?,
                Format::Table => output::line(&output::printable(&cells(&line).join("  ")))?,
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn describe(record: Record) -> Line {
    let detail = serde_json::from_str(&record.detail).unwrap_or(Value::String(record.detail));
    Line {
        seq: record.seq,
        at: Timestamp::to_string(&record.at),
        actor: record.actor,
        client: record.client,
        action: record.action,
        account: record.account,
        login: record.login,
        detail,
    }
}

fn cells(line: &Line) -> Vec<String> {
    let detail = match &line.detail {
        Value::Object(facts) => facts.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    vec![
        line.seq.to_string(),
        line.at.clone(),
        line.actor.clone(),
        line.client.clone(),
        line.action.clone(),
        line.login.clone(),
        detail,
    ]
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn span(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "give a duration like 30s, 15m, 1h30m or 7d".to_owned())
}
