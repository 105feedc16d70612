//! How fresh a code is, is known for the code alone: no other method stands in for it.

use std::time::Duration;

use http::StatusCode;

use super::{ANNA, at_page_two, has_session, used_for_the_window, without_budgets};
use crate::account::{CODES, MFA, NEW_PASSWORD};
use crate::attacks::arena::ways;
use crate::attacks::coming;
use crate::attacks::e_passwords::gate_with;
use crate::harness::person::PASSWORD;
use crate::harness::{Gate, PostOffice};

#[tokio::test(flavor = "multi_thread")]
async fn f19_no_link_and_no_password_reopens_a_window() {
    let office = PostOffice::open().await;
    let (gate, upstream) =
        gate_with(|setup| setup.section("mail", &office.section()).section("mfa", "reauth_window = \"1h\"")).await;
    without_budgets(&gate);
    let mut anna = gate.signed_in(ANNA).await;
    gate.browser().post("/.vestibule/forgot", &[("login", ANNA)]).await;
    let reset = office.find("Set a new password").await.link();
    let invitation = gate.invite("bert@example.com", &[]).await;
    gate.hands.advance(Duration::from_mins(55));
    // Five minutes before the window closes she gets a second link, so that one of them is live.
    gate.browser().post("/.vestibule/forgot", &[("login", ANNA)]).await;
    Gate::until("the second mail", || async { office.arrived().len() >= 2 }).await;
    let second = office.arrived().pop().unwrap().link();
    gate.hands.advance(Duration::from_secs(301));
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::SEE_OTHER, "the window has passed");
    for way in ways() {
        let mut passed = anna.clone();
        passed.browser = coming(passed.browser, way);
        // Whatever is opened, entered or pressed beside the code.
        for link in [&reset, &second, &invitation] {
            passed.browser.get(link).await;
        }
        let password = passed.browser.post("/.vestibule/login", &[("login", ANNA), ("password", PASSWORD)]).await;
        assert!(!has_session(&password), "{way:?}");
        for recovery in [&anna.recovery[0], &"000000".to_owned()] {
            let mut there = passed.clone();
            there.browser.cookies.remove("__Host-vestibule-pending");
            let answer = there.browser.post("/.vestibule/verify", &[("code", recovery)]).await;
            assert!(!has_session(&answer), "{way:?}: a recovery code is no code");
        }
        let answer = passed.browser.get("/x").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{way:?}: {}", answer.text());
        assert!(answer.location().starts_with("/.vestibule/verify"), "{way:?}");
    }
    assert_eq!(upstream.count(), 0);
    // Her next code does.
    anna.confirm(&gate, "/").await.location();
    assert!(anna.is_inside().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_a_code_for_one_purpose_is_no_step_up_for_another() {
    let (gate, _) = gate_with(|setup| setup).await;
    without_budgets(&gate);
    let first = gate.signed_in(ANNA).await;
    for way in ways() {
        let mut anna = at_page_two(&gate, &first, way).await;
        anna.finish_sign_in(&gate).await;
        let epoch = gate.account(ANNA).await.epoch;
        // Given to the window, this very moment.
        let spent = used_for_the_window(&gate, &mut anna).await;
        for code in ["", &spent] {
            for page in [MFA, CODES] {
                let answer = anna.prove(page, code).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{way:?} {page} {code:?}");
                assert!(!answer.text().contains("otpauth:"), "{way:?} {page}");
            }
            let answer = anna.change_password(PASSWORD, code, NEW_PASSWORD).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{way:?} {code:?}");
        }
        // Given to one act, it opens no other.
        let code = anna.next_code(&gate);
        assert_eq!(anna.prove(MFA, &code).await.status, StatusCode::OK, "{way:?}");
        for code in ["", &code] {
            let answer = anna.prove(CODES, code).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{way:?} {code:?}");
        }
        assert_eq!(gate.account(ANNA).await.epoch, epoch, "{way:?}: nothing has changed");
    }
}
