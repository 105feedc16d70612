//! `vestibule user invite`: makes an account and prints the link that its person registers with.

use super::super::desk::{Desk, event};
use super::super::exit::{Failure, Outcome};
use super::super::links::{self, Issued, Printed};
use super::super::output::{self, Format, FormatArg};
use super::{display_name, group, sorted};
use crate::audit::Event;
use crate::auth::account::Account;
use crate::auth::credentials::{NewAccount, NewLink};
use crate::clock::Reading;
use crate::identity::{AccountId, Login};
use crate::keys;

/// Make an account and print its registration link; again: a new link, the old one is dead
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  vestibule user invite anna@example.com --name \"Anna Arp\" --group staff")]
pub(in crate::cli) struct Args {
    /// The login id: an e-mail address
    #[arg(value_parser = Login::parse)]
    login: Login,
    /// The display name
    #[arg(long, value_parser = display_name, default_value = "", hide_default_value = true)]
    name: String,
    /// A group; may be given several times
    #[arg(long = "group", value_name = "GROUP", value_parser = group)]
    groups: Vec<String>,
    /// May use the admin pages
    #[arg(long)]
    admin: bool,
    /// Also mail the link to this person; needs [mail] in the configuration
    #[arg(long)]
    mail: bool,
    #[command(flatten)]
    format: FormatArg,
}

/// Somebody who does not have an account yet.
pub(in crate::cli) struct Newcomer {
    pub login: Login,
    pub name: String,
    pub groups: Vec<String>,
    pub admin: bool,
    pub password: Option<String>,
}

pub(super) async fn run(desk: &Desk, args: Args) -> Outcome {
    let now = desk.clock.now();
    let extra = !args.name.is_empty() || !args.groups.is_empty() || args.admin;
    if args.mail && desk.config.mail.is_none() {
        let advice = "set mail.smtp and mail.from, or leave --mail out and pass the link on yourself";
        return Err(Failure::Failed(format!("no mail server is configured: {advice}")));
    }
    let format = args.format.format;
    let login = args.login.clone();
    let newcomer =
        Newcomer { login: args.login, name: args.name, groups: sorted(args.groups), admin: args.admin, password: None };
    let printed = match desk.credentials.account_by_login(&login).await? {
        Some(account) => {
            if extra {
                output::warning(&format!("{login} has an account already: --name, --group and --admin change nothing"));
            }
            again(desk, &account, now, args.mail).await?
        }
        None => create(desk, newcomer, now, "user.invite", args.mail).await?.ok_or_else(|| taken(&login))?,
    };
    if args.mail {
        output::note(&format!("a mail with this link is on its way to {login}, once `vestibule serve` runs"));
    }
    match format {
        Format::Table => output::line(&printed.link),
        Format::Json => output::json(&printed),
    }
}

/// An account as the store will make it, and its link as it will be printed.
pub(super) struct Prepared {
    pub new: (NewAccount, NewLink, Event),
    pub printed: Printed,
}

/// Everything for a new account but that it is made. `mail`: the link goes out by mail too.
pub(super) fn prepare(desk: &Desk, newcomer: Newcomer, now: Reading, action: &'static str, mail: bool) -> Prepared {
    let id = AccountId(keys::new_id(now.wall));
    let Newcomer { login, name, groups, admin, password } = newcomer;
    let issued = links::issue(desk, &login, &groups, password.is_some(), now);
    let mut event = event(now, action).about(id, &login).with("admin", admin);
    if mail {
        event = event.with("mail", true).telling(Some(issued.mail(id)));
    }
    let Issued { link, printed, .. } = issued;
    if !groups.is_empty() {
        event = event.with("groups", groups.join(","));
    }
    let account = NewAccount { id, login, name, groups, admin, password, created: now.wall };
    Prepared { new: (account, link, event), printed }
}

/// Makes the account and its link. `None`: somebody else was faster.
pub(in crate::cli) async fn create(
    desk: &Desk,
    newcomer: Newcomer,
    now: Reading,
    action: &'static str,
    mail: bool,
) -> Result<Option<Printed>, Failure> {
    let Prepared { new: (account, link, event), printed } = prepare(desk, newcomer, now, action, mail);
    Ok(desk.credentials.create_account(account, link, event).await?.then_some(printed))
}

async fn again(desk: &Desk, account: &Account, now: Reading, mail: bool) -> Result<Printed, Failure> {
    let login = &account.login;
    if account.disabled {
        return Err(Failure::Failed(format!("{login} is disabled: run `vestibule user enable {login}` first")));
    }
    let enrolled = || {
        let advice = format!("if the phone is lost, run `vestibule user reset-mfa {login} --reason TEXT`");
        Failure::Failed(format!("{login} is enrolled already and signs in: {advice}"))
    };
    if account.mfa.is_some() {
        return Err(enrolled());
    }
    let issued = links::issue_for(desk, account, now);
    let mut event = event(now, "user.invite").about(account.id, login).with("again", true);
    if mail {
        event = event.with("mail", true).telling(Some(issued.mail(account.id)));
    }
    let Issued { link, printed, .. } = issued;
    if desk.credentials.issue_link(account.id, link, event).await? { Ok(printed) } else { Err(enrolled()) }
}

fn taken(login: &Login) -> Failure {
    Failure::Failed(format!("{login} was given an account just now: run the command again for a link"))
}
