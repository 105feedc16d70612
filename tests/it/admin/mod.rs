//! The admin pages: their own origin and sign-in, what is done there, what waits a day, and what nobody can do.

mod acts;
mod bounds;
mod delayed;
mod door;
mod letters;
mod looks;
mod many;
mod setting;
mod sign_in;
mod stages;
mod upload;

use std::time::Duration;

use vestibule::admin::TrailQuery;
use vestibule::audit::Record;

use crate::harness::{Answer, Gate, Person, Setup, Upstream};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

pub const HOME: &str = "/.vestibule/admin";
pub const ACCOUNTS: &str = "/.vestibule/admin/accounts";
const INVITE: &str = "/.vestibule/admin/accounts/invite";
pub const SETTINGS: &str = "/.vestibule/admin/settings";
const AUDIT: &str = "/.vestibule/admin/audit";
const DELAYED: &str = "/.vestibule/admin/delayed";

pub const SESSION: &str = "__Host-vestibule-admin";

pub async fn gate() -> (Gate, Upstream) {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("listen", "admin = \"127.0.0.1:0\"")).await;
    gate.without_rates();
    (gate, upstream)
}

/// The same person in a browser at the admin pages.
pub fn at_admin(gate: &Gate, person: &Person) -> Person {
    let mut there = person.in_new_browser(gate);
    there.browser.addr = gate.app().admin_addr().unwrap();
    "localhost".clone_into(&mut there.browser.host);
    there.browser.port = there.browser.addr.port();
    there
}

/// An admin who is inside at the admin pages.
pub async fn boss(gate: &Gate, login: &str) -> Person {
    let mut boss = at_admin(gate, &gate.admin(login).await);
    assert_eq!(enter(gate, &mut boss, HOME).await.location(), HOME);
    boss
}

/// Both doors of the admin pages.
pub async fn enter(gate: &Gate, person: &mut Person, to: &str) -> Answer {
    assert_eq!(person.log_in(to).await.location(), "/.vestibule/verify");
    let code = person.next_code(gate);
    person.browser.post("/.vestibule/verify", &[("code", &code)]).await
}

/// Sends the form that stands on `page` to `action`, with its token.
pub async fn send(person: &mut Person, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let token = person.browser.get(page).await.field("form_token").expect("a form on the page");
    let fields = [&[("form_token", token.as_str())], fields].concat();
    person.browser.post(action, &fields).await
}

pub async fn page_of(gate: &Gate, login: &str) -> String {
    format!("{ACCOUNTS}/{}", gate.id_of(login).await)
}

/// Does something to an account on its page.
pub async fn does(gate: &Gate, boss: &mut Person, deed: &str, login: &str) -> Answer {
    let page = page_of(gate, login).await;
    send(boss, &page, &page, &[("deed", deed), ("sure", "yes")]).await
}

/// Records of an action, newest first.
async fn recorded(gate: &Gate, action: &str) -> Vec<Record> {
    let query = TrailQuery { action: Some(action.to_owned()), limit: 1000, ..TrailQuery::default() };
    gate.open_store(false).await.office().records(&query).await.unwrap()
}

/// What the newest record of an action says.
async fn told(gate: &Gate, action: &str) -> serde_json::Value {
    serde_json::from_str(&recorded(gate, action).await.first().expect("a record").detail).unwrap()
}
