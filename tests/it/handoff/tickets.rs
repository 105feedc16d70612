//! A ticket: for one browser, one portal, one session, once, for half a minute.

use std::time::Duration;

use http::StatusCode;
use vestibule::ports::Token;

use super::{ANNA, Brought, HANDOFF, OTHER, PAGES, SESSION, Traveller, errand, lets_nobody_in, plain, ticket};
use crate::harness::{Gate, HOST};

/// Somebody with a ticket in her hands.
async fn holding(gate: &Gate) -> (Traveller, Brought) {
    let mut anna = Traveller::signed_in(gate, ANNA, false).await;
    let place = errand(&mut anna.portal, "/tickets").await;
    let brought = ticket(&mut anna.person.browser, &place).await;
    (anna, brought)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_good_with_its_cookie_alone_and_once() {
    let (upstream, _other, gate) = plain().await;
    let (mut anna, brought) = holding(&gate).await;
    let own = anna.portal.cookies[HANDOFF].clone();
    // None, somebody else's, a malformed one, two of them.
    let mut without = anna.portal.clone();
    without.cookies.clear();
    lets_nobody_in(&brought.to(&mut without).await, "without a cookie");
    for foreign in [Token::generate().reveal(), "", "x", &format!("{own}A"), &format!("{own}; {HANDOFF}={own}")] {
        let mut other = anna.portal.clone();
        other.cookies.insert(HANDOFF.to_owned(), foreign.to_owned());
        lets_nobody_in(&brought.to(&mut other).await, foreign);
    }
    // A ticket that nobody made.
    for made_up in [Token::generate().reveal(), "", "x", &format!("{} ", brought.ticket)] {
        let made_up = Brought { ticket: made_up.to_owned(), ..brought.clone() };
        lets_nobody_in(&made_up.to(&mut anna.portal.clone()).await, "made up");
    }
    // None of these has spent it.
    let mut again = anna.portal.clone();
    assert_eq!(brought.to(&mut anna.portal).await.location(), "/tickets");
    assert_eq!(anna.portal.get("/tickets").await.status, StatusCode::OK);
    lets_nobody_in(&brought.to(&mut again).await, "once more");
    assert_eq!(gate.number("SELECT count(*) FROM handoffs").await, 0);
    assert_eq!(upstream.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_good_for_half_a_minute() {
    let (_upstream, _other, gate) = plain().await;
    let (mut anna, brought) = holding(&gate).await;
    gate.hands.advance(Duration::from_secs(30));
    lets_nobody_in(&brought.to(&mut anna.portal).await, "30 seconds later");
    let place = errand(&mut anna.portal, "/tickets").await;
    let brought = ticket(&mut anna.person.browser, &place).await;
    gate.hands.advance(Duration::from_secs(29));
    assert_eq!(brought.to(&mut anna.portal).await.location(), "/tickets", "29 seconds later");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_outlives_a_restart_and_is_spent_after_one() {
    let (_upstream, _other, mut gate) = plain().await;
    let (mut anna, brought) = holding(&gate).await;
    gate.crash_and_restart().await;
    anna.portal.addr = gate.addr();
    let mut again = anna.portal.clone();
    assert_eq!(brought.to(&mut anna.portal).await.location(), "/tickets");
    gate.crash_and_restart().await;
    again.addr = gate.addr();
    lets_nobody_in(&brought.to(&mut again).await, "after another restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_good_at_its_own_portal_alone() {
    let (_upstream, other, gate) = plain().await;
    let (mut anna, brought) = holding(&gate).await;
    // The other portal's host, with its own cookie, and with this one's.
    let place = errand(&mut anna.other, "/wiki").await;
    let theirs = ticket(&mut anna.person.browser, &place).await;
    let at_other = brought.to(&mut anna.other.clone()).await;
    assert_eq!(at_other.status, StatusCode::FORBIDDEN, "an errand of another host");
    let mixed = Brought { ticket: brought.ticket.clone(), ..theirs.clone() };
    lets_nobody_in(&mixed.to(&mut anna.other.clone()).await, "its errand with the other's ticket");
    let mut carried = anna.other.clone();
    carried.cookies.insert(HANDOFF.to_owned(), anna.portal.cookies[HANDOFF].clone());
    lets_nobody_in(&mixed.to(&mut carried).await, "with the cookie carried over");
    assert!(other.received().is_empty());
    assert_eq!(theirs.to(&mut anna.other).await.location(), "/wiki");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_presses_at_once_make_one_session() {
    let (_upstream, _other, gate) = plain().await;
    let (anna, brought) = holding(&gate).await;
    let presses = (0..50).map(|_| {
        let (brought, mut browser) = (brought.clone(), anna.portal.clone());
        tokio::spawn(async move { brought.to(&mut browser).await })
    });
    let mut entered = 0;
    for press in presses.collect::<Vec<_>>() {
        let answer = press.await.unwrap();
        let cookies = answer.headers.get_all("set-cookie").iter();
        let is_in = cookies.into_iter().any(|line| line.to_str().unwrap().starts_with("__Host-vestibule="));
        entered += usize::from(is_in);
        if !is_in {
            lets_nobody_in(&answer, "a later press");
        }
    }
    assert_eq!(entered, 1);
    assert_eq!(gate.number("SELECT count(*) FROM sessions WHERE parent IS NOT NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_its_session_ends_it() {
    let (_upstream, _other, gate) = plain().await;
    let (mut anna, brought) = holding(&gate).await;
    let token = anna.person.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    anna.person.browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
    lets_nobody_in(&brought.to(&mut anna.portal.clone()).await, "after signing out");
    // Signed in anew; then an operator disables the account, and enables it again.
    anna.person.sign_in(&gate, "/").await;
    let place = errand(&mut anna.portal, "/tickets").await;
    let brought = ticket(&mut anna.person.browser, &place).await;
    gate.set_disabled(ANNA, true).await;
    lets_nobody_in(&brought.to(&mut anna.portal.clone()).await, "after disabling");
    gate.set_disabled(ANNA, false).await;
    lets_nobody_in(&brought.to(&mut anna.portal.clone()).await, "after enabling again");
    // Another epoch: *Sign out everywhere*, from another browser.
    anna.person.sign_in(&gate, "/").await;
    let place = errand(&mut anna.portal, "/tickets").await;
    let brought = ticket(&mut anna.person.browser, &place).await;
    gate.reset_mfa(ANNA).await;
    lets_nobody_in(&brought.to(&mut anna.portal.clone()).await, "after the factor was taken away");
    assert_eq!(gate.number("SELECT count(*) FROM sessions").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_in_the_same_browser_takes_its_place() {
    let (upstream, _other, gate) = plain().await;
    let (mut anna, brought) = holding(&gate).await;
    brought.to(&mut anna.portal).await.location();
    let ben = Traveller::signed_in(&gate, "ben@example.com", false).await;
    // Ben's ticket is made for Ben's browser; in Anna's it is good for nothing, and she stays who she is.
    let mut of_ben = ben.clone();
    let place = errand(&mut of_ben.portal, "/tickets").await;
    let bens = ticket(&mut of_ben.person.browser, &place).await;
    let answer = bens.to(&mut anna.portal).await;
    assert!(!answer.headers.get_all("set-cookie").iter().any(|line| line.to_str().unwrap().starts_with("__Host-vestibule=")));
    assert_eq!(anna.portal.get("/who").await.status, StatusCode::OK);
    assert_eq!(upstream.received().last().unwrap().all("x-forwarded-user"), [ANNA]);
    // Ben signs in in Anna's browser: her session there ends, and with it the one at the portal.
    let mut swapped = ben.person.clone();
    swapped.browser = anna.person.browser.clone();
    swapped.sign_in(&gate, "/").await;
    assert_eq!(anna.portal.fetch("/who").await.status, StatusCode::UNAUTHORIZED);
    anna.person.browser = swapped.browser;
    anna.enter("/who").await;
    assert_eq!(anna.portal.get("/who").await.status, StatusCode::OK);
    assert_eq!(upstream.received().last().unwrap().all("x-forwarded-user"), ["ben@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_of_one_browser_come_back_both() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let (first, second) = (errand(&mut anna.portal, "/a").await, errand(&mut anna.portal, "/b").await);
    let (first, second) = (ticket(&mut anna.person.browser, &first).await, ticket(&mut anna.person.browser, &second).await);
    assert_eq!(first.to(&mut anna.portal).await.location(), "/a");
    assert_eq!(second.to(&mut anna.portal).await.location(), "/b", "its cookie is gone, but she is in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_keeps_no_cookie_comes_to_an_end() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let mut place = errand(&mut anna.portal, "/tickets").await;
    for _ in 0..2 {
        let brought = ticket(&mut anna.person.browser, &place).await;
        anna.portal.cookies.clear();
        let again = brought.to(&mut anna.portal).await;
        place = again.location().strip_prefix(&format!("https://{PAGES}")).unwrap().to_owned();
    }
    let brought = ticket(&mut anna.person.browser, &place).await;
    anna.portal.cookies.clear();
    let refused = brought.to(&mut anna.portal).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("This sign-in could not be finished here"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lapses_is_forgotten_and_few_wait() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let place = errand(&mut anna.portal, "/").await;
    for _ in 0..70 {
        ticket(&mut anna.person.browser, &place).await;
    }
    assert_eq!(gate.number("SELECT count(*) FROM handoffs").await, 64);
    let newest = ticket(&mut anna.person.browser, &place).await;
    gate.hands.advance(Duration::from_secs(29));
    assert_eq!(newest.to(&mut anna.portal).await.location(), "/");
    gate.hands.advance(Duration::from_secs(1));
    gate.open_store(false).await.session_log().sweep(gate.now().secure).await.unwrap();
    assert_eq!(gate.number("SELECT count(*) FROM handoffs").await, 0);
    assert!(anna.portal.cookies.contains_key(SESSION));
    assert_eq!((anna.portal.host.as_str(), anna.other.host.as_str()), (HOST, OTHER));
}
