//! Enrolment and recovery.

use futures_util::future::join_all;
use vestibule::auth::credentials::{EnableMfa, LinkId, LinkKind, Reservation, Spent, Stage};

use super::bench::{Bench, DAY, HOUR, MINUTE, T0, budget, event, new_id};

pub async fn the_wizard_from_invitation_to_verify(b: Bench) {
    let (anna, link) = b.invited("anna@example.com").await;
    let epoch = b.account(&anna).await.epoch;
    let pending = b.at_setup(&anna, link.id).await;
    assert!(b.port().stage_secret(&pending, b"sealed", T0, T0 + HOUR).await.unwrap());
    let voided = b.reserve(&pending).await;
    let enable = EnableMfa { step: 7, ..b.enable(pending, 7).await };
    assert_eq!(b.port().enable_mfa(enable, T0, event("user.enrol")).await.unwrap(), Spent::Done);
    let account = b.account(&anna).await;
    let mfa = account.mfa.as_ref().unwrap();
    assert_eq!((mfa.sealed_secret.as_slice(), mfa.last_step, mfa.enrolled_at), (&b"sealed"[..], 7, T0));
    assert!(account.epoch > epoch && !account.codes_saved);
    let found = b.pending(&pending).await.unwrap();
    assert_eq!((found.stage, found.attempts, found.enabled_step), (Stage::Codes, 0, Some(7)));
    assert_eq!((found.staged_secret, found.staged_codes, found.grant), (None, Some(b"staged".to_vec()), None));
    assert!(b.port().link(link.id, T0).await.unwrap().is_none(), "the grant is used up");
    b.port().settle_void(&pending, voided).await.unwrap();
    assert_eq!(b.pending(&pending).await.unwrap().attempts, 0);
    assert!(b.port().codes_handed_out(&pending, T0).await.unwrap());
    assert!(b.pending(&pending).await.unwrap().codes_handed_out);
    assert!(b.port().codes_saved(&pending, T0, T0 + 2 * HOUR, event("user.codes")).await.unwrap());
    let found = b.pending(&pending).await.unwrap();
    assert_eq!((found.stage, found.staged_codes, found.expires), (Stage::Verify, None, T0 + 2 * HOUR));
    assert!(b.account(&anna).await.codes_saved);
    let attempt = b.reserve(&pending).await;
    assert_eq!(b.port().sign_in(b.sign_in(pending, attempt, 7), T0, event("s")).await.unwrap(), Spent::AlreadyUsed);
    assert_eq!(b.port().sign_in(b.sign_in(pending, attempt, 8), T0, event("s")).await.unwrap(), Spent::Done);
}

pub async fn without_a_live_grant_nothing_is_enabled(b: Bench) {
    let (anna, link) = b.invited("anna@example.com").await;
    let (_, foreign) = b.invited("carl@example.com").await;
    let gone = async |pending, at| {
        let enable = b.enable(pending, 1).await;
        b.port().enable_mfa(enable, at, event("user.enrol")).await.unwrap() == Spent::Gone
    };
    assert!(gone(b.at_setup(&anna, LinkId(new_id())).await, T0).await, "an unknown grant");
    assert!(gone(b.at_setup(&anna, foreign.id).await, T0).await, "somebody else's grant");
    assert!(gone(b.at_setup(&anna, link.id).await, T0 + DAY).await, "an expired grant");
    let pending = b.at_setup(&anna, link.id).await;
    let enable = b.enable(pending, 1).await;
    let unreserved = EnableMfa { attempt: vestibule::auth::credentials::AttemptId(new_id()), ..enable.clone() };
    assert_eq!(b.port().enable_mfa(unreserved, T0, event("user.enrol")).await.unwrap(), Spent::Gone);
    let newer = b.link(LinkKind::Invitation, T0 + DAY);
    assert!(b.port().issue_link(anna.id, newer.clone(), event("user.invite")).await.unwrap());
    assert_eq!(b.port().enable_mfa(enable, T0, event("user.enrol")).await.unwrap(), Spent::Gone, "a dead grant");
    assert!(b.account(&anna).await.mfa.is_none());
    assert_eq!(b.recorded("user.enrol").await, 0);
    // Of two browsers that hold the grant, the first to finish consumes it.
    let (one, two) = (b.at_setup(&anna, newer.id).await, b.at_setup(&anna, newer.id).await);
    let (first, second) = (b.enable(one, 1).await, b.enable(two, 2).await);
    assert_eq!(b.port().enable_mfa(first, T0, event("user.enrol")).await.unwrap(), Spent::Done);
    assert_eq!(b.port().enable_mfa(second, T0, event("user.enrol")).await.unwrap(), Spent::Gone);
    assert_eq!(b.account(&anna).await.mfa.unwrap().last_step, 1);
}

pub async fn enabling_ends_everything_else_and_takes_off_a_lock(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (_, device) = b.signed_in(&anna, 2).await;
    b.lock(&anna).await;
    let other = b.at_verify(&anna, Some(device)).await;
    let pending = b.at_verify(&anna, Some(device)).await;
    let recovery = b.recovery(pending, [4; 32]).await;
    let grant = recovery.grant.id;
    assert_eq!(b.port().recover(recovery, T0, event("user.recover")).await.unwrap(), Spent::Done);
    assert!(b.account(&anna).await.locked_at.is_some(), "the lock stays on until enrolment is done");
    let elsewhere = b.at_setup(&anna, grant).await;
    let enable = b.enable(pending, 5).await;
    assert_eq!(b.port().enable_mfa(enable, T0, event("user.enrol")).await.unwrap(), Spent::Done);
    assert!(b.account(&anna).await.locked_at.is_none());
    for gone in [other, elsewhere] {
        assert!(b.pending(&gone).await.is_none());
    }
    assert!(b.port().codes_saved(&pending, T0, T0 + HOUR, event("user.codes")).await.unwrap());
    let asked = b.port().reserve_attempt(&pending, &budget(), T0).await.unwrap();
    assert!(matches!(asked, Reservation::Reserved { .. }), "what led to the lock is off with it");
}

pub async fn a_recovery_code_works_once_and_ends_everything_else(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, device) = b.signed_in(&anna, 2).await;
    let other = b.at_verify(&anna, None).await;
    let before = b.account(&anna).await;
    let pending = b.at_verify(&anna, Some(device)).await;
    let wrong = b.recovery(pending, [99; 32]).await;
    assert_eq!(b.port().recover(wrong, T0, event("user.recover")).await.unwrap(), Spent::AlreadyUsed);
    assert_eq!(b.pending(&pending).await.unwrap().attempts, 1, "it stays counted");
    assert!(b.session_lives(session).await);
    let recovery = b.recovery(pending, [4; 32]).await;
    let grant = recovery.grant.clone();
    assert_eq!(b.port().recover(recovery, T0, event("user.recover")).await.unwrap(), Spent::Done);
    let after = b.account(&anna).await;
    assert!(after.epoch > before.epoch && after.mfa.is_none() && !after.codes_saved);
    assert!(after.half_way && !before.half_way);
    assert!(!b.session_lives(session).await && b.pending(&other).await.is_none());
    let found = b.pending(&pending).await.unwrap();
    assert_eq!((found.stage, found.grant, found.device), (Stage::Setup, Some(grant.id), None));
    assert_eq!(found.expires, T0 + 15 * MINUTE);
    assert_eq!(b.port().link(grant.id, T0).await.unwrap().unwrap().kind, LinkKind::Recovery);
    for code in [[4; 32], [5; 32]] {
        let again = b.recovery(pending, code).await;
        assert_eq!(b.port().recover(again, T0, event("user.recover")).await.unwrap(), Spent::AlreadyUsed);
    }
    assert_eq!(b.recorded("user.recover").await, 1);
    let enable = b.enable(pending, 1).await;
    assert_eq!(b.port().enable_mfa(enable, T0, event("user.enrol")).await.unwrap(), Spent::Done);
    assert!(!b.account(&anna).await.half_way);
}

pub async fn an_operators_link_ends_what_was_left_half_way(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let pending = b.at_verify(&anna, None).await;
    let recovery = b.recovery(pending, [4; 32]).await;
    assert_eq!(b.port().recover(recovery, T0, event("user.recover")).await.unwrap(), Spent::Done);
    assert!(b.account(&anna).await.half_way);
    assert!(b.desk().reset_mfa(anna.id, b.link(LinkKind::Enrolment, T0 + DAY)).await.unwrap());
    assert!(!b.account(&anna).await.half_way);
}

pub async fn recovery_is_refused_where_it_has_no_place(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let link = LinkId(new_id());
    let setup = b.at_setup(&anna, link).await;
    let recovery = b.recovery(setup, [1; 32]).await;
    assert_eq!(b.port().recover(recovery, T0, event("r")).await.unwrap(), Spent::Gone, "at setup, with a factor enrolled");
    let pending = b.at_verify(&anna, None).await;
    let mut recovery = b.recovery(pending, [1; 32]).await;
    recovery.attempt = vestibule::auth::credentials::AttemptId(new_id());
    assert_eq!(b.port().recover(recovery.clone(), T0, event("r")).await.unwrap(), Spent::Gone, "no attempt reserved");
    recovery.attempt = b.reserve(&pending).await;
    let late = b.port().recover(recovery.clone(), T0 + 100 * DAY, event("r")).await.unwrap();
    assert_eq!(late, Spent::Gone);
    assert!(b.account(&anna).await.mfa.is_some());
    assert_eq!(b.port().recover(recovery, T0, event("r")).await.unwrap(), Spent::Done);
}

pub async fn recovery_codes_are_replaced_only_at_their_stage(b: Bench) {
    let (anna, link) = b.invited("anna@example.com").await;
    let pending = b.at_setup(&anna, link.id).await;
    let replace = async |token, code: u8| {
        let hashes = [[code; 32]];
        b.port().replace_codes(token, &hashes, b"new", T0, event("user.codes")).await.unwrap()
    };
    assert!(!replace(&pending, 50).await);
    assert!(!b.port().codes_handed_out(&pending, T0).await.unwrap());
    assert!(!b.port().codes_saved(&pending, T0, T0 + HOUR, event("user.codes")).await.unwrap());
    let enable = b.enable(pending, 1).await;
    assert_eq!(b.port().enable_mfa(enable, T0, event("user.enrol")).await.unwrap(), Spent::Done);
    assert!(b.port().codes_handed_out(&pending, T0).await.unwrap());
    assert!(replace(&pending, 50).await);
    let found = b.pending(&pending).await.unwrap();
    assert_eq!((found.staged_codes.as_deref(), found.codes_handed_out), (Some(&b"new"[..]), false));
    assert!(b.port().codes_saved(&pending, T0, T0 + HOUR, event("user.saved")).await.unwrap());
    assert!(!replace(&pending, 51).await);
    let old = b.recovery(pending, [3; 32]).await;
    assert_eq!(b.port().recover(old, T0, event("r")).await.unwrap(), Spent::AlreadyUsed);
    let new = b.recovery(pending, [50; 32]).await;
    assert_eq!(b.port().recover(new, T0, event("r")).await.unwrap(), Spent::Done);
}

pub async fn fifty_parallel_recoveries_with_one_code(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let mut tries = Vec::new();
    for _ in 0..10 {
        let pending = b.at_verify(&anna, None).await;
        tries.push(b.recovery(pending, [4; 32]).await);
    }
    let port = b.port();
    let answers = join_all((0..50).map(|n| {
        let (port, recovery) = (port.clone(), tries[n % 10].clone());
        tokio::spawn(async move { port.recover(recovery, T0, event("user.recover")).await.unwrap() })
    }))
    .await;
    let done = answers.into_iter().filter(|answer| *answer.as_ref().unwrap() == Spent::Done).count();
    assert_eq!((done, b.recorded("user.recover").await), (1, 1));
}
