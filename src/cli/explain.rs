//! `vestibule explain`: what would happen to a request, and why.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use http::Method;

use super::desk::{Desk, configuration};
use super::exit::{Failure, Outcome};
use super::output;
use crate::auth::account::Account;
use crate::config::Config;
use crate::config::values::duration;
use crate::identity::Login;

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

/// All that the answer depends on.
#[expect(dead_code, reason = "whoever answers reads all of it")]
struct Question {
    config: Config,
    method: Method,
    /// As given: what is canonical about it is part of the answer.
    url: String,
    from: Option<IpAddr>,
    /// Who is signed in, and the age of the last code.
    session: Option<(Account, Duration)>,
    /// What an admin has set, or else what is configured.
    window: Duration,
}

pub(super) async fn run(args: Args, file: Option<&Path>) -> Outcome {
    let (method, url, from) = (args.method, args.url, args.from);
    let question = if let Some(login) = &args.user {
        let desk = Desk::open(file).await?;
        let account = desk.account(login).await?;
        let window = desk.sessions.settings().await?.reauth_window.unwrap_or(desk.config.mfa.reauth_window);
        Question { method, url, from, session: Some((account, args.code_age)), window, config: desk.config }
    } else {
        // Nobody's request depends on nothing that is stored.
        let config = configuration(file)?.config;
        Question { method, url, from, session: None, window: config.mfa.reauth_window, config }
    };
    output::raw(&answer(&question)?)
}

/// The one place where the answer comes from: lines of text.
fn answer(question: &Question) -> Result<String, Failure> {
    Err(Failure::Unavailable(format!("this build cannot explain {} {} yet", question.method, question.url)))
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
