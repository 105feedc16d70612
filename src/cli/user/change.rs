//! `vestibule user disable`, `enable`, `unlock`, `remove`, `promote`, `demote`, `reset-mfa`.

use super::super::desk::{Desk, unknown};
use super::super::exit::Outcome;
use super::super::links::{self, Issued};
use super::super::output::{self, Format, FormatArg};
use crate::admin::Deed;
use crate::config::model::Unlock;
use crate::identity::Login;

/// Lock somebody out: sessions, links and known browsers die at once
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user disable anna@example.com")]
pub(in crate::cli) struct DisableArgs {
    /// Whom
    #[arg(value_parser = Login::parse)]
    login: Login,
}

/// Let somebody in again who was disabled
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user enable anna@example.com")]
pub(in crate::cli) struct EnableArgs {
    /// Whom
    #[arg(value_parser = Login::parse)]
    login: Login,
}

/// Take off the lock that too many wrong codes have put on
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user unlock anna@example.com")]
pub(in crate::cli) struct UnlockArgs {
    /// Whose
    #[arg(value_parser = Login::parse)]
    login: Login,
}

/// Remove an account with all that hangs on it; what it did stays in the audit trail
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user remove anna@example.com")]
pub(in crate::cli) struct RemoveArgs {
    /// Whose
    #[arg(value_parser = Login::parse)]
    login: Login,
}

/// Make somebody an admin
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user promote anna@example.com")]
pub(in crate::cli) struct PromoteArgs {
    /// Whom
    #[arg(value_parser = Login::parse)]
    login: Login,
}

/// Take the admin role from somebody; not from the last one
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user demote anna@example.com")]
pub(in crate::cli) struct DemoteArgs {
    /// From whom
    #[arg(value_parser = Login::parse)]
    login: Login,
}

/// For a lost phone: kill authenticator, recovery codes and sessions, and print a link to enrol anew
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user reset-mfa anna@example.com --reason \"phone lost, called from the office\"")]
pub(in crate::cli) struct ResetArgs {
    /// Whose
    #[arg(value_parser = Login::parse)]
    login: Login,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
    #[command(flatten)]
    format: FormatArg,
}

pub(super) async fn disable(desk: &Desk, args: DisableArgs) -> Outcome {
    let account = desk.account(&args.login).await?;
    if account.disabled {
        output::note(&format!("{} was disabled already", account.login));
        return Ok(());
    }
    let done = desk.does(Deed::Disable, &account).await?;
    told(done, &account.login, "is disabled; sessions and links are dead")
}

pub(super) async fn enable(desk: &Desk, args: EnableArgs) -> Outcome {
    let account = desk.account(&args.login).await?;
    if !account.disabled {
        output::note(&format!("{} was not disabled", account.login));
        return Ok(());
    }
    let done = desk.does(Deed::Enable, &account).await?;
    told(done, &account.login, "is enabled")?;
    if account.mfa.is_none() {
        output::note(&format!("not enrolled yet: `vestibule user invite {}` prints a new link", account.login));
    }
    Ok(())
}

pub(super) async fn unlock(desk: &Desk, args: UnlockArgs) -> Outcome {
    let account = desk.account(&args.login).await?;
    if !desk.does(Deed::Unlock, &account).await? {
        output::note(&format!("{} was not locked, and nothing was held back", account.login));
        return Ok(());
    }
    let what = if account.locked_at.is_some() { "is unlocked" } else { "was not locked; wrong codes are forgiven" };
    told(true, &account.login, what)?;
    // Without an authenticator there is nothing that recovery could take the place of.
    if desk.config.mfa.unlock == Unlock::Recovery && account.mfa.is_some() {
        output::note("mfa.unlock is \"recovery\": a browser not used before needs a recovery code");
    }
    Ok(())
}

pub(super) async fn remove(desk: &Desk, args: RemoveArgs) -> Outcome {
    let account = desk.account(&args.login).await?;
    let done = desk.does(Deed::Remove, &account).await?;
    told(done, &account.login, "is removed")
}

pub(super) async fn promote(desk: &Desk, args: PromoteArgs) -> Outcome {
    let account = desk.account(&args.login).await?;
    if account.admin {
        output::note(&format!("{} is an admin already", account.login));
        return Ok(());
    }
    let done = desk.does(Deed::Promote, &account).await?;
    told(done, &account.login, "is an admin now")
}

pub(super) async fn demote(desk: &Desk, args: DemoteArgs) -> Outcome {
    let account = desk.account(&args.login).await?;
    if !account.admin {
        output::note(&format!("{} is no admin", account.login));
        return Ok(());
    }
    let done = desk.does(Deed::Demote, &account).await?;
    told(done, &account.login, "is no admin any more")
}

pub(super) async fn reset_mfa(desk: &Desk, args: ResetArgs) -> Outcome {
    let account = desk.account(&args.login).await?;
    let Issued { link, printed, .. } = links::issue_for(desk, &account, desk.clock.now());
    if !desk.reset_mfa(&account, link, args.reason).await? {
        return Err(unknown(&account.login));
    }
    if account.disabled {
        output::warning(&format!("{0} is disabled: the link works after `vestibule user enable {0}`", account.login));
    }
    match args.format.format {
        Format::Table => output::line(&printed.link),
        Format::Json => output::json(&printed),
    }
}

/// Says what was done; or that there was nobody, where somebody else was faster.
fn told(found: bool, login: &Login, what: &str) -> Outcome {
    if !found {
        return Err(unknown(login));
    }
    output::note(&format!("{login} {what}"));
    Ok(())
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    let bad = text.is_empty() || text.contains(char::is_control) || text.chars().count() > 500;
    if bad { Err("give one line that says why".to_owned()) } else { Ok(text.to_owned()) }
}
