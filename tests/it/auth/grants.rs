//! No binding without a grant, and what a link can and cannot do.

use std::time::Duration;

use vestibule::auth::authenticator::{EnableStep, LinkStep, PasswordStep, RegisterStep};
use vestibule::auth::credentials::{LinkKind, Stage};
use vestibule::auth::grant;
use vestibule::ports::Token;

use super::room::{ANNA, Browser, PASSWORD, Room};

#[tokio::test]
async fn whoever_knows_only_the_password_sees_no_secret_and_binds_none() {
    let room = Room::new().await;
    let mut owner = Browser::new(1);
    let token = room.invite(ANNA).await;
    room.open(&mut owner, &token, LinkKind::Invitation).await;
    let _ = room.register(&owner, PASSWORD).await;

    let mut thief = Browser::new(2);
    assert!(matches!(room.log_in(&mut thief, ANNA, PASSWORD).await, PasswordStep::NeedsGrant));
    // With a made-up cookie, with one for another account, with one that was never ours.
    let others = room.invite("eve@example.com").await;
    room.open(&mut thief, &others, LinkKind::Invitation).await;
    assert!(matches!(room.log_in(&mut thief, ANNA, PASSWORD).await, PasswordStep::NeedsGrant));
    for cookie in ["", "x", &"A".repeat(100)] {
        thief.grant = Some(cookie.to_owned());
        assert!(matches!(room.log_in(&mut thief, ANNA, PASSWORD).await, PasswordStep::NeedsGrant), "{cookie}");
    }
    thief.pending = Some(Token::generate());
    assert!(room.begin(&thief).await.is_none());
    assert!(matches!(room.enable(&thief, "123456").await, EnableStep::Gone));
    assert!(room.account(ANNA).await.mfa.is_none());
}

#[tokio::test]
async fn an_enrolled_account_is_never_led_to_setup_by_a_grant() {
    let room = Room::new().await;
    let (mut one, mut other) = (Browser::new(1), Browser::new(2));
    let token = room.invite(ANNA).await;
    room.open(&mut one, &token, LinkKind::Invitation).await;
    room.open(&mut other, &token, LinkKind::Invitation).await;
    let _ = room.register(&one, PASSWORD).await;
    // Two browsers hold the invitation and stand at set-up; whoever is first consumes it.
    room.pass_door_one(&mut other, ANNA).await;
    let theirs = room.begin(&other).await.unwrap();
    room.enrol(&mut one, ANNA).await;
    assert!(matches!(room.enable(&other, &room.code(&theirs)).await, EnableStep::Gone));
    assert_eq!(room.pass_door_one(&mut other, ANNA).await, Stage::Verify);
    assert!(room.begin(&other).await.is_none());
}

#[tokio::test]
async fn an_invitation_opens_anywhere_until_enrolment_and_sets_a_password_once() {
    let room = Room::new().await;
    let token = room.invite(ANNA).await;
    let (mut one, mut other) = (Browser::new(1), Browser::new(2));
    assert!(room.open(&mut one, &token, LinkKind::Invitation).await);
    assert!(matches!(room.register(&one, PASSWORD).await, RegisterStep::Registered));
    assert!(matches!(room.register(&one, "Another-Lamp-77q").await, RegisterStep::AlreadySet));
    assert!(room.open(&mut other, &token, LinkKind::Invitation).await);
    assert!(matches!(room.register(&other, "Another-Lamp-77q").await, RegisterStep::AlreadySet));
    room.enrol(&mut other, ANNA).await;
    assert!(!room.open(&mut one, &token, LinkKind::Invitation).await);
    assert!(matches!(room.register(&other, "Another-Lamp-77q").await, RegisterStep::Gone));
}

#[tokio::test]
async fn links_open_only_on_their_own_page_and_until_their_end() {
    let room = Room::new().await;
    let token = room.invite(ANNA).await;
    let mut browser = Browser::new(1);
    assert!(!room.open(&mut browser, &token, LinkKind::Enrolment).await);
    assert!(!room.open(&mut browser, &token, LinkKind::Recovery).await);
    assert!(!room.open(&mut browser, &Token::generate(), LinkKind::Invitation).await);
    let visitor = room.visitor(&browser);
    for bad in ["", "x", &"é".repeat(43)] {
        assert!(matches!(room.auth.open_link(&visitor, bad, LinkKind::Invitation).await.unwrap(), LinkStep::Gone));
    }
    room.pass(Duration::from_hours(7 * 24) - Duration::from_millis(1));
    assert!(room.open(&mut browser, &token, LinkKind::Invitation).await);
    room.pass(Duration::from_millis(1));
    assert!(matches!(room.register(&browser, PASSWORD).await, RegisterStep::Gone));
    assert!(!room.open(&mut browser, &token, LinkKind::Invitation).await);
}

#[tokio::test]
async fn a_newer_link_kills_the_older_one_and_what_it_was_swapped_for() {
    let room = Room::new().await;
    let old = room.invite(ANNA).await;
    let mut browser = Browser::new(1);
    room.open(&mut browser, &old, LinkKind::Invitation).await;
    let _ = room.register(&browser, PASSWORD).await;
    room.pass_door_one(&mut browser, ANNA).await;
    let secret = room.begin(&browser).await.unwrap();
    let new = room.relink(room.account(ANNA).await.id).await;
    assert!(room.begin(&browser).await.is_none());
    assert!(matches!(room.enable(&browser, &room.code(&secret)).await, EnableStep::NeedsGrant | EnableStep::Gone));
    assert!(!room.open(&mut browser, &old, LinkKind::Invitation).await);
    assert!(room.open(&mut browser, &new, LinkKind::Enrolment).await);
    room.enrol(&mut browser, ANNA).await;
}

#[tokio::test]
async fn reset_mfa_means_a_new_link_and_never_a_password_alone() {
    let room = Room::new().await;
    let mut browser = Browser::new(1);
    let anna = room.person(&mut browser, ANNA).await;
    let signed_in = room.sign_in(&mut browser, ANNA, &anna.secret).await;
    let now = room.now().secure;
    let (link, token) = grant::new_link(LinkKind::Enrolment, &room.settings.load(), now);
    assert!(room.desk().reset_mfa(anna.id, link).await.unwrap());
    assert!(!room.lives(signed_in.session).await);
    assert!(
        matches!(room.log_in(&mut browser, ANNA, PASSWORD).await, PasswordStep::NeedsGrant),
        "even from a once known browser"
    );
    assert!(room.open(&mut browser, &token, LinkKind::Enrolment).await);
    assert!(matches!(room.register(&browser, "Another-Lamp-77q").await, RegisterStep::AlreadySet));
    room.enrol(&mut browser, ANNA).await;
}
