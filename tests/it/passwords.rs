//! Page one: what slows it, and how a password may be typed. What strangers try there is in `attacks::e_passwords`.

use std::time::Duration;

use http::StatusCode;

use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Browser, Gate, Person, Setup, Upstream};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const WRONG: &str = "Wrong-Horse-7-Battery";

async fn trusting() -> Gate {
    Gate::start(Setup::new(&[Upstream::start().addr()]).section("listen", "trusted_proxies = [\"127.0.0.1/32\"]")).await
}

async fn try_password(browser: &mut Browser, login: &str, password: &str) -> Answer {
    browser.post("/.vestibule/login", &[("login", login), ("password", password)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_slow_down_an_account_and_client_and_the_wait_is_told() {
    let gate = trusting().await;
    gate.enrolled("anna@example.com").await;
    let mut near = gate.browser().seen_from("192.0.2.1");
    for (login, who) in [("anna@example.com", "an account"), ("nobody@example.com", "nobody")] {
        for _ in 0..5 {
            assert_eq!(try_password(&mut near, login, WRONG).await.status, UNPROCESSABLE, "{who}");
        }
        for password in [WRONG, PASSWORD] {
            let slowed = try_password(&mut near, login, password).await;
            assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS, "{who}");
            let wait: u64 = slowed.header("retry-after").parse().unwrap();
            assert!((1..=30).contains(&wait), "{who}: {wait}");
            assert!(slowed.text().contains("Please wait a little") && !slowed.headers.contains_key("set-cookie"), "{who}");
        }
    }
    let mut far = gate.browser().seen_from("192.0.2.2");
    let other = try_password(&mut far, "anna@example.com", PASSWORD).await;
    assert_eq!(other.location(), "/.vestibule/verify", "another client is not slowed by five");
    gate.hands.advance(Duration::from_secs(30));
    assert_eq!(try_password(&mut near, "anna@example.com", PASSWORD).await.location(), "/.vestibule/verify");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_password_in_every_unicode_form() {
    let gate = Gate::before(&Upstream::start()).await;
    gate.without_rates();
    let link = gate.invite("anna@example.com", &[]).await;
    let mut anna = Person::new("anna@example.com", gate.browser());
    anna.password = "Zürich-Käse 42 ﬁne Ⅳ".to_owned();
    anna.register(&link).await;
    for typed in ["Zürich-Käse 42 ﬁne Ⅳ", "Zu\u{308}rich-Ka\u{308}se 42 ﬁne Ⅳ", "Zürich-Käse\u{a0}42\u{2003}ﬁne Ⅳ"]
    {
        anna.password = typed.to_owned();
        assert_eq!(anna.log_in("/").await.location(), "/.vestibule/setup", "{typed:?}");
    }
    for typed in ["Zurich-Kase 42 ﬁne Ⅳ", "zürich-käse 42 ﬁne ⅳ", "Zürich-Käse 42 ﬁne"] {
        anna.password = typed.to_owned();
        assert_eq!(anna.log_in("/").await.status, UNPROCESSABLE, "{typed:?}");
    }
}
