//! The flows: stages in their order, redirects, cookies, and what each wrong input is told.

use http::{Method, StatusCode};

use super::browser::{Browser, LOGIN, PASSWORD, expired};
use vestibule::auth::credentials::LinkKind;
use vestibule::clock::Timestamp;
use vestibule::http::cookie as cookies;

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const SEE_OTHER: StatusCode = StatusCode::SEE_OTHER;

#[tokio::test]
async fn from_the_invitation_to_the_portal() {
    let mut anna = Browser::invited("Anna Meyer");
    let opened = anna.get(&format!("/.vestibule/register/{}", anna.link.reveal())).await;
    assert_eq!((opened.status, opened.location()), (SEE_OTHER, "/.vestibule/register"));
    let page = anna.get("/.vestibule/register").await;
    assert!(page.text.contains("Welcome, Anna Meyer") && page.text.contains(LOGIN) && page.text.contains("Finish registration"));
    let done = anna.post("/.vestibule/register", &[("new_password", PASSWORD), ("new_password_again", PASSWORD)]).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.text.contains("https://portal.example.com/.vestibule/"));
    assert_eq!(anna.log_in("/tickets").await.location(), "/.vestibule/setup");

    let start = anna.get("/.vestibule/setup").await;
    assert!(start.text.contains("Setup MFA and access your account"));
    let setup = anna.post("/.vestibule/setup", &[]).await;
    for part in ["data:image/svg+xml;base64,", "otpauth://totp/", "Enable multi-factor authentication", "Microsoft Authenticator"]
    {
        assert!(setup.text.contains(part), "{part}");
    }
    let wrong = anna.post("/.vestibule/setup", &[("code", &anna.wrong_code())]).await;
    assert_eq!(wrong.status, UNPROCESSABLE);
    assert!(wrong.text.contains("4 tries") && wrong.text.contains("data:image/svg+xml"));
    let code = anna.code();
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    assert_eq!(anna.post("/.vestibule/setup", &[("code", &spaced)]).await.location(), "/.vestibule/setup/codes");
    assert!(!anna.cookies.contains_key(cookies::GRANT));

    let not_yet = anna.post("/.vestibule/setup/codes", &[("act", "next")]).await;
    assert_eq!(not_yet.status, UNPROCESSABLE);
    assert!(not_yet.text.contains("not saved yet"));
    let file = anna.post("/.vestibule/setup/codes", &[("act", "download")]).await;
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"recovery-codes-portal.example.com.txt\"");
    assert_eq!(anna.post("/.vestibule/setup/codes", &[("act", "next")]).await.location(), "/.vestibule/verify");

    let verify = anna.get("/.vestibule/verify").await;
    assert!(verify.text.contains(">Verify</button>") && verify.text.contains(">Start recovery</a>"));
    let used = anna.post("/.vestibule/verify", &[("code", &code)]).await;
    assert_eq!(used.status, UNPROCESSABLE);
    assert!(used.text.contains("next one in") && used.text.contains("seconds"));
    anna.wait(30);
    let in_at_last = anna.post("/.vestibule/verify", &[("code", &anna.code())]).await;
    assert_eq!(in_at_last.location(), "/tickets");
    assert_eq!(anna.cookies.keys().collect::<Vec<_>>(), [cookies::SESSION, cookies::DEVICE]);
    assert_eq!(anna.table.len(), 1);
}

#[tokio::test]
async fn the_wrong_stage_leads_to_the_right_one() {
    let mut anna = Browser::invited("Anna");
    for page in ["setup", "setup/codes", "verify", "account", "logout"] {
        let answer = anna.get(&format!("/.vestibule/{page}")).await;
        assert_eq!((answer.status, answer.location()), (SEE_OTHER, "/.vestibule/login"), "{page}");
    }
    for (page, there) in [("setup", "login"), ("setup/codes", "login"), ("verify", "login"), ("recover", "login?why=recovery")] {
        let answer = anna.post(&format!("/.vestibule/{page}"), &[("code", "123456")]).await;
        assert_eq!((answer.status, answer.location()), (SEE_OTHER, format!("/.vestibule/{there}").as_str()), "{page}");
    }
    assert_eq!(anna.get("/.vestibule/").await.location(), "/.vestibule/login");
    anna.enrol().await;
    for page in ["setup", "setup/codes"] {
        assert_eq!(anna.get(&format!("/.vestibule/{page}")).await.location(), "/.vestibule/verify", "{page}");
        assert_eq!(anna.post(&format!("/.vestibule/{page}"), &[]).await.location(), "/.vestibule/verify", "{page}");
    }
    anna.post("/.vestibule/verify", &[("code", &anna.code())]).await;
    for (page, there) in [("setup", "account"), ("setup/codes", "account"), ("", "account")] {
        let there = format!("/.vestibule/{there}");
        assert_eq!(anna.get(&format!("/.vestibule/{page}")).await.location(), there, "{page}");
    }
    assert_eq!(anna.get("/.vestibule/login?to=%2Ftickets").await.location(), "/tickets");
}

#[tokio::test]
async fn a_password_that_is_wrong_stays_on_page_one_and_keeps_the_login() {
    let mut anna = Browser::invited("Anna");
    let answer =
        anna.post("/.vestibule/login", &[("login", "x@example.com"), ("password", "secret<1>"), ("to", "/tickets")]).await;
    assert_eq!(answer.status, UNPROCESSABLE);
    assert!(answer.text.contains("value=\"x@example.com\"") && answer.text.contains("value=\"/tickets\""));
    assert!(!answer.text.contains("secret"), "no password comes back");
    assert!(answer.text.contains("role=\"alert\"") && answer.headers.get("set-cookie").is_none());

    anna.store.state().slow_until = Some(anna.now.secure + std::time::Duration::from_secs(90));
    let slow = anna.log_in("/").await;
    assert_eq!((slow.status, &slow.headers["retry-after"]), (StatusCode::TOO_MANY_REQUESTS, &"90".parse().unwrap()));
}

#[tokio::test]
async fn a_password_alone_never_enrols() {
    let mut anna = Browser::invited("Anna");
    anna.get(&format!("/.vestibule/register/{}", anna.link.reveal())).await;
    anna.post("/.vestibule/register", &[("new_password", PASSWORD), ("new_password_again", PASSWORD)]).await;
    anna.cookies.clear();
    let answer = anna.log_in("/").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text.contains("You need a new link") && anna.cookies.is_empty());
}

#[tokio::test]
async fn registration_says_what_is_wrong() {
    let mut anna = Browser::invited("Anna");
    assert_eq!(anna.get("/.vestibule/register").await.status, StatusCode::FORBIDDEN);
    anna.get(&format!("/.vestibule/register/{}", anna.link.reveal())).await;
    let differs = anna.post("/.vestibule/register", &[("new_password", PASSWORD), ("new_password_again", "x")]).await;
    assert!(differs.status == UNPROCESSABLE && differs.text.contains("not the same"));
    let weak = anna.post("/.vestibule/register", &[("new_password", "Short1"), ("new_password_again", "Short1")]).await;
    assert!(weak.status == UNPROCESSABLE && weak.text.contains("still missing") && !weak.text.contains("Short1"));
    expired(anna.store.state().link.as_mut().unwrap());
    assert_eq!(anna.get("/.vestibule/register").await.status, StatusCode::FORBIDDEN);
    assert_eq!(anna.get(&format!("/.vestibule/register/{}", anna.link.reveal())).await.status, StatusCode::GONE);
    assert_eq!(anna.get("/.vestibule/register/nonsense").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn an_enrolment_link_asks_for_the_password_that_is_there() {
    let mut anna = Browser::with_link("Anna", LinkKind::Enrolment);
    assert_eq!(anna.get(&format!("/.vestibule/enrol/{}", anna.link.reveal())).await.location(), "/.vestibule/enrol");
    assert_eq!(anna.get("/.vestibule/enrol").await.location(), "/.vestibule/register", "no password yet");
    anna.post("/.vestibule/register", &[("new_password", PASSWORD), ("new_password_again", PASSWORD)]).await;
    let page = anna.get("/.vestibule/enrol").await;
    assert!(page.status == StatusCode::OK && page.text.contains("href=\"/.vestibule/login\""));
    assert_eq!(anna.get("/.vestibule/register").await.location(), "/.vestibule/login?why=registered");
    assert_eq!(anna.log_in("/").await.location(), "/.vestibule/setup");
}

#[tokio::test]
async fn five_wrong_codes_end_the_pending_login() {
    let mut anna = Browser::invited("Anna");
    anna.enrol().await;
    assert!(anna.post("/.vestibule/verify", &[("code", "12345")]).await.text.contains("not counted"));
    for left in ["4 tries", "3 tries", "2 tries", "one more try"] {
        let answer = anna.post("/.vestibule/verify", &[("code", &anna.wrong_code()), ("shared_computer", "yes")]).await;
        assert!(answer.status == UNPROCESSABLE && answer.text.contains(left) && answer.text.contains("checked"), "{left}");
    }
    let last = anna.post("/.vestibule/verify", &[("code", &anna.wrong_code())]).await;
    assert_eq!(last.location(), "/.vestibule/login?why=expired&to=%2Ftickets%3Fopen%3D1");
    assert!(!anna.cookies.contains_key(cookies::PENDING));
}

#[tokio::test]
async fn a_locked_account_is_told_whom_to_ask() {
    let mut anna = Browser::invited("Anna");
    anna.enrol().await;
    anna.store.state().account.locked_at = Some(Timestamp::from_secs(1));
    for page in ["/.vestibule/verify", "/.vestibule/recover"] {
        for method in [Method::GET, Method::POST] {
            let code = anna.code();
            let headers = [("sec-fetch-site", "same-origin")];
            let answer = anna.send(method, page, &headers, &[("code", &code)]).await;
            let recovery = page.ends_with("recover") && answer.status == UNPROCESSABLE;
            assert!(
                recovery || answer.status == StatusCode::FORBIDDEN && answer.text.contains("vestibule user unlock"),
                "{page}"
            );
        }
    }
}

#[tokio::test]
async fn a_closed_window_asks_for_a_code_and_keeps_the_place() {
    let mut anna = Browser::inside().await;
    let before = anna.cookies[cookies::SESSION].clone();
    assert!(anna.get("/.vestibule/verify").await.text.contains("early"));
    anna.wait(3600);
    assert_eq!(anna.get("/.vestibule/account").await.location(), "/.vestibule/verify?to=%2F.vestibule%2Faccount");
    let page = anna.get("/.vestibule/verify?to=%2Ftickets%3Fopen%3D1").await;
    assert!(page.text.contains("<strong>every hour</strong>") && page.text.contains("portal.example.com/tickets?open=1"));
    let token = page.token("/.vestibule/verify");
    let wrong =
        anna.post("/.vestibule/verify", &[("form_token", &token), ("to", "/tickets"), ("code", &anna.wrong_code())]).await;
    assert!(wrong.status == UNPROCESSABLE && wrong.text.contains("value=\"/tickets\""));
    let done = anna.post("/.vestibule/verify", &[("form_token", &token), ("to", "/tickets"), ("code", &anna.code())]).await;
    assert_eq!(done.location(), "/tickets");
    assert_ne!(anna.cookies[cookies::SESSION], before);
    let account = anna.get("/.vestibule/account").await;
    assert!(account.status == StatusCode::OK && account.text.contains("60 minutes"));
}

#[tokio::test]
async fn five_wrong_codes_end_a_session() {
    let mut anna = Browser::inside().await;
    anna.wait(3600);
    let token = anna.get("/.vestibule/verify").await.token("/.vestibule/verify");
    for _ in 0..4 {
        let answer = anna.post("/.vestibule/verify", &[("form_token", &token), ("code", &anna.wrong_code())]).await;
        assert_eq!(answer.status, UNPROCESSABLE);
    }
    let last = anna.post("/.vestibule/verify", &[("form_token", &token), ("to", "/tickets"), ("code", &anna.wrong_code())]).await;
    assert_eq!(last.location(), "/.vestibule/login?why=ended&to=%2Ftickets");
    assert!(anna.table.is_empty() && !anna.cookies.contains_key(cookies::SESSION));
}

#[tokio::test]
async fn recovery_leads_straight_into_a_fresh_enrolment() {
    let mut anna = Browser::inside().await;
    assert_eq!(anna.get("/.vestibule/recover").await.location(), "/.vestibule/login?why=recovery");
    assert_eq!(anna.get("/.vestibule/login?why=recovery").await.status, StatusCode::OK, "also inside");
    anna.log_in("/tickets").await;
    assert!(anna.get("/.vestibule/recover").await.text.contains("will stop working"));
    assert!(anna.post("/.vestibule/recover", &[("code", "nonsense")]).await.text.contains("not a recovery code"));
    let wrong = anna.post("/.vestibule/recover", &[("code", "0000-0000-0000-0000")]).await;
    assert!(wrong.status == UNPROCESSABLE && wrong.text.contains("4 tries"));

    let recovery = {
        let code = vestibule::auth::recovery::RecoveryCode::generate();
        let mut state = anna.store.state();
        state.recovery = vec![code.hash(&anna.keys, state.account.id)];
        code.reveal().to_string()
    };
    let accepted = anna.post("/.vestibule/recover", &[("code", &recovery.to_lowercase())]).await;
    assert_eq!(accepted.location(), "/.vestibule/setup");
    let kept: Vec<&str> = anna.cookies.keys().map(String::as_str).collect();
    assert_eq!(kept, [cookies::GRANT, cookies::PENDING]);
    assert_eq!(anna.get("/.vestibule/verify").await.location(), "/.vestibule/setup");
    assert!(anna.post("/.vestibule/setup", &[]).await.text.contains("otpauth://"));
}

#[tokio::test]
async fn a_shared_computer_keeps_nothing() {
    let mut anna = Browser::invited("Anna");
    anna.enrol().await;
    let answer = anna.post("/.vestibule/verify", &[("code", &anna.code()), ("shared_computer", "yes")]).await;
    let set: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(set.iter().any(|cookie| cookie.starts_with("__Host-vestibule=") && !cookie.contains("Max-Age")), "{set:?}");
    assert!(!anna.cookies.contains_key(cookies::DEVICE));
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_in_the_store() {
    let mut anna = Browser::inside().await;
    let page = anna.get("/.vestibule/logout").await;
    let token = page.token("/.vestibule/logout");
    assert_eq!(anna.table.len(), 1, "GET asks");
    anna.wait(900);
    let old = anna.post("/.vestibule/logout", &[("form_token", &token)]).await;
    assert!(old.status == UNPROCESSABLE && old.text.contains("still signed in"));
    let token = old.token("/.vestibule/logout");
    let out = anna.post("/.vestibule/logout", &[("form_token", &token)]).await;
    assert_eq!(out.location(), "/.vestibule/login?why=signed-out");
    assert_eq!(out.headers["clear-site-data"], "\"storage\"");
    assert!(anna.table.is_empty() && anna.store.state().session.is_none());
    assert_eq!(anna.cookies.keys().collect::<Vec<_>>(), [cookies::DEVICE]);
    anna.log_in("/").await;
    anna.post("/.vestibule/logout", &[]).await;
    assert!(anna.store.state().pending.is_none(), "between the doors as well");
}

#[tokio::test]
async fn a_replaced_session_is_over_at_once_and_in_the_store_as_soon_as_that_answers() {
    let mut anna = Browser::inside().await;
    let cookie = vestibule::ports::TokenHash::of(&anna.cookies[cookies::SESSION]).unwrap();
    let first = anna.table.look_up(&cookie, anna.now.secure).unwrap().session;
    anna.wait(30);
    anna.log_in("/tickets").await;
    anna.store.state().stuck = true;
    let done = anna.post("/.vestibule/verify", &[("code", &anna.code())]).await;
    assert_eq!((done.location(), &done.headers["clear-site-data"]), ("/tickets", &"\"storage\"".parse().unwrap()));
    let terms = vestibule::session::record::Terms { window: anna.window, idle: None };
    let standing = first.standing(first.code_at(), terms, anna.now.secure);
    assert_eq!(standing, vestibule::session::record::Standing::Over, "whatever the store says");
    let is_there = |anna: &Browser| anna.table.look_up(&cookie, anna.now.secure).is_some();
    assert!(is_there(&anna), "not stored yet");
    anna.store.state().stuck = false;
    while is_there(&anna) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_codes_page_takes_the_field_of_the_interface_alone() {
    let mut anna = Browser::invited("Anna");
    anna.get(&format!("/.vestibule/register/{}", anna.link.reveal())).await;
    anna.post("/.vestibule/register", &[("new_password", PASSWORD), ("new_password_again", PASSWORD)]).await;
    anna.log_in("/tickets").await;
    anna.post("/.vestibule/setup", &[]).await;
    anna.post("/.vestibule/setup", &[("code", &anna.code())]).await;
    assert_eq!(anna.post("/.vestibule/setup/codes", &[]).await.status, UNPROCESSABLE);
    assert_eq!(anna.post("/.vestibule/setup/codes", &[("saved", "on")]).await.location(), "/.vestibule/verify");
}

#[tokio::test]
async fn state_tells_how_long_and_nothing_else() {
    let mut anna = Browser::inside().await;
    let ask = [("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
    anna.wait(600);
    let fresh = anna.send(Method::GET, "/.vestibule/state", &ask, &[]).await;
    assert_eq!((fresh.status, &fresh.headers["vestibule-window-left"]), (StatusCode::NO_CONTENT, &"3000".parse().unwrap()));
    anna.wait(3000);
    let passed = anna.send(Method::GET, "/.vestibule/state", &ask, &[]).await;
    assert_eq!((passed.status, &passed.headers["vestibule-required"]), (StatusCode::UNAUTHORIZED, &"code".parse().unwrap()));
    anna.cookies.clear();
    let out = anna.send(Method::GET, "/.vestibule/state", &ask, &[]).await;
    assert_eq!((out.status, &out.headers["vestibule-required"]), (StatusCode::UNAUTHORIZED, &"login".parse().unwrap()));
    assert!(out.text.is_empty());
}

#[tokio::test]
async fn two_tabs_at_different_stages_are_not_mixed_up() {
    let mut anna = Browser::inside().await;
    let confirm = anna.get("/.vestibule/verify").await.token("/.vestibule/verify");
    anna.wait(60);
    assert_eq!(anna.log_in("/tickets?second").await.location(), "/.vestibule/verify");
    let done = anna.post("/.vestibule/verify", &[("form_token", &confirm), ("to", "/tickets"), ("code", &anna.code())]).await;
    assert_eq!(done.location(), "/tickets", "the confirm page's form confirms");
    anna.wait(30);
    let session = anna.store.state().session.as_ref().unwrap().id;
    let page_two = anna.post("/.vestibule/verify", &[("code", &anna.code())]).await;
    assert_eq!(page_two.location(), "/tickets?second", "page two's form signs in");
    assert_eq!(anna.table.len(), 1, "and the old session is over");
    let lives = anna.store.state().session.as_ref().unwrap().id;
    assert_ne!(lives, session);
}
