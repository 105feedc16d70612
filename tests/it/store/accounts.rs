//! Accounts, and what operators do to them.

use sqlx::Executor as _;
use vestibule::auth::credentials::{LinkKind, ReopenCodes, Reservation, Spent};
use vestibule::identity::{AccountId, Login};

use super::bench::{Bench, DAY, T0, budget, event, new_account, new_id};

pub async fn an_account_is_read_back_as_it_was_made(b: Bench) {
    let mut new = new_account("anna@example.com");
    new.admin = true;
    new.password = Some("phc".to_owned());
    let link = b.link(LinkKind::Enrolment, T0 + DAY);
    assert!(b.port().create_account(new.clone(), link.clone(), event("user.invite")).await.unwrap());
    let found = b.port().account(new.id).await.unwrap().unwrap();
    assert_eq!((found.id, &found.login, found.name.as_str()), (new.id, &new.login, "Anna"));
    assert_eq!(found.groups, ["ops", "staff"]);
    assert_eq!((found.admin, found.disabled, found.codes_saved), (true, false, false));
    assert_eq!(found.password.as_deref(), Some("phc"));
    assert!(found.mfa.is_none() && found.locked_at.is_none() && found.last_sign_in.is_none());
    assert_eq!(found.created, T0);
    assert_eq!(b.port().account_by_login(&new.login).await.unwrap().unwrap().id, new.id);
    let kind = b.port().link_by_token(&link.token, T0).await.unwrap().unwrap().kind;
    assert_eq!(kind, LinkKind::Enrolment);
    b.invited("aaron@example.com").await;
    let all: Vec<_> = b.port().accounts().await.unwrap().into_iter().map(|account| account.login.to_string()).collect();
    assert_eq!(all, ["aaron@example.com", "anna@example.com"]);
}

pub async fn a_login_id_is_taken_once(b: Bench) {
    let (first, _) = b.invited("anna@example.com").await;
    let link = b.link(LinkKind::Invitation, T0 + DAY);
    let again = new_account("ANNA@example.com");
    assert!(!b.port().create_account(again, link.clone(), event("user.invite")).await.unwrap());
    assert_eq!(b.port().accounts().await.unwrap()[0].id, first.id);
    assert!(b.port().link_by_token(&link.token, T0).await.unwrap().is_none());
    assert_eq!(b.recorded("user.invite").await, 1);
}

pub async fn many_accounts_are_made_at_once_or_none(b: Bench) {
    let new = |login: &str| {
        let account = new_account(login);
        let event = event("user.import").about(account.id, &account.login);
        (account, b.link(LinkKind::Invitation, T0 + DAY), event)
    };
    let people = vec![new("anna@example.com"), new("bert@example.com"), new("carl@example.com")];
    let links: Vec<_> = people.iter().map(|(_, link, _)| link.token).collect();
    assert!(b.port().create_accounts(people).await.unwrap().is_none());
    for link in links {
        assert!(b.port().link_by_token(&link, T0).await.unwrap().is_some());
    }
    let (before, seq) = (b.recorded("user.import").await, b.log().changes(0, 100).await.unwrap().0);
    assert_eq!((before, seq), (3, 3));
    for taken in ["ANNA@example.com", "eve@example.com"] {
        let people = vec![new("dora@example.com"), new("eve@example.com"), new(taken), new("fay@example.com")];
        let link = people[0].1.token;
        let refused = b.port().create_accounts(people).await.unwrap();
        assert_eq!(refused, Some(Login::parse(taken).unwrap()));
        assert!(b.port().link_by_token(&link, T0).await.unwrap().is_none());
    }
    assert_eq!(b.port().accounts().await.unwrap().len(), 3);
    assert_eq!((b.recorded("user.import").await, b.log().changes(0, 100).await.unwrap().0), (before, seq));
}

pub async fn disabling_ends_everything_and_enabling_brings_nothing_back(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, device) = b.signed_in(&anna, 2).await;
    let pending = b.at_verify(&anna, Some(device)).await;
    let (carl, link) = b.invited("carl@example.com").await;
    let before = b.account(&anna).await.epoch;
    for id in [anna.id, carl.id] {
        assert!(b.desk().disable(id).await.unwrap());
    }
    assert!(b.account(&anna).await.disabled);
    assert_eq!(b.account(&anna).await.state(), "disabled");
    for id in [anna.id, carl.id] {
        assert!(b.desk().enable(id).await.unwrap());
    }
    assert!(b.account(&anna).await.epoch > before);
    assert!(!b.session_lives(session).await);
    assert!(b.pending(&pending).await.is_none());
    assert!(b.port().link(link.id, T0).await.unwrap().is_none());
    let again = b.at_verify(&anna, Some(device)).await;
    assert!(b.pending(&again).await.unwrap().device.is_none(), "the browser is known no more");
    assert_eq!((b.recorded("user.disable").await, b.recorded("user.enable").await), (2, 2));
    assert!(!b.desk().enable(anna.id).await.unwrap());
    assert_eq!(b.recorded("user.enable").await, 2, "it was enabled already");
}

pub async fn unlocking_takes_off_the_lock_and_what_led_to_it(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    b.lock(&anna).await;
    assert_eq!(b.account(&anna).await.state(), "locked");
    let pending = b.at_verify(&anna, None).await;
    assert_eq!(b.port().reserve_attempt(&pending, &budget(), T0).await.unwrap(), Reservation::Locked);
    assert!(b.desk().unlock(anna.id, false).await.unwrap());
    assert_eq!(b.account(&anna).await.state(), "active");
    b.lock(&anna).await;
    // Without a lock, too: what led to it, and what a password reset by mail holds back.
    assert!(b.desk().unlock(anna.id, false).await.unwrap());
    assert!(!b.desk().unlock(anna.id, false).await.unwrap(), "nothing is left to take off");
    let pending = b.at_verify(&anna, None).await;
    b.reserve(&pending).await;
    assert!(b.desk().unlock(anna.id, false).await.unwrap());
    b.raw().await.execute("UPDATE accounts SET reset_at = 1").await.unwrap();
    assert!(b.desk().unlock(anna.id, true).await.unwrap());
    let after = b.account(&anna).await;
    assert!(after.reset_at.is_none() && after.recovery_due);
    assert!(!b.desk().unlock(anna.id, true).await.unwrap(), "nobody is asked for recovery for nothing");
    assert!(b.desk().unlock(anna.id, false).await.unwrap(), "nor any longer than it holds");
}

pub async fn an_unlock_can_ask_for_recovery_and_no_code_gets_around_it(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (_, device) = b.signed_in(&anna, 2).await;
    // Granted before the unlock, settled after it.
    let early = b.at_verify(&anna, None).await;
    let early_attempt = b.reserve(&early).await;
    assert!(b.desk().unlock(anna.id, true).await.unwrap());
    assert!(b.account(&anna).await.recovery_due);
    let sign_in = b.sign_in(early, early_attempt, 3);
    assert_eq!(b.port().sign_in(sign_in, T0, event("session.start")).await.unwrap(), Spent::Gone);
    let late = b.at_verify(&anna, None).await;
    let attempt = b.reserve(&late).await;
    let reopen = ReopenCodes { pending: late, attempt, step: 3, expires: T0 + DAY };
    assert_eq!(b.port().reopen_codes(reopen, T0, event("codes.reopen")).await.unwrap(), Spent::Gone);
    let known = b.at_verify(&anna, Some(device)).await;
    let attempt = b.reserve(&known).await;
    assert_eq!(b.port().sign_in(b.sign_in(known, attempt, 3), T0, event("session.start")).await.unwrap(), Spent::Done);
    assert!(b.account(&anna).await.recovery_due);
    assert!(b.desk().unlock(anna.id, false).await.unwrap());
    assert!(!b.account(&anna).await.recovery_due);
}

pub async fn reset_mfa_leaves_one_link_and_nothing_else(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, device) = b.signed_in(&anna, 2).await;
    let pending = b.at_verify(&anna, Some(device)).await;
    b.lock(&anna).await;
    let before = b.account(&anna).await;
    let link = b.link(LinkKind::Enrolment, T0 + DAY);
    assert!(b.desk().reset_mfa(anna.id, link.clone()).await.unwrap());
    let after = b.account(&anna).await;
    assert!(after.epoch > before.epoch && after.mfa.is_none() && after.locked_at.is_none() && !after.codes_saved);
    assert_eq!(after.password, before.password);
    assert!(!b.session_lives(session).await && b.pending(&pending).await.is_none());
    assert!(b.port().link(link.id, T0).await.unwrap().is_some(), "it is of the new epoch");
    let newer = b.link(LinkKind::Enrolment, T0 + DAY);
    assert!(b.desk().reset_mfa(anna.id, newer).await.unwrap());
    assert!(b.port().link(link.id, T0).await.unwrap().is_none());
    // Enrolment works, and the old recovery codes do not.
    let link = b.link(LinkKind::Enrolment, T0 + DAY);
    assert!(b.port().issue_link(anna.id, link.clone(), event("user.invite")).await.unwrap());
    let pending = b.at_setup(&anna, link.id).await;
    let recovery = b.recovery(pending, [3; 32]).await;
    assert_eq!(b.port().recover(recovery, T0, event("user.recover")).await.unwrap(), Spent::AlreadyUsed);
}

pub async fn removing_leaves_only_the_trail(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, device) = b.signed_in(&anna, 2).await;
    let pending = b.at_verify(&anna, Some(device)).await;
    let attempt = b.reserve(&pending).await;
    assert!(b.desk().remove(anna.id).await.unwrap());
    assert!(b.port().account(anna.id).await.unwrap().is_none());
    assert!(!b.session_lives(session).await && b.pending(&pending).await.is_none());
    b.port().settle_void(&pending, attempt).await.unwrap();
    let told = b.trail().records(0, None, Some(&anna.login), 10).await.unwrap();
    assert_eq!(told[0].action, "user.remove");
    let (again, _) = b.invited("anna@example.com").await;
    assert_ne!(again.id, anna.id);
}

pub async fn a_password_is_rehashed_only_if_it_is_still_the_old_one(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let epoch = b.account(&anna).await.epoch;
    b.port().rehash_password(anna.id, "other", "new").await.unwrap();
    assert_eq!(b.account(&anna).await.password.as_deref(), Some("phc"));
    b.port().rehash_password(anna.id, "phc", "new").await.unwrap();
    assert_eq!(b.account(&anna).await.password.as_deref(), Some("new"));
    assert_eq!(b.account(&anna).await.epoch, epoch);
}

pub async fn unknown_accounts_change_nothing(b: Bench) {
    let (nobody, port) = (AccountId(new_id()), b.port());
    let link = || b.link(LinkKind::Enrolment, T0 + DAY);
    assert!(port.account(nobody).await.unwrap().is_none());
    assert!(port.account_by_login(&Login::parse("no@example.com").unwrap()).await.unwrap().is_none());
    assert!(!b.desk().remove(nobody).await.unwrap());
    assert!(!b.desk().disable(nobody).await.unwrap());
    assert!(!b.desk().unlock(nobody, false).await.unwrap());
    assert!(!b.desk().reset_mfa(nobody, link()).await.unwrap());
    assert!(!port.issue_link(nobody, link(), event("e")).await.unwrap());
    port.rehash_password(nobody, "a", "b").await.unwrap();
    assert!(b.trail().records(0, None, None, 10).await.unwrap().is_empty());
    assert_eq!(b.log().changes(0, 10).await.unwrap().0, 0);
}
