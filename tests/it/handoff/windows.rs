//! Windows and forms: the code is entered at the host of our pages, and goes back with the ticket, as old as it is.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{ANNA, HOST, PAGES, SESSION, Traveller, enter, errand, gate, plain, sent, ticket};
use crate::harness::browser::Kind;
use crate::harness::{Answer, Browser, Gate, Upstream};
use crate::parked::waiting;

const DAY: Duration = Duration::from_hours(24);
const FORM: &str = "application/x-www-form-urlencoded";

/// A code, on the way to that address.
async fn confirm(gate: &Gate, anna: &mut Traveller, place: &str) -> Answer {
    let page = anna.person.browser.get(place).await.location().to_owned();
    assert!(page.starts_with("/.vestibule/verify?to="), "{page}");
    let asked = anna.person.browser.get(&page).await;
    assert!(asked.text().contains(HOST), "it says where one goes next: {}", asked.text());
    let (token, to) = (asked.field("form_token").unwrap(), asked.field("to").unwrap());
    let code = anna.person.next_code(gate);
    anna.person.browser.post("/.vestibule/verify", &[("code", &code), ("to", &to), ("form_token", &token)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passed_window_asks_for_a_code_there_and_every_portal_gets_it_by_a_ticket() {
    let (upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    anna.enter("/").await;
    enter(&mut anna.person.browser, &mut anna.other, "/").await;
    let entered = gate.code_at(&anna.portal);
    assert_eq!(entered, gate.code_at(&anna.person.browser), "the ticket brings the code as old as it is");
    gate.move_to(entered + DAY * 30);
    assert_eq!(anna.portal.fetch("/x").await.header("vestibule-required"), "code");
    let old = anna.portal.cookies[SESSION].clone();
    let place = errand(&mut anna.portal, "/tickets").await;
    assert_eq!(confirm(&gate, &mut anna, &place).await.location(), place);
    // What was asked for in vain did not reach the portal, and a code there opens nothing here before the ticket.
    assert_eq!(anna.portal.fetch("/x").await.header("vestibule-required"), "code");
    assert!(upstream.received().is_empty());
    let brought = ticket(&mut anna.person.browser, &place).await;
    assert_eq!(brought.to(&mut anna.portal).await.location(), "/tickets");
    assert_eq!(anna.portal.get("/tickets").await.status, StatusCode::OK);
    assert_ne!(anna.portal.cookies[SESSION], old, "under a new cookie");
    let mut stolen = anna.portal.clone();
    stolen.cookies.insert(SESSION.to_owned(), old);
    assert_eq!(stolen.fetch("/x").await.header("vestibule-required"), "code", "the old one is good for what it was good for");
    // The other portal: a script is asked for a code, a person is not.
    assert_eq!(anna.other.fetch("/x").await.header("vestibule-required"), "code");
    assert_eq!(enter(&mut anna.person.browser, &mut anna.other, "/wiki").await.location(), "/wiki");
    assert_eq!(anna.other.get("/wiki").await.status, StatusCode::OK);
    assert_eq!(gate.number("SELECT count(*) FROM sessions").await, 3, "the same sessions, not new ones");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_window_of_a_rule_holds_whatever_the_method() {
    let (upstream, other) = (Upstream::start(), Upstream::start());
    let rule = "groups = [\"staff\"]\n[[portal.rule]]\npath = \"/pay\"\nmethods = [\"POST\"]\nreauth = \"10m\"\n[[portal.rule]]\npath = \"/billing\"\nreauth = \"10m\"";
    let gate = gate(&upstream, &other, |setup| setup.portal(rule).section("park", "max_body = \"off\"")).await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    gate.hands.advance(Duration::from_mins(11));
    // Handed on, the code is as old as it was.
    anna.enter("/").await;
    let place = errand(&mut anna.portal, "/billing").await;
    confirm(&gate, &mut anna, &place).await.location();
    ticket(&mut anna.person.browser, &place).await.to(&mut anna.portal).await.location();
    assert_eq!(anna.portal.get("/billing").await.status, StatusCode::OK);
    // A page that needs no new code, and a form on it that does: it is asked for, not gone round in circles.
    gate.hands.advance(Duration::from_mins(11));
    let headers = [("content-type", FORM), ("referer", "https://portal.example.com/invoice")];
    let asked = anna.portal.send(Method::POST, "/pay", Kind::Navigation, &headers, Bytes::from_static(b"a=b")).await;
    let ours = asked.location().to_owned();
    assert_eq!(ours, "/.vestibule/verify?to=/invoice");
    let place = sent(&mut anna.portal, &ours).await;
    confirm(&gate, &mut anna, &place).await.location();
    assert_eq!(ticket(&mut anna.person.browser, &place).await.to(&mut anna.portal).await.location(), "/invoice");
    let paid = anna.portal.send(Method::POST, "/pay", Kind::Navigation, &headers, Bytes::from_static(b"a=b")).await;
    assert_eq!(paid.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_is_measured_where_one_is() {
    let (upstream, other) = (Upstream::start(), Upstream::start());
    let gate = gate(&upstream, &other, |setup| setup.portal("groups = [\"staff\"]").section("session", "idle = \"15m\"")).await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    anna.enter("/").await;
    enter(&mut anna.person.browser, &mut anna.other, "/").await;
    let rested = anna.other.clone();
    for _ in 0..3 {
        gate.hands.advance(Duration::from_mins(10));
        assert_eq!(anna.portal.get("/x").await.status, StatusCode::OK);
    }
    assert_eq!(anna.other.fetch("/x").await.header("vestibule-required"), "login", "it has rested for too long");
    assert_eq!(
        enter(&mut anna.person.browser, &mut anna.other, "/").await.location(),
        "/",
        "whoever is at a portal is not idle here"
    );
    assert_eq!(anna.other.get("/x").await.status, StatusCode::OK);
    assert_eq!({ rested }.fetch("/x").await.header("vestibule-required"), "login", "the cookie that had rested stays nobody's");
    gate.hands.advance(Duration::from_mins(15));
    assert_eq!(anna.portal.fetch("/x").await.header("vestibule-required"), "login");
    assert!(anna.person.browser.get("/.vestibule/account").await.location().starts_with("/.vestibule/login"));
}

async fn send_form(browser: &mut Browser, path: &str, body: &'static [u8]) -> Answer {
    let headers = [("content-type", FORM), ("referer", "https://portal.example.com/edit?id=7")];
    browser.send(Method::POST, path, Kind::Navigation, &headers, Bytes::from_static(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_met_the_closed_window_waits_and_is_sent_once() {
    let (upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    anna.enter("/").await;
    gate.move_to(gate.code_at(&anna.portal) + DAY * 30);
    let kept = send_form(&mut anna.portal, "/save", b"text=hello").await;
    let ours = kept.location().to_owned();
    assert!(ours.starts_with("/.vestibule/verify?to="), "{ours}");
    assert!(anna.portal.cookies.contains_key("__Host-vestibule-park"));
    let place = sent(&mut anna.portal, &ours).await;
    confirm(&gate, &mut anna, &place).await.location();
    let entered = ticket(&mut anna.person.browser, &place).await.to(&mut anna.portal).await;
    assert_eq!(entered.location(), "/.vestibule/parked");
    let page = anna.portal.get("/.vestibule/parked").await;
    let (token, ids) = waiting(&page);
    assert!(page.text().contains("POST /save") && ids.len() == 1, "{}", page.text());
    assert!(upstream.received().is_empty(), "nothing is sent by itself");
    let form = [("form_token", token.as_str()), ("id", ids[0].as_str()), ("act", "send")];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let send = anna.portal.post("/.vestibule/parked", &form).await;
    assert_eq!((send.status, send.header("location")), (StatusCode::TEMPORARY_REDIRECT, "/save"));
    let headers = [("content-type", FORM)];
    let done = anna.portal.send(Method::POST, "/save", Kind::Navigation, &headers, body.into()).await;
    assert_eq!(done.status, StatusCode::OK);
    let received = upstream.received();
    assert_eq!((received.len(), received[0].body.as_slice()), (1, b"text=hello".as_slice()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lapsed_session_left_waits_for_the_next_sign_in() {
    let (upstream, other) = (Upstream::start(), Upstream::start());
    let gate = gate(&upstream, &other, |setup| setup.portal("groups = [\"staff\"]").section("session", "idle = \"15m\"")).await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    anna.enter("/").await;
    gate.hands.advance(Duration::from_mins(15));
    let ours = send_form(&mut anna.portal, "/save", b"text=hello").await.location().to_owned();
    assert!(ours.starts_with("/.vestibule/login?to="), "{ours}");
    assert!(anna.portal.cookies.contains_key("__Host-vestibule-park"), "it was kept");
    let place = sent(&mut anna.portal, &ours).await;
    anna.person.sign_in(&gate, &place).await.location();
    // As from a site of its own: no cookie but that of the errand comes with the form.
    let mut bare = anna.portal.clone();
    bare.cookies.retain(|name, _| name == super::HANDOFF);
    let brought = ticket(&mut anna.person.browser, &place).await;
    let headers = [("origin", &*format!("https://{PAGES}")), ("sec-fetch-site", "cross-site")];
    assert_eq!(brought.with(&mut bare, &headers).await.location(), "/.vestibule/parked");
    assert!(bare.get("/.vestibule/parked").await.text().contains("POST /save"));
    assert!(upstream.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_the_portal_has_opened_comes_back_to_tell_it() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    anna.enter("/").await;
    gate.move_to(gate.code_at(&anna.portal) + DAY * 30);
    let place = sent(&mut anna.portal, "/.vestibule/verify?popup=1").await;
    confirm(&gate, &mut anna, &place).await.location();
    let back = ticket(&mut anna.person.browser, &place).await.to(&mut anna.portal).await;
    assert_eq!(back.location(), "/.vestibule/verify?popup=done");
    let done = anna.portal.get("/.vestibule/verify?popup=done").await;
    assert!(done.text().contains("data-announce=\"confirmed\""), "{}", done.text());
}
