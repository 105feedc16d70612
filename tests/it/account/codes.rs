//! *New recovery codes*.

use http::StatusCode;

use super::{CODES, CODES_SAVE, codes_in, recorded, tunnel};
use crate::harness::{Gate, Stage, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_set_takes_the_place_of_the_old_one() {
    let stage = Stage::start();
    let gate = Gate::before(&stage.upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut other = anna.elsewhere(&gate).await;
    let mut there = tunnel(&other.browser).await;
    let code = anna.next_code(&gate);
    let page = anna.prove(CODES, &code).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let new = codes_in(&page.text());
    assert_eq!(new.len(), 10);
    assert!(!there.end().await.is_empty(), "other sessions end");
    assert!(!other.is_inside().await);
    assert!(anna.is_inside().await);

    // They can be shown and downloaded for a while, and are the same ones.
    assert!(anna.browser.get(CODES).await.text().contains("not saved yet"));
    let token = page.field("form_token").unwrap();
    for act in ["show", "download"] {
        let shown = anna.browser.post(CODES_SAVE, &[("form_token", &token), ("act", act)]).await;
        assert_eq!(codes_in(&shown.text()), new, "{act}");
    }
    let next = anna.browser.post(CODES_SAVE, &[("form_token", &token), ("act", "next"), ("saved", "yes")]).await;
    assert_eq!(next.location(), "/.vestibule/account?done=codes");
    let gone = anna.browser.post(CODES_SAVE, &[("form_token", &token), ("act", "show")]).await;
    assert_eq!(gone.location(), CODES);

    let mut fresh = anna.in_new_browser(&gate);
    fresh.reach_page_two().await;
    let old = fresh.browser.post("/.vestibule/recover", &[("code", &anna.recovery[0])]).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY, "the old ones are dead");
    assert_eq!(fresh.browser.post("/.vestibule/recover", &[("code", &new[0])]).await.location(), "/.vestibule/setup");
    let told = recorded(&gate, &["codes.replace"]).await;
    assert!(told.len() == 1 && !format!("{told:?}").contains(&new[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_password_and_code_there_are_none() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    let mut anna = gate.signed_in("anna@example.com").await;
    let (code, wrong, password) = (anna.next_code(&gate), anna.wrong_code(&gate), anna.password.clone());
    for (password, code) in [("no", code.as_str()), (&password, &wrong), (&password, "")] {
        let answer = anna.fill_in(CODES, &[("password", password), ("code", code)]).await;
        assert_eq!((answer.status, codes_in(&answer.text()).len()), (StatusCode::UNPROCESSABLE_ENTITY, 0));
    }
    assert!(recorded(&gate, &["codes.replace"]).await.is_empty());
    assert_eq!(anna.browser.get(CODES_SAVE).await.location(), CODES);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_makes_one_set_however_often_it_is_sent_at_once() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    gate.without_rates();
    gate.adjust(|settings| settings.session_attempts = 100);
    let mut anna = gate.signed_in("anna@example.com").await;
    let (token, code, password) = (anna.token(CODES).await, anna.next_code(&gate), anna.password.clone());
    let sending: Vec<_> = (0..20)
        .map(|_| {
            let (mut browser, token, code, password) = (anna.browser.clone(), token.clone(), code.clone(), password.clone());
            tokio::spawn(
                async move { browser.post(CODES, &[("form_token", &token), ("password", &password), ("code", &code)]).await },
            )
        })
        .collect();
    let mut sets = 0;
    for sent in sending {
        sets += usize::from(codes_in(&sent.await.unwrap().text()).len() == 10);
    }
    assert_eq!(sets, 1);
    assert_eq!(recorded(&gate, &["codes.replace"]).await.len(), 1);
}
