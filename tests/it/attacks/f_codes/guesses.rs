//! Guessing: what is counted belongs to the account, and nothing that a guesser does gives it back.

use std::time::Duration;

use http::StatusCode;

use super::{ANNA, DAY, at_page_two, gives, has_session, without_budgets};
use crate::attacks::arena::{Way, ways};
use crate::attacks::e_passwords::gate;
use crate::attacks::in_turn;
use crate::harness::{Front, Gate, Person};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// How many codes were compared.
async fn compared(gate: &Gate) -> i64 {
    gate.number("SELECT count(*) FROM attempts").await
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_five_wrong_codes_destroy_a_pending_login() {
    let (gate, _) = gate().await;
    let mut anna = gate.signed_in(ANNA).await.in_new_browser(&gate);
    anna.reach_page_two().await;
    let thief = anna.clone();
    for left in ["4 tries", "3 tries", "2 tries", "one more try"] {
        let answer = anna.enter(&anna.wrong_code(&gate)).await;
        assert_eq!(answer.status, UNPROCESSABLE);
        assert!(answer.text().contains(left), "{left}: {}", answer.text());
    }
    assert_eq!(anna.enter(&anna.wrong_code(&gate)).await.location(), "/.vestibule/login?why=expired");
    assert!(!anna.browser.cookies.contains_key("__Host-vestibule-pending"));
    let right = anna.next_code(&gate);
    for way in ways() {
        let mut kept = thief.clone();
        kept.browser = crate::attacks::coming(kept.browser, way);
        assert_eq!(kept.enter(&right).await.location(), "/.vestibule/login?why=expired", "a kept cookie is worth nothing");
    }
    anna.reach_page_two().await;
    assert!(has_session(&anna.enter(&right).await), "and the code was not spent by that");
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_page_one_again_gives_no_tries_back() {
    let (gate, upstream) = gate().await;
    gate.without_rates();
    let mut anna = gate.signed_in(ANNA).await;
    let ways: Vec<Way> = ways().collect();
    // A pending login of its own for each guess, on another way each time; the owner comes and goes meanwhile.
    for number in 0..9 {
        let mut thief = at_page_two(&gate, &anna, ways[number % ways.len()]).await;
        assert_eq!(thief.enter(&thief.wrong_code(&gate)).await.status, UNPROCESSABLE, "{number}");
        if number % 3 == 0 {
            anna.confirm(&gate, "/").await.location();
        }
    }
    assert_eq!(compared(&gate).await, 9);
    let mut thief = at_page_two(&gate, &anna, ways[4]).await;
    assert_eq!(thief.enter(&thief.wrong_code(&gate)).await.status, StatusCode::FORBIDDEN, "the tenth locks");
    for way in ways {
        let mut thief = at_page_two(&gate, &anna, way).await;
        let code = thief.next_code(&gate);
        assert_eq!(thief.enter(&code).await.status, StatusCode::FORBIDDEN, "{way:?}: with the right one, too");
    }
    assert_eq!(compared(&gate).await, 10);
    gate.hands.advance(2 * DAY);
    let mut late = anna.in_new_browser(&gate);
    late.reach_page_two().await;
    let code = late.next_code(&gate);
    assert_eq!(late.enter(&code).await.status, StatusCode::FORBIDDEN, "time alone unlocks nothing");
    assert_eq!(upstream.count(), 0);
    assert!(anna.is_inside().await, "whoever is inside does not know about any of this");
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_pending_logins_side_by_side_share_the_budget() {
    let (gate, _) = gate().await;
    gate.without_rates();
    let anna = gate.signed_in(ANNA).await;
    let mut thieves = Vec::new();
    for way in ways() {
        for _ in 0..2 {
            thieves.push(at_page_two(&gate, &anna, way).await);
        }
    }
    let wrong = anna.wrong_code(&gate);
    let tasks: Vec<_> = (0..60)
        .map(|number| {
            let (mut thief, wrong) = (thieves[number % thieves.len()].clone(), wrong.clone());
            tokio::spawn(async move { thief.enter(&wrong).await.status.as_u16() })
        })
        .collect();
    for task in tasks {
        let status = task.await.unwrap();
        assert!(matches!(status, 303 | 403 | 422), "{status}");
    }
    // Nothing is compared that was not counted first: each comparison has left its row.
    assert_eq!(compared(&gate).await, 10);
    assert!(gate.account(ANNA).await.locked_at.is_some());
    assert_eq!(gate.number("SELECT count(*) FROM sessions").await, 1, "her own");
}

/// Enters a recovery code.
async fn recover(person: &mut Person, code: &str) -> crate::harness::Answer {
    person.browser.post("/.vestibule/recover", &[("code", code)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_ones_own_recovery_code_opens_no_other_account() {
    let (gate, upstream) = gate().await;
    without_budgets(&gate);
    let anna = gate.signed_in(ANNA).await;
    let eve = gate.signed_in("eve@example.com").await;
    for (number, way) in ways().enumerate() {
        let mut thief = at_page_two(&gate, &anna, way).await;
        // In a browser that knows her, too, with every cookie of hers but the session.
        for (name, value) in eve.browser.cookies.iter().filter(|(name, _)| *name != "__Host-vestibule") {
            thief.browser.cookies.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for code in [&eve.recovery[number], &eve.recovery[number].to_lowercase(), &eve.recovery[number].replace('-', "")] {
            let answer = recover(&mut thief, code).await;
            assert_eq!(answer.status, UNPROCESSABLE, "{way:?}: {}", answer.text());
            assert!(!gives(&answer, "__Host-vestibule-grant") && !answer.text().contains("otpauth:"), "{way:?}");
        }
    }
    assert!(gate.account(ANNA).await.mfa.is_some() && gate.account("eve@example.com").await.mfa.is_some());
    assert_eq!(upstream.count(), 0);
    // None of hers was spent by that.
    let mut eve = eve.in_new_browser(&gate);
    eve.reach_page_two().await;
    let code = eve.recovery[0].clone();
    assert_eq!(recover(&mut eve, &code).await.location(), "/.vestibule/setup");
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_a_recovery_code_spent_at_once_is_spent_once() {
    let (gate, _) = gate().await;
    without_budgets(&gate);
    let anna = gate.signed_in(ANNA).await;
    let mut people = Vec::new();
    for way in ways() {
        people.push(at_page_two(&gate, &anna, way).await);
    }
    let tasks = (0..50).map(|number| {
        // The same code everywhere, and a few others of the set: the first one kills the rest.
        let (mut person, code) = (people[number % 6].clone(), anna.recovery[number % 2].clone());
        tokio::spawn(async move { recover(&mut person, &code).await })
    });
    let mut accepted = 0;
    for task in tasks.collect::<Vec<_>>() {
        accepted += usize::from(gives(&task.await.unwrap(), "__Host-vestibule-grant"));
    }
    assert_eq!(accepted, 1);
    assert!(gate.account(ANNA).await.mfa.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_guessed_recovery_codes_draw_on_the_budget_of_codes() {
    let (gate, _) = gate().await;
    gate.without_rates();
    let anna = gate.signed_in(ANNA).await;
    let mut last = StatusCode::OK;
    for (number, way) in in_turn().take(10).enumerate() {
        let mut thief = at_page_two(&gate, &anna, way).await;
        // In turn, so that neither kind has a count of its own.
        last = if number % 2 == 0 {
            recover(&mut thief, &format!("0000-0000-0000-000{number}")).await.status
        } else {
            thief.enter(&thief.wrong_code(&gate)).await.status
        };
        assert!(number == 9 || last == UNPROCESSABLE, "{number} {way:?}: {last}");
    }
    assert_eq!((last, compared(&gate).await), (StatusCode::FORBIDDEN, 10));
    let mut thief = at_page_two(&gate, &anna, Way { speaks: crate::attacks::arena::Speaks::Http2, front: Front::Proxy }).await;
    assert_eq!(recover(&mut thief, &anna.recovery[0]).await.status, StatusCode::FORBIDDEN, "a right one, too");
    gate.hands.advance(Duration::from_mins(1));
    gate.unlock(ANNA).await;
    let mut owner = anna.in_new_browser(&gate);
    owner.reach_page_two().await;
    assert_eq!(recover(&mut owner, &anna.recovery[0]).await.location(), "/.vestibule/setup", "and it was not spent");
}
