//! Texts: what they cost is bounded whoever asks and however, and a texted code is good for one number in one pending login.

use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;

use super::{ANNA, at_page_two};
use crate::attacks::arena::ways;
use crate::attacks::e_passwords::seen;
use crate::attacks::{coming, in_turn};
use crate::harness::{Answer, Front, Gate};
use crate::mobile::{NUMBER, RECOVER, Town, code_is, number_is, other, press_in_mail, texted, town_with};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn town() -> Town {
    let limits = "anonymous_per_client = \"100000/s burst 100000\"\nrequests_per_session = \"100000/s burst 100000\"";
    town_with(|setup| setup.section("listen", Front::LISTEN).section("limits", limits)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_nobody_is_texted_abroad_or_at_a_premium() {
    let town = town().await;
    for (number, way) in ways().enumerate() {
        let mut anna = town.at_mobile(&format!("anna{number}@example.com")).await;
        anna.browser = coming(anna.browser, way);
        for number in [
            "+49 1512 3456789",
            "+1 900 555 0123",
            "+1 976 555 0123",
            "+44 909 879 0000",
            "+44 70 1234 5678",
            "+882 16 5555 0123",
            "+1 203 555 01234567",
            "+12035550123;ext=9",
            "+1 203-555-0123, +1 203-555-0124",
            "+1 203-555-0123\r\nTo: +12035550124",
            "112",
            "+",
        ] {
            let answer = number_is(&mut anna.browser, number).await;
            assert_eq!(answer.status, UNPROCESSABLE, "{way:?} {number}: {}", answer.text());
        }
    }
    assert_eq!(town.sms.asked(), 0);
    assert_eq!(town.gate.number("SELECT count(*) FROM texted_codes").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_asking_again_and_again_sends_three_texts() {
    let town = town().await;
    // Once more and once more, on every way, also all at once; other numbers, and the same one.
    let anna = town.at_mobile(ANNA).await;
    let mut texts = 0;
    for (number, way) in ways().enumerate() {
        let mut there = coming(anna.browser.clone(), way);
        texts += usize::from(number_is(&mut there, &format!("+1 203-555-01{}", 30 + number)).await.status == StatusCode::OK);
    }
    let all = join_all((0..20).map(|number| {
        let mut there = anna.browser.clone();
        there.http2 = number % 2 == 0;
        async move { number_is(&mut there, NUMBER).await.status }
    }));
    texts += all.await.into_iter().filter(|status| *status == StatusCode::OK).count();
    assert_eq!((texts, town.sms.asked()), (3, 3));
    // Recovery draws on counters of its own, which end as well.
    let bert = town.with_mobile("bert@example.com", "+1 203-555-0177").await;
    let before = town.sms.asked();
    for way in in_turn().take(12) {
        let mut lost = at_page_two(&town.gate, &bert, way).await;
        let answer = lost.browser.post(RECOVER, &[("act", "text")]).await;
        assert!(matches!(answer.status.as_u16(), 200 | 429), "{}", answer.text());
    }
    Gate::until("texts are sent", || async { town.sms.asked() > before }).await;
    town.gate.hands.advance(Duration::from_secs(1));
    assert!(town.sms.asked() <= before + 3, "{}", town.sms.asked() - before);
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_all_together_there_are_no_more_than_the_daily_limit() {
    let limits = "anonymous_per_client = \"100000/s burst 100000\"\nexempt = [\"127.0.0.0/8\", \"203.0.113.0/24\"]";
    let town =
        town_with(|setup| setup.section("listen", Front::LISTEN).section("limits", limits).section("sms", "daily_limit = 6"))
            .await;
    let mut answers = Vec::new();
    for (number, way) in in_turn().take(8).enumerate() {
        let mut person = town.at_mobile(&format!("p{number}@example.com")).await;
        person.browser = coming(person.browser, way);
        answers.push(number_is(&mut person.browser, &format!("+1 203-555-01{}", 40 + number)).await.status.as_u16());
    }
    // Half of them at once, the others over the day.
    assert_eq!(answers, [200, 200, 200, 422, 422, 422, 422, 422]);
    assert_eq!(town.sms.asked(), 3);
    town.gate.hands.advance(Duration::from_hours(7 * 24));
    let mut later = town.at_mobile("later@example.com").await;
    assert_eq!(number_is(&mut later.browser, NUMBER).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_nobodys_mailbox_is_filled_and_the_answer_is_always_the_same() {
    let town = town().await;
    town.at_mobile(ANNA).await;
    let mut answers: Vec<(u16, String)> = Vec::new();
    for way in in_turn().take(18) {
        let answer: Answer = coming(town.gate.browser(), way).post("/.vestibule/forgot", &[("login", ANNA)]).await;
        // Who asks too often is told so, as whoever asks for nobody is.
        if answer.status == StatusCode::OK {
            answers.push((seen(&answer, ANNA).0, seen(&answer, ANNA).2));
        } else {
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{way:?}");
        }
    }
    assert!(answers.len() > 5 && answers.iter().all(|answer| *answer == answers[0]));
    Gate::until("all are through", || async { town.gate.open_store(false).await.outbox().waiting().await.unwrap() == 0 }).await;
    let mails = town.office.arrived().iter().filter(|mail| mail.to == ANNA).count();
    assert!((1..=3).contains(&mails), "{mails}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_a_texted_code_is_good_for_its_number_and_its_pending_login() {
    let town = town().await;
    let mut anna = town.at_mobile(ANNA).await;
    let mut bert = town.at_mobile("bert@example.com").await;
    number_is(&mut anna.browser, NUMBER).await;
    let hers = town.sms.expect(1).await.code();
    number_is(&mut bert.browser, "+1 203-555-0124").await;
    let his = town.sms.expect(2).await.code();
    for way in ways() {
        // Another pending login's, on every way: in his browser hers is wrong, and nobody's where nothing is pending.
        let mut stranger = coming(town.gate.browser(), way);
        assert_ne!(code_is(&mut stranger, &hers).await.header("location"), "/.vestibule/verify", "{way:?}");
        let mut both = coming(stranger, way);
        both.cookies = bert.browser.cookies.clone();
        both.cookies.remove("__Host-vestibule-pending");
        assert_ne!(code_is(&mut both, &his).await.header("location"), "/.vestibule/verify", "{way:?}");
    }
    assert!(hers == his || code_is(&mut bert.browser, &hers).await.status == UNPROCESSABLE);
    // Another number in the same pending login makes the code for the first one worthless.
    number_is(&mut anna.browser, "+1 203-555-0125").await;
    let second = town.sms.expect(3).await.code();
    assert!(hers == second || code_is(&mut anna.browser, &hers).await.status == UNPROCESSABLE);
    // Five tries, over all ways together.
    for (number, way) in ways().take(5).enumerate() {
        let mut there = coming(bert.browser.clone(), way);
        let answer = code_is(&mut there, &other(&his)).await;
        assert_eq!(answer.status, UNPROCESSABLE, "{number}: {}", answer.text());
    }
    let late = code_is(&mut bert.browser, &his).await;
    assert_eq!(late.status, UNPROCESSABLE, "{}", late.text());
    // Once: then there is nothing more to confirm.
    assert_eq!(code_is(&mut anna.browser, &second).await.location(), "/.vestibule/verify");
    code_is(&mut anna.browser, &second).await;
    assert_eq!((town.records("mobile.change").await, town.gate.number("SELECT count(*) FROM mobiles").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_a_texted_recovery_code_is_bound_spent_and_late() {
    let town = town().await;
    for (number, way) in ways().enumerate() {
        let anna = town.with_mobile(&format!("anna{number}@example.com"), &format!("+1 203-555-01{}", 60 + number)).await;
        let (texts, mut lost) = (town.sms.arrived().len(), at_page_two(&town.gate, &anna, way).await);
        assert_eq!(lost.browser.post(RECOVER, &[("act", "text")]).await.status, StatusCode::OK, "{way:?}");
        let code = town.sms.expect(texts + 1).await.code();
        let link = || {
            let mails = town.office.arrived().into_iter().filter(|mail| mail.to == anna.login);
            mails.flat_map(|mail| mail.links()).find(|link| link.starts_with("/.vestibule/recover/"))
        };
        Gate::until("the mail arrives", || async { link().is_some() }).await;
        assert_eq!(press_in_mail(&town.gate, &link().unwrap()).await.status, StatusCode::OK, "{way:?}");
        // In another browser of the same person, at page two like the first.
        let mut elsewhere = at_page_two(&town.gate, &anna, way).await;
        let answer = texted(&mut elsewhere.browser, &code).await;
        assert!(answer.header("location") != "/.vestibule/setup", "{way:?}: another pending login's");
        // It is no code of the authenticator, and no recovery code.
        assert_ne!(elsewhere.enter(&code).await.header("location"), "/", "{way:?}");
        if number % 2 == 0 {
            town.gate.hands.advance(Duration::from_mins(10));
            assert_ne!(texted(&mut lost.browser, &code).await.header("location"), "/.vestibule/setup", "{way:?}: late");
        } else {
            assert_eq!(texted(&mut lost.browser, &code).await.location(), "/.vestibule/setup", "{way:?}");
            let again = texted(&mut lost.browser, &code).await;
            assert_ne!(again.status, StatusCode::OK, "{way:?}: once");
        }
        town.gate.hands.advance(Duration::from_hours(24));
    }
    assert_eq!(town.records("recovery.accept").await, 3);
}
