//! The sign-in of the admin pages: its own origin, cookies, window and freshness.

use http::StatusCode;

use super::*;
use crate::harness::HOST;

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_signs_in_and_out() {
    let (gate, _upstream) = gate().await;
    let mut boss = at_admin(&gate, &gate.admin("boss@example.com").await);
    assert_eq!(boss.browser.get("/").await.location(), HOME);
    assert_eq!(boss.browser.get(SETTINGS).await.location(), "/.vestibule/login?to=%2F.vestibule%2Fadmin%2Fsettings");
    assert_eq!(enter(&gate, &mut boss, SETTINGS).await.location(), SETTINGS);
    assert!(boss.browser.cookies.keys().all(|name| name.starts_with(SESSION)), "{:?}", boss.browser.cookies.keys());
    for page in [HOME, ACCOUNTS, INVITE, SETTINGS, AUDIT, &page_of(&gate, "boss@example.com").await] {
        let answer = boss.browser.get(page).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert!(answer.text().contains("boss@example.com"));
    }
    let token = boss.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    boss.browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
    assert!(boss.browser.get(HOME).await.location().starts_with("/.vestibule/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_admin_is_told_so_and_sees_nothing() {
    let (gate, _upstream) = gate().await;
    let boss = gate.admin("boss@example.com").await;
    let anna = gate.signed_in("anna@example.com").await;
    let mut anna = at_admin(&gate, &anna);
    enter(&gate, &mut anna, HOME).await.location();
    let page = page_of(&gate, &boss.login).await;
    for path in [HOME, ACCOUNTS, INVITE, SETTINGS, AUDIT, &page, "/.vestibule/admin/audit?format=csv"] {
        let answer = anna.browser.get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.text().contains("These pages are for admins") && !answer.text().contains("boss@example.com"), "{path}");
    }
    for path in [ACCOUNTS, INVITE, SETTINGS, DELAYED, &page] {
        assert_eq!(anna.browser.post(path, &[("deed", "remove")]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_twelve_hours_at_most_and_the_rest_one() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let start = gate.now().secure;
    // Used every half hour, it lasts twelve hours after the code and no longer.
    for half in 1..24 {
        gate.move_to(start + MINUTE * 30 * half);
        assert_eq!(boss.browser.get(HOME).await.status, StatusCode::OK, "{half} half hours");
    }
    gate.move_to(start + HOUR * 12 - SECOND);
    assert_eq!(boss.browser.get(HOME).await.status, StatusCode::OK);
    gate.move_to(start + HOUR * 12);
    assert_eq!(boss.browser.get(AUDIT).await.location(), "/.vestibule/verify?to=%2F.vestibule%2Fadmin%2Faudit");
    assert_eq!(boss.confirm(&gate, AUDIT).await.location(), AUDIT);
    assert_eq!(boss.browser.get(AUDIT).await.status, StatusCode::OK);
    // Left alone for an hour, it ends.
    gate.hands.advance(HOUR.saturating_sub(SECOND));
    assert_eq!(boss.browser.get(HOME).await.status, StatusCode::OK);
    gate.hands.advance(HOUR);
    assert!(boss.browser.get(HOME).await.location().starts_with("/.vestibule/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_a_code_of_the_last_quarter_of_an_hour() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.enrolled("anna@example.com").await;
    let page = page_of(&gate, "anna@example.com").await;
    gate.move_to(gate.now().secure + MINUTE * 16);
    let token = boss.browser.get(&page).await.field("form_token").unwrap();
    let refused = boss.browser.post(&page, &[("form_token", &token), ("deed", "disable")]).await;
    let way = format!("/.vestibule/verify?to={}", page.replace('/', "%2F"));
    assert_eq!(refused.location(), way);
    assert!(!gate.account("anna@example.com").await.disabled);
    assert_eq!(boss.confirm(&gate, &page).await.location(), page, "and back");
    assert_eq!(does(&gate, &mut boss, "disable", "anna@example.com").await.location(), format!("{page}?said=done"));
    assert!(gate.account("anna@example.com").await.disabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_portals_and_of_the_admin_pages_are_worth_nothing_to_each_other() {
    let (gate, upstream) = gate().await;
    let portal = gate.admin("boss@example.com").await;
    let mut boss = at_admin(&gate, &portal);
    enter(&gate, &mut boss, HOME).await.location();
    // The portal's cookie here, under its own name and under ours.
    let mut stranger = at_admin(&gate, &portal);
    for name in ["__Host-vestibule", SESSION] {
        stranger.browser.cookies.insert(name.to_owned(), portal.browser.cookies["__Host-vestibule"].clone());
        assert!(stranger.browser.get(HOME).await.location().starts_with("/.vestibule/login"), "{name}");
    }
    // The admin's cookie at the portal.
    let mut stranger = portal.in_new_browser(&gate);
    for name in ["__Host-vestibule", SESSION] {
        stranger.browser.cookies.insert(name.to_owned(), boss.browser.cookies[SESSION].clone());
        assert!(stranger.browser.get("/inside").await.location().starts_with("/.vestibule/login"), "{name}");
    }
    assert_eq!(upstream.count(), 0);
    // On the portal's host there are no admin pages, not even for an admin.
    let mut inside = portal.clone();
    for path in [HOME, ACCOUNTS, INVITE, SETTINGS, AUDIT, DELAYED] {
        assert_eq!(inside.browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(inside.browser.post(path, &[]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_origin_has_nothing_else_and_answers_to_its_own_name_only() {
    let (gate, upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    for path in
        ["/x", "/.vestibule/register", "/.vestibule/enrol", "/.vestibule/state", "/.vestibule/admin/", "/.vestibule/admin/x"]
    {
        assert_eq!(boss.browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/.vestibule/setup", "/.vestibule/setup/codes", "/.vestibule/recover"] {
        let answer = boss.browser.get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(answer.text().contains("This is done at the portal"), "{path}");
    }
    // A portal's name, or anybody's, that leads to this address.
    let mut rebound = boss.clone();
    rebound.browser.host = HOST.to_owned();
    assert_eq!(rebound.browser.get(HOME).await.status, StatusCode::MISDIRECTED_REQUEST);
    // A form from elsewhere.
    let token = boss.browser.get(SETTINGS).await.field("form_token").unwrap();
    let fields = [("form_token", token.as_str()), ("setting", "reauth-window"), ("value", "3600")];
    for headers in [[("sec-fetch-site", "cross-site")], [("sec-fetch-site", "same-site")], [("sec-fetch-site", "none")]] {
        assert_eq!(boss.browser.post_with(SETTINGS, &fields, &headers).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(boss.browser.post(SETTINGS, &fields[1..]).await.status, StatusCode::FORBIDDEN, "no token");
    assert_eq!(gate.app().parts().window.load(), DAY * 30);
    assert_eq!(upstream.count(), 0);
}
