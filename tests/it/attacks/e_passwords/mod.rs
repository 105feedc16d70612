//! Section E: the password step, enumeration, lock-out.

mod counters;
mod floods;
mod looks;
mod surfaces;

use std::time::Duration;

use vestibule::auth::budget::Rate;

use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Browser, Front, Gate, Setup, Upstream};

pub const ANNA: &str = "anna@example.com";
pub const WRONG: &str = "Wrong-Horse-7-Battery";

/// No limit that a test could run into.
const NONE: Rate = Rate::new(1_000_000, Duration::from_millis(1));

/// A gate that can be reached in every way, where requests are not limited; passwords and codes are.
pub async fn gate() -> (Gate, Upstream) {
    gate_with(|setup| setup).await
}

/// The same with further settings.
pub async fn gate_with(change: impl FnOnce(Setup) -> Setup) -> (Gate, Upstream) {
    let upstream = Upstream::start();
    let limits = "anonymous_per_client = \"100000/s burst 100000\"\nrequests_per_session = \"100000/s burst 100000\"";
    let setup = Setup::new(&[upstream.addr()]).section("listen", Front::LISTEN).section("limits", limits);
    (Gate::start(change(setup)).await, upstream)
}

/// Page one.
async fn try_password(browser: &mut Browser, login: &str, password: &str) -> Answer {
    browser.post("/.vestibule/login", &[("login", login), ("password", password)]).await
}

/// Everything of an answer that a stranger could compare, without what differs in any two.
pub fn seen(answer: &Answer, login: &str) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"));
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
    headers.sort();
    (answer.status.as_u16(), headers, answer.text().replace(login, "LOGIN"))
}

/// Somebody innocent signs in as far as page two, in a browser that has never been here, at an address of their own.
async fn innocent_is_asked_for_a_code(gate: &Gate, login: &str, after: &str) {
    let mut browser = gate.browser().behind(Front::Proxy).seen_from("198.18.7.7");
    assert_eq!(try_password(&mut browser, login, PASSWORD).await.location(), "/.vestibule/verify", "{after}");
}
