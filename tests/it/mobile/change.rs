//! The account page: another number, or none, for password and code in one POST.

use std::time::Duration;

use http::StatusCode;

use super::{ANNA, CONFIRM, E164, MOBILE, NUMBER, RECOVER, Town, other, town};
use crate::harness::{Answer, Gate, Person};

const OTHER: &str = "+44 7400 123456";

async fn token(person: &mut Person, page: &str) -> String {
    let shown = person.browser.get(page).await;
    assert_eq!(shown.status, StatusCode::OK, "{page}: {}", shown.text());
    shown.field("form_token").expect("a form token")
}

async fn change(person: &mut Person, fields: &[(&str, &str)]) -> Answer {
    let token = token(person, MOBILE).await;
    let password = person.password.clone();
    let all = [&[("form_token", token.as_str()), ("password", &password)], fields].concat();
    person.browser.post(MOBILE, &all).await
}

async fn confirm(person: &mut Person, code: &str) -> Answer {
    let token = token(person, CONFIRM).await;
    person.browser.post(CONFIRM, &[("form_token", &token), ("code", code)]).await
}

/// Binds another number, and gives the answer.
async fn bind(town: &Town, person: &mut Person, number: &str) -> Answer {
    let (code, before) = (person.next_code(&town.gate), town.sms.arrived().len());
    let asked = change(person, &[("mobile", number), ("code", &code)]).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text());
    let texted = town.sms.expect(before + 1).await.code();
    confirm(person, &texted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_is_bound_and_the_old_one_is_told() {
    let town = town().await;
    let mut anna = town.with_mobile(ANNA, NUMBER).await;
    let mut elsewhere = anna.in_new_browser(&town.gate);
    elsewhere.sign_in(&town.gate, "/").await;
    town.office.expect(1).await;
    assert!(anna.browser.get(MOBILE).await.text().contains("ends in 23"));

    let code = anna.next_code(&town.gate);
    let asked = change(&mut anna, &[("mobile", OTHER), ("code", &code)]).await;
    assert!(asked.text().contains("ends in 56"), "{}", asked.text());
    let text = town.sms.expect(2).await;
    assert_eq!(text.to, "+447400123456");
    assert!(elsewhere.is_inside().await, "nothing has changed yet");
    assert!(anna.browser.get("/.vestibule/account").await.text().contains("Ends in 23"));
    assert_eq!(confirm(&mut anna, &other(&text.code())).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(confirm(&mut anna, &text.code()).await.location(), "/.vestibule/account?done=mobile");
    assert!(anna.is_inside().await);
    Gate::soon("the other session has ended", || async { !elsewhere.clone().is_inside().await }).await;
    assert!(anna.browser.get("/.vestibule/account").await.text().contains("Ends in 56"));

    let told = town.sms.expect(3).await;
    assert!(told.to == E164 && told.text.contains("no longer your recovery mobile"), "{told:?}");
    let mail = town.office.find("Another recovery mobile").await;
    assert!(mail.link().starts_with("/.vestibule/not-me/"));
    assert!(!mail.source.contains("7400123456") && !mail.source.contains("2035550123"));

    // Usable after 72 hours, and not before.
    assert!(anna.browser.get(MOBILE).await.text().contains("It can be used for recovery from"));
    town.gate.hands.advance(Duration::from_mins(72 * 60 - 1));
    town.asks(&anna).await;
    town.gate.hands.advance(Duration::from_hours(1));
    let (_, asked) = town.asks(&anna).await;
    assert_eq!(asked.status, 200);
    assert_eq!(town.sms.expect(4).await.to, "+447400123456");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_password_and_code_and_the_code_is_spent() {
    let town = town().await;
    let mut anna = town.with_mobile(ANNA, NUMBER).await;
    let wrong = anna.wrong_code(&town.gate);
    assert_eq!(change(&mut anna, &[("mobile", OTHER), ("code", &wrong)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = anna.next_code(&town.gate);
    let token = token(&mut anna, MOBILE).await;
    let fields = [("form_token", token.as_str()), ("password", "no"), ("mobile", OTHER), ("code", &code)];
    assert_eq!(anna.browser.post(MOBILE, &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(anna.browser.post(MOBILE, &fields[1..]).await.status, StatusCode::FORBIDDEN, "no form token");
    // A number that is none costs neither code nor try.
    assert_eq!(change(&mut anna, &[("mobile", "+49 1512 3456789"), ("code", &code)]).await.status, 422);
    assert_eq!(town.sms.asked(), 1);
    assert_eq!(change(&mut anna, &[("mobile", OTHER), ("code", &code)]).await.status, 200);
    assert_eq!(change(&mut anna, &[("mobile", OTHER), ("code", &code)]).await.status, 422, "a code works once");
    assert_eq!(town.sms.asked(), 2);
    // The texted code belongs to this session.
    let texted = town.sms.expect(2).await.code();
    let mut elsewhere = anna.in_new_browser(&town.gate);
    elsewhere.sign_in(&town.gate, "/").await;
    assert_eq!(elsewhere.browser.get(CONFIRM).await.location(), MOBILE);
    assert_eq!(confirm(&mut anna, &texted).await.location(), "/.vestibule/account?done=mobile");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_fails_leaves_the_old_number() {
    let town = town().await;
    let mut anna = town.with_mobile(ANNA, NUMBER).await;
    town.sms.says(&[500]);
    let code = anna.next_code(&town.gate);
    let answer = change(&mut anna, &[("mobile", OTHER), ("code", &code)]).await;
    assert!(answer.status == StatusCode::BAD_GATEWAY && answer.text().contains("could not send"), "{}", answer.text());
    assert!(anna.browser.get("/.vestibule/account").await.text().contains("Ends in 23"));
    assert_eq!(anna.browser.get(CONFIRM).await.location(), MOBILE, "no number waits");
    assert_eq!(bind(&town, &mut anna, OTHER).await.location(), "/.vestibule/account?done=mobile");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_removed_and_an_operators_reset_removes_it() {
    let town = town().await;
    let mut anna = town.with_mobile(ANNA, NUMBER).await;
    let code = anna.next_code(&town.gate);
    assert_eq!(change(&mut anna, &[("act", "remove"), ("code", &code)]).await.location(), "/.vestibule/account?done=no-mobile");
    assert!(anna.browser.get("/.vestibule/account").await.text().contains("None yet"));
    assert!(town.sms.expect(2).await.text.contains("no longer your recovery mobile"));
    assert_eq!(town.gate.number("SELECT count(*) FROM mobiles").await, 0);
    // One that is bound later than in the first wizard waits, whatever was there before.
    assert_eq!(bind(&town, &mut anna, OTHER).await.location(), "/.vestibule/account?done=mobile");
    assert_eq!(town.gate.number("SELECT usable_from - since FROM mobiles").await, 72 * 3_600_000);
    town.gate.reset_mfa(ANNA).await;
    assert_eq!(town.gate.number("SELECT count(*) FROM mobiles").await, 0);
    assert_eq!(anna.browser.get(RECOVER).await.location(), "/.vestibule/login?why=recovery");
}
