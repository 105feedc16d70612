//! The whole way: one sign-in, two portals, and out again everywhere.

use http::{Method, StatusCode};

use super::{ANNA, HANDOFF, HOST, PAGES, SESSION, Traveller, enter, errand, plain, ticket};
use crate::harness::Gate;
use crate::harness::browser::Kind;

async fn serves_both(http2: bool) {
    let (upstream, other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, http2).await;
    assert!(upstream.received().is_empty() && other.received().is_empty());
    let entered = anna.enter("/tickets?x=%22&y").await;
    assert_eq!(entered.location(), "/tickets?x=%22&y", "where one wanted to");
    assert!(!anna.portal.cookies.contains_key(HANDOFF), "the errand is done");
    assert_eq!(anna.portal.get("/tickets?x=%22&y").await.status, StatusCode::OK);
    assert_eq!(upstream.received()[0].all("x-forwarded-user"), [ANNA]);
    // The other portal asks for nothing.
    assert_eq!(enter(&mut anna.person.browser, &mut anna.other, "/wiki").await.location(), "/wiki");
    assert_eq!(anna.other.get("/wiki").await.status, StatusCode::OK);
    assert_eq!(other.received()[0].all("x-forwarded-user"), [ANNA]);
    let values = [&anna.person.browser, &anna.portal, &anna.other].map(|browser| browser.cookies[SESSION].clone());
    assert!(values[0] != values[1] && values[1] != values[2] && values[0] != values[2]);
    // No cookie of ours went upstream, and no host was asked with another's.
    for received in upstream.received().iter().chain(&other.received()) {
        assert!(!received.head.contains("__Host-vestibule"), "{}", received.head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sign_in_serves_two_portals() {
    serves_both(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sign_in_serves_two_portals_over_http2() {
    serves_both(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_nobody_signs_in_first_and_is_led_back() {
    let (_upstream, _other, gate) = plain().await;
    let anna = Traveller::signed_in(&gate, ANNA, false).await;
    let mut anna = anna.elsewhere(&gate);
    let place = errand(&mut anna.portal, "/tickets").await;
    let login = anna.person.browser.get(&place).await.location().to_owned();
    assert!(login.starts_with("/.vestibule/login?to="), "{login}");
    let to = anna.person.browser.get(&login).await.field("to").unwrap();
    assert_eq!(to, place);
    assert_eq!(anna.person.sign_in(&gate, &to).await.location(), place);
    let brought = ticket(&mut anna.person.browser, &place).await;
    assert_eq!(brought.to(&mut anna.portal).await.location(), "/tickets");
    assert_eq!(anna.portal.get("/tickets").await.status, StatusCode::OK);
    // The cookie that came before is written as it must be.
    let away = anna.other.get("/.vestibule/login").await;
    let cookie = away.header("set-cookie");
    assert!(cookie.starts_with(&format!("{HANDOFF}=")), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "Path=/", "Max-Age=300", "SameSite=None"] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_errand_that_took_too_long_begins_anew_at_its_own_host() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let place = errand(&mut anna.portal, "/tickets").await;
    gate.hands.advance(std::time::Duration::from_mins(5));
    let page = anna.person.browser.get(&place).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.field("ticket"), None);
    assert!(page.text().contains(&format!("url=https://{HOST}/.vestibule/login?to=%2Ftickets")), "{}", page.text());
    assert_eq!(enter(&mut anna.person.browser, &mut anna.portal, "/tickets").await.location(), "/tickets");
}

/// Nobody is inside anywhere, at once and in the store.
async fn nobody_is_in(gate: &Gate, anna: &mut Traveller) {
    assert_eq!(anna.portal.fetch("/x").await.header("vestibule-required"), "login");
    assert_eq!(anna.other.fetch("/x").await.header("vestibule-required"), "login");
    assert!(anna.person.browser.get("/.vestibule/account").await.location().starts_with("/.vestibule/login"));
    assert_eq!(gate.number("SELECT count(*) FROM sessions").await, 0);
}

async fn in_everywhere(gate: &Gate) -> Traveller {
    let mut anna = Traveller::signed_in(gate, ANNA, false).await;
    anna.enter("/").await;
    enter(&mut anna.person.browser, &mut anna.other, "/").await;
    anna
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_our_pages_ends_all() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = in_everywhere(&gate).await;
    let asked = anna.portal.get("/.vestibule/logout").await;
    assert_eq!(asked.location(), format!("https://{PAGES}/.vestibule/logout"));
    let token = anna.person.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    anna.person.browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
    nobody_is_in(&gate, &mut anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_a_portal_ends_all() {
    let (upstream, _other, gate) = plain().await;
    let mut anna = in_everywhere(&gate).await;
    assert_eq!(anna.portal.get("/logout").await.status, StatusCode::OK);
    assert!(upstream.received().iter().any(|received| received.line().starts_with("GET /logout")), "the portal was told");
    nobody_is_in(&gate, &mut anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_ends_ends_at_the_portals_within_a_second() {
    use vestibule::session::log::Which;
    let (_upstream, _other, gate) = plain().await;
    let mut anna = in_everywhere(&gate).await;
    // The one at the host of our pages alone; what hangs on it goes with it.
    let store = gate.open_store(false).await;
    let parent = gate.app().parts();
    let token = vestibule::ports::TokenHash::of(&anna.person.browser.cookies[SESSION]).unwrap();
    let id = parent.table.look_up(&token, gate.now().secure).unwrap().session.id;
    assert_eq!(store.session_log().end(Which::One(id), gate.event("session.end")).await.unwrap(), 1);
    Gate::soon("both portals have forgotten her", || {
        let (mut portal, mut other) = (anna.portal.clone(), anna.other.clone());
        async move {
            portal.fetch("/x").await.status == StatusCode::UNAUTHORIZED
                && other.fetch("/x").await.status == StatusCode::UNAUTHORIZED
        }
    })
    .await;
    nobody_is_in(&gate, &mut anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_survive_a_restart_and_belong_together_still() {
    let (_upstream, _other, mut gate) = plain().await;
    let mut anna = in_everywhere(&gate).await;
    gate.crash_and_restart().await;
    for browser in [&mut anna.person.browser, &mut anna.portal, &mut anna.other] {
        browser.addr = gate.addr();
    }
    assert_eq!(anna.portal.get("/x").await.status, StatusCode::OK);
    let token = anna.person.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    let signed_out = anna.person.browser.post("/.vestibule/logout", &[("form_token", &token)]).await;
    assert_eq!(signed_out.status, StatusCode::SEE_OTHER);
    nobody_is_in(&gate, &mut anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_is_told_as_before() {
    let (upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let refused = anna.portal.send(Method::GET, "/api", Kind::Fetch, &[], bytes::Bytes::new()).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!((refused.header("vestibule-required"), refused.header("location")), ("login", "/.vestibule/login"));
    assert!(anna.portal.cookies.is_empty() && upstream.received().is_empty());
}
