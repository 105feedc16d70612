//! Recovery codes: one use, for their own account, into a fresh enrolment and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use vestibule::auth::authenticator::{PasswordStep, RecoverStep, RegisterStep, VerifyStep};
use vestibule::auth::credentials::Stage;

use super::room::{ANNA, Browser, PASSWORD, Room};

async fn recover(room: &Room, browser: &Browser, code: &str) -> RecoverStep {
    room.auth.recover(&room.visitor(browser), browser.pending(), code).await.unwrap()
}

#[tokio::test]
async fn a_recovery_code_leads_into_a_fresh_enrolment_and_everything_old_dies() {
    let room = Room::new().await;
    let mut known = Browser::new(1);
    let anna = room.person(&mut known, ANNA).await;
    let signed_in = room.sign_in(&mut known, ANNA, &anna.secret).await;

    let mut browser = Browser::new(2);
    room.pass_door_one(&mut browser, ANNA).await;
    let mut elsewhere = Browser::new(3);
    room.pass_door_one(&mut elsewhere, ANNA).await;
    assert!(matches!(recover(&room, &browser, "123456").await, RecoverStep::Malformed));
    assert!(matches!(recover(&room, &browser, "0000-0000-0000-0000").await, RecoverStep::Wrong { left: 4 }));
    let typed = anna.codes[3].to_lowercase().replace('-', " ").replace('0', "o");
    let RecoverStep::Accepted { grant } = recover(&room, &browser, &typed).await else { panic!("accepted") };
    browser.grant = Some(grant);

    assert!(!room.lives(signed_in.session).await);
    assert!(matches!(room.verify(&elsewhere, &room.code(&anna.secret)).await, VerifyStep::Gone));
    assert!(matches!(room.log_in(&mut known, ANNA, PASSWORD).await, PasswordStep::LeftHalfWay), "its device and factor are dead");
    let standing = room.auth.standing(browser.pending(), room.now()).await.unwrap().unwrap();
    assert_eq!(standing.pending.stage, Stage::Setup);
    assert!(matches!(room.register(&browser, "Another-Lamp-77q").await, RegisterStep::Gone), "it sets no password");

    let new = room.enrol(&mut browser, ANNA).await;
    assert_ne!(new.secret, anna.secret);
    let mut again = Browser::new(4);
    room.next_step();
    room.pass_door_one(&mut again, ANNA).await;
    for old in &anna.codes[..2] {
        assert!(matches!(recover(&room, &again, old).await, RecoverStep::Wrong { .. }), "the old set is dead");
    }
    assert!(matches!(room.verify(&again, &room.code(&new.secret)).await, VerifyStep::SignedIn(_)));
}

#[tokio::test]
async fn left_half_way_the_grant_holds_for_fifteen_minutes_in_this_browser_only() {
    let room = Room::new().await;
    let anna = room.person(&mut Browser::new(1), ANNA).await;
    let mut browser = Browser::new(2);
    room.pass_door_one(&mut browser, ANNA).await;
    let RecoverStep::Accepted { grant } = recover(&room, &browser, &anna.codes[0]).await else { panic!("accepted") };
    browser.grant = Some(grant);
    room.pass(Duration::from_mins(14));
    assert!(matches!(room.log_in(&mut Browser::new(3), ANNA, PASSWORD).await, PasswordStep::LeftHalfWay));
    assert_eq!(room.pass_door_one(&mut browser, ANNA).await, Stage::Setup);
    room.pass(Duration::from_mins(1));
    assert!(room.begin(&browser).await.is_none());
    assert!(matches!(room.log_in(&mut browser, ANNA, PASSWORD).await, PasswordStep::LeftHalfWay));
}

#[tokio::test]
async fn a_code_of_another_account_is_a_wrong_code() {
    let room = Room::new().await;
    room.person(&mut Browser::new(1), ANNA).await;
    let eve = room.person(&mut Browser::new(2), "eve@example.com").await;
    let mut browser = Browser::new(3);
    room.pass_door_one(&mut browser, ANNA).await;
    assert!(matches!(recover(&room, &browser, &eve.codes[0]).await, RecoverStep::Wrong { .. }));
}

#[tokio::test]
async fn wrong_recovery_codes_share_the_budget_of_wrong_codes() {
    let room = Room::new().await;
    let anna = room.person(&mut Browser::new(1), ANNA).await;
    let mut browser = Browser::new(2);
    room.pass_door_one(&mut browser, ANNA).await;
    for left in [4, 3] {
        let step = recover(&room, &browser, "0000-0000-0000-0000").await;
        assert!(matches!(step, RecoverStep::Wrong { left: l } if l == left), "{step:?}");
    }
    let step = room.verify(&browser, &room.wrong_code(&anna.secret)).await;
    assert!(matches!(step, VerifyStep::Wrong { left: 2 }), "{step:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_parallel_it_is_accepted_once() {
    let room = Arc::new(Room::new().await);
    let anna = room.person(&mut Browser::new(1), ANNA).await;
    let mut tasks = Vec::new();
    for number in 0..8 {
        let mut browser = Browser::new(10 + number);
        room.pass_door_one(&mut browser, ANNA).await;
        let (room, code) = (room.clone(), anna.codes[0].clone());
        tasks.push(async move { recover(&room, &browser, &code).await });
    }
    let answers = futures_util::future::join_all(tasks.into_iter().map(tokio::spawn)).await;
    let accepted = answers.into_iter().filter(|answer| matches!(answer, Ok(RecoverStep::Accepted { .. }))).count();
    assert_eq!(accepted, 1);
}
