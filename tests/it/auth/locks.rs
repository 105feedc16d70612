//! The budget of wrong codes: who is locked by it, who is not, and that nothing refills it but an operator or time.

use std::time::Duration;

use vestibule::auth::authenticator::{RecoverStep, VerifyStep};

use super::room::{ANNA, Browser, Person, Room};

/// Spends what unknown browsers have: 10 wrong codes, 5 in each of two pending logins.
async fn spend(room: &Room, anna: &Person) {
    for number in [50, 51] {
        let mut stranger = Browser::new(number);
        room.pass_door_one(&mut stranger, ANNA).await;
        let wrong = room.wrong_code(&anna.secret);
        for left in (1..5).rev() {
            let step = room.verify(&stranger, &wrong).await;
            assert!(matches!(step, VerifyStep::Wrong { left: l } if l == left), "{step:?}");
        }
        let last = room.verify(&stranger, &wrong).await;
        if number == 50 {
            assert!(matches!(last, VerifyStep::Gone), "five destroy it: {last:?}");
        } else {
            assert!(matches!(last, VerifyStep::Locked), "ten lock: {last:?}");
        }
    }
}

#[tokio::test]
async fn ten_wrong_codes_lock_strangers_out_and_no_known_browser() {
    let room = Room::new().await;
    let mut known = Browser::new(1);
    let anna = room.person(&mut known, ANNA).await;
    let signed_in = room.sign_in(&mut known, ANNA, &anna.secret).await;
    spend(&room, &anna).await;
    assert!(room.account(ANNA).await.locked_at.is_some());

    let mut stranger = Browser::new(2);
    room.next_step();
    room.pass_door_one(&mut stranger, ANNA).await;
    let standing = room.auth.standing(stranger.pending(), room.now()).await.unwrap().unwrap();
    assert!(standing.locked);
    assert!(matches!(room.verify(&stranger, &room.code(&anna.secret)).await, VerifyStep::Locked), "even with a right code");
    let visitor = room.visitor(&stranger);
    let recovery = room.auth.recover(&visitor, stranger.pending(), &anna.codes[0]).await.unwrap();
    assert!(matches!(recovery, RecoverStep::Locked));

    assert!(room.lives(signed_in.session).await);
    room.sign_in(&mut known, ANNA, &anna.secret).await;
    assert!(room.account(ANNA).await.locked_at.is_some(), "her success unlocks nobody else");

    assert!(room.desk().unlock(anna.id, false).await.unwrap());
    room.sign_in(&mut stranger, ANNA, &anna.secret).await;
}

#[tokio::test]
async fn successes_of_the_owner_do_not_refill_the_budget() {
    let room = Room::new().await;
    let mut known = Browser::new(1);
    let anna = room.person(&mut known, ANNA).await;
    let mut wrong = 0;
    for round in 0..4 {
        room.sign_in(&mut known, ANNA, &anna.secret).await;
        room.sign_in(&mut Browser::new(10 + round), ANNA, &anna.secret).await;
        let mut stranger = Browser::new(20 + round);
        room.pass_door_one(&mut stranger, ANNA).await;
        let code = room.wrong_code(&anna.secret);
        for _ in 0..3 {
            match room.verify(&stranger, &code).await {
                VerifyStep::Wrong { .. } => wrong += 1,
                VerifyStep::Locked => {
                    assert_eq!(wrong, 9, "the tenth locks");
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    panic!("never locked");
}

#[tokio::test]
async fn thirty_in_thirty_days_whatever_comes_between() {
    let room = Room::new().await;
    let anna = room.person(&mut Browser::new(1), ANNA).await;
    let mut wrong = 0;
    for day in 0..10_u32 {
        for half in 0..2 {
            let mut stranger = Browser::new(100 + day * 2 + half);
            room.pass_door_one(&mut stranger, ANNA).await;
            let code = room.wrong_code(&anna.secret);
            for _ in 0..4 {
                match room.verify(&stranger, &code).await {
                    VerifyStep::Wrong { .. } => wrong += 1,
                    VerifyStep::Locked => {
                        assert_eq!(wrong, 29, "the thirtieth locks");
                        return;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        room.pass(Duration::from_hours(25));
    }
    panic!("never locked");
}

#[tokio::test]
async fn a_locked_account_looks_at_the_password_page_like_any_other() {
    let room = Room::new().await;
    let anna = room.person(&mut Browser::new(1), ANNA).await;
    spend(&room, &anna).await;
    let mut stranger = Browser::new(3);
    let wrong = room.log_in(&mut stranger, ANNA, super::room::WRONG).await;
    assert!(matches!(wrong, vestibule::auth::authenticator::PasswordStep::Refused));
}

#[tokio::test]
async fn malformed_codes_count_nothing() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.pass_door_one(&mut browser, ANNA).await;
    for _ in 0..100 {
        assert!(matches!(room.verify(&browser, "12 34").await, VerifyStep::Malformed));
    }
    assert!(matches!(room.verify(&browser, &room.wrong_code(&anna.secret)).await, VerifyStep::Wrong { left: 4 }));
    assert!(matches!(room.verify(&browser, &room.code(&anna.secret)).await, VerifyStep::SignedIn(_)));
}

#[tokio::test]
async fn failures_of_one_address_slow_it_down_whatever_the_account() {
    let room = Room::with(|settings| settings.rates.client.burst = 3).await;
    let mut known = Browser::new(1);
    let anna = room.person(&mut known, ANNA).await;
    room.sign_in(&mut known, ANNA, &anna.secret).await;
    let mut stranger = Browser::new(1);
    room.pass_door_one(&mut stranger, ANNA).await;
    let wrong = room.wrong_code(&anna.secret);
    for _ in 0..3 {
        assert!(matches!(room.verify(&stranger, &wrong).await, VerifyStep::Wrong { .. }));
    }
    assert!(matches!(room.verify(&stranger, &wrong).await, VerifyStep::SlowDown(_)));
    // Behind the same address: the known browser is not slowed.
    room.sign_in(&mut known, ANNA, &anna.secret).await;
}

#[tokio::test]
async fn after_an_unlock_for_recovery_only_a_recovery_code_goes_on_where_nobody_is_known() {
    let room = Room::new().await;
    let mut known = Browser::new(1);
    let anna = room.person(&mut known, ANNA).await;
    room.sign_in(&mut known, ANNA, &anna.secret).await;
    spend(&room, &anna).await;
    assert!(room.desk().unlock(anna.id, true).await.unwrap());

    let mut stranger = Browser::new(2);
    room.next_step();
    room.pass_door_one(&mut stranger, ANNA).await;
    let standing = room.auth.standing(stranger.pending(), room.now()).await.unwrap().unwrap();
    assert!(!standing.locked && standing.recovery_due);
    for code in [room.code(&anna.secret), room.wrong_code(&anna.secret), "12".to_owned()] {
        let step = room.verify(&stranger, &code).await;
        assert!(matches!(step, VerifyStep::RecoveryDue), "nothing says whether {code} was right: {step:?}");
    }
    room.sign_in(&mut known, ANNA, &anna.secret).await;
    assert!(room.account(ANNA).await.recovery_due, "her own browser goes on, and changes nothing for others");

    let visitor = room.visitor(&stranger);
    let recovery = room.auth.recover(&visitor, stranger.pending(), &anna.codes[0]).await.unwrap();
    let RecoverStep::Accepted { grant } = recovery else { panic!("{recovery:?}") };
    stranger.grant = Some(grant);
    room.next_step();
    let anna = room.enrol_again(&mut stranger).await;
    assert!(!room.account(ANNA).await.recovery_due);
    room.sign_in(&mut Browser::new(3), ANNA, &anna.secret).await;
}
