//! Section F: codes, recovery, texts, enrolment.

mod enrolment;
mod guesses;
mod matrix;
mod randomness;
mod recovery;
mod replay;
mod stepping_up;
mod texts;

use std::time::Duration;

use crate::attacks::arena::Way;
use crate::attacks::coming;
use crate::harness::{Answer, Gate, Person};

pub const ANNA: &str = "anna@example.com";
const DAY: Duration = Duration::from_hours(24);

/// Whether this answer makes a session.
fn has_session(answer: &Answer) -> bool {
    gives(answer, "__Host-vestibule")
}

/// Whether this answer sets a cookie of this name.
fn gives(answer: &Answer, name: &str) -> bool {
    answer.headers.get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with(&format!("{name}=")) && !cookie.contains("Max-Age=0")
    })
}

/// The same person in a browser that has never been here, coming this way, at page two.
async fn at_page_two(gate: &Gate, person: &Person, way: Way) -> Person {
    let mut there = person.in_new_browser(gate);
    there.browser = coming(there.browser, way);
    there.reach_page_two().await;
    there
}

/// Codes and passwords may be wrong as often as a test likes; none of them is right more often for that.
fn without_budgets(gate: &Gate) {
    gate.without_rates();
    gate.adjust(|settings| {
        settings.codes.per_pending = 1000;
        settings.codes.unknown = vec![(DAY, 1000)];
        settings.session_attempts = 1000;
    });
}

/// Gives the window a new code, and hands it back: it is used.
async fn used_for_the_window(gate: &Gate, person: &mut Person) -> String {
    let token = person.browser.get("/.vestibule/verify").await.field("form_token").expect("a form token");
    let code = person.next_code(gate);
    let confirmed = person.browser.post("/.vestibule/verify", &[("code", &code), ("form_token", &token), ("to", "/")]).await;
    assert_eq!(confirmed.location(), "/", "{}", confirmed.text());
    code
}
