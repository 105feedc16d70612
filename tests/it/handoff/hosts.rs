//! What is where: a portal's host has no page that asks for a secret, and nothing goes upstream from the host of our pages.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::{ANNA, HANDOFF, HOST, PAGES, ROUTE, SESSION, Traveller, plain};
use crate::harness::Browser;
use crate::harness::browser::Kind;

#[tokio::test(flavor = "multi_thread")]
async fn a_portals_host_serves_no_page_that_asks_for_anything() {
    let (upstream, _other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    let mut nobody = anna.portal.clone();
    anna.enter("/").await;
    for browser in [&mut nobody, &mut anna.portal] {
        for path in ["", "/", "/forgot", "/recover", "/account", "/account/password", "/account/mfa", "/account/codes", "/logout"]
        {
            let path = format!("/.vestibule{path}");
            assert_eq!(browser.get(&path).await.location(), format!("https://{PAGES}{path}"));
        }
        for link in ["register", "enrol", "reset", "not-me", "recover"] {
            let answer = browser.get(&format!("/.vestibule/{link}/TOKEN?x=1")).await;
            assert_eq!(answer.location(), format!("https://{PAGES}/.vestibule/{link}/TOKEN"));
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
        }
        for path in ["/register", "/enrol", "/setup", "/setup/codes", "/reset", "/not-me", "/admin", "/x"] {
            assert_eq!(browser.get(&format!("/.vestibule{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in
            ["/login", "/verify", "/setup", "/register", "/recover", "/forgot", "/account/password", "/logout", "/account/mfa"]
        {
            let answer =
                browser.post(&format!("/.vestibule{path}"), &[("login", ANNA), ("password", "x"), ("code", "123456")]).await;
            assert!(
                [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&answer.status),
                "{path}: {}",
                answer.status
            );
        }
        // None of them has a field to type into.
        let state = browser.fetch("/.vestibule/state").await.status;
        assert!([StatusCode::NO_CONTENT, StatusCode::UNAUTHORIZED].contains(&state));
    }
    assert_eq!(upstream.received().len(), 0);
    assert_eq!(gate.number("SELECT count(*) FROM pendings").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_upstream_from_the_host_of_our_pages() {
    let (upstream, other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    for http2 in [false, true] {
        let mut pages = anna.person.browser.clone();
        pages.http2 = http2;
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH] {
            for kind in [Kind::Navigation, Kind::Fetch, Kind::Bare] {
                for path in ["/x", "/%2e/x", "/.vestibulex", "/index.php?a=b", "/.VESTIBULE/login", "/logout"] {
                    let answer = pages.send(method.clone(), path, kind, &[], Bytes::new()).await;
                    assert!(answer.status.is_client_error(), "{method} {path} {kind:?}: {}", answer.status);
                }
            }
        }
        let upgrade = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")];
        if !http2 {
            assert!(pages.send(Method::GET, "/ws", Kind::Fetch, &upgrade, Bytes::new()).await.status.is_client_error());
        }
    }
    assert!(upstream.received().is_empty() && other.received().is_empty());
    // The host itself leads to what there is.
    let mut nobody = anna.elsewhere(&gate).person.browser;
    assert_eq!(nobody.get("/").await.location(), "/.vestibule/login");
    assert_eq!(nobody.get("/.vestibule/").await.location(), "/.vestibule/login");
    assert_eq!(anna.person.browser.get("/").await.location(), "/.vestibule/account");
    let account = anna.person.browser.get("/.vestibule/account").await.text();
    assert!(
        account.contains(&format!("href=\"https://{HOST}/\"")) && account.contains("href=\"https://other.example.com/\""),
        "{account}"
    );
    assert!(!account.contains(":pages"), "{account}");
    let sessions = anna.person.browser.get("/.vestibule/account/sessions").await.text();
    assert!(!sessions.contains(":pages"), "{sessions}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_of_one_host_is_nobodys_at_another() {
    let (upstream, other, gate) = plain().await;
    let mut anna = Traveller::signed_in(&gate, ANNA, false).await;
    anna.enter("/").await;
    let swapped = |at: &Browser, value: &str| {
        let mut browser = at.clone();
        browser.cookies.clear();
        browser.cookies.insert(SESSION.to_owned(), value.to_owned());
        browser
    };
    let (pages, portal) = (anna.person.browser.cookies[SESSION].clone(), anna.portal.cookies[SESSION].clone());
    for (mut browser, what) in [
        (swapped(&anna.portal, &pages), "that of our pages at a portal"),
        (swapped(&anna.other, &pages), "that of our pages at the other"),
        (swapped(&anna.other, &portal), "that of a portal at the other"),
    ] {
        assert_eq!(browser.fetch("/x").await.header("vestibule-required"), "login", "{what}");
    }
    let mut at_pages = swapped(&anna.person.browser, &portal);
    assert!(
        at_pages.get("/.vestibule/account").await.location().starts_with("/.vestibule/login"),
        "that of a portal at our pages"
    );
    assert!(upstream.received().is_empty() && other.received().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_host_of_their_own_there_is_no_way_between_hosts() {
    use crate::harness::{Gate, Upstream};
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in(ANNA).await;
    assert_eq!(anna.browser.get(ROUTE).await.status, StatusCode::NOT_FOUND);
    assert_eq!(anna.browser.post(ROUTE, &[("ticket", "x")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(anna.browser.get("/.vestibule/account").await.status, StatusCode::OK);
    assert!(!anna.browser.cookies.contains_key(HANDOFF));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_gives_our_pages_their_host_and_takes_it_away_again() {
    use crate::harness::{Gate, Setup, Upstream};
    let upstream = Upstream::start();
    let shared = || Setup::new(&[upstream.addr()]);
    let gate = Gate::start(shared()).await;
    let mut anna = gate.signed_in(ANNA).await;
    gate.rewrite(&shared().section("pages", &format!("url = \"https://{PAGES}\"")));
    Gate::until("our pages have moved", || {
        let mut browser = anna.browser.clone();
        async move { browser.get("/.vestibule/account").await.header("location").starts_with(&format!("https://{PAGES}/")) }
    })
    .await;
    assert!(anna.is_inside().await, "whoever is in stays in");
    gate.rewrite(&shared());
    Gate::until("they are back", || {
        let mut browser = anna.browser.clone();
        async move { browser.get("/.vestibule/account").await.status == StatusCode::OK }
    })
    .await;
    let mut stranger = anna.browser.clone();
    stranger.host = PAGES.to_owned();
    assert_eq!(stranger.get("/.vestibule/login").await.status, StatusCode::MISDIRECTED_REQUEST);
}
