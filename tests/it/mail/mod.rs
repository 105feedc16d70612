//! Mail from end to end: what people are sent, what its links do, and what becomes of it when the mail server does not want it.

mod forgot;
mod invitation;
mod notices;
mod post;
mod side_by_side;

use crate::harness::{Answer, Browser, Gate, PostOffice, Setup, Upstream};

pub const ANNA: &str = "anna@example.com";

/// A gate that sends mail to this office.
pub async fn gate(office: &PostOffice) -> Gate {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("mail", &office.section())).await;
    gate.without_rates();
    gate
}

/// *Forgot your password?* in a browser of one's own.
pub async fn forgot(browser: &mut Browser, login: &str) -> Answer {
    browser.post("/.vestibule/forgot", &[("login", login)]).await
}

/// How many rows the outbox has.
pub async fn waiting(gate: &Gate) -> u64 {
    gate.open_store(false).await.outbox().waiting().await.unwrap()
}
