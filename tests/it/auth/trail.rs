//! What the trail says of a sign-in, and what it never says.

use std::time::Duration;

use vestibule::audit::Verdict;
use vestibule::auth::authenticator::RecoverStep;

use super::room::{ANNA, Browser, PASSWORD, Room, WRONG};

#[tokio::test]
async fn every_act_is_named_and_nothing_secret_is_told() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    let signed_in = room.sign_in(&mut browser, ANNA, &anna.secret).await;
    let mut stranger = Browser::new(2);
    // Typed into the wrong field.
    let _ = room.log_in(&mut stranger, PASSWORD, WRONG).await;
    let _ = room.log_in(&mut stranger, ANNA, WRONG).await;
    room.pass_door_one(&mut stranger, ANNA).await;
    let wrong = room.wrong_code(&anna.secret);
    let _ = room.verify(&stranger, &wrong).await;
    let visitor = room.visitor(&stranger);
    let recovered = room.auth.recover(&visitor, stranger.pending(), &anna.codes[0]).await.unwrap();
    let RecoverStep::Accepted { grant } = recovered else { panic!("{recovered:?}") };
    room.pass(Duration::from_hours(2));
    room.whole.session_log().sweep(room.now().secure).await.unwrap();

    let trail = room.whole.trail();
    assert!(matches!(trail.verify().await.unwrap(), Verdict::Whole { .. }));
    let records = trail.records(0, None, None, 1000).await.unwrap();
    let actions: Vec<&str> = records.iter().map(|record| record.action.as_str()).collect();
    let started = ["user.invite", "user.register", "mfa.enable", "codes.save", "session.start", "recovery.accept"];
    assert_eq!(actions[..6], started);
    for failure in ["login.refuse", "code.refuse"] {
        assert!(actions[6..].contains(&failure), "{failure}: {actions:?}");
    }
    let told = format!("{records:?}");
    let secret = data_encoding::BASE32_NOPAD.encode(&anna.secret);
    for canary in
        [PASSWORD, WRONG, &secret, &anna.codes[0], &grant, signed_in.token.reveal(), browser.device.as_ref().unwrap().reveal()]
    {
        assert!(!told.contains(canary), "{canary}");
    }
}
