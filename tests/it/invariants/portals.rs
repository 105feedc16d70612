//! Several portals behind one gate: names, groups and sessions of one open nothing of another.

use http::StatusCode;

use crate::harness::{Answer, Browser, Gate, HOST, Person, Setup, Upstream};

const OTHER: &str = "other.example.com";

async fn gate(first: &Upstream, second: &Upstream) -> Gate {
    let other =
        format!("[[portal]]\nurl = \"https://{OTHER}\"\nupstreams = [\"http://{}\"]\ngroups = [\"second\"]\n", second.addr());
    Gate::start(Setup::new(&[first.addr()]).portal("groups = [\"first\"]").more(&other)).await
}

fn at(browser: &Browser, host: &str) -> Browser {
    let mut browser = browser.clone();
    host.clone_into(&mut browser.host);
    browser
}

#[track_caller]
fn required(answer: &Answer, what: &str) {
    assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::UNAUTHORIZED, what));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_one_portal_is_nobody_at_another() {
    let (first, second) = (Upstream::start(), Upstream::start());
    let gate = gate(&first, &second).await;
    let anna = gate.signed_in_with("anna@example.com", &["first", "second"]).await;
    assert_eq!(anna.browser.clone().fetch("/x").await.status, StatusCode::OK);
    let mut there = at(&anna.browser, OTHER);
    for http2 in [false, true] {
        there.http2 = http2;
        required(&there.fetch("/x").await, "login");
        assert_eq!(
            there.get("/.vestibule/account").await.location(),
            "/.vestibule/login?to=/.vestibule/account".split('?').next().unwrap()
        );
        assert_eq!(there.fetch("/.vestibule/state").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!((first.count(), second.count()), (1, 0));
    // Signed in there, too: each has its own, and ending one leaves the other.
    let mut both = Person { browser: at(&gate.browser(), OTHER), ..anna.clone() };
    both.sign_in(&gate, "/").await;
    assert_eq!(both.browser.fetch("/x").await.status, StatusCode::OK);
    required(&at(&both.browser, HOST).fetch("/x").await, "login");
    assert_eq!((first.count(), second.count()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_say_who_may_enter_at_all() {
    let (first, second) = (Upstream::start(), Upstream::start());
    let gate = gate(&first, &second).await;
    let mut bert = gate.signed_in_with("bert@example.com", &["second"]).await;
    assert_eq!(bert.browser.get("/x").await.status, StatusCode::FORBIDDEN);
    assert_eq!(bert.browser.fetch("/x").await.status, StatusCode::FORBIDDEN);
    bert.browser = at(&gate.browser(), OTHER);
    bert.sign_in(&gate, "/").await;
    assert_eq!(bert.browser.fetch("/x").await.status, StatusCode::OK);
    assert_eq!((first.count(), second.count()), (0, 1));
}
