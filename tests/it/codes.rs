//! One-time codes: each works once, wherever it is sent, and however it is typed.

use std::time::Duration;

use http::StatusCode;

use crate::harness::person::code_at;
use crate::harness::{Answer, Gate, Person, Upstream};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn has_session(answer: &Answer) -> bool {
    answer.headers.get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with("__Host-vestibule=") && !cookie.contains("Max-Age=0")
    })
}

/// A code of the person so many steps from now.
fn step_from_now(person: &Person, gate: &Gate, steps: i64) -> String {
    code_at(&person.secret, u64::try_from(gate.hands.wall_now().secs() + 30 * steps).unwrap())
}

/// Moves the clock to the beginning of a step, so that what a test sends belongs to the step it was made in.
fn at_a_new_step(gate: &Gate) {
    let into = gate.hands.wall_now().millis().rem_euclid(30_000);
    gate.hands.advance(Duration::from_millis(u64::try_from(30_000 - into).unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_sent_fifty_times_in_parallel_succeeds_once() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    gate.adjust(|settings| {
        settings.codes.per_pending = 1000;
        settings.codes.unknown = vec![(Duration::from_hours(24), 1000)];
        settings.session_attempts = 1000;
    });
    let mut anna = gate.signed_in("anna@example.com").await;
    let token = anna.browser.get("/.vestibule/verify").await.field("form_token").unwrap();
    let mut browsers = Vec::new();
    for _ in 0..4 {
        let mut other = anna.in_new_browser(&gate);
        other.reach_page_two().await;
        browsers.push(other);
    }
    for round in 0..3 {
        let code = anna.next_code(&gate);
        let mut tasks = Vec::new();
        for number in 0..50 {
            let (code, token) = (code.clone(), token.clone());
            let mut person = if number % 5 == 4 { anna.clone() } else { browsers[number % 5].clone() };
            tasks.push(tokio::spawn(async move {
                if number % 5 == 4 {
                    person.browser.post("/.vestibule/verify", &[("code", &code), ("form_token", &token)]).await
                } else {
                    person.enter(&code).await
                }
            }));
        }
        let mut successes = 0;
        for task in tasks {
            let answer = task.await.unwrap();
            successes += usize::from(has_session(&answer));
            // Whoever shares a pending login or a session with the winner is told where that has gone.
            assert!(answer.status == 303 || answer.status == UNPROCESSABLE, "{} {}", answer.status, answer.text());
        }
        assert_eq!(successes, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_twice_leads_where_the_first_press_has_led() {
    let gate = Gate::before(&Upstream::start()).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.hands.advance(Duration::from_hours(31 * 24));
    let token = anna.browser.get("/.vestibule/verify?to=/tickets").await.field("form_token").unwrap();
    let (code, mut again) = (anna.code(&gate), anna.clone());
    let form = [("form_token", token.as_str()), ("to", "/tickets"), ("code", &code)];
    assert_eq!(anna.browser.post("/.vestibule/verify", &form).await.location(), "/tickets");
    let repeated = again.browser.post("/.vestibule/verify", &form).await;
    assert_eq!(repeated.location(), "/tickets");
    assert!(!has_session(&repeated), "one code, one success");
    assert!(anna.is_inside().await && !again.is_inside().await);
    // Whoever has the new cookie and enters the used code is told so.
    let token = anna.browser.get("/.vestibule/verify").await.field("form_token").unwrap();
    let used = anna.browser.post("/.vestibule/verify", &[("form_token", &token), ("code", &code)]).await;
    assert_eq!(used.status, UNPROCESSABLE);
    assert!(used.text().contains("Please wait for the next code"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_in_another_browser_looks_like_a_wrong_code() {
    let gate = Gate::before(&Upstream::start()).await;
    let anna = gate.signed_in("anna@example.com").await;
    let [mut first, mut replay, mut wrong] = std::array::from_fn(|_| anna.in_new_browser(&gate));
    for person in [&mut first, &mut replay, &mut wrong] {
        person.reach_page_two().await;
    }
    let code = anna.next_code(&gate);
    assert!(has_session(&first.enter(&code).await));
    let (replayed, bad) = (replay.enter(&code).await, wrong.enter(&anna.wrong_code(&gate)).await);
    assert_eq!((replayed.status, bad.status), (UNPROCESSABLE, UNPROCESSABLE));
    assert_eq!(replayed.text(), bad.text());
    assert_eq!(without_id(&replayed), without_id(&bad));
    // And on the confirm page of a session that did not use it.
    let mut confirm = anna.clone();
    let token = confirm.browser.get("/.vestibule/verify").await.field("form_token").unwrap();
    let code_of_other = confirm.browser.post("/.vestibule/verify", &[("code", &code), ("form_token", &token)]).await;
    assert_eq!(code_of_other.status, UNPROCESSABLE);
    assert!(code_of_other.text().contains("That code was not right"), "{}", code_of_other.text());
}

/// What an answer says about itself, without what differs in any two.
fn without_id(answer: &Answer) -> Vec<(String, String)> {
    let all =
        answer.headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    all.filter(|(name, _)| name != "x-request-id" && name != "date").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_that_enabled_mfa_is_refused_kindly_and_not_counted() {
    let gate = Gate::before(&Upstream::start()).await;
    let link = gate.invite("anna@example.com", &[]).await;
    let mut anna = Person::new("anna@example.com", gate.browser());
    anna.register(&link).await;
    at_a_new_step(&gate);
    anna.enrol(&gate).await;
    let used = anna.code(&gate);
    for _ in 0..8 {
        let again = anna.enter(&used).await;
        assert_eq!(again.status, UNPROCESSABLE);
        let text = again.text();
        assert!(text.contains("you have used this one to get here"), "{text}");
        let seconds = text.split("the next one in ").nth(1).unwrap().split(' ').next().unwrap();
        assert!((1..=30).contains(&seconds.parse::<u32>().unwrap()), "{seconds}");
    }
    let wrong = anna.enter(&anna.wrong_code(&gate)).await;
    assert!(wrong.text().contains("You have 4 tries left"), "the eight were not counted: {}", wrong.text());
    assert!(has_session(&anna.finish_sign_in(&gate).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_has_one_spelling_and_the_malformed_are_not_counted() {
    let gate = Gate::before(&Upstream::start()).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let code = anna.next_code(&gate);
    anna.reach_page_two().await;
    let wide: String = code.chars().map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0xff10).unwrap()).collect();
    let arabic: String = code.chars().map(|digit| char::from_u32(u32::from(digit) - 0x30 + 0x0660).unwrap()).collect();
    let spaces = format!("{code}{}", " ".repeat(100));
    for typed in [
        "",
        "      ",
        &code[..5],
        &format!("{code}0"),
        &format!("0{code}"),
        &format!("+{code}"),
        &format!("{code}\n"),
        &format!("{code}\0"),
        &format!("{code}."),
        &format!("{}\u{a0}{}", &code[..3], &code[3..]),
        &format!("{}\t{}", &code[..3], &code[3..]),
        &format!("{}_{}", &code[..3], &code[3..]),
        &wide,
        &arabic,
        &spaces,
        "12345a",
        "0x1234",
    ] {
        let answer = anna.enter(typed).await;
        assert_eq!(answer.status, UNPROCESSABLE, "{typed:?}");
        assert!(answer.text().contains("This try was not counted"), "{typed:?}: {}", answer.text());
    }
    for typed in [format!("{} {}", &code[..3], &code[3..]), format!(" {}-{} ", &code[..3], &code[3..])] {
        let mut again = anna.in_new_browser(&gate);
        again.reach_page_two().await;
        let answer = again.enter(&typed).await;
        assert_eq!(has_session(&answer), typed.starts_with(&code[..3]), "the second spelling is the same code: {typed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_destroy_a_pending_login() {
    let gate = Gate::before(&Upstream::start()).await;
    let mut anna = gate.signed_in("anna@example.com").await.in_new_browser(&gate);
    anna.reach_page_two().await;
    let thief = anna.clone();
    for left in ["4 tries", "3 tries", "2 tries", "one more try"] {
        let answer = anna.enter(&anna.wrong_code(&gate)).await;
        assert_eq!(answer.status, UNPROCESSABLE);
        assert!(answer.text().contains(left), "{left}: {}", answer.text());
    }
    assert_eq!(anna.enter(&anna.wrong_code(&gate)).await.location(), "/.vestibule/login?why=expired");
    assert!(!anna.browser.cookies.contains_key("__Host-vestibule-pending"));
    let mut thief = thief;
    let right = anna.next_code(&gate);
    assert_eq!(thief.enter(&right).await.location(), "/.vestibule/login?why=expired", "a kept cookie is worth nothing");
    anna.reach_page_two().await;
    assert!(has_session(&anna.enter(&right).await), "and the code was not spent by that");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_inside_end_that_session_and_lock_nobody() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.in_new_browser(&gate);
    other.sign_in(&gate, "/").await;
    let token = anna.browser.get("/.vestibule/verify").await.field("form_token").unwrap();
    let kept = anna.clone();
    for number in 1..=5 {
        let wrong = anna.wrong_code(&gate);
        let answer = anna.browser.post("/.vestibule/verify", &[("code", &wrong), ("form_token", &token), ("to", "/t")]).await;
        if number < 5 {
            assert_eq!(answer.status, UNPROCESSABLE, "{number}");
        } else {
            assert_eq!(answer.location(), "/.vestibule/login?why=ended&to=%2Ft");
        }
    }
    let mut kept = kept;
    assert!(!kept.is_inside().await, "the session is over whoever keeps its cookie");
    assert!(other.is_inside().await, "and no other one");
    assert!(gate.account("anna@example.com").await.locked_at.is_none());
    anna.browser.cookies.remove("__Host-vestibule");
    assert!(has_session(&anna.sign_in(&gate, "/").await));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_lives_through_a_crash() {
    let mut gate = Gate::before(&Upstream::start()).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.in_new_browser(&gate);
    other.reach_page_two().await;
    let code = other.next_code(&gate);
    assert!(has_session(&other.enter(&code).await));
    gate.crash_and_restart().await;
    anna.browser = gate.browser();
    anna.reach_page_two().await;
    let replay = anna.enter(&code).await;
    assert_eq!(replay.status, UNPROCESSABLE, "{}", replay.text());
    assert!(replay.text().contains("4 tries"), "{}", replay.text());
    assert!(has_session(&anna.finish_sign_in(&gate).await), "the pending login is still good");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_step_of_skew_either_way_and_never_backwards() {
    let gate = Gate::before(&Upstream::start()).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.hands.advance(Duration::from_mins(10));
    at_a_new_step(&gate);
    let codes: Vec<String> = (-2..=2).map(|step| step_from_now(&anna, &gate, step)).collect();
    for (index, passes) in [(0, false), (4, false), (1, true), (1, false), (3, true), (2, false), (3, false)] {
        let mut other = anna.in_new_browser(&gate);
        other.reach_page_two().await;
        assert_eq!(has_session(&other.enter(&codes[index]).await), passes, "code {index} of five around now");
    }
    // The wall clock is set back: what was used stays used, what comes before it too.
    gate.hands.jump(-300);
    anna.browser = gate.browser();
    anna.reach_page_two().await;
    for steps in [-1, 0, 1] {
        let answer = anna.enter(&step_from_now(&anna, &gate, steps)).await;
        assert_eq!(answer.status, UNPROCESSABLE, "{steps}");
    }
    gate.hands.jump(300 + 60);
    assert!(has_session(&anna.enter(&anna.code(&gate)).await), "and with the right time the next code is good");
}
