//! One code, one success: in turn, at once, in other spellings, on other surfaces, and whatever is done to the clock.

use std::time::Duration;

use http::StatusCode;

use super::{ANNA, at_page_two, gives, has_session, without_budgets};
use crate::account::{CODES, MFA, NEW_PASSWORD};
use crate::attacks::arena::{Way, ways};
use crate::attacks::e_passwords::{gate, seen};
use crate::attacks::{coming, in_turn};
use crate::harness::person::code_at;
use crate::harness::{Gate, Person};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const VERIFY: &str = "/.vestibule/verify";

#[tokio::test(flavor = "multi_thread")]
async fn f01_a_used_code_looks_wrong_in_every_other_browser() {
    let (gate, upstream) = gate().await;
    without_budgets(&gate);
    let anna = gate.signed_in(ANNA).await;
    let ways: Vec<Way> = ways().collect();
    for (number, way) in ways.iter().enumerate() {
        // Used here, replayed on the next way.
        let mut first = at_page_two(&gate, &anna, *way).await;
        let mut replay = at_page_two(&gate, &anna, ways[(number + 1) % ways.len()]).await;
        let mut wrong = replay.clone();
        let code = anna.next_code(&gate);
        assert!(has_session(&first.enter(&code).await), "{way:?}");
        let (replayed, bad) = (replay.enter(&code).await, wrong.enter(&wrong.wrong_code(&gate)).await);
        assert_eq!(replayed.status, UNPROCESSABLE, "{way:?}");
        assert!(!replayed.text().contains("already") && !bad.text().contains("already"), "{way:?}");
        assert!(!replay.is_inside().await, "{way:?}");
        // And on the confirm page of a session that did not use it.
        let mut inside = anna.clone();
        inside.browser = coming(inside.browser, *way);
        let token = inside.browser.get(VERIFY).await.field("form_token").unwrap();
        let confirm = inside.browser.post(VERIFY, &[("code", &code), ("form_token", &token)]).await;
        assert_eq!(confirm.status, UNPROCESSABLE, "{way:?}");
        assert!(confirm.text().contains("That code was not right"), "{way:?}: {}", confirm.text());
    }
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_a_replay_and_a_wrong_code_are_the_same_answer() {
    let (gate, _) = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let [mut first, mut replay, mut wrong] = std::array::from_fn(|_| anna.in_new_browser(&gate));
    for person in [&mut first, &mut replay, &mut wrong] {
        person.reach_page_two().await;
    }
    let code = anna.next_code(&gate);
    assert!(has_session(&first.enter(&code).await));
    let (replayed, bad) = (replay.enter(&code).await, wrong.enter(&anna.wrong_code(&gate)).await);
    assert_eq!(replayed.status, UNPROCESSABLE);
    assert_eq!(seen(&replayed, "-"), seen(&bad, "-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_a_used_code_stays_used_through_a_crash() {
    let (mut gate, _) = gate().await;
    let mut anna = gate.signed_in(ANNA).await;
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
async fn f02_one_code_sent_fifty_times_at_once_succeeds_once() {
    let (gate, _) = gate().await;
    without_budgets(&gate);
    let mut anna = gate.signed_in(ANNA).await;
    let token = anna.browser.get(VERIFY).await.field("form_token").unwrap();
    let mut browsers = Vec::new();
    for way in ways() {
        browsers.push(at_page_two(&gate, &anna, way).await);
    }
    for round in 0..3 {
        let code = anna.next_code(&gate);
        let mut tasks = Vec::new();
        for number in 0..50 {
            let (code, token) = (code.clone(), token.clone());
            let inside = number % 7 == 6;
            let mut person = if inside { anna.clone() } else { browsers[number % 6].clone() };
            tasks.push(tokio::spawn(async move {
                if inside {
                    person.browser.post(VERIFY, &[("code", &code), ("form_token", &token)]).await
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
async fn f03_a_code_has_one_spelling() {
    let (gate, _) = gate().await;
    let mut anna = gate.signed_in(ANNA).await;
    let code = anna.next_code(&gate);
    for way in ways() {
        anna.browser = coming(gate.browser(), way);
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
            &format!("{code}e0"),
            &format!("{}\u{a0}{}", &code[..3], &code[3..]),
            &format!("{}\u{200b}{}", &code[..3], &code[3..]),
            &format!("{}\t{}", &code[..3], &code[3..]),
            &format!("{}_{}", &code[..3], &code[3..]),
            &wide,
            &arabic,
            &spaces,
            "12345a",
            "0x1234",
        ] {
            let answer = anna.enter(typed).await;
            assert_eq!(answer.status, UNPROCESSABLE, "{way:?} {typed:?}");
            assert!(answer.text().contains("This try was not counted"), "{way:?} {typed:?}: {}", answer.text());
        }
    }
    // Spaces and hyphens are taken out before anything is remembered: the second spelling is the same code.
    for typed in [format!("{} {}", &code[..3], &code[3..]), format!(" {}-{} ", &code[..3], &code[3..]), code.clone()] {
        let mut again = anna.in_new_browser(&gate);
        again.reach_page_two().await;
        let answer = again.enter(&typed).await;
        assert_eq!(has_session(&answer), typed.starts_with(&format!("{} ", &code[..3])), "{typed:?}");
    }
}

/// Brings a code to a surface in a session, with everything else right, and says whether that did anything.
async fn bring(person: &mut Person, surface: usize, code: &str) -> bool {
    let password = person.password.clone();
    let answer = match surface {
        0 => {
            let token = person.browser.get(VERIFY).await.field("form_token").unwrap();
            person.browser.post(VERIFY, &[("code", code), ("form_token", &token)]).await
        }
        1 => person.change_password(&password, code, NEW_PASSWORD).await,
        2 => person.prove(MFA, code).await,
        _ => person.prove(CODES, code).await,
    };
    assert!(answer.status == UNPROCESSABLE || answer.status.is_success() || answer.status == 303, "{}", answer.text());
    answer.status != UNPROCESSABLE || gives(&answer, "__Host-vestibule")
}

#[tokio::test(flavor = "multi_thread")]
async fn f04_a_code_used_on_one_surface_is_used_on_all() {
    let (gate, _) = gate().await;
    without_budgets(&gate);
    let first = gate.signed_in(ANNA).await;
    for (number, way) in ways().enumerate() {
        let mut inside = at_page_two(&gate, &first, way).await;
        inside.finish_sign_in(&gate).await;
        let epoch = gate.account(ANNA).await.epoch;
        // Used at page two, brought to every form of a session.
        let mut door = at_page_two(&gate, &first, way).await;
        let code = first.next_code(&gate);
        assert!(has_session(&door.enter(&code).await));
        for surface in 0..4 {
            assert!(!bring(&mut inside, surface, &code).await, "{way:?}: page two, then {surface}");
        }
        // As a recovery code it is none.
        let mut recovering = at_page_two(&gate, &first, way).await;
        let recover = recovering.browser.post("/.vestibule/recover", &[("code", &code)]).await;
        assert_eq!(recover.status, UNPROCESSABLE, "{way:?}");
        assert_eq!(gate.account(ANNA).await.epoch, epoch, "{way:?}: nothing has changed");
        // Used for the window, or to show a new secret, brought to page two and to all the others.
        let mut door = at_page_two(&gate, &first, way).await;
        let code = first.next_code(&gate);
        let used = [0, 2][number % 2];
        assert!(bring(&mut inside, used, &code).await, "{way:?}: {used}");
        assert_eq!(door.enter(&code).await.status, UNPROCESSABLE, "{way:?}: {used}, then page two");
        for surface in 0..4 {
            assert!(!bring(&mut inside, surface, &code).await, "{way:?}: {used}, then {surface}");
        }
        assert_eq!(gate.account(ANNA).await.epoch, epoch, "{way:?}: nothing has changed");
    }
}

/// A code of the person so many steps from now.
fn step_from_now(person: &Person, gate: &Gate, steps: i64) -> String {
    code_at(&person.secret, u64::try_from(gate.hands.wall_now().secs() + 30 * steps).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_clock_that_steps_back_brings_no_code_back() {
    let (gate, _) = gate().await;
    gate.without_rates();
    let mut anna = gate.signed_in(ANNA).await;
    gate.hands.advance(Duration::from_mins(10));
    // To the beginning of a step, so that what is sent belongs to the step that it was made in.
    let into = gate.hands.wall_now().millis().rem_euclid(30_000);
    gate.hands.advance(Duration::from_millis(u64::try_from(30_000 - into).unwrap()));
    let codes: Vec<String> = (-2..=2).map(|step| step_from_now(&anna, &gate, step)).collect();
    let mut way = in_turn();
    for (index, passes) in [(0, false), (4, false), (1, true), (1, false), (3, true), (2, false), (3, false)] {
        let mut other = at_page_two(&gate, &anna, way.next().unwrap()).await;
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
