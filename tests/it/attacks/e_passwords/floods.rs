//! Many names, many addresses, many at once: whom that slows, and whom never.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use vestibule::auth::budget::Rate;

use super::{ANNA, NONE, WRONG, gate, gate_with, innocent_is_asked_for_a_code, try_password};
use crate::attacks::arena::{Way, ways};
use crate::attacks::coming;
use crate::harness::browser::Kind;
use crate::harness::person::PASSWORD;
use crate::harness::{Browser, Front, Gate, Person};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// A stranger at this address.
fn stranger(gate: &Gate, address: &str) -> Browser {
    gate.browser().behind(Front::Proxy).seen_from(address)
}

/// So many names, each wrong once, from addresses of their own; at most so many at a time as the hashing pool takes.
async fn flood(gate: &Gate, names: Range<usize>) {
    for wave in names.collect::<Vec<_>>().chunks(20) {
        let tasks: Vec<_> = wave
            .iter()
            .map(|number| {
                let mut browser = stranger(gate, &format!("10.{}.{}.1", number / 256, number % 256));
                browser.http2 = number % 2 == 0;
                let name = format!("flood{number}@example.com");
                tokio::spawn(async move {
                    // Whom a busy machine turns away comes again: nothing was compared.
                    loop {
                        let status = try_password(&mut browser, &name, WRONG).await.status;
                        if status != StatusCode::SERVICE_UNAVAILABLE {
                            return status;
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), UNPROCESSABLE);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e06_random_names_push_no_counter_out() {
    let (gate, _) = gate().await;
    let slow = Rate::new(5, Duration::from_hours(1));
    gate.adjust(|settings| settings.rates.pair = slow);
    for (number, way) in ways().enumerate() {
        gate.adjust(|settings| settings.rates.client = NONE);
        let victim = format!("victim-{:?}-{:?}@example.com", way.speaks, way.front);
        let mut browser = coming(gate.browser(), way);
        for _ in 0..5 {
            assert_eq!(try_password(&mut browser, &victim, WRONG).await.status, UNPROCESSABLE, "{way:?}");
        }
        flood(&gate, number * 20..number * 20 + 20).await;
        assert_eq!(try_password(&mut browser, &victim, WRONG).await.status, 429, "{way:?}");
    }
    flood(&gate, 200..360).await;
    // Nor does time that is no hour, and what is swept then.
    gate.hands.advance(Duration::from_mins(11));
    for way in ways() {
        let victim = format!("victim-{:?}-{:?}@example.com", way.speaks, way.front);
        assert_eq!(try_password(&mut coming(gate.browser(), way), &victim, WRONG).await.status, 429, "{way:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e08_bogus_names_lock_nobody_out() {
    let (gate, _) = gate().await;
    let mut anna = gate.signed_in(ANNA).await;
    flood(&gate, 0..300).await;
    innocent_is_asked_for_a_code(&gate, ANNA, "300 names").await;
    assert!(anna.is_inside().await);
    anna.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
    anna.sign_in(&gate, "/").await;
    assert!(gate.account(ANNA).await.locked_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn e09_a_storm_on_one_name_slows_no_known_browser() {
    let (gate, _) = gate().await;
    let eve = gate.signed_in("eve@example.com").await;
    let mut anna = gate.signed_in(ANNA).await;
    anna.browser = anna.browser.clone().behind(Front::Proxy).seen_from("192.0.2.7");
    anna.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
    assert_eq!(anna.browser.cookies.len(), 1);
    let mut slowed = 0;
    // More than the account has for unknown browsers.
    for number in 0..70 {
        // Her own address among them.
        let address = if number % 2 == 0 { "192.0.2.7".to_owned() } else { format!("198.51.100.{number}") };
        let mut browser = stranger(&gate, &address);
        browser.http2 = number % 3 == 0;
        slowed += u32::from(try_password(&mut browser, ANNA, WRONG).await.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(slowed > 10, "it was a storm: {slowed}");
    let mut unknown = stranger(&gate, "203.0.113.1");
    assert_eq!(try_password(&mut unknown, ANNA, PASSWORD).await.status, 429, "strangers share what is left");
    // Nor does the device cookie of another account help a stranger.
    let mut as_anna = Person { login: ANNA.to_owned(), ..eve };
    as_anna.browser = as_anna.browser.clone().behind(Front::Proxy).seen_from("203.0.113.2");
    assert_eq!(as_anna.log_in("/").await.status, 429, "a browser is known to one account");
    for http2 in [false, true] {
        anna.browser.http2 = http2;
        assert!(anna.sign_in(&gate, "/").await.status == 303, "the known browser notices nothing");
    }
    // And nothing stays behind a login id once they stop: no lock, only a wait that is told.
    gate.hands.advance(Duration::from_secs(10));
    innocent_is_asked_for_a_code(&gate, ANNA, "the storm is over").await;
    assert!(gate.account(ANNA).await.locked_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn e12_long_passwords_are_refused_before_they_cost_anything() {
    let (gate, _) = gate().await;
    gate.without_rates();
    gate.enrolled(ANNA).await;
    let failures = "SELECT coalesce(sum(count), 0) FROM failures WHERE action = 'login.refuse'";
    for way in ways() {
        let before = gate.number(failures).await;
        for size in [17 * 1024, 1024 * 1024] {
            let body = format!("login={ANNA}&password={}", "x".repeat(size));
            let form = [("content-type", "application/x-www-form-urlencoded")];
            let mut browser = coming(gate.browser(), way);
            let answer = browser.send(Method::POST, "/.vestibule/login", Kind::Navigation, &form, Bytes::from(body)).await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{way:?} {size}");
        }
        assert_eq!(gate.number(failures).await, before, "{way:?}: no password was looked at");
        for password in
            [format!("{PASSWORD}\0"), "x".repeat(1025), "\0".to_owned(), format!("{PASSWORD}{}", "\u{fdfa}".repeat(200))]
        {
            let answer = try_password(&mut coming(gate.browser(), way), ANNA, &password).await;
            assert_eq!(answer.status, UNPROCESSABLE, "{way:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e12_a_bcrypt_hash_is_no_prefix() {
    let (gate, _) = gate().await;
    gate.without_rates();
    // 72 bytes are all that bcrypt looks at.
    let password = "Seventy-Two-".repeat(6);
    assert_eq!(password.len(), 72);
    let people = format!("login,name,groups,password_hash\n{ANNA},,,{}\n", bcrypt::hash(&password, 4).unwrap());
    std::fs::write(gate.dir().join("people.csv"), people).unwrap();
    gate.told(&["user", "import", "people.csv"]);
    for way in ways() {
        for longer in
            [format!("{password}x"), format!("{password}{password}"), format!("{password}\0"), password[..71].to_owned()]
        {
            let answer = try_password(&mut coming(gate.browser(), way), ANNA, &longer).await;
            assert_eq!(answer.status, UNPROCESSABLE, "{way:?} {}", longer.len());
        }
    }
    assert_eq!(try_password(&mut gate.browser(), ANNA, &password).await.status, 403, "right, and a link is asked for");
    // It was hashed anew, and is whole now.
    assert_eq!(try_password(&mut gate.browser(), ANNA, &format!("{password}x")).await.status, UNPROCESSABLE);
    assert_eq!(try_password(&mut gate.browser(), ANNA, &password).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn e12_hundreds_of_hashes_at_once_are_shed_and_known_browsers_pass() {
    let (gate, _) = gate().await;
    gate.without_rates();
    let mut anna = gate.signed_in(ANNA).await;
    anna.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
    let ways: Vec<Way> = ways().collect();
    let tasks: Vec<_> = (0..500)
        .map(|number| {
            let mut browser = coming(gate.browser(), ways[number % ways.len()]);
            let form = [("login", "flood@example.com"), ("password", WRONG)];
            tokio::spawn(async move { browser.try_post("/.vestibule/login", &form).await.map(|answer| answer.status.as_u16()) })
        })
        .collect();
    // In the middle of it: the other lane, and a page that hashes nothing.
    for _ in 0..2 {
        anna.sign_in(&gate, "/").await;
        anna.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
    }
    for task in tasks {
        match task.await.unwrap() {
            // Compared; turned away; or given up by the client after twenty seconds.
            Some(422 | 503) | None => {}
            Some(other) => panic!("{other}"),
        }
    }
    innocent_is_asked_for_a_code(&gate, ANNA, "hundreds").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e15_one_password_for_many_names_runs_dry() {
    let (gate, _) = gate_with(|setup| setup.section("limits", "failures_per_client = \"1/h burst 20\"")).await;
    gate.enrolled(ANNA).await;
    let mut refused = 0;
    for number in 0..60 {
        // One client, whichever proxy names it.
        let front = if number % 2 == 0 { Front::Balancer } else { Front::Proxy };
        let mut browser = gate.browser().behind(front);
        browser.http2 = number % 3 == 0;
        match try_password(&mut browser, &format!("user{number}@example.com"), PASSWORD).await.status.as_u16() {
            422 => refused += 1,
            429 => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(refused, 20);
    let (_, metrics) = gate.ops("/metrics").await;
    let slowed = |line: &str| line.contains("\"slowed\"") && !line.starts_with('#') && !line.ends_with(" 0");
    assert!(metrics.lines().any(slowed), "it is counted: {metrics}");
    innocent_is_asked_for_a_code(&gate, ANNA, "spraying").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e15_one_name_from_many_addresses_runs_dry() {
    let (gate, _) = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let mut refused = 0;
    for number in 0..60 {
        let mut browser = stranger(&gate, &format!("10.9.{number}.1"));
        browser.http2 = number % 2 == 0;
        match try_password(&mut browser, ANNA, WRONG).await.status.as_u16() {
            422 => refused += 1,
            429 => {}
            other => panic!("{other}"),
        }
    }
    // Thirty, and what came back while they were tried.
    assert!((30..45).contains(&refused), "{refused}");
    let noted = "SELECT coalesce(sum(count), 0) FROM failures WHERE action = 'login.refuse' AND login = 'anna@example.com'";
    assert_eq!(gate.number(noted).await, refused, "the trail says so");
    let mut known = anna.clone();
    known.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
    assert_eq!(known.log_in("/").await.location(), "/.vestibule/verify");
}
