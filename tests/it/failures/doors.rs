//! Both doors, from the invitation to the confirm page: whatever fails, and wherever, the same press does it afterwards, once.

use http::StatusCode;

use super::faults::{Act, Saboteur};
use super::{ANNA, CODES, LOGIN, SETUP, SETUP_MOBILE, Town, VERIFY, goes_to, says};
use crate::harness::person::{PASSWORD, code_at, secret_of};
use crate::harness::{Answer, Person};

const PASSWORDS: [(&str, &str); 2] = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];

/// Page one.
fn log_in() -> Act<'static> {
    // Each press opens a pending login of its own.
    Act::new("log in", LOGIN, &[("login", ANNA), ("password", PASSWORD), ("to", "/start")]).repeats()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_invitation_to_the_portal() {
    let town = Town::with_texts().await;
    let link = town.gate.invite(ANNA, &[]).await;
    let mut anna = Person::new(ANNA, town.gate.browser());
    assert_eq!(anna.browser.get(&link).await.location(), "/.vestibule/register");
    let mut saboteur = Saboteur::beside(&town.gate).await;
    let browser = &mut anna.browser;
    saboteur.survives(browser, Act::new("register", "/.vestibule/register", &PASSWORDS), says("Registration finished")).await;
    saboteur.survives(browser, log_in(), goes_to(SETUP)).await;
    let page = saboteur.survives(browser, Act::new("begin", SETUP, &[]), says("otpauth://")).await;
    anna.secret = secret_of(&page.text());
    let code = || code_at(&anna.secret, u64::try_from(town.gate.hands.wall_now().secs()).unwrap());
    saboteur.survives(browser, Act::new("enable", SETUP, &[]).with("code", code), goes_to(CODES)).await;
    saboteur.survives(browser, Act::new("download", CODES, &[("act", "download")]), is_file).await;
    saboteur.survives(browser, Act::new("next", CODES, &[("act", "next")]), goes_to(SETUP_MOBILE)).await;

    let before = town.sms.arrived().len();
    let number = Act::new("number", SETUP_MOBILE, &[("mobile", "+1 203-555-0123")]).repeats();
    saboteur.survives(browser, number, says("ends in 23")).await;
    let texted = town.sms.arrived().pop().unwrap().code();
    assert!(town.sms.arrived().len() > before);
    saboteur.survives(browser, Act::new("texted", SETUP_MOBILE, &[("code", &texted)]), goes_to(VERIFY)).await;

    town.gate.hands.advance(std::time::Duration::from_secs(30));
    let code = code_at(&anna.secret, u64::try_from(town.gate.hands.wall_now().secs()).unwrap());
    saboteur.survives(browser, Act::new("verify", VERIFY, &[("code", &code)]), goes_to("/start")).await;
    assert!(anna.is_inside().await);
    assert_eq!(town.gate.number("SELECT count(*) FROM sessions").await, 1);

    let token = anna.browser.get(VERIFY).await.field("form_token").unwrap();
    let code = anna.next_code(&town.gate);
    let confirm = Act::new("confirm", VERIFY, &[("form_token", &token), ("code", &code), ("to", "/start")]);
    saboteur.survives(&mut anna.browser, confirm, goes_to("/start")).await;
    assert!(anna.is_inside().await);
    let token = anna.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    let leave = Act::new("sign out", "/.vestibule/logout", &[("form_token", &token)]);
    saboteur.survives(&mut anna.browser, leave, goes_to("/.vestibule/login?why=signed-out")).await;
    assert!(!anna.is_inside().await);
}

/// The wizard was left before the codes were saved: a code brings that page back.
#[tokio::test(flavor = "multi_thread")]
async fn back_to_the_codes() {
    let town = Town::with_texts().await;
    let link = town.gate.invite(ANNA, &[]).await;
    let mut anna = Person::new(ANNA, town.gate.browser());
    anna.register(&link).await;
    assert_eq!(anna.log_in("/").await.location(), SETUP);
    anna.secret = secret_of(&anna.browser.post(SETUP, &[]).await.text());
    let code = anna.code(&town.gate);
    assert_eq!(anna.browser.post(SETUP, &[("code", &code)]).await.location(), CODES);
    let mut again = anna.in_new_browser(&town.gate);
    again.reach_page_two().await;
    let code = again.next_code(&town.gate);
    let mut saboteur = Saboteur::beside(&town.gate).await;
    saboteur.survives(&mut again.browser, Act::new("reopen", VERIFY, &[("code", &code)]), goes_to(CODES)).await;
    let show = Act::new("show", CODES, &[("act", "show")]);
    saboteur.survives(&mut again.browser, show, |answer| answer.status == StatusCode::OK).await;
}

/// Somebody enrolled, in a known browser and in a new one.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again() {
    let town = Town::without_texts().await;
    let anna = town.gate.signed_in(ANNA).await;
    let mut saboteur = Saboteur::beside(&town.gate).await;
    for mut person in [anna.clone(), anna.in_new_browser(&town.gate)] {
        person.browser.cookies.remove("__Host-vestibule");
        saboteur.survives(&mut person.browser, log_in(), goes_to(VERIFY)).await;
        let code = person.next_code(&town.gate);
        saboteur.survives(&mut person.browser, Act::new("verify", VERIFY, &[("code", &code)]), goes_to("/start")).await;
        assert!(person.is_inside().await);
    }
}

fn is_file(answer: &Answer) -> bool {
    answer.header("content-disposition").starts_with("attachment")
}
