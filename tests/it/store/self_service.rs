//! What people do to their own account from inside a session.

use vestibule::auth::credentials::{SessionReservation, Spent};
use vestibule::auth::self_service::{CodeSet, Ending, NewAuthenticator, Proof, Renewal, Spending, Staged};
use vestibule::session::log::Change;

use super::bench::{Bench, HOUR, MINUTE, Person, T0, event, new_id};

impl Bench {
    async fn proof(&self, person: &Person, session: uuid::Uuid, step: u64) -> Proof {
        Proof { session, account: person.id, epoch: self.account(person).await.epoch, step, at: T0 + MINUTE }
    }

    fn renewal(&self) -> Renewal {
        Renewal { token: self.hash(), device: None }
    }

    async fn change(&self, proof: Proof, renewal: Renewal) -> Spending {
        self.port().change_password(proof, renewal, "new phc", T0, event("password.change")).await.unwrap()
    }
}

fn code_set() -> CodeSet {
    CodeSet { hashes: (20..30_u8).map(|n| [n; 32]).collect(), sealed: b"codes".to_vec(), expires: T0 + HOUR }
}

pub async fn a_change_leaves_one_session_and_one_browser(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (mine, device) = b.signed_in(&anna, 2).await;
    let (other, _) = b.signed_in(&anna, 3).await;
    let pending = b.at_verify(&anna, None).await;
    assert_eq!(b.port().confirm(b.confirm(mine, 4), T0, event("session.confirm")).await.unwrap(), Spent::Done);
    let _ = b.port().reserve_in_session(mine, 5, T0).await.unwrap();
    let (seq, _) = b.log().changes(0, 1000).await.unwrap();
    let before = b.account(&anna).await;
    let renewal = Renewal { token: b.hash(), device: Some((device, b.hash())) };
    assert_eq!(b.change(b.proof(&anna, mine, 5).await, renewal).await, Spending::Done);
    let after = b.account(&anna).await;
    assert_eq!((after.epoch, after.password.as_deref()), (before.epoch + 1, Some("new phc")));
    assert!(!b.session_lives(other).await);
    assert!(b.port().pending(&pending, T0).await.unwrap().is_none());
    let (session, _) = b.log().session(mine, T0).await.unwrap().unwrap();
    assert_eq!((session.token, session.epoch, session.code_step), (renewal.token, after.epoch, 5));
    assert!(session.previous.is_none(), "the value before the last confirm is dead, too");
    assert_eq!(session.code_at, T0 + MINUTE);
    let known = b.port().known_browsers(anna.id, T0).await.unwrap();
    assert_eq!(known.iter().map(|known| known.id).collect::<Vec<_>>(), [device]);
    assert_eq!(b.port().device(&renewal.device.unwrap().1, T0).await.unwrap(), Some((device, anna.id)));
    assert_eq!(b.port().reserve_in_session(mine, 5, T0).await.unwrap(), SessionReservation::Reserved { left: 4 });
    assert_eq!(b.log().changes(seq, 1000).await.unwrap().1, [Change::Account(anna.id)]);
    // From a browser that is not known, none stays.
    assert_eq!(b.change(b.proof(&anna, mine, 6).await, b.renewal()).await, Spending::Done);
    assert!(b.port().known_browsers(anna.id, T0).await.unwrap().is_empty());
    assert_eq!(b.recorded("password.change").await, 2);
}

pub async fn a_proof_holds_for_its_session_epoch_and_step(b: Bench) {
    let (anna, carl) = (b.enrolled("anna@example.com").await, b.enrolled("carl@example.com").await);
    let (mine, _) = b.signed_in(&anna, 2).await;
    let (other, _) = b.signed_in(&anna, 3).await;
    let (foreign, _) = b.signed_in(&carl, 2).await;
    let before = b.account(&anna).await;
    let good = b.proof(&anna, mine, 4).await;
    for (what, proof, expected) in [
        ("the step of its own session", Proof { step: 2, ..good }, Spending::UsedHere),
        ("a step that another session has used", Proof { step: 3, ..good }, Spending::UsedElsewhere),
        ("an older one", Proof { step: 1, ..good }, Spending::UsedElsewhere),
        ("another epoch", Proof { epoch: good.epoch - 1, ..good }, Spending::Gone),
        ("somebody else's session", Proof { session: foreign, ..good }, Spending::Gone),
        ("no session", Proof { session: new_id(), ..good }, Spending::Gone),
    ] {
        assert_eq!(b.change(proof, b.renewal()).await, expected, "{what}");
        let staged = b.port().stage_authenticator(proof, b"s", T0, T0 + HOUR, event("mfa.stage")).await.unwrap();
        assert_eq!(staged, expected, "{what}");
        let codes = b.port().renew_codes(proof, b.renewal(), code_set(), T0, event("codes.replace")).await.unwrap();
        assert_eq!(codes, expected, "{what}");
    }
    let after = b.account(&anna).await;
    assert_eq!((after.epoch, after.password), (before.epoch, before.password));
    assert!(b.session_lives(other).await && b.port().staged(mine, T0).await.unwrap().is_none());
    for action in ["password.change", "mfa.stage", "codes.replace"] {
        assert_eq!(b.recorded(action).await, 0, "{action}");
    }
}

pub async fn fifty_parallel_changes_with_one_step(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (mine, _) = b.signed_in(&anna, 2).await;
    let proof = b.proof(&anna, mine, 3).await;
    let changes = (0..50).map(|_| {
        let (port, renewal) = (b.port(), b.renewal());
        tokio::spawn(async move { port.change_password(proof, renewal, "new phc", T0, event("password.change")).await.unwrap() })
    });
    let mut done = 0;
    for change in changes.collect::<Vec<_>>() {
        match change.await.unwrap() {
            Spending::Done => done += 1,
            other => assert_eq!(other, Spending::UsedHere),
        }
    }
    assert_eq!((done, b.recorded("password.change").await), (1, 1));
    assert!(b.session_lives(mine).await);
}

pub async fn only_the_staged_secret_takes_the_place_of_the_old_one(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (mine, _) = b.signed_in(&anna, 20).await;
    let (other, _) = b.signed_in(&anna, 21).await;
    let staging = b.proof(&anna, mine, 22).await;
    let spent = b.port().stage_authenticator(staging, b"staged", T0, T0 + MINUTE, event("mfa.stage")).await.unwrap();
    assert_eq!(spent, Spending::Done);
    assert!(b.session_lives(other).await, "nothing has ended yet");
    // A lower step than the old secret's last one: another secret, another count.
    let proof = b.proof(&anna, mine, 21).await;
    let new = NewAuthenticator {
        staged: b"staged".to_vec(),
        sealed_secret: b"new".to_vec(),
        enrolled_at: T0 + HOUR,
        codes: code_set(),
    };
    let swap = async |new: NewAuthenticator, proof: Proof, at| {
        b.port().replace_authenticator(proof, b.renewal(), new, at, event("mfa.replace")).await.unwrap()
    };
    let not_staged = NewAuthenticator { staged: b"other".to_vec(), ..new.clone() };
    assert_eq!(swap(not_staged, proof, T0).await, Spending::Gone);
    assert_eq!(swap(new.clone(), Proof { session: other, ..proof }, T0).await, Spending::Gone);
    assert_eq!(swap(new.clone(), proof, T0 + MINUTE).await, Spending::Gone, "too late");
    assert_eq!(swap(new.clone(), proof, T0).await, Spending::Done);
    assert_eq!(swap(new, b.proof(&anna, mine, 23).await, T0).await, Spending::Gone, "once");
    let after = b.account(&anna).await;
    let mfa = after.mfa.unwrap();
    assert_eq!((mfa.sealed_secret, mfa.last_step, mfa.enrolled_at), (b"new".to_vec(), 21, T0 + HOUR));
    assert!(!after.codes_saved && !b.session_lives(other).await);
    let Some(Staged::Codes { sealed, handed_out: false }) = b.port().staged(mine, T0).await.unwrap() else {
        panic!("the codes are staged")
    };
    assert_eq!(sealed, b"codes");
    assert!(b.port().staged_codes_handed_out(mine, T0).await.unwrap());
    assert!(b.port().staged_codes_saved(mine, T0, event("codes.save")).await.unwrap());
    assert!(!b.port().staged_codes_saved(mine, T0, event("codes.save")).await.unwrap());
    assert!(b.account(&anna).await.codes_saved);
    assert_eq!((b.recorded("mfa.replace").await, b.recorded("codes.save").await), (1, 1));
}

pub async fn what_is_staged_dies_with_its_session_and_its_time(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (mine, _) = b.signed_in(&anna, 2).await;
    let proof = b.proof(&anna, mine, 3).await;
    let codes = CodeSet { expires: T0 + MINUTE, ..code_set() };
    assert_eq!(b.port().renew_codes(proof, b.renewal(), codes, T0, event("codes.replace")).await.unwrap(), Spending::Done);
    assert!(b.port().staged(mine, T0).await.unwrap().is_some());
    let late = T0 + MINUTE;
    assert!(b.port().staged(mine, late).await.unwrap().is_none());
    assert!(!b.port().staged_codes_handed_out(mine, late).await.unwrap());
    assert!(!b.port().staged_codes_saved(mine, late, event("codes.save")).await.unwrap());
    assert!(b.port().end_session(mine, event("session.end")).await.unwrap());
    assert!(b.port().staged(mine, T0).await.unwrap().is_none());
    assert!(!b.port().staged_codes_saved(mine, T0, event("codes.save")).await.unwrap());
    assert!(!b.account(&anna).await.codes_saved);
}

pub async fn own_sessions_and_browsers_are_ended_by_their_owner_alone(b: Bench) {
    let (anna, carl) = (b.enrolled("anna@example.com").await, b.enrolled("carl@example.com").await);
    let (first, device) = b.signed_in(&anna, 2).await;
    let (second, _) = b.signed_in(&anna, 3).await;
    let (third, _) = b.signed_in(&anna, 4).await;
    let (foreign, stranger) = b.signed_in(&carl, 2).await;
    let mut own: Vec<_> = b.port().own_sessions(anna.id, T0).await.unwrap().into_iter().map(|own| own.id).collect();
    own.sort_unstable();
    let mut all = vec![first, second, third];
    all.sort_unstable();
    assert_eq!(own, all);
    let end = async |which| b.port().end_own(anna.id, which, event("session.end")).await.unwrap();
    assert!(end(Ending::One(foreign)).await.is_empty());
    assert_eq!(end(Ending::One(second)).await, [second]);
    assert_eq!(end(Ending::Others(first)).await, [third]);
    assert!(end(Ending::Others(first)).await.is_empty());
    assert_eq!(b.recorded("session.end").await, 2);
    assert!(!b.port().forget_browser(anna.id, stranger, event("browser.forget")).await.unwrap());
    assert!(b.port().forget_browser(anna.id, device, event("browser.forget")).await.unwrap());
    assert!(!b.port().forget_browser(anna.id, device, event("browser.forget")).await.unwrap());
    assert_eq!(b.port().known_browsers(anna.id, T0).await.unwrap().len(), 2);
    let epoch = b.account(&anna).await.epoch;
    assert_eq!(b.port().sign_out_everywhere(anna.id, event("session.end-everywhere")).await.unwrap(), [first]);
    assert_eq!(b.account(&anna).await.epoch, epoch + 1);
    assert!(b.port().known_browsers(anna.id, T0).await.unwrap().is_empty());
    assert!(b.session_lives(foreign).await && b.port().known_browsers(carl.id, T0).await.unwrap().len() == 1);
    assert_eq!(b.recorded("browser.forget").await, 1);
}
