//! Links and grants.

use vestibule::auth::credentials::{FirstPassword, LinkId, LinkKind};

use super::bench::{Bench, DAY, HOUR, MINUTE, T0, event, new_id};

pub async fn a_link_lives_until_its_end(b: Bench) {
    let (anna, link) = b.invited("anna@example.com").await;
    let end = T0 + DAY;
    let found = b.port().link_by_token(&link.token, end - MINUTE).await.unwrap().unwrap();
    assert_eq!((found.id, found.account, found.kind, found.expires), (link.id, anna.id, LinkKind::Invitation, end));
    assert!(b.port().link(link.id, end - MINUTE).await.unwrap().is_some(), "reading consumes nothing");
    assert!(b.port().link_by_token(&link.token, end).await.unwrap().is_none());
    assert!(b.port().link(link.id, end).await.unwrap().is_none());
    assert!(b.port().link_by_token(&b.hash(), T0).await.unwrap().is_none());
    assert!(b.port().link(LinkId(new_id()), T0).await.unwrap().is_none());
}

pub async fn a_new_link_kills_the_older_ones(b: Bench) {
    let (anna, old) = b.invited("anna@example.com").await;
    let new = b.link(LinkKind::Invitation, T0 + DAY);
    assert!(b.port().issue_link(anna.id, new.clone(), event("user.invite")).await.unwrap());
    assert!(b.port().link(old.id, T0).await.unwrap().is_none());
    assert!(b.port().link(new.id, T0).await.unwrap().is_some());
    let enrolled = b.enrolled("carl@example.com").await;
    let refused = b.link(LinkKind::Enrolment, T0 + DAY);
    assert!(!b.port().issue_link(enrolled.id, refused.clone(), event("user.invite")).await.unwrap());
    assert!(b.port().link(refused.id, T0).await.unwrap().is_none());
}

pub async fn the_first_password_is_set_once(b: Bench) {
    let (anna, link) = b.invited("anna@example.com").await;
    let epoch = b.account(&anna).await.epoch;
    let set =
        async |hash: &'static str, at| b.port().set_first_password(link.id, hash, at, event("user.password")).await.unwrap();
    assert_eq!(set("first", T0 + DAY).await, FirstPassword::Gone);
    assert_eq!(set("first", T0).await, FirstPassword::Set);
    assert_eq!(set("second", T0).await, FirstPassword::AlreadySet);
    let after = b.account(&anna).await;
    assert_eq!((after.password.as_deref(), after.epoch), (Some("first"), epoch));
    assert!(b.port().link(link.id, T0).await.unwrap().is_some(), "the enrolment that follows needs it");
    assert_eq!(b.recorded("user.password").await, 1);
    let unknown = b.port().set_first_password(LinkId(new_id()), "x", T0, event("user.password")).await.unwrap();
    assert_eq!(unknown, FirstPassword::Gone);
}

pub async fn a_recovery_grant_sets_no_password(b: Bench) {
    let (anna, _) = b.invited("anna@example.com").await;
    let grant = b.link(LinkKind::Recovery, T0 + HOUR);
    assert!(b.port().issue_link(anna.id, grant.clone(), event("user.recover")).await.unwrap());
    let answer = b.port().set_first_password(grant.id, "first", T0, event("user.password")).await.unwrap();
    assert_eq!(answer, FirstPassword::Gone);
    assert!(b.account(&anna).await.password.is_none());
}
