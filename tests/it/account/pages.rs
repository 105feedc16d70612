//! The pages themselves: who sees them, what their forms ask for, and the way back after a code.

use std::time::Duration;

use http::StatusCode;

use super::{ACCOUNT, CODES, CODES_SAVE, MFA, MFA_ENABLE, NEW_PASSWORD, PASSWORD, SESSIONS};
use crate::harness::{Answer, Gate, Setup, Upstream};

const PAGES: [&str; 5] = [ACCOUNT, PASSWORD, MFA, CODES, SESSIONS];
const FORMS: [&str; 6] = [PASSWORD, MFA, MFA_ENABLE, CODES, CODES_SAVE, SESSIONS];

#[tokio::test(flavor = "multi_thread")]
async fn the_account_page_leads_to_all_others_and_tells_the_time() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in_with("anna@example.com", &["staff"]).await;
    gate.hands.advance(Duration::from_hours(5));
    let page = anna.browser.get(ACCOUNT).await.text();
    for part in ["Anna Example", "anna@example.com", "staff", "5 hours ago", "in 29 days", "every 30 days"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for place in PAGES.iter().skip(1).chain(&["/", "/.vestibule/verify?to=/.vestibule/account"]) {
        assert!(page.contains(&format!("href=\"{place}\"")), "{place}");
    }
    // A code may be entered early; it starts a new window and leads back here.
    let confirm = anna.browser.get("/.vestibule/verify?to=/.vestibule/account").await.text();
    assert!(confirm.contains("you come back to your account"), "{confirm}");
    assert_eq!(anna.confirm(&gate, ACCOUNT).await.location(), ACCOUNT);
    assert!(anna.browser.get(ACCOUNT).await.text().contains("just now"));
    for other in
        ["/.vestibule/logout", "/.vestibule/account/", "/.vestibule/account/password?x", "/.vestibule/account/mfa/enable"]
    {
        let page = anna.browser.get(&format!("/.vestibule/verify?to={other}")).await;
        assert_eq!(page.field("to").as_deref(), Some("/"), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_asks_for_the_token_of_its_session_and_route() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let (mut anna, mut bert) = (gate.signed_in("anna@example.com").await, gate.signed_in("bert@example.com").await);
    let (logout, theirs) = (anna.token("/.vestibule/logout").await, bert.token(PASSWORD).await);
    let before = gate.account("anna@example.com").await.epoch;
    for form in FORMS {
        let code = anna.next_code(&gate);
        let mut tokens = vec![String::new(), "1.x".to_owned(), logout.clone(), theirs.clone()];
        for page in FORMS.into_iter().filter(|page| *page != form && ![MFA_ENABLE, CODES_SAVE].contains(page)) {
            tokens.push(anna.token(page).await);
        }
        for token in &tokens {
            // Without anything staged there is nothing to be saved, whatever the token.
            let expected = if form == CODES_SAVE { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
            let fields = [
                ("form_token", token.as_str()),
                ("password", &anna.password.clone()),
                ("code", &code),
                ("new_password", NEW_PASSWORD),
                ("new_password_again", NEW_PASSWORD),
                ("act", "everywhere"),
            ];
            let answer = anna.browser.post(form, &fields).await;
            assert_eq!(answer.status, expected, "{form} with {token}: {}", answer.text());
        }
    }
    assert_eq!(gate.account("anna@example.com").await.epoch, before);
    assert!(anna.is_inside().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_was_open_for_long_is_shown_again() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    for form in [PASSWORD, MFA, CODES, SESSIONS] {
        let token = anna.token(form).await;
        gate.hands.advance(Duration::from_mins(15));
        let (code, password) = (anna.next_code(&gate), anna.password.clone());
        let fields = [
            ("form_token", token.as_str()),
            ("password", &password),
            ("code", &code),
            ("new_password", NEW_PASSWORD),
            ("new_password_again", NEW_PASSWORD),
            ("act", "everywhere"),
        ];
        let answer = anna.browser.post(form, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.text().contains("This page was open for a while."), "{form}");
        assert!(!answer.text().contains("otpauth:"));
    }
    assert!(anna.is_inside().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_has_passed_asks_for_a_code_and_leads_back() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("mfa", "reauth_window = \"1h\"")).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let tokens = [anna.token(PASSWORD).await, anna.token(SESSIONS).await];
    gate.hands.advance(Duration::from_hours(1));
    for page in PAGES {
        let way = format!("/.vestibule/verify?to={}", page.replace('/', "%2F"));
        assert_eq!(anna.browser.get(page).await.location(), way);
    }
    let (code, password) = (anna.next_code(&gate), anna.password.clone());
    for (page, token) in [PASSWORD, SESSIONS].iter().zip(&tokens) {
        let fields = [
            ("form_token", token.as_str()),
            ("password", &password),
            ("code", &code),
            ("new_password", NEW_PASSWORD),
            ("new_password_again", NEW_PASSWORD),
            ("act", "everywhere"),
        ];
        assert!(anna.browser.post(page, &fields).await.location().starts_with("/.vestibule/verify?to="));
    }
    assert_eq!(anna.confirm(&gate, SESSIONS).await.location(), SESSIONS, "nothing was done, the code is not spent");
}

fn left(state: &Answer) -> u64 {
    state.header("vestibule-window-left").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_the_window_can_be_asked_for() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("mfa", "reauth_window = \"1h\"")).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let state = anna.browser.fetch("/.vestibule/state").await;
    assert_eq!((state.status, state.body.len()), (StatusCode::NO_CONTENT, 0));
    assert!((3590..=3600).contains(&left(&state)));
    gate.move_to(gate.code_at(&anna.browser) + Duration::from_mins(59));
    assert!((50..=60).contains(&left(&anna.browser.fetch("/.vestibule/state").await)));
    // A code given to the account page is a code.
    let code = anna.code(&gate);
    let password = anna.password.clone();
    anna.change_password(&password, &code, NEW_PASSWORD).await.location();
    assert!((3590..=3600).contains(&left(&anna.browser.fetch("/.vestibule/state").await)));
    gate.hands.advance(Duration::from_hours(1));
    let state = anna.browser.fetch("/.vestibule/state").await;
    assert_eq!((state.status, state.header("vestibule-required")), (StatusCode::UNAUTHORIZED, "code"));
    assert_eq!(left(&state), 0);
    anna.browser.cookies.clear();
    let state = anna.browser.fetch("/.vestibule/state").await;
    assert_eq!((state.status, state.header("vestibule-required")), (StatusCode::UNAUTHORIZED, "login"));
}
