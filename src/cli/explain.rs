//! `vestibule explain`: what would happen to a request, and why.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use http::Method;

use super::desk::{Desk, configuration};
use super::exit::{Failure, Outcome};
use super::output;
use crate::app::explain::{Question, explain};
use crate::auth::account::Account;
use crate::config::values::duration;
use crate::identity::Login;
use crate::session::log::AccountRow;

/// Say what would happen to a request: its canonical form, the rule that matches, the decision, the headers
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  vestibule explain --user anna@example.com --code-age 2h POST https://portal.example.com/billing/pay"
)]
pub(super) struct Args {
    /// Signed in as this account; without it: not signed in
    #[arg(long, value_name = "LOGIN", value_parser = Login::parse)]
    user: Option<Login>,
    /// How long ago this person's last code was
    #[arg(long, value_name = "DURATION", value_parser = age, default_value = "0s", requires = "user")]
    code_age: Duration,
    /// From this address
    #[arg(long, value_name = "IP")]
    from: Option<IpAddr>,
    /// GET, POST, …
    #[arg(value_parser = method)]
    method: Method,
    /// The address, as a client would send it
    url: String,
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> Outcome {
    let (method, from, url) = (args.method, args.from, args.url.as_str());
    let explained = if let Some(login) = &args.user {
        let desk = Desk::open_to_read(file).await?;
        let account = row(desk.account(login).await?);
        let window = desk.sessions.settings().await?.reauth_window.unwrap_or(desk.config.mfa.reauth_window);
        explain(&Question { config: &desk.config, method, url, from, session: Some((account, args.code_age)), window })
    } else {
        // Nobody's request depends on nothing that is stored.
        let config = configuration(file)?.config;
        explain(&Question { config: &config, method, url, from, session: None, window: config.mfa.reauth_window })
    };
    output::raw(&explained.map_err(|error| Failure::Unusable(error.to_string()))?.to_string())
}

fn row(account: Account) -> AccountRow {
    let Account { id, login, name, groups, admin, disabled, epoch, .. } = account;
    AccountRow { id, login, name, groups, admin, disabled, epoch }
}

fn method(text: &str) -> Result<Method, String> {
    match Method::from_bytes(text.as_bytes()) {
        Ok(method) if !text.contains(|c: char| c.is_ascii_lowercase()) => Ok(method),
        Ok(_) => Err(format!("methods are in upper case: write {}", text.to_ascii_uppercase())),
        Err(_) => Err("give a method like GET or POST".to_owned()),
    }
}

fn age(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "give a duration like 30s, 15m, 2h or 30d".to_owned())
}
