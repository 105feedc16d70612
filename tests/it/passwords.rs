//! Page one: strangers learn nothing, failures are counted and slowed, and nobody who is known pays for a stranger.

use std::time::Duration;

use http::StatusCode;
use vestibule::auth::budget::Rate;

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
async fn two_hundred_wrong_passwords_in_parallel_count_two_hundred() {
    let gate = Gate::before(&Upstream::start()).await;
    let rate = Rate::new(200, Duration::from_hours(1));
    gate.adjust(|settings| settings.rates.pair = Rate::new(100_000, Duration::from_millis(1)));
    gate.adjust(|settings| (settings.rates.account, settings.rates.client) = (rate, settings.rates.pair));
    gate.enrolled("anna@example.com").await;
    let (mut refused, mut slowed) = (0, 0);
    // In waves, so that a busy machine's hashing pool does not turn any of them away.
    for wave in [55; 4] {
        let tasks: Vec<_> = (0..wave)
            .map(|_| {
                let mut browser = gate.browser();
                tokio::spawn(async move { try_password(&mut browser, "anna@example.com", WRONG).await.status })
            })
            .collect();
        for task in tasks {
            match task.await.unwrap().as_u16() {
                422 => refused += 1,
                429 => slowed += 1,
                other => panic!("{other}"),
            }
        }
    }
    assert_eq!((refused, slowed), (200, 20));
}

/// Everything of an answer that a stranger could compare, without what differs in any two.
fn seen(answer: &Answer, login: &str) -> (u16, Vec<(String, String)>, String) {
    let headers = answer.headers.iter().filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"));
    let headers = headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    (answer.status.as_u16(), headers.collect(), answer.text().replace(login, "LOGIN"))
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_disabled_without_password_and_wrong_look_the_same() {
    let gate = Gate::before(&Upstream::start()).await;
    gate.without_rates();
    gate.enrolled("active@example.com").await;
    gate.enrolled("closed@example.com").await;
    gate.set_disabled("closed@example.com", true).await;
    gate.invite("guest1@example.com", &[]).await;
    gate.import("import@example.com", PASSWORD).await;
    let mut stranger = gate.browser();
    let reference = seen(&try_password(&mut stranger, "active@example.com", WRONG).await, "active@example.com");
    assert_eq!(reference.0, 422);
    assert!(!reference.1.iter().any(|(name, _)| name == "set-cookie"));
    for (login, password) in [
        ("nobody@example.com", WRONG),
        ("nobody@example.com", PASSWORD),
        ("closed@example.com", WRONG),
        ("closed@example.com", PASSWORD),
        ("guest1@example.com", WRONG),
        ("guest1@example.com", PASSWORD),
        ("guest1@example.com", ""),
        ("import@example.com", WRONG),
        ("active@example.com", ""),
        ("active@example.com", &PASSWORD.to_lowercase()),
        ("active@example.com", &format!("{PASSWORD} ")),
        ("active@example.com", &format!("{PASSWORD}\0")),
        ("active@example.com", &"x".repeat(1025)),
        ("active@example.com", &"é".repeat(2000)),
        ("activeexample.com1", PASSWORD),
        ("a@b@c@d@example.co", PASSWORD),
        ("active@example.com", &format!("{PASSWORD}{}", "x".repeat(1000))),
    ] {
        let answer = try_password(&mut stranger, login, password).await;
        assert_eq!(seen(&answer, login), reference, "{login} {password}");
    }
    assert!(stranger.cookies.is_empty());
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
async fn a_storm_of_strangers_slows_no_known_browser() {
    let gate = trusting().await;
    let eve = gate.signed_in("eve@example.com").await;
    let mut anna = gate.signed_in("anna@example.com").await;
    anna.browser = anna.browser.clone().seen_from("192.0.2.7");
    anna.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
    assert_eq!(anna.browser.cookies.len(), 1);
    let mut slowed = 0;
    // More than the account has for unknown browsers.
    for number in 0..70 {
        // Her own address among them.
        let address = if number % 2 == 0 { "192.0.2.7".to_owned() } else { format!("198.51.100.{number}") };
        let answer = try_password(&mut gate.browser().seen_from(&address), "anna@example.com", WRONG).await;
        slowed += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(slowed > 10, "it was a storm: {slowed}");
    let mut unknown = gate.browser().seen_from("203.0.113.1");
    assert_eq!(try_password(&mut unknown, "anna@example.com", PASSWORD).await.status, 429, "strangers share what is left");
    // Nor does the device cookie of another account help a stranger.
    let mut as_anna = Person { login: "anna@example.com".to_owned(), ..eve };
    assert_eq!(as_anna.log_in("/").await.status, 429, "a browser is known to one account");
    assert!(anna.sign_in(&gate, "/").await.status == 303, "the known browser notices nothing");
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

#[tokio::test(flavor = "multi_thread")]
async fn a_login_id_is_one_account_however_it_is_spelled() {
    let gate = Gate::before(&Upstream::start()).await;
    gate.enrolled("anna@example.com").await;
    let spellings = [
        "anna@example.com",
        " ANNA@Example.COM ",
        "Anna@EXAMPLE.com.",
        "ａｎｎａ@example.com",
        "anna＠example.com",
        "anna@example.com\t",
    ];
    for spelling in spellings {
        let answer = try_password(&mut gate.browser(), spelling, PASSWORD).await;
        assert_eq!(answer.location(), "/.vestibule/verify", "{spelling:?}");
    }
    for spelling in &spellings[..5] {
        assert_eq!(try_password(&mut gate.browser(), spelling, WRONG).await.status, UNPROCESSABLE, "{spelling:?}");
    }
    for spelling in spellings {
        assert_eq!(try_password(&mut gate.browser(), spelling, WRONG).await.status, 429, "one bucket: {spelling:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_remembered_through_a_crash_and_a_flood_of_names() {
    let mut gate = Gate::before(&Upstream::start()).await;
    gate.adjust(|settings| settings.rates.client = Rate::new(100_000, Duration::from_millis(1)));
    for _ in 0..5 {
        assert_eq!(try_password(&mut gate.browser(), "nobody@example.com", WRONG).await.status, UNPROCESSABLE);
    }
    for number in 0..50 {
        let name = format!("flood{number}@example.com");
        assert_eq!(try_password(&mut gate.browser(), &name, WRONG).await.status, UNPROCESSABLE);
    }
    assert_eq!(try_password(&mut gate.browser(), "nobody@example.com", WRONG).await.status, 429);
    gate.crash_and_restart().await;
    assert_eq!(try_password(&mut gate.browser(), "nobody@example.com", WRONG).await.status, 429, "after a restart");
}
