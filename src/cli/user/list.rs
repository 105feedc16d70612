//! `vestibule user list` and `show`.

use serde::Serialize;

use super::super::desk::Desk;
use super::super::exit::Outcome;
use super::super::output::{self, Format, FormatArg};
use crate::auth::account::Account;
use crate::identity::Login;

/// Show all accounts
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user list --without-mfa")]
pub(in crate::cli) struct Args {
    /// Only those who have not enrolled an authenticator yet
    #[arg(long)]
    without_mfa: bool,
    /// Only those who are locked for unknown browsers
    #[arg(long)]
    locked: bool,
    #[command(flatten)]
    format: FormatArg,
}

/// Show one account
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user show anna@example.com")]
pub(in crate::cli) struct ShowArgs {
    /// Whose
    #[arg(value_parser = Login::parse)]
    login: Login,
    #[command(flatten)]
    format: FormatArg,
}

/// The keys are an interface.
#[derive(Serialize)]
struct Line {
    login: String,
    name: String,
    groups: Vec<String>,
    admin: bool,
    state: &'static str,
    mfa: bool,
    locked: bool,
    created: String,
    last_sign_in: Option<String>,
}

pub(super) async fn run(desk: &Desk, args: Args) -> Outcome {
    let wanted =
        |account: &&Account| (!args.without_mfa || account.mfa.is_none()) && (!args.locked || account.locked_at.is_some());
    let accounts = desk.credentials.accounts().await?;
    let lines: Vec<Line> = accounts.iter().filter(wanted).map(describe).collect();
    let headings = ["login", "name", "groups", "admin", "state", "mfa", "created", "last sign-in"];
    output::list(args.format.format, &lines, &headings, |line| {
        vec![
            line.login.clone(),
            line.name.clone(),
            line.groups.join(","),
            yes(line.admin),
            line.state.to_owned(),
            yes(line.mfa),
            line.created.clone(),
            line.last_sign_in.clone().unwrap_or_else(|| "never".to_owned()),
        ]
    })
}

pub(super) async fn show(desk: &Desk, args: ShowArgs) -> Outcome {
    let line = describe(&desk.account(&args.login).await?);
    if args.format.format == Format::Json {
        return output::json(&line);
    }
    let facts = [
        ("login", line.login),
        ("name", line.name),
        ("groups", line.groups.join(", ")),
        ("admin", yes(line.admin)),
        ("state", line.state.to_owned()),
        ("mfa", yes(line.mfa)),
        ("locked", yes(line.locked)),
        ("created", line.created),
        ("last sign-in", line.last_sign_in.unwrap_or_else(|| "never".to_owned())),
    ];
    facts.iter().try_for_each(|(fact, value)| output::line(&format!("{fact:<14}{}", output::printable(value))))
}

fn describe(account: &Account) -> Line {
    Line {
        login: account.login.to_string(),
        name: account.name.clone(),
        groups: account.groups.clone(),
        admin: account.admin,
        state: account.state(),
        mfa: account.mfa.is_some(),
        locked: account.locked_at.is_some(),
        created: account.created.to_string(),
        last_sign_in: account.last_sign_in.map(|time| time.to_string()),
    }
}

fn yes(fact: bool) -> String {
    if fact { "yes" } else { "no" }.to_owned()
}
