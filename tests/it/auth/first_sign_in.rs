//! The first sign-in, step by step, as a person meets it.

use std::time::Duration;

use vestibule::auth::authenticator::{EnableStep, RegisterStep, VerifyStep};
use vestibule::auth::credentials::{LinkKind, Stage};

use super::room::{ANNA, Browser, PASSWORD, Room, password};

#[tokio::test]
async fn from_the_invitation_to_the_portal() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let token = room.invite(ANNA).await;
    assert!(room.open(&mut browser, &token, LinkKind::Invitation).await);
    let view = room.auth.grant(browser.grant.as_deref().unwrap(), room.now()).await.unwrap().unwrap();
    assert_eq!((view.kind, view.account.login.as_str()), (LinkKind::Invitation, ANNA));

    let visitor = room.visitor(&browser);
    let mismatch = room.auth.register(&visitor, password(PASSWORD), password("Tangerine-Lamp-42y")).await.unwrap();
    assert!(matches!(mismatch, RegisterStep::Mismatch));
    let RegisterStep::Weak(complaints) = room.register(&browser, "short").await else { panic!("weak") };
    assert!(complaints.iter().any(|complaint| complaint.word() == "length"));
    assert!(matches!(room.register(&browser, PASSWORD).await, RegisterStep::Registered));

    assert_eq!(room.pass_door_one(&mut browser, " ANNA@example.com ").await, Stage::Setup);
    let enrolment = room.auth.begin_enrolment(browser.pending(), room.now()).await.unwrap().unwrap();
    assert!(enrolment.otpauth.contains(&*enrolment.secret) && enrolment.qr_svg.starts_with("<svg"));
    let secret = room.begin(&browser).await.unwrap();
    assert_eq!(data_encoding::BASE32_NOPAD.encode(&secret), *enrolment.secret, "shown again, not made anew");

    assert!(matches!(room.enable(&browser, "12345").await, EnableStep::Malformed));
    assert!(matches!(room.enable(&browser, &room.wrong_code(&secret)).await, EnableStep::Wrong { left: 4 }));
    assert!(room.account(ANNA).await.mfa.is_none(), "nothing is enabled without a valid code");
    let enabling = room.code(&secret);
    let spaced = format!("{} {}", &enabling[..3], &enabling[3..]);
    assert!(matches!(room.enable(&browser, &spaced).await, EnableStep::Enabled));
    assert!(room.begin(&browser).await.is_none(), "the secret is never shown again");
    assert!(room.auth.grant(browser.grant.as_deref().unwrap(), room.now()).await.unwrap().is_none(), "the grant is used up");

    let visitor = room.visitor(&browser);
    assert!(!room.auth.codes_saved(&visitor, browser.pending(), false).await.unwrap(), "neither downloaded nor ticked");
    let codes = room.auth.show_codes(&visitor, browser.pending()).await.unwrap().unwrap();
    assert_eq!(codes.len(), 10);
    assert!(!room.auth.codes_saved(&visitor, browser.pending(), false).await.unwrap(), "seen is not saved");
    let file = room.auth.download_codes(&visitor, browser.pending(), "IT support portal").await.unwrap().unwrap();
    assert!(codes.iter().all(|code| file.contains(code)) && file.contains(ANNA));
    assert!(room.auth.codes_saved(&visitor, browser.pending(), false).await.unwrap());
    assert!(room.auth.show_codes(&visitor, browser.pending()).await.unwrap().is_none(), "never shown again");

    let VerifyStep::AlreadyUsed { wait } = room.verify(&browser, &enabling).await else { panic!("used") };
    room.pass(Duration::from_secs(wait));
    let VerifyStep::SignedIn(signed_in) = room.verify(&browser, &room.code(&secret)).await else { panic!("signed in") };
    assert_eq!((signed_in.to.as_str(), signed_in.shared), ("/tickets?page=2", false));
    assert!(signed_in.device.is_some() && room.lives(signed_in.session).await);
    assert!(room.auth.standing(browser.pending(), room.now()).await.unwrap().is_none());
    assert!(room.account(ANNA).await.last_sign_in.is_some());

    let visitor = room.visitor(&browser);
    assert!(room.auth.sign_out(&visitor, signed_in.session, signed_in.account).await.unwrap());
    assert!(!room.lives(signed_in.session).await);
    assert!(!room.auth.sign_out(&visitor, signed_in.session, signed_in.account).await.unwrap());
}

#[tokio::test]
async fn whoever_left_before_saving_the_codes_gets_a_new_set_after_a_code_not_after_a_password() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let token = room.invite(ANNA).await;
    room.open(&mut browser, &token, LinkKind::Invitation).await;
    let _ = room.register(&browser, PASSWORD).await;
    room.pass_door_one(&mut browser, ANNA).await;
    let secret = room.begin(&browser).await.unwrap();
    assert!(matches!(room.enable(&browser, &room.code(&secret)).await, EnableStep::Enabled));
    let first = room.auth.show_codes(&room.visitor(&browser), browser.pending()).await.unwrap().unwrap();

    room.pass(Duration::from_hours(24));
    assert_eq!(room.pass_door_one(&mut browser, ANNA).await, Stage::Verify);
    let shown = room.auth.show_codes(&room.visitor(&browser), browser.pending()).await.unwrap();
    assert!(shown.is_none(), "a password shows no recovery codes");
    assert!(matches!(room.verify(&browser, &room.code(&secret)).await, VerifyStep::SaveCodesFirst));

    let visitor = room.visitor(&browser);
    assert!(!room.auth.codes_saved(&visitor, browser.pending(), true).await.unwrap(), "none were made yet");
    let second = room.auth.show_codes(&visitor, browser.pending()).await.unwrap().unwrap();
    assert!(second.len() == 10 && second.iter().all(|code| !first.contains(code)));
    let again = room.auth.show_codes(&visitor, browser.pending()).await.unwrap().unwrap();
    assert_eq!(again, second);
    assert!(room.auth.codes_saved(&visitor, browser.pending(), true).await.unwrap());
    assert!(matches!(room.verify(&browser, &room.code(&secret)).await, VerifyStep::AlreadyUsed { .. }));
    room.next_step();
    assert!(matches!(room.verify(&browser, &room.code(&secret)).await, VerifyStep::SignedIn(_)));
}

#[tokio::test]
async fn a_shared_computer_is_not_remembered() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.pass_door_one(&mut browser, ANNA).await;
    let visitor = room.visitor(&browser);
    let step = room.auth.verify(&visitor, browser.pending(), &room.code(&anna.secret), true).await.unwrap();
    let VerifyStep::SignedIn(signed_in) = step else { panic!("{step:?}") };
    assert!(signed_in.shared && signed_in.device.is_none());
}

#[tokio::test]
async fn a_pending_login_ends_after_ten_minutes_and_when_it_is_dropped() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    room.pass_door_one(&mut browser, ANNA).await;
    room.pass(Duration::from_mins(10));
    assert!(matches!(room.verify(&browser, &room.code(&anna.secret)).await, VerifyStep::Gone));
    room.pass_door_one(&mut browser, ANNA).await;
    room.auth.drop_pending(browser.pending()).await.unwrap();
    assert!(matches!(room.verify(&browser, &room.code(&anna.secret)).await, VerifyStep::Gone));
}
