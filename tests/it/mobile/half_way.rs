//! A recovery that was left half-way: the authenticator and the recovery codes are dead, no new authenticator is there yet, and the
//! grant has run out. The recovery mobile and its mailed link go on again, under all their limits; nothing else does.

use std::time::Duration;

use http::StatusCode;

use super::{ANNA, NUMBER, RECOVER, Town, press_in_mail, texted, town, town_with};
use crate::harness::{Gate, Person};

/// A recovery code was accepted in a browser that is new, and a quarter of an hour has passed since.
async fn half_way(town: &Town, anna: &Person) -> Person {
    let mut lost = anna.in_new_browser(&town.gate);
    lost.reach_page_two().await;
    assert_eq!(lost.browser.post(RECOVER, &[("code", &anna.recovery[0])]).await.location(), "/.vestibule/setup");
    town.gate.hands.advance(Duration::from_mins(15));
    assert_eq!(lost.browser.post("/.vestibule/setup", &[]).await.location(), "/.vestibule/login?why=expired");
    lost
}

#[tokio::test(flavor = "multi_thread")]
async fn texted_code_and_mailed_link_go_on() {
    let town = town().await;
    let anna = town.with_mobile(ANNA, NUMBER).await;
    let mut lost = half_way(&town, &anna).await;

    assert_eq!(lost.log_in("/tickets").await.location(), "/.vestibule/verify");
    assert_eq!(lost.browser.get("/.vestibule/verify").await.location(), RECOVER);
    let page = lost.browser.get(RECOVER).await;
    let said = page.text();
    assert!(
        page.status == 200 && said.contains("no new authenticator app was set up") && said.contains("Text me a code"),
        "{said}"
    );
    assert!(said.contains("Ask the people who run"), "whoever has no mobile is told whom to ask");
    assert!(!said.contains("name=\"code\""), "there is no code to enter yet, of whatever kind: {said}");
    // What is dead stays dead.
    let old = lost.code(&town.gate);
    assert_eq!(lost.enter(&old).await.status, StatusCode::FORBIDDEN, "the old app");
    let spare = lost.browser.post(RECOVER, &[("code", &anna.recovery[1])]).await;
    assert_eq!(spare.status, StatusCode::UNPROCESSABLE_ENTITY, "the other recovery codes");
    assert!(
        lost.browser.get("/.vestibule/setup").await.location() == "/.vestibule/verify",
        "nor does the password set up an app"
    );

    let texts = town.sms.arrived().len();
    let asked = lost.browser.post(RECOVER, &[("act", "text")]).await;
    assert!(asked.status == 200 && !asked.text().contains("Use a recovery code"), "{}", asked.text());
    let code = town.sms.expect(texts + 1).await.code();
    let link = town.office.find("Recover your account").await.link();
    assert_eq!(texted(&mut lost.browser, &code).await.status, 200);
    assert_eq!(press_in_mail(&town.gate, &link).await.status, 200);
    assert_eq!(lost.browser.post(RECOVER, &[("act", "go")]).await.location(), "/.vestibule/setup");
    lost.set_up(&town.gate).await;
    assert_eq!(lost.finish_sign_in(&town.gate).await.location(), "/tickets");
    assert!(lost.is_inside().await);
    assert_eq!(town.records("recovery.accept").await, 2);

    // It is over: the next one needs no text.
    let mut other = lost.in_new_browser(&town.gate);
    other.sign_in(&town.gate, "/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_as_any_other_recovery_by_text() {
    let town = town_with(|setup| setup.section("mfa", "sms_recovery_delay = \"1d\"")).await;
    let anna = town.with_mobile(ANNA, NUMBER).await;
    let mut lost = half_way(&town, &anna).await;
    let prove = async |lost: &mut Person| {
        lost.log_in("/").await.location();
        let (texts, mails) = (town.sms.arrived().len(), town.office.arrived().len());
        lost.browser.post(RECOVER, &[("act", "text")]).await;
        let code = town.sms.expect(texts + 1).await.code();
        let newest =
            || town.office.arrived()[mails..].iter().find(|mail| mail.header("Subject").contains("Recover your")).cloned();
        Gate::until("the mail arrives", || async { newest().is_some() }).await;
        press_in_mail(&town.gate, &newest().unwrap().link()).await;
        texted(&mut lost.browser, &code).await
    };
    let waits = prove(&mut lost).await;
    assert!(waits.text().contains("recovery waits until"), "{}", waits.text());
    town.sms.expect(3).await;
    town.gate.hands.advance(Duration::from_hours(24));
    assert_eq!(prove(&mut lost).await.location(), "/.vestibule/setup");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_gets_no_text_and_a_newcomer_is_offered_none() {
    let town = town().await;
    let link = town.gate.invite("new@example.com", &[]).await;
    let mut newcomer = Person::new("new@example.com", town.gate.browser());
    newcomer.register(&link).await;
    let refused = newcomer.in_new_browser(&town.gate).log_in("/").await;
    assert!(refused.status == StatusCode::FORBIDDEN && !refused.text().contains("Text me a code"), "{}", refused.text());

    let link = town.gate.invite_as("admin@example.com", &[], true).await;
    let mut admin = Person::new("admin@example.com", town.gate.browser());
    admin.register(&link).await;
    admin.log_in("/").await.location();
    admin.set_up_to(&town.gate, super::SETUP_MOBILE).await;
    super::number_is(&mut admin.browser, NUMBER).await;
    let code = town.sms.expect(1).await.code();
    super::code_is(&mut admin.browser, &code).await.location();
    admin.finish_sign_in(&town.gate).await;
    let mut lost = half_way(&town, &admin).await;
    lost.log_in("/").await.location();
    assert_eq!(lost.browser.post(RECOVER, &[("act", "text")]).await.status, 200, "the same answer");
    // What would have been sent is sent by now: the next one is.
    let anna = town.with_mobile(ANNA, "+1 203-555-0199").await;
    assert_eq!(town.sms.arrived().len(), 2, "only to Anna's number: {:?}", town.sms.arrived());
    assert!(town.gate.account(&anna.login).await.mfa.is_some());

    // An operator's link ends it, and the number with it.
    let link = town.gate.reset_mfa("admin@example.com").await;
    assert_eq!(lost.in_new_browser(&town.gate).log_in("/").await.status, StatusCode::FORBIDDEN);
    let mut back = admin.in_new_browser(&town.gate);
    assert_eq!(back.browser.get(&link).await.location(), "/.vestibule/enrol");
    assert_eq!(back.log_in("/").await.location(), "/.vestibule/setup");
}

#[tokio::test(flavor = "multi_thread")]
async fn budgets_and_locks_hold_as_before() {
    let town = town().await;
    let anna = town.with_mobile(ANNA, NUMBER).await;
    half_way(&town, &anna).await;
    for _ in 0..2 {
        let mut thief = anna.in_new_browser(&town.gate);
        assert_eq!(thief.log_in("/").await.location(), "/.vestibule/verify");
        for _ in 0..5 {
            texted(&mut thief.browser, "000000").await;
        }
    }
    assert!(town.gate.account(ANNA).await.locked_at.is_some());
    let mut owner = anna.in_new_browser(&town.gate);
    owner.log_in("/").await.location();
    let page = owner.browser.get("/.vestibule/verify").await;
    assert!(page.status == StatusCode::FORBIDDEN && page.text().contains("locked"), "{}", page.text());
    let texts = town.sms.arrived().len();
    assert_eq!(owner.browser.post(RECOVER, &[("act", "text")]).await.status, StatusCode::FORBIDDEN);
    town.gate.unlock(ANNA).await;
    assert_eq!(owner.browser.post(RECOVER, &[("act", "text")]).await.status, 200);
    town.sms.expect(texts + 1).await;
}
