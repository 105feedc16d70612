//! Between the host of our pages and that of a portal: nobody is led elsewhere, nobody is signed in as somebody else, and what is
//! known beforehand is good for nothing.

use http::StatusCode;
use vestibule::ports::Token;

use crate::handoff::{ANNA, Brought, HANDOFF, PAGES, ROUTE, SESSION, Traveller, errand, lets_nobody_in, plain, sent, ticket};
use crate::harness::HOST;

#[tokio::test(flavor = "multi_thread")]
async fn h01_an_errand_leads_to_a_path_of_its_own_portal_whatever_was_asked_for() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    for to in
        ["//evil.example", "/\\evil.example", "https://evil.example/", "/%09/evil.example", "/.vestibule/account", "/logout", "x"]
    {
        let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let place = sent(&mut anna.portal, &format!("/.vestibule/login?to={to}")).await;
        let brought = ticket(&mut anna.person.browser, &place).await;
        assert_eq!(brought.action, format!("https://{HOST}{ROUTE}"), "{to}");
        let mut portal = anna.portal.clone();
        assert_eq!(brought.to(&mut portal).await.location(), "/", "{to}");
    }
    // At the host of our pages, nothing but an errand of ours leads away; and one that was bent leads nowhere.
    let place = errand(&mut anna.portal, "/tickets").await;
    let bent = place.replace("errand=AQ", "errand=AR");
    assert_ne!(bent, place);
    assert_eq!(anna.person.browser.get(&bent).await.status, StatusCode::NOT_FOUND);
    let absolute = format!("https://evil.example{place}");
    for to in
        ["https://evil.example/", "//evil.example", "/x", &bent, &absolute, "/.vestibule/handoff", "/.vestibule/handoff?x=1"]
    {
        let query: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        assert_eq!(anna.person.browser.get(&format!("/.vestibule/login?to={query}")).await.location(), "/", "{to}");
        assert_eq!(anna.elsewhere(&gate).person.sign_in(&gate, to).await.location(), "/", "{to}");
    }
    // A host that is no portal's is never written into one.
    let mut forged = anna.portal.clone();
    forged.extra.push(("x-forwarded-host".to_owned(), "evil.example".to_owned()));
    let place = sent(&mut forged, "/.vestibule/login?to=/a").await;
    assert_eq!(ticket(&mut anna.person.browser, &place).await.action, format!("https://{HOST}{ROUTE}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn h01_a_bent_destination_lets_nobody_in() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let place = errand(&mut anna.portal, "/tickets").await;
    let brought = ticket(&mut anna.person.browser, &place).await;
    let mut bent = brought.errand.clone().into_bytes();
    let at = bent.len() / 2;
    bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
    for errand in [String::from_utf8(bent).unwrap(), String::new(), "/tickets".to_owned(), format!("{}A", brought.errand)] {
        let forged = Brought { errand, ..brought.clone() };
        assert_eq!(forged.to(&mut anna.portal.clone()).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(brought.to(&mut anna.portal).await.location(), "/tickets", "the ticket was not spent by that");
}

#[tokio::test(flavor = "multi_thread")]
async fn h05_nobody_is_signed_in_by_a_form_from_anywhere_else() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let mut mallory = Traveller::signed_in(&gate, "mallory@example.com", false).await;
    let place = errand(&mut mallory.portal, "/tickets").await;
    let theirs = ticket(&mut mallory.person.browser, &place).await;
    // In somebody else's browser, which has an errand of its own: the cookie is another one.
    let _ = errand(&mut anna.portal, "/").await;
    lets_nobody_in(&theirs.to(&mut anna.portal.clone()).await, "with her cookie");
    // Script of the portal has planted that cookie, too: its own forms come from the portal's origin, and no script writes another.
    let mut planted = anna.portal.clone();
    planted.cookies.insert(HANDOFF.to_owned(), mallory.portal.cookies[HANDOFF].clone());
    let portal = format!("https://{HOST}");
    for headers in [
        &[("origin", portal.as_str()), ("sec-fetch-site", "same-origin")][..],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://login.example.com.evil.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "https://login.example.com"), ("sec-fetch-site", "same-origin")],
        &[("origin", "https://login.example.com"), ("sec-fetch-site", "none")],
        &[("origin", "http://login.example.com"), ("sec-fetch-site", "cross-site")],
    ] {
        let answer = theirs.with(&mut planted.clone(), headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert!(!answer.headers.contains_key("set-cookie"), "{headers:?}");
    }
    // And by a script's request, wherever it says that it is from.
    let pages = format!("https://{PAGES}");
    let headers =
        [("origin", pages.as_str()), ("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
    assert_eq!(theirs.with(&mut planted, &headers).await.status, StatusCode::FORBIDDEN);
    assert_eq!(theirs.to(&mut mallory.portal).await.location(), "/tickets", "nothing of this has spent it");
}

#[tokio::test(flavor = "multi_thread")]
async fn g01_a_cookie_that_was_there_before_is_not_the_one_that_is_let_in() {
    let (_upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let fixed = Token::generate();
    anna.portal.cookies.insert(SESSION.to_owned(), fixed.reveal().to_owned());
    anna.enter("/tickets").await;
    assert_ne!(anna.portal.cookies[SESSION], fixed.reveal());
    let mut thief = anna.portal.clone();
    thief.cookies.insert(SESSION.to_owned(), fixed.reveal().to_owned());
    assert_eq!(thief.fetch("/x").await.header("vestibule-required"), "login");
    // Whoever knows the errand of another browser, and has a session of their own, gets a ticket that is of no use to them.
    let mut mallory = Traveller::signed_in(&gate, "mallory@example.com", false).await;
    let mut other = anna.elsewhere(&gate);
    let place = errand(&mut other.portal, "/").await;
    let made = ticket(&mut mallory.person.browser, &place).await;
    let _ = errand(&mut mallory.portal, "/").await;
    lets_nobody_in(&made.to(&mut mallory.portal).await, "a ticket for another browser's cookie");
}
