//! The budget of wrong codes.

use futures_util::future::join_all;
use vestibule::auth::credentials::{AfterWrongCode, AttemptId, CodeBudget, Reservation, Spent};
use vestibule::clock::Timestamp;
use vestibule::ports::TokenHash;

use super::bench::{Bench, DAY, HOUR, T0, budget, event};

async fn wrong(b: &Bench, pending: &TokenHash, now: Timestamp) -> AfterWrongCode {
    let attempt = b.reserve_at(pending, now).await;
    settle(b, pending, attempt, now).await
}

async fn settle(b: &Bench, pending: &TokenHash, attempt: AttemptId, now: Timestamp) -> AfterWrongCode {
    b.port().settle_wrong(pending, attempt, &budget(), now, event("code.wrong")).await.unwrap()
}

async fn ask(b: &Bench, pending: &TokenHash, now: Timestamp) -> Reservation {
    b.port().reserve_attempt(pending, &budget(), now).await.unwrap()
}

pub async fn the_last_attempt_destroys_the_pending_login(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let pending = b.at_verify(&anna, None).await;
    for left in [4, 3, 2, 1] {
        assert_eq!(wrong(&b, &pending, T0).await, AfterWrongCode::Left(left));
        assert_eq!(b.pending(&pending).await.unwrap().attempts, 5 - left);
    }
    let Reservation::Reserved { attempt, left: 0 } = ask(&b, &pending, T0).await else { panic!("one is left") };
    assert_eq!(ask(&b, &pending, T0).await, Reservation::Gone);
    assert_eq!(settle(&b, &pending, attempt, T0).await, AfterWrongCode::Destroyed);
    assert!(b.pending(&pending).await.is_none());
    assert_eq!(ask(&b, &pending, T0).await, Reservation::Gone);
    assert!(b.account(&anna).await.locked_at.is_none());
    assert_eq!(ask(&b, &b.hash(), T0).await, Reservation::Gone);
}

pub async fn fifty_parallel_reservations_never_exceed_a_budget(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let mut pendings = Vec::new();
    for _ in 0..5 {
        pendings.push(b.at_verify(&anna, None).await);
    }
    let port = b.port();
    let asked = join_all((0..50).map(|n| {
        let (port, pending) = (port.clone(), pendings[n % 5]);
        tokio::spawn(async move { (pending, port.reserve_attempt(&pending, &budget(), T0).await.unwrap()) })
    }))
    .await;
    let asked: Vec<_> = asked.into_iter().map(Result::unwrap).collect();
    let reserved: Vec<_> = asked.iter().filter(|(_, answer)| matches!(answer, Reservation::Reserved { .. })).collect();
    assert_eq!(reserved.len(), 10, "two spans of 10 and 30, five pending logins of 5");
    for pending in &pendings {
        assert!(reserved.iter().filter(|(of, _)| of == pending).count() <= 5);
    }
    let settled = join_all(reserved.iter().map(|(pending, answer)| {
        let Reservation::Reserved { attempt, .. } = *answer else { unreachable!() };
        let b = &b;
        async move { settle(b, pending, attempt, T0).await }
    }))
    .await;
    assert!(settled.iter().all(|after| *after == AfterWrongCode::Locked));
    assert_eq!(b.recorded("user.lock").await, 1, "locked once");
}

pub async fn unknown_browsers_lock_and_known_ones_go_on(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, device) = b.signed_in(&anna, 2).await;
    let waiting = b.at_verify(&anna, None).await;
    for _ in 0..9 {
        let pending = b.at_verify(&anna, None).await;
        assert_eq!(wrong(&b, &pending, T0).await, AfterWrongCode::Left(4));
        b.port().drop_pending(&pending).await.unwrap();
    }
    let last = b.at_verify(&anna, None).await;
    assert_eq!(wrong(&b, &last, T0 + HOUR).await, AfterWrongCode::Locked);
    assert!(b.pending(&last).await.is_none());
    assert_eq!(b.account(&anna).await.locked_at, Some(T0 + HOUR));
    let told = b.trail().records(0, None, Some(&anna.login), 10).await.unwrap();
    assert_eq!(told.last().unwrap().action, "user.lock");
    // The lock outlasts the spans; only an unlock takes it off.
    assert_eq!(ask(&b, &waiting, T0 + HOUR).await, Reservation::Locked);
    assert_eq!(ask(&b, &waiting, T0 + 60 * DAY).await, Reservation::Locked);
    assert!(b.session_lives(session).await);
    let known = b.at_verify(&anna, Some(device)).await;
    assert_eq!(wrong(&b, &known, T0 + HOUR).await, AfterWrongCode::Left(4));
    let attempt = b.reserve_at(&known, T0 + HOUR).await;
    let done = b.port().sign_in(b.sign_in(known, attempt, 9), T0 + HOUR, event("session.start")).await.unwrap();
    assert_eq!(done, Spent::Done);
    assert!(b.account(&anna).await.locked_at.is_some());
}

pub async fn a_known_browser_beyond_its_budget_counts_as_unknown(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (_, device) = b.signed_in(&anna, 2).await;
    for _ in 0..2 {
        let pending = b.at_verify(&anna, Some(device)).await;
        for _ in 0..5 {
            assert_ne!(wrong(&b, &pending, T0).await, AfterWrongCode::Locked);
        }
    }
    assert!(b.account(&anna).await.locked_at.is_none());
    // Ten of its own are spent; these go to the account of the unknown.
    let mut last = AfterWrongCode::Left(0);
    for _ in 0..2 {
        let pending = b.at_verify(&anna, Some(device)).await;
        for _ in 0..5 {
            last = wrong(&b, &pending, T0).await;
        }
    }
    assert_eq!(last, AfterWrongCode::Locked);
    let pending = b.at_verify(&anna, Some(device)).await;
    assert_eq!(ask(&b, &pending, T0).await, Reservation::Locked);
    assert!(matches!(ask(&b, &pending, T0 + DAY).await, Reservation::Reserved { .. }), "a day later it has its own again");
}

pub async fn every_span_of_the_budget_holds(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let mut compared = 0;
    let mut day = 0;
    let last = loop {
        let now = T0 + day * DAY;
        let pending = b.at_verify(&anna, None).await;
        let after = wrong(&b, &pending, now).await;
        compared += 1;
        if after == AfterWrongCode::Locked {
            break now;
        }
        b.port().drop_pending(&pending).await.unwrap();
        if compared % 9 == 0 {
            day += 1;
        }
        assert!(compared < 100);
    };
    assert_eq!(compared, 30, "9 a day keep below the day's 10, and 30 is what 30 days hold");
    assert_eq!(last, T0 + 3 * DAY);
}

pub async fn signing_out_before_the_answer_does_not_save_from_the_lock(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let mut after = AfterWrongCode::Left(0);
    for _ in 0..10 {
        let pending = b.at_verify(&anna, None).await;
        let attempt = b.reserve(&pending).await;
        b.port().drop_pending(&pending).await.unwrap();
        after = settle(&b, &pending, attempt, T0).await;
    }
    assert_eq!(after, AfterWrongCode::Locked);
    assert!(b.account(&anna).await.locked_at.is_some());
}

pub async fn a_voided_attempt_is_given_back_once(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let pending = b.at_verify(&anna, None).await;
    let (one, two) = (b.reserve(&pending).await, b.reserve(&pending).await);
    assert_eq!(settle(&b, &pending, one, T0).await, AfterWrongCode::Left(3));
    b.port().settle_void(&pending, one).await.unwrap();
    assert_eq!(b.pending(&pending).await.unwrap().attempts, 2, "a wrong one is not given back");
    b.port().settle_void(&b.hash(), two).await.unwrap();
    assert_eq!(b.pending(&pending).await.unwrap().attempts, 2, "nor by another pending login");
    for _ in 0..2 {
        b.port().settle_void(&pending, two).await.unwrap();
        assert_eq!(b.pending(&pending).await.unwrap().attempts, 1);
    }
    // Voided ones cost the account nothing.
    for _ in 0..20 {
        let attempt = b.reserve(&pending).await;
        b.port().settle_void(&pending, attempt).await.unwrap();
    }
    assert_eq!(wrong(&b, &pending, T0).await, AfterWrongCode::Left(3));
}

pub async fn at_setup_only_the_pending_login_counts(b: Bench) {
    let (anna, link) = b.invited("anna@example.com").await;
    for _ in 0..4 {
        let pending = b.at_setup(&anna, link.id).await;
        for _ in 0..4 {
            assert!(matches!(wrong(&b, &pending, T0).await, AfterWrongCode::Left(_)));
        }
        assert_eq!(wrong(&b, &pending, T0).await, AfterWrongCode::Destroyed);
    }
    assert!(b.account(&anna).await.locked_at.is_none());
    assert_eq!(b.recorded("user.lock").await, 0);
}

pub async fn the_budget_survives_new_pending_logins_successes_and_crashes(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let small = CodeBudget { unknown: vec![(DAY, 6)], ..budget() };
    for _ in 0..5 {
        let pending = b.at_verify(&anna, None).await;
        let attempt = b.reserve(&pending).await;
        let after = b.port().settle_wrong(&pending, attempt, &small, T0, event("code.wrong")).await.unwrap();
        assert_eq!(after, AfterWrongCode::Left(4));
    }
    b.signed_in(&anna, 2).await;
    let b = b.reopen().await;
    let pending = b.at_verify(&anna, None).await;
    let Reservation::Reserved { .. } = b.port().reserve_attempt(&pending, &small, T0).await.unwrap() else {
        panic!("one is left")
    };
    let b = b.reopen().await;
    let after = b.port().reserve_attempt(&pending, &small, T0).await.unwrap();
    assert_eq!(after, Reservation::Locked, "an attempt that a crash left open counts as wrong");
}
