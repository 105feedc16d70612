//! Failures are counted under one name, before anything is compared, and durably.

use std::time::Duration;

use http::StatusCode;
use vestibule::auth::budget::Rate;

use super::{ANNA, NONE, WRONG, gate, innocent_is_asked_for_a_code, try_password};
use crate::attacks::arena::{Way, ways};
use crate::attacks::coming;
use crate::harness::person::PASSWORD;
use crate::harness::process::Served;
use crate::harness::{Front, Gate, Hands, Person, Setup, Upstream};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

#[tokio::test(flavor = "multi_thread")]
async fn e03_an_account_has_one_name_and_one_bucket() {
    let (gate, _) = gate().await;
    gate.enrolled(ANNA).await;
    // There is no second name: neither what stands before the @, nor what she is called, nor her id.
    let id = gate.id_of(ANNA).await.to_string();
    for name in ["anna", "Anna Example", "anna example", id.as_str(), "anna@", "@example.com", "mailto:anna@example.com"] {
        assert_eq!(try_password(&mut gate.browser(), name, PASSWORD).await.status, UNPROCESSABLE, "{name}");
    }
    // And whichever way somebody comes from one address, it is one bucket.
    let named: Vec<Way> = ways().filter(|way| way.front != Front::Direct).collect();
    for turn in 0..5 {
        let mut browser = coming(gate.browser(), named[turn % named.len()]);
        assert_eq!(try_password(&mut browser, ANNA, WRONG).await.status, UNPROCESSABLE, "{turn}");
    }
    for way in named {
        assert_eq!(try_password(&mut coming(gate.browser(), way), ANNA, PASSWORD).await.status, 429, "{way:?}");
    }
    innocent_is_asked_for_a_code(&gate, ANNA, "names").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e04_spellings_of_a_login_share_a_bucket() {
    let (gate, _) = gate().await;
    gate.enrolled(ANNA).await;
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
    for way in ways().filter(|way| way.front == Front::Direct) {
        for spelling in spellings {
            let answer = try_password(&mut coming(gate.browser(), way), spelling, WRONG).await;
            assert_eq!(answer.status, 429, "one bucket: {spelling:?} {way:?}");
        }
    }
    // The same where there is no such account.
    let spellings = ["bert@example.com", "BERT@example.com", " bert@example.com", "Bert@Example.Com.", "ｂｅｒｔ@example.com"];
    let mut far = gate.browser().behind(Front::Balancer);
    for spelling in spellings {
        assert_eq!(try_password(&mut far, spelling, WRONG).await.status, UNPROCESSABLE, "{spelling:?}");
    }
    assert_eq!(try_password(&mut far, "bert@example.com ", WRONG).await.status, 429);
    innocent_is_asked_for_a_code(&gate, ANNA, "spellings").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e05_parallel_guesses_beat_no_counter() {
    let (gate, upstream) = gate().await;
    let rate = Rate::new(200, Duration::from_hours(1));
    gate.adjust(|settings| (settings.rates.account, settings.rates.client, settings.rates.pair) = (rate, NONE, NONE));
    gate.enrolled(ANNA).await;
    let ways: Vec<Way> = ways().collect();
    let (mut refused, mut slowed) = (0, 0);
    // In waves, so that a busy machine's hashing pool does not turn any of them away.
    for wave in [22; 10] {
        let tasks: Vec<_> = (0..wave)
            .map(|number| {
                let mut browser = coming(gate.browser(), ways[number % ways.len()]);
                tokio::spawn(async move { try_password(&mut browser, ANNA, WRONG).await.status })
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
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn e07_a_crash_wipes_no_counter() {
    let limits = "failures_per_client = \"1/h burst 5\"\nanonymous_per_client = \"100000/s burst 100000\"";
    let setup = Setup::new(&[Upstream::start().addr()]).section("listen", Front::LISTEN).section("limits", limits);
    let gate = Gate::start_with(setup, Hands::ago(Duration::from_hours(1))).await;
    gate.enrolled(ANNA).await;
    let dir = gate.close().await;
    let mut served = Served::start(dir.path());
    for number in 0..5 {
        let mut browser = served.browser().behind(Front::Proxy);
        browser.http2 = number % 2 == 0;
        assert_eq!(try_password(&mut browser, ANNA, WRONG).await.status, UNPROCESSABLE, "{number}");
    }
    for round in 0..3 {
        served.process.kill();
        served = Served::start(dir.path());
        for password in [WRONG, PASSWORD] {
            for login in [ANNA, "nobody@example.com"] {
                let answer = try_password(&mut served.browser().behind(Front::Proxy), login, password).await;
                assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "round {round}: {login}");
            }
        }
        // Nor has it locked anybody else out.
        assert_eq!(try_password(&mut served.browser(), ANNA, PASSWORD).await.location(), "/.vestibule/verify");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e11_what_a_failure_costs_is_stored_although_it_failed() {
    let (gate, _) = gate().await;
    let anna = gate.enrolled(ANNA).await;
    for (number, way) in ways().enumerate() {
        // Each looks into the database after the refusal, past the gate.
        let before = gate.number("SELECT coalesce(sum(tat), 0) FROM buckets").await;
        let login = format!("nobody{number}@example.com");
        assert_eq!(try_password(&mut coming(gate.browser(), way), &login, WRONG).await.status, UNPROCESSABLE);
        assert!(gate.number("SELECT coalesce(sum(tat), 0) FROM buckets").await > before, "{way:?}");
        let failures = "SELECT coalesce(sum(count), 0) FROM failures WHERE action = 'login.refuse'";
        assert_eq!(gate.number(failures).await, i64::try_from(number).unwrap() + 1, "{way:?}");
    }
    let mut wrong = 0;
    for way in ways() {
        let mut there = anna.in_new_browser(&gate);
        there.browser = coming(there.browser, way);
        there.reach_page_two().await;
        for _ in 0..2 {
            let answer = there.enter(&there.wrong_code(&gate)).await;
            wrong += 1;
            let (tried, locked) =
                (gate.number("SELECT count(*) FROM attempts").await, gate.account(ANNA).await.locked_at.is_some());
            assert_eq!((tried, locked, answer.status.as_u16()), (wrong.min(10), wrong >= 10, if wrong < 10 { 422 } else { 403 }));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e13_verdicts_are_nobody_elses() {
    let (gate, _) = gate().await;
    gate.without_rates();
    // Login id and password of the one, written one behind the other, read the same as those of the other.
    let (one, other) = ("anna@example.co", "anna@example.com");
    for (login, password) in [(one, format!("m{PASSWORD}")), (other, "Quite-Another-9-Lantern".to_owned())] {
        let link = gate.invite(login, &[]).await;
        let mut person = Person::new(login, gate.browser());
        person.password = password;
        person.register(&link).await;
    }
    let tries = [(one, format!("m{PASSWORD}"), 403), (other, PASSWORD.to_owned(), 422), (other, format!("m{PASSWORD}"), 422)];
    let more = [(one, "Quite-Another-9-Lantern".to_owned(), 422), (other, "Quite-Another-9-Lantern".to_owned(), 403)];
    let tries: Vec<_> = tries.into_iter().chain(more).collect();
    // In turn and all at once: nothing that was compared before, or is being compared, answers for another.
    for round in 0..2 {
        for (login, password, status) in &tries {
            let answer = try_password(&mut gate.browser(), login, password).await;
            assert_eq!(answer.status.as_u16(), *status, "round {round}: {login}");
        }
    }
    let ways: Vec<Way> = ways().collect();
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let (login, password, status) = tries[number % tries.len()].clone();
            let mut browser = coming(gate.browser(), ways[number % ways.len()]);
            tokio::spawn(async move { (try_password(&mut browser, login, &password).await.status.as_u16(), status) })
        })
        .collect();
    for task in tasks {
        let (is, should) = task.await.unwrap();
        assert_eq!(is, should);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e13_what_was_right_a_moment_ago_is_compared_again() {
    let (gate, _) = gate().await;
    let anna = gate.enrolled(ANNA).await;
    let mut browser = gate.browser();
    assert_eq!(try_password(&mut browser, ANNA, &anna.password).await.location(), "/.vestibule/verify");
    gate.set_disabled(ANNA, true).await;
    for way in ways() {
        assert_eq!(try_password(&mut coming(gate.browser(), way), ANNA, PASSWORD).await.status, UNPROCESSABLE, "{way:?}");
    }
}
