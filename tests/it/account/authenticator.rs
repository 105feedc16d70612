//! *Replace authenticator*.

use std::time::Duration;

use http::StatusCode;

use super::{ACCOUNT, CODES_SAVE, MFA, MFA_ENABLE, codes_in, recorded, speak, tunnel};
use crate::harness::person::{code_at, secret_of};
use crate::harness::{Answer, Gate, Person, Stage, Upstream};

/// As far as the new secret: it, and the token of its form.
async fn staged(gate: &Gate, anna: &mut Person) -> (String, String) {
    let code = anna.next_code(gate);
    let page = anna.prove(MFA, &code).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    (secret_of(&page.text()), page.field("form_token").unwrap())
}

fn shown(gate: &Gate, secret: &str) -> String {
    code_at(secret, u64::try_from(gate.hands.wall_now().secs()).unwrap())
}

async fn enable(anna: &mut Person, token: &str, code: &str) -> Answer {
    anna.browser.post(MFA_ENABLE, &[("form_token", token), ("code", code)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_authenticator_takes_the_place_of_the_old_one() {
    let stage = Stage::start();
    let gate = Gate::before(&stage.upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.elsewhere(&gate).await;
    let (mut here, mut there) = (tunnel(&anna.browser).await, tunnel(&other.browser).await);
    let old_secret = anna.secret.clone();
    let id = anna.session_id(&gate);

    let (secret, token) = staged(&gate, &mut anna).await;
    assert_ne!(secret, old_secret);
    // Until a code of the new one has come, nothing has changed.
    assert!(other.is_inside().await);
    let mut again = anna.in_new_browser(&gate);
    again.sign_in(&gate, "/").await;

    // Within the very half minute of the old code, too: another secret, another code.
    let done = enable(&mut anna, &token, &shown(&gate, &secret)).await;
    assert_eq!(done.location(), CODES_SAVE);
    assert!(!there.end().await.is_empty());
    assert!(!other.is_inside().await && !again.is_inside().await);
    // What was opened with the old cookie ends, in this browser too: a copy of the cookie may have opened it.
    assert!(!here.end().await.is_empty());
    assert!(anna.is_inside().await);
    speak(&mut tunnel(&anna.browser).await).await;
    assert_eq!(anna.session_id(&gate), id);

    // The new codes, as in the wizard.
    let page = anna.browser.get(CODES_SAVE).await;
    assert_eq!((page.status, codes_in(&page.text()).len()), (StatusCode::OK, 0), "GET shows none");
    let token = page.field("form_token").unwrap();
    let early = anna.browser.post(CODES_SAVE, &[("form_token", &token), ("act", "next")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    let file = anna.browser.post(CODES_SAVE, &[("form_token", &token), ("act", "download")]).await;
    assert!(file.header("content-disposition").starts_with("attachment"));
    let codes = codes_in(&file.text());
    assert_eq!(codes.len(), 10, "{}", file.text());
    assert!(codes.iter().all(|code| !anna.recovery.contains(code)));
    let next = anna.browser.post(CODES_SAVE, &[("form_token", &token), ("act", "next")]).await;
    assert_eq!(next.location(), "/.vestibule/account?done=codes");
    assert_eq!(anna.browser.get(CODES_SAVE).await.location(), "/.vestibule/account/codes", "they are erased");
    assert!(gate.account("anna@example.com").await.codes_saved);

    // The old authenticator opens nothing; the new one does. Nor do the old recovery codes.
    let old_codes = std::mem::replace(&mut anna.recovery, codes);
    let mut fresh = anna.in_new_browser(&gate);
    fresh.reach_page_two().await;
    let code = fresh.next_code(&gate);
    assert_eq!(fresh.enter(&code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let old = fresh.browser.post("/.vestibule/recover", &[("code", &old_codes[0])]).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    fresh.secret = secret.clone();
    fresh.finish_sign_in(&gate).await;
    assert!(fresh.is_inside().await);

    let told: Vec<_> = recorded(&gate, &["mfa.stage", "mfa.replace", "codes.save"]).await;
    let actions: Vec<_> = told.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["codes.save", "mfa.stage", "mfa.replace", "codes.save"]);
    assert!(told[2].1["old_enrolled"].is_string() && told[2].1["new_enrolled"].is_string());
    assert!(!format!("{told:?}").contains(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_before_the_codes_are_saved_is_asked_again() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let (secret, token) = staged(&gate, &mut anna).await;
    enable(&mut anna, &token, &shown(&gate, &secret)).await.location();
    let mut fresh = anna.in_new_browser(&gate);
    fresh.secret = secret;
    fresh.reach_page_two().await;
    let code = fresh.next_code(&gate);
    assert_eq!(fresh.enter(&code).await.location(), "/.vestibule/setup/codes");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_password_and_old_code_no_secret_is_shown() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    let mut anna = gate.signed_in("anna@example.com").await;
    let (code, wrong) = (anna.next_code(&gate), anna.wrong_code(&gate));
    let password = anna.password.clone();
    for (password, code) in [("no", code.as_str()), (&password, &wrong), (&password, ""), ("", "")] {
        let answer = anna.fill_in(MFA, &[("password", password), ("code", code)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!answer.text().contains("otpauth:"));
    }
    // No token of another form opens the second step, and without a staged secret none of its own would help.
    let token = anna.token(MFA).await;
    assert_eq!(enable(&mut anna, &token, &code).await.status, StatusCode::FORBIDDEN);
    assert_eq!(anna.browser.get(MFA_ENABLE).await.location(), MFA);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_secret_needs_a_code_of_its_own_in_time() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    let mut anna = gate.signed_in("anna@example.com").await;
    let (secret, token) = staged(&gate, &mut anna).await;
    // A code of the old one is none; the page shows the same secret again.
    gate.hands.advance(Duration::from_mins(1));
    let old = anna.code(&gate);
    let again = enable(&mut anna, &token, &old).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(secret_of(&again.text()), secret);
    let again = enable(&mut anna, &token, "12 34").await;
    assert!(again.text().contains("That is not a six-digit code."));
    // Another session of the same person cannot go on with it.
    let mut other = anna.elsewhere(&gate).await;
    let foreign = enable(&mut other, &token, &shown(&gate, &secret)).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    // After ten minutes it is gone.
    gate.hands.advance(Duration::from_secs(520));
    let late = enable(&mut anna, &token, &shown(&gate, &secret)).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.text().contains("That QR code is no longer valid.") && !late.text().contains("otpauth:"));
    let code = anna.code(&gate);
    let mut fresh = anna.in_new_browser(&gate);
    fresh.reach_page_two().await;
    assert_eq!(fresh.enter(&code).await.location(), "/", "the old one still works");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_of_the_new_one_end_the_session() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    let mut anna = gate.signed_in("anna@example.com").await;
    let (secret, token) = staged(&gate, &mut anna).await;
    let near: Vec<_> =
        (0..5).map(|step| code_at(&secret, u64::try_from(gate.hands.wall_now().secs()).unwrap() + step * 30 - 60)).collect();
    let wrong = (0..1000).map(|code| format!("{code:06}")).find(|code| !near.contains(code)).unwrap();
    for _ in 0..4 {
        assert_eq!(enable(&mut anna, &token, &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(enable(&mut anna, &token, &wrong).await.location(), "/.vestibule/login?why=ended");
    assert!(!anna.is_inside().await);
    assert!(gate.account("anna@example.com").await.locked_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_enables_once_however_often_it_is_sent_at_once() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    gate.adjust(|settings| settings.session_attempts = 100);
    let mut anna = gate.signed_in("anna@example.com").await;
    let (secret, token) = staged(&gate, &mut anna).await;
    let (epoch, code) = (gate.account("anna@example.com").await.epoch, shown(&gate, &secret));
    let sending: Vec<_> = (0..20)
        .map(|_| {
            let (mut anna, token, code) = (anna.clone(), token.clone(), code.clone());
            tokio::spawn(async move { (enable(&mut anna, &token, &code).await, anna) })
        })
        .collect();
    let mut done = Vec::new();
    for sent in sending {
        let (answer, anna) = sent.await.unwrap();
        if answer.header("location") == CODES_SAVE {
            done.push(anna);
        }
    }
    assert_eq!(done.len(), 1);
    assert!(done[0].is_inside().await);
    assert_eq!(done[0].browser.get(ACCOUNT).await.status, StatusCode::OK);
    assert_eq!(gate.account("anna@example.com").await.epoch, epoch + 1);
    assert_eq!(recorded(&gate, &["mfa.replace"]).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_old_code_stages_once_however_often_it_is_sent_at_once() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    gate.adjust(|settings| settings.session_attempts = 100);
    let mut anna = gate.signed_in("anna@example.com").await;
    let (token, code, password) = (anna.token(MFA).await, anna.next_code(&gate), anna.password.clone());
    let sending: Vec<_> = (0..20)
        .map(|_| {
            let (mut browser, token, code, password) = (anna.browser.clone(), token.clone(), code.clone(), password.clone());
            tokio::spawn(
                async move { browser.post(MFA, &[("form_token", &token), ("password", &password), ("code", &code)]).await },
            )
        })
        .collect();
    let mut secrets = 0;
    for sent in sending {
        secrets += usize::from(sent.await.unwrap().text().contains("otpauth:"));
    }
    assert_eq!(secrets, 1);
    assert!(anna.is_inside().await);
}
