//! `vestibule user`: accounts. What is changed here takes effect beside a running gate within a second.

mod change;
mod import;
mod invite;
mod list;

use std::path::Path;

use clap::Subcommand;

use super::desk::Desk;
use super::exit::Outcome;
pub(super) use invite::{Newcomer, create};

/// Invite people, show them, lock them out and in
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user invite anna@example.com --name \"Anna Arp\" --group staff")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Invite(invite::Args),
    List(list::Args),
    Show(list::ShowArgs),
    Disable(change::DisableArgs),
    Enable(change::EnableArgs),
    Unlock(change::UnlockArgs),
    Remove(change::RemoveArgs),
    Promote(change::PromoteArgs),
    Demote(change::DemoteArgs),
    ResetMfa(change::ResetArgs),
    Import(import::Args),
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> Outcome {
    let desk = match &args.command {
        Command::List(_) | Command::Show(_) => Desk::open_to_read(file).await?,
        _ => Desk::open(file).await?,
    };
    match args.command {
        Command::Invite(args) => invite::run(&desk, args).await,
        Command::List(args) => list::run(&desk, args).await,
        Command::Show(args) => list::show(&desk, args).await,
        Command::Disable(args) => change::disable(&desk, args).await,
        Command::Enable(args) => change::enable(&desk, args).await,
        Command::Unlock(args) => change::unlock(&desk, args).await,
        Command::Remove(args) => change::remove(&desk, args).await,
        Command::Promote(args) => change::promote(&desk, args).await,
        Command::Demote(args) => change::demote(&desk, args).await,
        Command::ResetMfa(args) => change::reset_mfa(&desk, args).await,
        Command::Import(args) => import::run(&desk, args).await,
    }
}

/// A group's name as an option: not empty, no comma, no control characters.
fn group(text: &str) -> Result<String, String> {
    let bad = text.is_empty() || text.trim() != text || text.contains(',') || text.contains(char::is_control);
    if bad { Err("a group has a name without commas and without spaces at its ends".to_owned()) } else { Ok(text.to_owned()) }
}

/// A display name as an option: one line, not too long.
fn display_name(text: &str) -> Result<String, String> {
    let bad = text.contains(char::is_control) || text.chars().count() > 200;
    if bad { Err("a name is one line of at most 200 characters".to_owned()) } else { Ok(text.trim().to_owned()) }
}

/// As accounts keep them: sorted, none twice.
fn sorted(mut groups: Vec<String>) -> Vec<String> {
    groups.sort();
    groups.dedup();
    groups
}
