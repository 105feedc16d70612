//! First enrolment and changes of factors: a password is not enough, and what is staged is not in force.

use std::time::Duration;

use http::{Method, StatusCode};

use super::{DAY, at_page_two, gives, has_session, used_for_the_window, without_budgets};
use crate::account::{ACCOUNT, CODES, MFA, MFA_ENABLE, NEW_PASSWORD, PASSWORD as CHANGE};
use crate::attacks::arena::ways;
use crate::attacks::coming;
use crate::attacks::e_passwords::{gate, gate_with};
use crate::harness::browser::Kind;
use crate::harness::person::{PASSWORD, code_at, secret_of};
use crate::harness::{Browser, Gate, Person, PostOffice};

const SETUP: &str = "/.vestibule/setup";

/// The secret and the epoch of an account: what an enrolment changes.
async fn factors(gate: &Gate, login: &str) -> (Option<Vec<u8>>, Option<String>, i64) {
    let account = gate.account(login).await;
    (account.mfa.map(|mfa| mfa.sealed_secret), account.password, i64::try_from(account.epoch).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_live_session_alone_changes_no_factor() {
    let office = PostOffice::open().await;
    let (gate, _) = gate_with(|setup| setup.section("mail", &office.section())).await;
    without_budgets(&gate);
    for (number, way) in ways().enumerate() {
        let login = format!("anna{number}@example.com");
        let mut anna = gate.signed_in(&login).await;
        anna.browser = coming(anna.browser, way);
        // The last code was given a moment ago: the window is as fresh as it can be, and that counts for nothing here.
        let stale = used_for_the_window(&gate, &mut anna).await;
        let before = factors(&gate, &login).await;
        let mut hijacked = anna.clone();
        let wrong = anna.wrong_code(&gate);
        for (password, code) in
            [("", ""), (PASSWORD, ""), (PASSWORD, stale.as_str()), (PASSWORD, &wrong), ("", &stale), ("guessed", &stale)]
        {
            let new = [("new_password", NEW_PASSWORD), ("new_password_again", NEW_PASSWORD)];
            for page in [CHANGE, MFA, CODES] {
                let fields = [&[("password", password), ("code", code)][..], &new].concat();
                let answer = hijacked.fill_in(page, &fields).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{way:?} {page} {password:?} {code:?}");
                assert!(!answer.text().contains("otpauth:") && !has_session(&answer), "{way:?} {page}");
            }
            let enable = hijacked.browser.post(MFA_ENABLE, &[("code", code)]).await;
            assert_ne!(enable.header("location"), "/.vestibule/account/codes/save", "{way:?}");
        }
        assert_eq!(factors(&gate, &login).await, before, "{way:?}");
        assert!(office.arrived().iter().all(|mail| mail.to != login || !mail.header("Subject").contains("changed")), "{way:?}");
        // The owner's next code, with the password, is what it takes.
        let code = anna.next_code(&gate);
        assert_eq!(anna.prove(MFA, &code).await.status, StatusCode::OK, "{way:?}");
        assert_eq!(factors(&gate, &login).await, before, "{way:?}: shown is not in force");
    }
}

/// Everything that somebody with the password alone can send, in a browser of theirs.
async fn tries_to_enrol(gate: &Gate, browser: &Browser, login: &str, way: &str) {
    let mut thief = Person::new(login, browser.clone());
    let answer = thief.log_in("/").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{way}: {}", answer.text());
    assert!(!gives(&answer, "__Host-vestibule-pending") && !answer.text().contains("otpauth:"), "{way}");
    for (page, fields) in [
        (SETUP, &[][..]),
        (SETUP, &[("code", "123456")]),
        ("/.vestibule/setup/codes", &[("act", "show")]),
        ("/.vestibule/enrol", &[]),
        ("/.vestibule/register", &[("new_password", NEW_PASSWORD), ("new_password_again", NEW_PASSWORD)]),
        ("/.vestibule/recover", &[("act", "text")]),
        (MFA, &[("password", PASSWORD)]),
    ] {
        let answer = thief.browser.post(page, fields).await;
        assert!(!answer.status.is_success(), "{way} {page}: {}", answer.text());
        assert!(!answer.text().contains("otpauth:") && !has_session(&answer), "{way} {page}");
    }
    assert!(gate.account(login).await.mfa.is_none(), "{way}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_a_stolen_password_enrols_nobody() {
    let (gate, upstream) = gate().await;
    without_budgets(&gate);
    // Invited and registered; imported; reset; left in the middle of the wizard; and lapsed long ago.
    let link = gate.invite("invited@example.com", &[]).await;
    let mut invited = Person::new("invited@example.com", gate.browser());
    invited.register(&link).await;
    gate.import("imported@example.com", PASSWORD).await;
    gate.signed_in("reset@example.com").await;
    gate.reset_mfa("reset@example.com").await;
    let link = gate.invite("wizard@example.com", &[]).await;
    let mut wizard = Person::new("wizard@example.com", gate.browser());
    wizard.register(&link).await;
    assert_eq!(wizard.log_in("/").await.location(), SETUP);
    wizard.secret = secret_of(&wizard.browser.post(SETUP, &[]).await.text());
    // The thief has an account, a known browser and a grant of their own.
    let mallory = gate.signed_in("mallory@example.com").await;
    let own = gate.invite("mallory2@example.com", &[]).await;
    let mut second = Person::new("mallory2@example.com", mallory.browser.clone());
    second.browser.cookies.remove("__Host-vestibule");
    second.register(&own).await;
    let granted = second.browser;
    let victims = ["invited@example.com", "imported@example.com", "reset@example.com", "wizard@example.com"];
    for lapsed in [false, true] {
        if lapsed {
            gate.hands.advance(8 * DAY);
        }
        for way in ways() {
            for login in victims {
                for browser in [gate.browser(), granted.clone()] {
                    tries_to_enrol(&gate, &coming(browser, way), login, &format!("{way:?} {login} {lapsed}")).await;
                }
            }
        }
    }
    // The one whose browser holds the link's grant could have; after a week a new link is needed, there too.
    assert_eq!(invited.log_in("/").await.status, StatusCode::FORBIDDEN);
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f16_a_staged_secret_is_neither_in_force_nor_shown_again() {
    let (gate, _) = gate().await;
    without_budgets(&gate);
    for (number, way) in ways().enumerate() {
        let login = format!("anna{number}@example.com");
        let mut anna = gate.signed_in(&login).await;
        anna.browser = coming(anna.browser, way);
        let before = factors(&gate, &login).await;
        let code = anna.next_code(&gate);
        let page = anna.prove(MFA, &code).await;
        assert!(page.header("cache-control").contains("no-store"), "{way:?}: {:?}", page.headers);
        let staged = secret_of(&page.text());
        let token = page.field("form_token").unwrap();
        assert_eq!(factors(&gate, &login).await, before, "{way:?}");
        // The old one goes on, the new one opens nothing.
        let mut door = at_page_two(&gate, &anna, way).await;
        let code = door.next_code(&gate);
        let new = code_at(&staged, u64::try_from(gate.hands.wall_now().secs()).unwrap());
        assert!(!has_session(&door.enter(&new).await), "{way:?}");
        assert!(has_session(&door.enter(&code).await), "{way:?}");
        // No wrong code puts it in force, and no page shows it but the answers to its own form.
        let again = anna.browser.post(MFA_ENABLE, &[("form_token", &token), ("code", &anna.wrong_code(&gate))]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{way:?}");
        assert!(again.header("cache-control").contains("no-store"), "{way:?}");
        assert_eq!(factors(&gate, &login).await, before, "{way:?}");
        for page in [MFA, MFA_ENABLE, ACCOUNT, CODES, SETUP, "/.vestibule/account/codes/save"] {
            for kind in [Kind::Navigation, Kind::Fetch] {
                let answer = anna.browser.send(Method::GET, page, kind, &[], bytes::Bytes::new()).await;
                let seen = format!("{}{:?}", answer.text(), answer.headers);
                assert!(!seen.contains(&staged) && !seen.contains("otpauth"), "{way:?} {page}");
            }
        }
        gate.hands.advance(Duration::from_secs(30));
        let new = code_at(&staged, u64::try_from(gate.hands.wall_now().secs()).unwrap());
        let enabled = anna.browser.post(MFA_ENABLE, &[("form_token", &token), ("code", &new)]).await;
        assert_eq!(enabled.location(), "/.vestibule/account/codes/save", "{way:?}");
        assert!(!enabled.location().contains(&staged), "{way:?}");
        let late = anna.browser.post(MFA_ENABLE, &[("form_token", &token), ("code", &new)]).await;
        assert!(!late.text().contains(&staged), "{way:?}: never again");
        assert_ne!(factors(&gate, &login).await.0, before.0, "{way:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f16_the_wizards_secret_stands_in_the_answer_to_a_form_alone() {
    let (gate, _) = gate().await;
    without_budgets(&gate);
    for (number, way) in ways().enumerate() {
        let login = format!("anna{number}@example.com");
        let link = gate.invite(&login, &[]).await;
        let mut anna = Person::new(&login, coming(gate.browser(), way));
        anna.register(&link).await;
        assert_eq!(anna.log_in("/").await.location(), SETUP);
        let page = anna.browser.post(SETUP, &[]).await;
        assert!(page.header("cache-control").contains("no-store"), "{way:?}");
        anna.secret = secret_of(&page.text());
        assert!(!anna.browser.get(SETUP).await.text().contains(&anna.secret), "{way:?}");
        assert!(gate.account(&login).await.mfa.is_none(), "{way:?}: nothing is in force");
        let code = anna.code(&gate);
        let enabled = anna.browser.post(SETUP, &[("code", &code)]).await;
        assert_eq!(enabled.location(), "/.vestibule/setup/codes", "{way:?}");
        for (method, page) in [(Method::GET, SETUP), (Method::POST, SETUP), (Method::GET, "/.vestibule/setup/codes")] {
            let form = [("content-type", "application/x-www-form-urlencoded")];
            let answer = anna.browser.send(method, page, Kind::Navigation, &form, bytes::Bytes::new()).await;
            assert!(!answer.text().contains(&anna.secret) && !answer.text().contains("otpauth:"), "{way:?} {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_a_password_reset_signs_nobody_in_and_touches_no_factor() {
    let office = PostOffice::open().await;
    let (gate, upstream) = gate_with(|setup| setup.section("mail", &office.section())).await;
    without_budgets(&gate);
    for (number, way) in ways().enumerate() {
        let login = format!("anna{number}@example.com");
        let anna = gate.signed_in(&login).await;
        let before = gate.account(&login).await;
        let mut thief = Person { browser: coming(gate.browser(), way), ..anna.clone() };
        assert_eq!(thief.browser.post("/.vestibule/forgot", &[("login", &login)]).await.status, StatusCode::OK);
        let reset = || {
            let mails = office.arrived().into_iter().filter(|mail| mail.to == login);
            mails.flat_map(|mail| mail.links()).find(|link| link.starts_with("/.vestibule/reset/"))
        };
        Gate::until("the mail arrives", || async { reset().is_some() }).await;
        assert_eq!(thief.browser.get(&reset().unwrap()).await.location(), "/.vestibule/reset", "{way:?}");
        let fields = [("new_password", NEW_PASSWORD), ("new_password_again", NEW_PASSWORD), ("mfa", "off"), ("code", "")];
        let done = thief.browser.post("/.vestibule/reset", &fields).await;
        assert_eq!(done.status, StatusCode::OK, "{way:?}: {}", done.text());
        assert!(!has_session(&done) && !gives(&done, "__Host-vestibule-pending"), "{way:?}");
        assert!(!gives(&done, "__Host-vestibule-device") && !thief.is_inside().await, "{way:?}");
        let after = gate.account(&login).await;
        assert_eq!(after.mfa.map(|mfa| mfa.sealed_secret), before.mfa.map(|mfa| mfa.sealed_secret), "{way:?}");
        assert_eq!((after.codes_saved, after.locked_at), (before.codes_saved, before.locked_at), "{way:?}");
        // The mailbox and the new password come as far as page two, and no further.
        NEW_PASSWORD.clone_into(&mut thief.password);
        assert_eq!(thief.log_in("/").await.location(), "/.vestibule/verify", "{way:?}");
        assert!(!thief.is_inside().await, "{way:?}");
        assert!(!has_session(&thief.enter(&thief.wrong_code(&gate)).await), "{way:?}");
    }
    assert_eq!(upstream.count(), 0);
}
