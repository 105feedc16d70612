//! One-time codes: each works once, wherever it is sent, and however it is typed.

use std::time::Duration;

use http::StatusCode;

use crate::harness::{Answer, Gate, Person, Upstream};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn has_session(answer: &Answer) -> bool {
    answer.headers.get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with("__Host-vestibule=") && !cookie.contains("Max-Age=0")
    })
}

/// Moves the clock to the beginning of a step, so that what a test sends belongs to the step it was made in.
fn at_a_new_step(gate: &Gate) {
    let into = gate.hands.wall_now().millis().rem_euclid(30_000);
    gate.hands.advance(Duration::from_millis(u64::try_from(30_000 - into).unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_twice_leads_where_the_first_press_has_led() {
    let gate = Gate::before(&Upstream::start()).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.hands.advance(Duration::from_hours(31 * 24));
    let token = anna.browser.get("/.vestibule/verify?to=/tickets").await.field("form_token").unwrap();
    let (code, mut again) = (anna.code(&gate), anna.clone());
    let form = [("form_token", token.as_str()), ("to", "/tickets"), ("code", &code)];
    assert_eq!(anna.browser.post("/.vestibule/verify", &form).await.location(), "/tickets");
    let repeated = again.browser.post("/.vestibule/verify", &form).await;
    assert_eq!(repeated.location(), "/tickets");
    assert!(!has_session(&repeated), "one code, one success");
    assert!(anna.is_inside().await && !again.is_inside().await);
    // Whoever has the new cookie and enters the used code is told so.
    let token = anna.browser.get("/.vestibule/verify").await.field("form_token").unwrap();
    let used = anna.browser.post("/.vestibule/verify", &[("form_token", &token), ("code", &code)]).await;
    assert_eq!(used.status, UNPROCESSABLE);
    assert!(used.text().contains("Please wait for the next code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_that_enabled_mfa_is_refused_kindly_and_not_counted() {
    let gate = Gate::before(&Upstream::start()).await;
    let link = gate.invite("anna@example.com", &[]).await;
    let mut anna = Person::new("anna@example.com", gate.browser());
    anna.register(&link).await;
    at_a_new_step(&gate);
    anna.enrol(&gate).await;
    let used = anna.code(&gate);
    for _ in 0..8 {
        let again = anna.enter(&used).await;
        assert_eq!(again.status, UNPROCESSABLE);
        let text = again.text();
        assert!(text.contains("you have used this one to get here"), "{text}");
        let seconds = text.split("the next one in ").nth(1).unwrap().split(' ').next().unwrap();
        assert!((1..=30).contains(&seconds.parse::<u32>().unwrap()), "{seconds}");
    }
    let wrong = anna.enter(&anna.wrong_code(&gate)).await;
    assert!(wrong.text().contains("You have 4 tries left"), "the eight were not counted: {}", wrong.text());
    assert!(has_session(&anna.finish_sign_in(&gate).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_inside_end_that_session_and_lock_nobody() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.in_new_browser(&gate);
    other.sign_in(&gate, "/").await;
    let token = anna.browser.get("/.vestibule/verify").await.field("form_token").unwrap();
    let kept = anna.clone();
    for number in 1..=5 {
        let wrong = anna.wrong_code(&gate);
        let answer = anna.browser.post("/.vestibule/verify", &[("code", &wrong), ("form_token", &token), ("to", "/t")]).await;
        if number < 5 {
            assert_eq!(answer.status, UNPROCESSABLE, "{number}");
        } else {
            assert_eq!(answer.location(), "/.vestibule/login?why=ended&to=%2Ft");
        }
    }
    let mut kept = kept;
    assert!(!kept.is_inside().await, "the session is over whoever keeps its cookie");
    assert!(other.is_inside().await, "and no other one");
    assert!(gate.account("anna@example.com").await.locked_at.is_none());
    anna.browser.cookies.remove("__Host-vestibule");
    assert!(has_session(&anna.sign_in(&gate, "/").await));
}
