//! Pending logins.

use vestibule::auth::credentials::{DeviceId, LinkId, NewPending, Stage};

use super::bench::{Bench, DAY, HOUR, MINUTE, T0, new_id};

pub async fn a_pending_login_is_read_back_as_it_was_made(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (_, device) = b.signed_in(&anna, 2).await;
    let grant = LinkId(new_id());
    let token = b.hash();
    let new = NewPending {
        stage: Stage::Codes,
        grant: Some(grant),
        device: Some(device),
        expires: T0 + HOUR,
        ..b.new_pending(&anna, token).await
    };
    assert!(b.port().open_pending(new).await.unwrap());
    let (found, account) = b.port().pending(&token, T0).await.unwrap().unwrap();
    assert_eq!(account.id, anna.id);
    assert_eq!((found.token, found.portal.as_str(), found.to.as_str()), (token, "portal", "/tickets?open=1"));
    assert_eq!((found.stage, found.grant, found.device), (Stage::Codes, Some(grant), Some(device)));
    assert_eq!((found.attempts, found.codes_handed_out, found.enabled_step), (0, false, None));
    assert!(found.staged_secret.is_none() && found.staged_codes.is_none());
    assert_eq!(found.expires, T0 + HOUR);
    assert!(b.port().pending(&token, T0 + HOUR).await.unwrap().is_none());
    b.port().drop_pending(&token).await.unwrap();
    b.port().drop_pending(&token).await.unwrap();
    assert!(b.pending(&token).await.is_none());
}

pub async fn it_needs_an_enabled_account_of_the_same_epoch(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let stale = b.new_pending(&anna, b.hash()).await;
    assert!(b.desk().disable(anna.id).await.unwrap());
    let disabled = b.new_pending(&anna, b.hash()).await;
    assert!(!b.port().open_pending(disabled).await.unwrap());
    assert!(b.desk().enable(anna.id).await.unwrap());
    assert!(!b.port().open_pending(stale).await.unwrap(), "the password was checked under another epoch");
    let live = b.at_verify(&anna, None).await;
    let unknown = NewPending { account: vestibule::identity::AccountId(new_id()), ..b.new_pending(&anna, b.hash()).await };
    assert!(!b.port().open_pending(unknown).await.unwrap());
    assert!(b.pending(&live).await.is_some());
}

pub async fn eleven_of_a_kind_push_out_the_oldest_of_that_kind(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (_, device) = b.signed_in(&anna, 2).await;
    let known = b.at_verify(&anna, Some(device)).await;
    let mut unknown = Vec::new();
    for n in 0..11_u32 {
        let token = b.hash();
        let new = NewPending { created: T0 + n * MINUTE, ..b.new_pending(&anna, token).await };
        assert!(b.port().open_pending(new).await.unwrap());
        unknown.push(token);
    }
    assert!(b.pending(&known).await.is_some(), "strangers push out nobody who is known");
    assert!(b.pending(&unknown[0]).await.is_none());
    for token in &unknown[1..] {
        assert!(b.pending(token).await.is_some());
    }
    for _ in 0..10 {
        b.at_verify(&anna, Some(device)).await;
    }
    assert!(b.pending(&unknown[1]).await.is_some());
}

pub async fn a_secret_is_staged_only_at_setup(b: Bench) {
    let (anna, link) = b.invited("anna@example.com").await;
    let setup = b.at_setup(&anna, link.id).await;
    let stage = async |token, bytes: &'static [u8]| b.port().stage_secret(token, bytes, T0, T0 + DAY).await.unwrap();
    assert!(stage(&setup, b"one").await);
    assert!(stage(&setup, b"two").await);
    let found = b.pending(&setup).await.unwrap();
    assert_eq!((found.staged_secret.as_deref(), found.expires), (Some(&b"two"[..]), T0 + DAY));
    let carl = b.enrolled("carl@example.com").await;
    let verify = b.at_verify(&carl, None).await;
    assert!(!stage(&verify, b"one").await);
    assert!(!stage(&b.hash(), b"one").await);
    assert!(!b.port().stage_secret(&setup, b"late", T0 + DAY, T0 + 2 * DAY).await.unwrap());
}

pub async fn a_device_of_another_account_is_no_known_browser(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let carl = b.enrolled("carl@example.com").await;
    let (_, device) = b.signed_in(&carl, 2).await;
    for device in [device, DeviceId(new_id())] {
        let pending = b.at_verify(&anna, Some(device)).await;
        assert!(b.pending(&pending).await.unwrap().device.is_none());
    }
}
