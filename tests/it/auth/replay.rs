//! One code, one success: in turn, in parallel, from other browsers, in other spellings.

use std::sync::Arc;

use vestibule::auth::authenticator::{EnableStep, RecoverStep, RegisterStep, VerifyStep};
use vestibule::auth::credentials::LinkKind;

use super::room::{ANNA, Browser, PASSWORD, Room};

#[tokio::test]
async fn a_used_code_is_a_wrong_code_for_everybody_else() {
    let room = Room::new().await;
    let (mut one, mut other) = (Browser::new(1), Browser::new(2));
    let anna = room.person(&mut one, ANNA).await;
    room.pass_door_one(&mut one, ANNA).await;
    room.pass_door_one(&mut other, ANNA).await;
    let code = room.code(&anna.secret);
    assert!(matches!(room.verify(&one, &code).await, VerifyStep::SignedIn(_)));
    for spelling in [code.clone(), format!("{}-{}", &code[..3], &code[3..])] {
        assert!(matches!(room.verify(&other, &spelling).await, VerifyStep::Wrong { .. }), "{spelling}");
    }
    assert!(matches!(room.verify(&other, &format!("+{code}")).await, VerifyStep::Malformed));
    room.next_step();
    assert!(matches!(room.verify(&other, &room.code(&anna.secret)).await, VerifyStep::SignedIn(_)));
}

#[tokio::test]
async fn an_older_code_is_refused_after_a_newer_one() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.next_step();
    let older = room.code(&anna.secret);
    room.next_step();
    room.pass_door_one(&mut browser, ANNA).await;
    assert!(matches!(room.verify(&browser, &room.code(&anna.secret)).await, VerifyStep::SignedIn(_)));
    room.pass_door_one(&mut browser, ANNA).await;
    assert!(matches!(room.verify(&browser, &older).await, VerifyStep::Wrong { .. }), "still within the tolerance");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_in_parallel_have_one_success() {
    let room = Arc::new(Room::new().await);
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    let mut browsers = Vec::new();
    for number in 0..10 {
        let mut browser = Browser::new(100 + number);
        room.pass_door_one(&mut browser, ANNA).await;
        browsers.extend(std::iter::repeat_n(browser, 5));
    }
    let code = room.code(&anna.secret);
    let tasks = browsers.into_iter().map(|browser| {
        let (room, code) = (room.clone(), code.clone());
        tokio::spawn(async move { room.verify(&browser, &code).await })
    });
    let mut successes = 0;
    for task in tasks.collect::<Vec<_>>() {
        successes += usize::from(matches!(task.await.unwrap(), VerifyStep::SignedIn(_)));
    }
    assert_eq!(successes, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_code_sent_twice_at_once_is_no_wrong_one() {
    let room = Arc::new(Room::new().await);
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.pass_door_one(&mut browser, ANNA).await;
    let code = room.code(&anna.secret);
    let tasks = (0..5).map(|_| {
        let (room, browser, code) = (room.clone(), browser.clone(), code.clone());
        tokio::spawn(async move { room.verify(&browser, &code).await })
    });
    let mut successes = 0;
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            VerifyStep::SignedIn(_) => successes += 1,
            VerifyStep::Repeated { to } => assert_eq!(to, "/tickets?page=2"),
            // It came when the other one was through.
            VerifyStep::Gone => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(successes, 1);
    assert_eq!(room.number("SELECT count(*) FROM attempts").await, 0, "nothing counts against the account");
    assert_eq!(room.number("SELECT count(*) FROM sessions").await, 1);
}

/// The other press is through between this one's reservation and its end: the trigger stands for it, at that very moment.
#[tokio::test]
async fn the_slower_press_of_a_right_code_hears_where_the_faster_one_went() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.pass_door_one(&mut browser, ANNA).await;
    room.change("CREATE TABLE aside AS SELECT * FROM pendings").await;
    let code = room.code(&anna.secret);
    assert!(matches!(room.verify(&browser, &code).await, VerifyStep::SignedIn(_)));
    room.change(
        "INSERT OR IGNORE INTO pendings SELECT * FROM aside;
         UPDATE accounts SET last_step = last_step - 1;
         CREATE TRIGGER other AFTER INSERT ON attempts BEGIN
             DELETE FROM pendings WHERE token = NEW.pending;
             UPDATE accounts SET last_step = last_step + 1 WHERE id = NEW.account;
         END",
    )
    .await;
    let answer = room.verify(&browser, &code).await;
    assert!(matches!(&answer, VerifyStep::Repeated { to } if to == "/tickets?page=2"), "{answer:?}");
    assert_eq!(room.number("SELECT count(*) FROM attempts").await, 0, "nothing counts against the account");
    assert_eq!(room.number("SELECT count(*) FROM sessions").await, 1);
}

#[tokio::test]
async fn the_slower_press_of_a_recovery_code_hears_that_it_was_taken() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.pass_door_one(&mut browser, ANNA).await;
    room.change("CREATE TABLE aside AS SELECT stage FROM pendings").await;
    let recover = || async { room.auth.recover(&room.visitor(&browser), browser.pending(), &anna.codes[0]).await.unwrap() };
    assert!(matches!(recover().await, RecoverStep::Accepted { .. }));
    room.change(
        "CREATE TRIGGER other AFTER INSERT ON attempts BEGIN
             UPDATE pendings SET stage = (SELECT stage FROM led_on) WHERE token = NEW.pending;
         END;
         CREATE TABLE led_on AS SELECT stage FROM pendings;
         UPDATE pendings SET stage = (SELECT stage FROM aside)",
    )
    .await;
    let answer = recover().await;
    assert!(matches!(answer, RecoverStep::Repeated), "{answer:?}");
    assert_eq!(room.number("SELECT count(*) FROM attempts WHERE settled").await, 0, "nothing counts against the account");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovery_code_sent_twice_at_once_is_no_wrong_one() {
    let room = Arc::new(Room::new().await);
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.pass_door_one(&mut browser, ANNA).await;
    let tasks = (0..4).map(|_| {
        let (room, browser, code) = (room.clone(), browser.clone(), anna.codes[0].clone());
        tokio::spawn(async move { room.auth.recover(&room.visitor(&browser), browser.pending(), &code).await.unwrap() })
    });
    let mut accepted = 0;
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            RecoverStep::Accepted { .. } => accepted += 1,
            // Beside the other one, or when that was through.
            RecoverStep::Repeated | RecoverStep::Gone | RecoverStep::Wrong { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(accepted, 1);
    assert_eq!(room.number("SELECT count(*) FROM attempts WHERE scope <> 0").await, 0, "nothing counts against the account");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enabling_in_parallel_enrols_once() {
    let room = Arc::new(Room::new().await);
    let mut browser = Browser::new(1);
    let token = room.invite(ANNA).await;
    room.open(&mut browser, &token, LinkKind::Invitation).await;
    assert!(matches!(room.register(&browser, PASSWORD).await, RegisterStep::Registered));
    room.pass_door_one(&mut browser, ANNA).await;
    let secret = room.begin(&browser).await.unwrap();
    let code = room.code(&secret);
    let tasks = (0..5).map(|_| {
        let (room, browser, code) = (room.clone(), browser.clone(), code.clone());
        tokio::spawn(async move { room.enable(&browser, &code).await })
    });
    for task in tasks.collect::<Vec<_>>() {
        // Those that came when another was through are sent on by where the pending login stands.
        assert!(matches!(task.await.unwrap(), EnableStep::Enabled | EnableStep::Gone));
    }
    assert_eq!(room.number("SELECT count(*) FROM recovery_codes").await, 10, "enrolled once");
    assert_eq!(room.number("SELECT count(*) FROM audit WHERE action = 'mfa.enable'").await, 1);
    assert_eq!(room.number("SELECT count(*) FROM attempts").await, 0);
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_cut_a_sign_in() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.pass_door_one(&mut browser, ANNA).await;
    let visitor = room.visitor(&browser);
    let code = room.code(&anna.secret);
    let mut act = Box::pin(room.auth.verify(&visitor, browser.pending(), &code, false));
    let started = futures_util::poll!(&mut act);
    assert!(started.is_pending());
    drop(act);
    while room.account(ANNA).await.last_sign_in.is_none() {
        tokio::task::yield_now().await;
    }
}
