//! Paths of the portal that mean something to the gate: its own sign-in and sign-out. (What paths may be at all: section C of the
//! attack table.)

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::harness::browser::Kind;
use crate::harness::{Answer, Gate, Setup, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn the_portals_own_sign_in_and_sign_out_are_known() {
    let upstream = Upstream::start();
    let paths = "login_paths = [\"/my_profile/user_login\"]\nlogout_paths = [\"/logout\", \"/open/logout\"]\n\
                 [[portal.rule]]\npath = \"/open/**\"\nrequire = \"nothing\"\n";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(paths)).await;
    let mut nobody = gate.browser();
    assert_eq!(nobody.get("/my_profile/user_login").await.location(), "/.vestibule/login?to=/");
    assert_eq!(nobody.get("/logout").await.location(), "/.vestibule/login?to=/");
    assert_eq!(upstream.count(), 0);
    let mut anna = gate.signed_in("anna@example.com").await;
    assert_eq!(anna.browser.get("/my_profile/user_login").await.status, StatusCode::OK);
    // A picture, a script: no sign-out.
    assert_eq!(anna.browser.fetch("/logout").await.status, StatusCode::OK);
    assert_eq!(anna.browser.get("/logout/x").await.status, StatusCode::OK);
    for (path, method, kind) in [
        ("/logout", Method::GET, Kind::Navigation),
        ("/x/../%6cogout?now", Method::GET, Kind::Navigation),
        ("/logout", Method::POST, Kind::Fetch),
        ("/open/logout", Method::GET, Kind::Navigation),
    ] {
        let stolen = anna.browser.clone();
        let before = upstream.count();
        let answer = anna.browser.send(method, path, kind, &[], Bytes::new()).await;
        assert_eq!((answer.status, upstream.count() - before), (StatusCode::OK, 1), "{path}: the portal is told");
        assert!(answer.text().contains("portal"), "the portal's farewell comes whole");
        assert!(!anna.browser.cookies.contains_key("__Host-vestibule"), "{path}: {:?}", answer.headers);
        assert_required(&stolen.clone().fetch("/x").await, "login");
        anna.sign_in(&gate, "/").await;
    }
}

#[track_caller]
fn assert_required(answer: &Answer, what: &str) {
    assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::UNAUTHORIZED, what));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_farewell_that_takes_its_time_comes_whole_and_one_that_never_comes_is_none_the_less_one() {
    let upstream = Upstream::scripted(|received, stream| {
        use std::io::Write as _;
        if received.line().contains("/broken/") {
            return false;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ngood").unwrap();
        // Longer than the gate takes to look again at what is open.
        std::thread::sleep(std::time::Duration::from_millis(1200));
        stream.write_all(b" bye").is_ok()
    });
    let paths = "logout_paths = [\"/logout\", \"/broken/logout\"]";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(paths)).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let stolen = anna.browser.clone();
    assert_eq!(anna.browser.get("/logout").await.text(), "good bye");
    assert_required(&stolen.clone().fetch("/x").await, "login");
    anna.sign_in(&gate, "/").await;
    let stolen = anna.browser.clone();
    assert_eq!(anna.browser.get("/broken/logout").await.status, StatusCode::BAD_GATEWAY);
    assert!(!anna.browser.cookies.contains_key("__Host-vestibule"));
    assert_required(&stolen.clone().fetch("/x").await, "login");
}
