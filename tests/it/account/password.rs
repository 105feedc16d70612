//! *Change password*.

use std::time::Duration;

use http::StatusCode;

use super::{NEW_PASSWORD, PASSWORD, recorded, speak, tunnel};
use crate::harness::person::PASSWORD as OLD_PASSWORD;
use crate::harness::{Gate, Stage, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_everything_else_and_this_session_goes_on() {
    let stage = Stage::start();
    let gate = Gate::before(&stage.upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.elsewhere(&gate).await;
    let (mut here, mut there) = (tunnel(&anna.browser).await, tunnel(&other.browser).await);
    let (before, epoch) = (anna.browser.clone(), gate.account("anna@example.com").await.epoch);
    let id = anna.session_id(&gate);

    let code = anna.next_code(&gate);
    let done = anna.change_password(OLD_PASSWORD, &code, NEW_PASSWORD).await;
    assert_eq!(done.location(), "/.vestibule/account?done=password");
    assert_eq!(gate.account("anna@example.com").await.epoch, epoch + 1);
    assert!(!String::from_utf8_lossy(&there.end().await).is_empty(), "the other tunnel says farewell and closes");
    assert!(!other.is_inside().await);
    assert!(!here.end().await.is_empty(), "what the old cookie has opened ends here, too: a copy of it may have");
    assert!(anna.is_inside().await, "this session goes on");
    speak(&mut tunnel(&anna.browser).await).await;
    assert_eq!(anna.session_id(&gate), id, "as the same one");
    let page = anna.browser.get(done.location()).await.text();
    assert!(page.contains("Your password is changed."), "{page}");

    // New cookies, and the old values are dead at once.
    for name in ["__Host-vestibule", "__Host-vestibule-device"] {
        assert_ne!(before.cookies[name], anna.browser.cookies[name], "{name}");
    }
    let mut ousted = before.clone();
    assert_eq!(ousted.get("/inside").await.location(), "/.vestibule/login?to=/inside");

    // The old password opens nothing; the new one does.
    let mut fresh = anna.in_new_browser(&gate);
    assert_eq!(fresh.log_in("/").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    fresh.password = NEW_PASSWORD.to_owned();
    fresh.sign_in(&gate, "/").await;
    assert!(fresh.is_inside().await);

    let told = recorded(&gate, &["password.change"]).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["session"], id.as_str());
    assert!(!told[0].1.to_string().contains(NEW_PASSWORD));
    // The feed has brought it about a second time by now.
    assert!(anna.is_inside().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_browser_stays_known_and_no_other_does() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let other = anna.elsewhere(&gate).await;
    let code = anna.next_code(&gate);
    anna.change_password(OLD_PASSWORD, &code, NEW_PASSWORD).await.location();
    let credentials = gate.credentials().await;
    for (browser, known) in [(&anna.browser, true), (&other.browser, false)] {
        let token = vestibule::ports::Token::parse(&browser.cookies["__Host-vestibule-device"]).unwrap();
        assert_eq!(credentials.device(&token.hash(), gate.now().secure).await.unwrap().is_some(), known);
    }
    // On a shared computer none becomes known by it.
    let mut shared = anna.in_new_browser(&gate);
    shared.password = NEW_PASSWORD.to_owned();
    shared.log_in("/").await.location();
    let code = shared.next_code(&gate);
    shared.browser.post("/.vestibule/verify", &[("code", &code), ("shared_computer", "on")]).await.location();
    let code = shared.next_code(&gate);
    let done = shared.change_password(NEW_PASSWORD, &code, "Otter-Lamp-58-Harbour").await;
    let cookies: Vec<_> = done.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    assert!(cookies[0].starts_with("__Host-vestibule=") && !cookies[0].contains("Max-Age"), "{cookies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_right_changes_nothing() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    let mut anna = gate.signed_in("anna@example.com").await;
    let before = gate.account("anna@example.com").await;
    let code = anna.next_code(&gate);
    let wrong = anna.wrong_code(&gate);
    let new = NEW_PASSWORD;
    let cases: [(&str, &str, &str, &str, &str); 8] = [
        ("Wrong-Horse-7-Battery", &code, new, new, "That password was not right."),
        (OLD_PASSWORD, &wrong, new, new, "That code was not right."),
        ("", &code, new, new, "That password was not right."),
        (OLD_PASSWORD, "12345", new, new, "That is not a six-digit code."),
        (OLD_PASSWORD, "", new, new, "That is not a six-digit code."),
        (OLD_PASSWORD, &code, new, "Something-else-47", "The two passwords are not the same."),
        (OLD_PASSWORD, &code, OLD_PASSWORD, OLD_PASSWORD, "That is the password you have now."),
        (OLD_PASSWORD, &code, "short", "short", "Please choose another password."),
    ];
    for (password, code, new, again, said) in cases {
        let fields = [("password", password), ("code", code), ("new_password", new), ("new_password_again", again)];
        let answer = anna.fill_in(PASSWORD, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(answer.text().contains(said), "{said}: {}", answer.text());
        assert!(answer.headers.get("set-cookie").is_none());
        for secret in [password, new, again].into_iter().filter(|secret| secret.len() > 5) {
            assert!(!answer.text().contains(secret), "no password is shown again");
        }
    }
    let after = gate.account("anna@example.com").await;
    assert_eq!((after.epoch, after.password), (before.epoch, before.password));
    // The code was not used up by any of it.
    anna.change_password(OLD_PASSWORD, &code, NEW_PASSWORD).await.location();
    let again = anna.change_password(NEW_PASSWORD, &code, OLD_PASSWORD).await;
    assert!(again.text().contains("Please wait for the next code."), "{}", again.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fifth_wrong_one_ends_the_session_and_locks_nobody() {
    for wrong_password in [true, false] {
        let upstream = Upstream::start();
        let gate = Gate::before(&upstream).await;
        gate.without_rates();
        let mut anna = gate.signed_in("anna@example.com").await;
        let mut other = anna.elsewhere(&gate).await;
        let (right, wrong) = (anna.next_code(&gate), anna.wrong_code(&gate));
        for turn in 0..5 {
            let (password, code) = if wrong_password { ("Wrong-Horse-7-Battery", &right) } else { (OLD_PASSWORD, &wrong) };
            let answer = anna.change_password(password, code, NEW_PASSWORD).await;
            if turn < 4 {
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
            } else {
                assert_eq!(answer.location(), "/.vestibule/login?why=ended");
            }
        }
        assert!(!anna.browser.cookies.contains_key("__Host-vestibule"));
        assert!(other.is_inside().await, "other sessions are not touched");
        assert!(gate.account("anna@example.com").await.locked_at.is_none());
        let ends = recorded(&gate, &["session.end"]).await;
        assert_eq!(ends.last().unwrap().1["reason"], if wrong_password { "wrong passwords" } else { "wrong codes" });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_changes_one_password_however_often_it_is_sent_at_once() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    // So that it is the code alone that decides.
    gate.adjust(|settings| settings.session_attempts = 100);
    let mut anna = gate.signed_in("anna@example.com").await;
    let epoch = gate.account("anna@example.com").await.epoch;
    let (token, code) = (anna.token(PASSWORD).await, anna.next_code(&gate));
    let sending: Vec<_> = (0..20)
        .map(|turn| {
            let (mut browser, token, code) = (anna.browser.clone(), token.clone(), code.clone());
            tokio::spawn(async move {
                let new = format!("Gull-Teapot-47-Lantern-{turn}");
                let fields = [
                    ("form_token", token.as_str()),
                    ("password", OLD_PASSWORD),
                    ("code", &code),
                    ("new_password", &new),
                    ("new_password_again", &new),
                ];
                (browser.post(PASSWORD, &fields).await, browser, new)
            })
        })
        .collect();
    let mut changed = Vec::new();
    for sent in sending {
        let (answer, browser, new) = sent.await.unwrap();
        match answer.header("location") {
            "/.vestibule/account?done=password" => changed.push((browser, new)),
            // Whoever came after the cookie had changed stands outside with the old one.
            "/.vestibule/login" => {}
            _ => {
                assert!([422, 429].contains(&answer.status.as_u16()), "{}: {}", answer.status, answer.text());
                assert!(answer.headers.get("set-cookie").is_none(), "nobody is signed out by it");
            }
        }
    }
    assert_eq!(changed.len(), 1);
    let (browser, new) = changed.pop().unwrap();
    (anna.browser, anna.password) = (browser, new);
    assert!(anna.is_inside().await);
    assert_eq!(gate.account("anna@example.com").await.epoch, epoch + 1);
    assert_eq!(anna.in_new_browser(&gate).log_in("/").await.location(), "/.vestibule/verify");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_given_elsewhere_is_no_step_up() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    anna.confirm(&gate, "/").await.location();
    // A moment after a code, without one: nothing.
    let answer = anna.change_password(OLD_PASSWORD, "", NEW_PASSWORD).await;
    assert!(answer.text().contains("That is not a six-digit code."));
    // And the very code that was given to the window is spent.
    let code = anna.code(&gate);
    let answer = anna.change_password(OLD_PASSWORD, &code, NEW_PASSWORD).await;
    assert!(answer.text().contains("Please wait for the next code."), "{}", answer.text());
    gate.hands.advance(Duration::from_secs(30));
    let code = anna.code(&gate);
    anna.change_password(OLD_PASSWORD, &code, NEW_PASSWORD).await.location();
}
