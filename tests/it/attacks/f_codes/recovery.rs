//! Recovery codes: who gets some, what is left of the old ones, and what a recovery leaves alive.

use http::StatusCode;

use super::{ANNA, at_page_two, gives, has_session, used_for_the_window, without_budgets};
use crate::account::{CODES, CODES_SAVE, codes_in};
use crate::attacks::arena::ways;
use crate::attacks::coming;
use crate::attacks::e_passwords::gate;
use crate::harness::person::secret_of;
use crate::harness::wire::{Wire, websocket};
use crate::harness::{Front, Gate, Person, PostOffice, Setup, Stage};

const SETUP: &str = "/.vestibule/setup";
const SETUP_CODES: &str = "/.vestibule/setup/codes";

#[tokio::test(flavor = "multi_thread")]
async fn f09_no_codes_before_a_second_factor_and_none_for_a_password() {
    let (gate, _) = gate().await;
    without_budgets(&gate);
    for (number, way) in ways().enumerate() {
        // At set-up, before a code was right: none are made, none are shown, none are good.
        let login = format!("new{number}@example.com");
        let link = gate.invite(&login, &[]).await;
        let mut new = Person::new(&login, coming(gate.browser(), way));
        new.register(&link).await;
        assert_eq!(new.log_in("/").await.location(), SETUP);
        for shown in [false, true] {
            if shown {
                new.secret = secret_of(&new.browser.post(SETUP, &[]).await.text());
            }
            for act in ["show", "download", "next"] {
                let answer = new.browser.post(SETUP_CODES, &[("act", act), ("saved", "on")]).await;
                assert_eq!(answer.location(), SETUP, "{way:?} {act}");
                assert!(codes_in(&answer.text()).is_empty(), "{way:?} {act}");
            }
        }
    }
    assert_eq!(gate.number("SELECT count(*) FROM recovery_codes").await, 0);
    // With a password alone, in front of page two.
    let anna = gate.enrolled(ANNA).await;
    for way in ways() {
        let mut thief = at_page_two(&gate, &anna, way).await;
        for (page, fields) in [
            (SETUP_CODES, &[("act", "show")][..]),
            (SETUP_CODES, &[("act", "download")]),
            (CODES, &[("password", &anna.password)]),
            ("/.vestibule/account/codes/save", &[("act", "show")]),
        ] {
            let answer = thief.browser.post(page, fields).await;
            assert_eq!(answer.location().split('?').next(), Some("/.vestibule/verify"), "{way:?} {page}");
            assert!(codes_in(&answer.text()).is_empty(), "{way:?} {page}");
        }
    }
    assert_eq!(gate.number("SELECT count(*) FROM recovery_codes").await, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_a_new_set_takes_password_and_code_and_kills_the_old() {
    let (gate, _) = gate().await;
    without_budgets(&gate);
    let mut anna = gate.signed_in(ANNA).await;
    for way in ways() {
        anna.browser = coming(anna.in_new_browser(&gate).browser, way);
        anna.sign_in(&gate, "/").await;
        let stale = used_for_the_window(&gate, &mut anna).await;
        let (right, wrong, password) = (anna.next_code(&gate), anna.wrong_code(&gate), anna.password.clone());
        for (password, code) in [("", right.as_str()), ("no", &right), (&password, ""), (&password, &wrong), (&password, &stale)]
        {
            let answer = anna.fill_in(CODES, &[("password", password), ("code", code)]).await;
            assert_eq!((answer.status, codes_in(&answer.text()).len()), (StatusCode::UNPROCESSABLE_ENTITY, 0), "{way:?} {code}");
        }
        let page = anna.prove(CODES, &right).await;
        let new = codes_in(&page.text());
        assert_eq!((page.status, new.len()), (StatusCode::OK, 10), "{way:?}: {}", page.text());
        for old in &anna.recovery[..3] {
            let mut lost = at_page_two(&gate, &anna, way).await;
            let answer = lost.browser.post("/.vestibule/recover", &[("code", old)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{way:?}: the old ones are dead");
        }
        anna.recovery = new;
        let saved = [("form_token", page.field("form_token").unwrap()), ("act", "next".to_owned()), ("saved", "yes".to_owned())];
        let saved: Vec<_> = saved.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(anna.browser.post(CODES_SAVE, &saved).await.location(), "/.vestibule/account?done=codes", "{way:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_recovery_leaves_nothing_of_the_lost_phone() {
    let office = PostOffice::open().await;
    let stage = Stage::start();
    let setup = Setup::new(&[stage.upstream.addr()]).section("listen", Front::LISTEN).section("mail", &office.section());
    let gate = Gate::start(setup).await;
    without_budgets(&gate);
    for (number, way) in ways().enumerate() {
        let login = format!("anna{number}@example.com");
        let mut anna = gate.signed_in(&login).await;
        anna.browser = coming(anna.browser, way);
        let mut open = Wire::to(&anna.browser).await;
        open.send(websocket(&anna.browser, "/ws")).await;
        assert!(open.head().await.starts_with("HTTP/1.1 101"), "{way:?}");
        let mut between = at_page_two(&gate, &anna, way).await;
        let mut lost = at_page_two(&gate, &anna, way).await;
        let accepted = lost.browser.post("/.vestibule/recover", &[("code", &anna.recovery[number])]).await;
        assert_eq!(accepted.location(), SETUP, "{way:?}: {}", accepted.text());
        assert!(!has_session(&accepted), "{way:?}: a recovery code signs nobody in");
        // Sessions and what is open in them, pending logins, known browsers, the old secret and the old codes.
        open.end().await;
        Gate::soon("the session has ended", || async { !anna.clone().is_inside().await }).await;
        let code = anna.next_code(&gate);
        assert_eq!(between.enter(&code).await.location(), "/.vestibule/login?why=expired", "{way:?}");
        let mut known = anna.clone();
        known.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
        let refused = known.log_in("/").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{way:?}: the known browser needs a link like any other");
        assert!(!gives(&refused, "__Host-vestibule-pending"), "{way:?}");
        // Nothing but a new enrolment goes on from there.
        for page in ["/.vestibule/verify", "/.vestibule/account", "/inside"] {
            let answer = lost.browser.get(page).await;
            assert_ne!(answer.status, StatusCode::OK, "{way:?} {page}");
        }
        lost.set_up(&gate).await;
        assert_ne!(lost.secret, anna.secret, "{way:?}");
        lost.finish_sign_in(&gate).await;
        assert!(lost.is_inside().await, "{way:?}");
        let mut old = anna.in_new_browser(&gate);
        old.reach_page_two().await;
        let code = old.next_code(&gate);
        assert_eq!(old.enter(&code).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{way:?}: the old phone");
        let told =
            || office.arrived().into_iter().any(|mail| mail.to == login && mail.header("Subject").contains("was recovered"));
        Gate::until("the owner is told", || async { told() }).await;
    }
}
