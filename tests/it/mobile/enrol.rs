//! Binding a number in the wizard: who may, what limits there are, and what a gateway that fails leaves behind.

use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;

use super::{ANNA, E164, NUMBER, SETUP_MOBILE, code_is, number_is, other, town, town_with};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_bound_by_the_code_that_is_texted_to_it() {
    let town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    let page = anna.browser.get(SETUP_MOBILE).await.text();
    assert!(page.contains("Confirm recovery mobile") && page.contains("Skip for now") && page.contains("+1, +44"), "{page}");
    assert!(page.contains("<li aria-current=\"step\">Mobile</li>"), "{page}");
    let asked = number_is(&mut anna.browser, NUMBER).await;
    assert!(asked.status == 200 && asked.text().contains("ends in 23") && !asked.text().contains("5550"), "{}", asked.text());
    let text = town.sms.expect(1).await;
    assert_eq!(text.to, E164);
    let code = text.code();
    assert!(text.text.starts_with(&format!("IT support portal: {code} is your code.")), "{}", text.text);
    // Nothing counts yet, and the page can be left and found again.
    assert_eq!(town.gate.number("SELECT count(*) FROM mobiles").await, 0);
    assert!(anna.browser.get(SETUP_MOBILE).await.text().contains("ends in 23"));
    assert_eq!(code_is(&mut anna.browser, "12").await.status, UNPROCESSABLE);
    let wrong = code_is(&mut anna.browser, &other(&code)).await;
    assert!(wrong.text().contains("4 tries left"), "{}", wrong.text());
    assert_eq!(code_is(&mut anna.browser, &code).await.location(), "/.vestibule/verify");
    assert_eq!(town.gate.number("SELECT count(*) FROM mobiles WHERE usable_from = since").await, 1);
    assert_eq!(anna.browser.get(SETUP_MOBILE).await.location(), "/.vestibule/verify", "there is one now");
    anna.finish_sign_in(&town.gate).await;
    assert!(anna.browser.get("/.vestibule/account").await.text().contains("Ends in 23"));
    assert_eq!(town.records("mobile.change").await, 1);
    assert!(town.gate.ops("/metrics").await.1.contains("vestibule_texts_total{result=\"sent\"}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_skipped_and_a_password_alone_never_gets_there() {
    let town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    assert_eq!(anna.browser.get("/.vestibule/verify").await.status, 200);
    anna.finish_sign_in(&town.gate).await;
    let mut thief = anna.in_new_browser(&town.gate);
    thief.reach_page_two().await;
    assert_eq!(thief.browser.get(SETUP_MOBILE).await.location(), "/.vestibule/verify");
    assert_eq!(number_is(&mut thief.browser, NUMBER).await.location(), "/.vestibule/verify");
    assert_eq!(town.sms.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_tries_ten_minutes_and_nobody_elses_code() {
    let town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    number_is(&mut anna.browser, NUMBER).await;
    let code = town.sms.expect(1).await.code();
    for _ in 0..5 {
        assert_eq!(code_is(&mut anna.browser, &other(&code)).await.status, UNPROCESSABLE);
    }
    let late = code_is(&mut anna.browser, &code).await;
    assert!(late.status == UNPROCESSABLE && late.text().contains("no longer good"), "{}", late.text());

    // Another number's code, and another pending login's.
    number_is(&mut anna.browser, NUMBER).await;
    let first = town.sms.expect(2).await.code();
    let mut bert = town.at_mobile("bert@example.com").await;
    number_is(&mut bert.browser, "+1 203-555-0124").await;
    let his = town.sms.expect(3).await.code();
    assert!(first == his || code_is(&mut anna.browser, &his).await.status == UNPROCESSABLE);
    number_is(&mut anna.browser, "+1 203-555-0125").await;
    let second = town.sms.expect(4).await.code();
    assert!(first == second || code_is(&mut anna.browser, &first).await.status == UNPROCESSABLE, "it was another number's");
    assert_eq!(code_is(&mut anna.browser, &second).await.location(), "/.vestibule/verify");

    town.gate.hands.advance(Duration::from_mins(10));
    assert_ne!(code_is(&mut bert.browser, &his).await.header("location"), "/.vestibule/verify");
    assert_eq!(town.gate.number("SELECT count(*) FROM mobiles").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_are_one_success() {
    let town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    number_is(&mut anna.browser, NUMBER).await;
    let code = town.sms.expect(1).await.code();
    let all = join_all((0..20).map(|_| {
        let (mut browser, code) = (anna.browser.clone(), code.clone());
        async move { code_is(&mut browser, &code).await.status }
    }));
    assert!(all.await.iter().all(|status| *status == 303 || *status == 422));
    assert_eq!(town.records("mobile.change").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_texted_never_reaches_the_gateway() {
    let town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    for (number, why) in [
        ("+49 1512 3456789", "cannot text to that country"),
        ("+1 900 555 0123", "cannot get texts"),
        ("203-555-0123", "not a mobile number"),
        ("", "not a mobile number"),
        ("<script>", "not a mobile number"),
    ] {
        let answer = number_is(&mut anna.browser, number).await;
        assert!(answer.status == UNPROCESSABLE && answer.text().contains(why), "{number}: {}", answer.text());
        assert!(!answer.text().contains("<script>"));
    }
    assert_eq!(town.sms.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_fails_changes_nothing_and_costs_nothing() {
    let town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    number_is(&mut anna.browser, NUMBER).await;
    let code = town.sms.expect(1).await.code();
    // More often than anybody may ask: what the gateway did not take is given back.
    town.sms.says(&[429, 500, 503, 500, 500, 429]);
    for _ in 0..6 {
        let answer = number_is(&mut anna.browser, "+1 203-555-0124").await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.text());
        let text = answer.text();
        assert!(
            text.contains("We could not send the text.") && text.contains("Try again in a minute, or skip this step."),
            "{text}"
        );
    }
    assert_eq!(town.sms.asked(), 7);
    assert_eq!(code_is(&mut anna.browser, &code).await.location(), "/.vestibule/verify", "the code before is good still");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_does_not_answer_is_waited_for_ten_seconds() {
    let town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    town.sms.says(&[0]);
    let answer = tokio::time::timeout(Duration::from_secs(15), number_is(&mut anna.browser, NUMBER)).await;
    assert_eq!(answer.expect("an answer").status, StatusCode::BAD_GATEWAY);
    assert_eq!(town.gate.number("SELECT count(*) FROM texted_codes").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_three_at_once_also_after_a_restart() {
    let mut town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    for number in ["+1 203-555-0123", "+1 203-555-0124", "+1 203-555-0125"] {
        assert_eq!(number_is(&mut anna.browser, number).await.status, 200);
    }
    town.gate.crash_and_restart().await;
    anna.browser.addr = town.gate.addr();
    let slow = number_is(&mut anna.browser, "+1 203-555-0126").await;
    assert_eq!(slow.status, StatusCode::TOO_MANY_REQUESTS, "{}", slow.text());
    assert!(!slow.header("retry-after").is_empty());
    assert_eq!(town.sms.asked(), 3);
    town.gate.hands.advance(Duration::from_mins(9));
    assert_eq!(number_is(&mut anna.browser, "+1 203-555-0126").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_and_everybody_together_have_enough_at_some_time() {
    let limited = town_with(|setup| setup.section("sms", "daily_limit = 4")).await;
    // Two at once, the others over the day.
    for (at, status) in [(0, 200), (1, 200), (2, 422)] {
        let mut person = limited.at_mobile(&format!("p{at}@example.com")).await;
        assert_eq!(number_is(&mut person.browser, &format!("+1 203-555-013{at}")).await.status, status);
    }
    assert_eq!(limited.sms.asked(), 2);
    let town = town().await;
    for (at, status) in [(0, 200), (1, 200), (2, 200), (3, 422)] {
        let mut person = town.at_mobile(&format!("p{at}@example.com")).await;
        assert_eq!(number_is(&mut person.browser, NUMBER).await.status, status, "{at}");
    }
    assert_eq!(town.sms.asked(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_has_ten() {
    let town = town().await;
    let mut refused = 0;
    for at in 0..12 {
        let mut person = town.at_mobile(&format!("p{at}@example.com")).await;
        let answer = number_is(&mut person.browser, &format!("+1 203-555-01{}", at + 30)).await;
        refused += usize::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!((town.sms.asked(), refused), (10, 2));
}
