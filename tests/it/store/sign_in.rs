//! Spending a code, at the second door and inside a session.

use futures_util::future::join_all;
use vestibule::auth::credentials::{AttemptId, DeviceId, SessionReservation, SignIn, Spent};
use vestibule::session::log::{PreviousToken, Tally};

use super::bench::{Bench, CLIENT, DAY, HOUR, MINUTE, T0, event, new_id};

pub async fn a_sign_in_makes_a_session_and_a_known_browser(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let pending = b.at_verify(&anna, None).await;
    let attempt = b.reserve(&pending).await;
    let (device, cookie) = (DeviceId(new_id()), b.hash());
    let sign_in = SignIn { device: Some((device, cookie)), wall: T0 + MINUTE, ..b.sign_in(pending, attempt, 5) };
    assert_eq!(b.port().sign_in(sign_in.clone(), T0, event("session.start")).await.unwrap(), Spent::Done);
    let (row, account) = b.log().session(sign_in.session.id, T0).await.unwrap().unwrap();
    assert_eq!((row.token, row.account, row.portal.as_str()), (sign_in.session.token, anna.id, "portal"));
    assert_eq!((row.created, row.code_at, row.code_step, row.last_seen), (T0, T0, 5, T0));
    assert_eq!((row.client, row.agent.as_str(), row.shared, row.previous), (CLIENT, "Browser/1.0", false, None));
    assert_eq!((row.expires, row.epoch), (T0 + 180 * DAY, account.epoch));
    assert_eq!((account.id, account.login.clone()), (anna.id, anna.login.clone()));
    assert_eq!(account.groups, ["ops", "staff"]);
    assert!(b.pending(&pending).await.is_none());
    let account = b.account(&anna).await;
    assert_eq!((account.last_sign_in, account.mfa.unwrap().last_step), (Some(T0 + MINUTE), 5));
    assert_eq!(b.port().device(&cookie, T0).await.unwrap(), Some((device, anna.id)));
    assert_eq!(b.port().device(&b.hash(), T0).await.unwrap(), None);
    assert_eq!(b.port().device(&cookie, T0 + 400 * DAY).await.unwrap(), None, "no browser keeps a cookie for longer");
    assert_eq!(b.recorded("session.start").await, 1);
}

pub async fn fifty_parallel_sign_ins_with_one_step(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let mut tries = Vec::new();
    for _ in 0..10 {
        let pending = b.at_verify(&anna, None).await;
        let attempt = b.reserve(&pending).await;
        tries.extend((0..5).map(|_| b.sign_in(pending, attempt, 5)));
    }
    let port = b.port();
    let answers = join_all(tries.into_iter().map(|sign_in| {
        let port = port.clone();
        tokio::spawn(async move { port.sign_in(sign_in, T0, event("session.start")).await.unwrap() })
    }))
    .await;
    let done = answers.into_iter().filter(|answer| *answer.as_ref().unwrap() == Spent::Done).count();
    assert_eq!(done, 1);
    assert_eq!(b.log().snapshot(T0, &Tally::default()).await.unwrap().sessions.len(), 1);
    assert_eq!(b.recorded("session.start").await, 1);
}

pub async fn a_step_is_used_up_over_all_surfaces(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, _) = b.signed_in(&anna, 5).await;
    // The last one is what this very session has used.
    for (step, expected) in [(4, Spent::AlreadyUsed), (5, Spent::Repeated)] {
        let answer = b.port().confirm(b.confirm(session, step), T0, event("session.confirm")).await.unwrap();
        assert_eq!(answer, expected);
    }
    assert_eq!(b.port().confirm(b.confirm(session, 6), T0, event("session.confirm")).await.unwrap(), Spent::Done);
    let pending = b.at_verify(&anna, None).await;
    let attempt = b.reserve(&pending).await;
    for (step, expected) in [(6, Spent::AlreadyUsed), (7, Spent::Done)] {
        assert_eq!(b.port().sign_in(b.sign_in(pending, attempt, step), T0, event("s")).await.unwrap(), expected);
    }
    let carl = b.enrolled("carl@example.com").await;
    b.signed_in(&carl, 2).await;
}

pub async fn a_sign_in_needs_its_reserved_attempt(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (pending, other) = (b.at_verify(&anna, None).await, b.at_verify(&anna, None).await);
    let (mine, foreign) = (b.reserve(&pending).await, b.reserve(&other).await);
    for attempt in [AttemptId(new_id()), foreign] {
        let answer = b.port().sign_in(b.sign_in(pending, attempt, 5), T0, event("s")).await.unwrap();
        assert_eq!(answer, Spent::Gone);
    }
    assert_eq!(b.account(&anna).await.mfa.unwrap().last_step, 1);
    assert_eq!(b.port().sign_in(b.sign_in(pending, mine, 5), T0, event("s")).await.unwrap(), Spent::Done);
}

pub async fn a_sign_in_needs_the_stage_and_the_time(b: Bench) {
    let (anna, link) = b.invited("anna@example.com").await;
    let setup = b.at_setup(&anna, link.id).await;
    let attempt = b.reserve(&setup).await;
    assert_eq!(b.port().sign_in(b.sign_in(setup, attempt, 5), T0, event("s")).await.unwrap(), Spent::Gone);
    let verify = b.at_verify(&anna, None).await;
    let attempt = b.reserve(&verify).await;
    assert_eq!(b.port().sign_in(b.sign_in(verify, attempt, 5), T0, event("s")).await.unwrap(), Spent::Gone, "not enrolled");
    let carl = b.enrolled("carl@example.com").await;
    let pending = b.at_verify(&carl, None).await;
    let attempt = b.reserve(&pending).await;
    let late = b.port().sign_in(b.sign_in(pending, attempt, 5), T0 + 100 * DAY, event("s")).await.unwrap();
    assert_eq!(late, Spent::Gone);
    assert!(b.desk().disable(carl.id).await.unwrap());
    assert_eq!(b.port().sign_in(b.sign_in(pending, attempt, 5), T0, event("s")).await.unwrap(), Spent::Gone);
    assert_eq!(b.recorded("s").await, 0);
}

pub async fn a_used_step_stores_nothing_and_stays_counted(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let pending = b.at_verify(&anna, None).await;
    let attempt = b.reserve(&pending).await;
    let (seq, _) = b.log().changes(0, 1000).await.unwrap();
    let sign_in = b.sign_in(pending, attempt, 1);
    assert_eq!(b.port().sign_in(sign_in.clone(), T0, event("s")).await.unwrap(), Spent::AlreadyUsed);
    assert!(!b.session_lives(sign_in.session.id).await);
    assert_eq!(b.pending(&pending).await.unwrap().attempts, 1);
    assert_eq!(b.log().changes(0, 1000).await.unwrap().0, seq);
    b.port().settle_void(&pending, attempt).await.unwrap();
    assert_eq!(b.pending(&pending).await.unwrap().attempts, 0);
}

pub async fn a_confirm_moves_window_and_token(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, _) = b.signed_in(&anna, 5).await;
    let (before, _) = b.log().session(session, T0).await.unwrap().unwrap();
    let confirm = b.confirm(session, 6);
    assert_eq!(b.port().confirm(confirm.clone(), T0, event("session.confirm")).await.unwrap(), Spent::Done);
    let (after, _) = b.log().session(session, T0).await.unwrap().unwrap();
    let previous = PreviousToken { token: before.token, until: confirm.old_until, code_at: T0 };
    assert_eq!((after.token, after.previous), (confirm.token, Some(previous)));
    assert_eq!((after.code_at, after.code_step, after.expires), (T0 + MINUTE, 6, before.expires));
    let unknown = b.confirm(new_id(), 9);
    assert_eq!(b.port().confirm(unknown, T0, event("session.confirm")).await.unwrap(), Spent::Gone);
    let late = b.port().confirm(b.confirm(session, 9), T0 + 180 * DAY, event("session.confirm")).await.unwrap();
    assert_eq!(late, Spent::Gone);
    assert_eq!(b.recorded("session.confirm").await, 1);
}

pub async fn fifty_parallel_confirms_with_one_step(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (one, _) = b.signed_in(&anna, 5).await;
    let (two, _) = b.signed_in(&anna, 6).await;
    let port = b.port();
    let answers = join_all((0..50).map(|n| {
        let (port, confirm) = (port.clone(), b.confirm(if n % 2 == 0 { one } else { two }, 7));
        tokio::spawn(async move { port.confirm(confirm, T0, event("session.confirm")).await.unwrap() })
    }))
    .await;
    assert_eq!(answers.into_iter().filter(|answer| *answer.as_ref().unwrap() == Spent::Done).count(), 1);
}

pub async fn attempts_inside_a_session_are_counted(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, _) = b.signed_in(&anna, 5).await;
    let port = b.port();
    let answers = join_all((0..50).map(|_| {
        let port = port.clone();
        tokio::spawn(async move { port.reserve_in_session(session, 5, T0).await.unwrap() })
    }))
    .await;
    let mut left: Vec<_> = answers
        .into_iter()
        .filter_map(|answer| match answer.unwrap() {
            SessionReservation::Reserved { left } => Some(left),
            SessionReservation::Gone => None,
        })
        .collect();
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4]);
    port.void_in_session(session).await.unwrap();
    assert_eq!(port.reserve_in_session(session, 5, T0).await.unwrap(), SessionReservation::Reserved { left: 0 });
    assert_eq!(port.confirm(b.confirm(session, 6), T0, event("session.confirm")).await.unwrap(), Spent::Done);
    assert_eq!(port.reserve_in_session(session, 5, T0).await.unwrap(), SessionReservation::Reserved { left: 4 });
    for _ in 0..3 {
        port.void_in_session(session).await.unwrap();
    }
    assert_eq!(port.reserve_in_session(session, 5, T0).await.unwrap(), SessionReservation::Reserved { left: 4 });
    assert_eq!(port.reserve_in_session(session, 5, T0 + 180 * DAY).await.unwrap(), SessionReservation::Gone);
    assert!(port.end_session(session, event("session.end")).await.unwrap());
    assert!(!port.end_session(session, event("session.end")).await.unwrap());
    assert_eq!(port.reserve_in_session(session, 5, T0).await.unwrap(), SessionReservation::Gone);
    assert!(b.account(&anna).await.locked_at.is_none(), "wrong codes inside a session lock nobody");
    assert_eq!(b.recorded("session.end").await, 1);
}

pub async fn a_known_browser_is_replaced_at_the_next_sign_in(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (_, old) = b.signed_in(&anna, 5).await;
    let pending = b.at_verify(&anna, Some(old)).await;
    let attempt = b.reserve(&pending).await;
    let (new, cookie) = (DeviceId(new_id()), b.hash());
    let sign_in = SignIn { device: Some((new, cookie)), ..b.sign_in(pending, attempt, 6) };
    assert_eq!(b.port().sign_in(sign_in, T0, event("s")).await.unwrap(), Spent::Done);
    assert_eq!(b.port().device(&cookie, T0 + HOUR).await.unwrap(), Some((new, anna.id)));
    let stale = b.at_verify(&anna, Some(old)).await;
    assert!(b.pending(&stale).await.unwrap().device.is_none());
}
