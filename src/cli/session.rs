//! `vestibule session`: who is signed in, and ending that.

use std::path::Path;
use std::time::Duration;

use clap::Subcommand;
use serde::Serialize;
use uuid::Uuid;

use super::desk::{Desk, event};
use super::exit::{Failure, Outcome};
use super::output::{self, FormatArg, Listing};
use crate::clock::Timestamp;
use crate::config::values::duration_text;
use crate::identity::Login;
use crate::session::log::{Listed, Place, Which};

/// How many sessions are read and printed at once.
const AT_ONCE: u32 = 2000;

/// Show and end sessions
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule session list --user anna@example.com")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show who is signed in. In JSON, `window_left` is in seconds
    #[command(after_help = "Example:\n  vestibule session list --format json")]
    List {
        /// Only those of this account
        #[arg(long, value_name = "LOGIN", value_parser = Login::parse)]
        user: Option<Login>,
        /// At most so many; how many more there are is said at the end
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        limit: Option<u64>,
        #[command(flatten)]
        format: FormatArg,
    },
    /// End sessions; what is open in them ends within a second
    #[command(after_help = "Examples:\n  vestibule session end --user anna@example.com\n  vestibule session end --all")]
    End(Ending),
}

#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Ending {
    /// The one with this id, as `session list` shows it
    id: Option<Uuid>,
    /// All of this account
    #[arg(long, value_name = "LOGIN", value_parser = Login::parse)]
    user: Option<Login>,
    /// All of everybody
    #[arg(long)]
    all: bool,
}

/// The keys are an interface. Never the token.
#[derive(Serialize)]
struct Line {
    id: String,
    login: String,
    portal: String,
    created: String,
    last_seen: String,
    code_at: String,
    window_left: u64,
    client: String,
    agent: String,
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> Outcome {
    match args.command {
        Command::List { user, limit, format } => list(&Desk::open_to_read(file).await?, user, limit, format).await,
        Command::End(ending) => end(&Desk::open(file).await?, ending).await,
    }
}

async fn list(desk: &Desk, user: Option<Login>, limit: Option<u64>, format: FormatArg) -> Outcome {
    let now = desk.clock.now().secure;
    let whose = match &user {
        Some(login) => Some(desk.account(login).await?.id),
        None => None,
    };
    let window = desk.sessions.settings().await?.reauth_window.unwrap_or(desk.config.mfa.reauth_window);
    let headings = ["id", "login", "portal", "created", "last seen", "code at", "window left", "client", "agent"];
    let mut listing = Listing::new(format.format, &headings);
    let (mut after, mut left, mut shown) = (Place::default(), limit.unwrap_or(u64::MAX), 0);
    while left > 0 {
        let most = u32::try_from(left).unwrap_or(u32::MAX).min(AT_ONCE);
        let part = desk.sessions.listed(whose, &after, most, now).await?;
        let Some(last) = part.last() else { break };
        after = last.place();
        let lines: Vec<_> = part.iter().map(|listed| describe(listed, window, now)).collect();
        listing.part(&lines, cells)?;
        let number = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        (left, shown) = (left - number, shown + number);
    }
    listing.end()?;
    if limit.is_some() {
        match desk.sessions.living(whose, now).await?.saturating_sub(shown) {
            0 => {}
            1 => output::note("1 more session is not shown"),
            more => output::note(&format!("{more} more sessions are not shown")),
        }
    }
    Ok(())
}

fn cells(line: &Line) -> Vec<String> {
    vec![
        line.id.clone(),
        line.login.clone(),
        line.portal.clone(),
        line.created.clone(),
        line.last_seen.clone(),
        line.code_at.clone(),
        if line.window_left == 0 { "passed".to_owned() } else { duration_text(Duration::from_secs(line.window_left)) },
        line.client.clone(),
        line.agent.chars().take(60).collect(),
    ]
}

fn describe(listed: &Listed, window: Duration, now: Timestamp) -> Line {
    let session = &listed.session;
    Line {
        id: session.id.to_string(),
        login: listed.login.to_string(),
        portal: session.portal.clone(),
        created: session.created.to_string(),
        last_seen: session.last_seen.to_string(),
        code_at: session.code_at.to_string(),
        window_left: (session.code_at + window).since(now).as_secs(),
        client: session.client.to_string(),
        agent: session.agent.clone(),
    }
}

async fn end(desk: &Desk, ending: Ending) -> Outcome {
    let now = desk.clock.now();
    let event = event(now, "session.end");
    let (which, event, nothing) = match ending {
        Ending { id: Some(id), .. } => {
            let found = desk.sessions.session(id, now.secure).await?;
            let Some((_, account)) = found else {
                return Err(Failure::Failed(format!("there is no session {id}: `vestibule session list` shows all")));
            };
            (Which::One(id), event.about(account.id, &account.login).with("session", id.to_string()), "it had ended already")
        }
        Ending { user: Some(login), .. } => {
            let account = desk.account(&login).await?;
            (Which::Of(account.id), event.about(account.id, &account.login), "there was none")
        }
        Ending { .. } => (Which::All, event.with("which", "all"), "there was none"),
    };
    match desk.sessions.end(which, event).await? {
        0 => output::note(nothing),
        1 => output::note("1 session ended"),
        number => output::note(&format!("{number} sessions ended")),
    }
    Ok(())
}
