//! What people change from inside a session.

use super::faults::{Act, Saboteur};
use super::{ANNA, Town, goes_to, says};
use crate::harness::person::{PASSWORD, code_at, secret_of};
use crate::harness::{Gate, Person};

const ACCOUNT: &str = "/.vestibule/account";
const OTHER_PASSWORD: &str = "Gull-Teapot-47-Lantern";

async fn token(person: &mut Person, page: &str) -> String {
    let shown = person.browser.get(page).await;
    shown.field("form_token").unwrap_or_else(|| panic!("{page}: {}", shown.text()))
}

fn code_now(gate: &Gate, secret: &str) -> String {
    code_at(secret, u64::try_from(gate.hands.wall_now().secs()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn password_authenticator_and_codes() {
    let town = Town::without_texts().await;
    let mut anna = town.gate.signed_in(ANNA).await;
    let mut saboteur = Saboteur::beside(&town.gate).await;

    let (page, code) = (format!("{ACCOUNT}/password"), anna.next_code(&town.gate));
    let token = token(&mut anna, &page).await;
    let new = [("new_password", OTHER_PASSWORD), ("new_password_again", OTHER_PASSWORD)];
    let fields = [&[("form_token", token.as_str()), ("password", PASSWORD), ("code", &code)], &new[..]].concat();
    saboteur.survives(&mut anna.browser, Act::new("change password", &page, &fields), says_done).await;
    assert!(anna.is_inside().await, "and goes on");

    let (page, code) = (format!("{ACCOUNT}/mfa"), anna.next_code(&town.gate));
    let token = self::token(&mut anna, &page).await;
    let fields = [("form_token", token.as_str()), ("password", OTHER_PASSWORD), ("code", &code)];
    let shown = saboteur.survives(&mut anna.browser, Act::new("replace", &page, &fields), says("otpauth://")).await;
    let secret = secret_of(&shown.text());
    let token = shown.field("form_token").unwrap();
    let enable = Act::new("replace: enable", "/.vestibule/account/mfa/enable", &[("form_token", &token)]);
    let enable = enable.with("code", || code_now(&town.gate, &secret));
    saboteur.survives(&mut anna.browser, enable, goes_to("/.vestibule/account/codes/save")).await;
    anna.secret = secret;
    save_codes(&mut saboteur, &mut anna).await;

    let (page, code) = (format!("{ACCOUNT}/codes"), anna.next_code(&town.gate));
    let token = self::token(&mut anna, &page).await;
    let fields = [("form_token", token.as_str()), ("password", OTHER_PASSWORD), ("code", &code)];
    saboteur.survives(&mut anna.browser, Act::new("new codes", &page, &fields), |answer| answer.status == 200).await;
    assert_eq!(town.gate.number("SELECT count(*) FROM recovery_codes").await, 10);
    save_codes(&mut saboteur, &mut anna).await;
    assert!(anna.is_inside().await);
}

async fn save_codes(saboteur: &mut Saboteur<'_>, anna: &mut Person) {
    let page = format!("{ACCOUNT}/codes/save");
    let token = token(anna, &page).await;
    let download = Act::new("download", &page, &[("form_token", &token), ("act", "download")]);
    saboteur.survives(&mut anna.browser, download, |answer| !answer.header("content-disposition").is_empty()).await;
    let next = Act::new("saved", &page, &[("form_token", &token), ("act", "next")]);
    saboteur.survives(&mut anna.browser, next, says_done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_mobile_and_none() {
    let town = Town::with_texts().await;
    let mut anna = town.with_mobile(ANNA).await;
    let mut saboteur = Saboteur::beside(&town.gate).await;
    let page = format!("{ACCOUNT}/mobile");
    let token = token(&mut anna, &page).await;
    let fields = [("form_token", token.as_str()), ("act", "change"), ("password", PASSWORD), ("mobile", "+44 7400 123456")];
    // The code is spent before the gateway is asked: of two presses only one sends. If the store goes away after that, the next code
    // does it.
    let change = Act::new("change mobile", &page, &fields).with("code", || anna_code(&town.gate, &anna.secret));
    let change = change.but(&["accounts", "audit", "sessions", "changes", "texted_codes"]).repeats();
    saboteur.survives(&mut anna.browser, change, says("ends in 56")).await;
    let texted = town.sms.arrived().pop().unwrap().code();
    let token = self::token(&mut anna, &format!("{page}/confirm")).await;
    let confirm = Act::new("confirm mobile", "/.vestibule/account/mobile/confirm", &[("form_token", &token), ("code", &texted)]);
    saboteur.survives(&mut anna.browser, confirm, says_done).await;

    let (token, code) = (self::token(&mut anna, &page).await, anna.next_code(&town.gate));
    let fields = [("form_token", token.as_str()), ("act", "remove"), ("password", PASSWORD), ("code", &code)];
    saboteur.survives(&mut anna.browser, Act::new("remove mobile", &page, &fields), says_done).await;
    assert_eq!(town.gate.number("SELECT count(*) FROM mobiles").await, 0);
}

/// The next code, whenever it is asked for.
fn anna_code(gate: &Gate, secret: &str) -> String {
    gate.hands.advance(std::time::Duration::from_secs(30));
    code_now(gate, secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_and_browsers() {
    let town = Town::without_texts().await;
    let mut anna = town.gate.signed_in(ANNA).await;
    let mut saboteur = Saboteur::beside(&town.gate).await;
    let page = format!("{ACCOUNT}/sessions");
    for _ in 0..2 {
        anna.in_new_browser(&town.gate).sign_in(&town.gate, "/").await;
    }
    let mut press = async |anna: &mut Person, name: &str, fields: &[(&'static str, &str)], to: &str| {
        let token = token(anna, &page).await;
        let fields = [&[("form_token", token.as_str())], fields].concat();
        saboteur.survives(&mut anna.browser, Act::new(name, &page, &fields), goes_to(to)).await
    };
    let here = town.gate.code_at(&anna.browser);
    let shown = anna.browser.get(&page).await.text();
    let ids: Vec<_> = shown.split("name=\"id\" value=\"").skip(1).map(|rest| rest[..36].to_owned()).collect();
    // The two other sessions, then the browsers.
    assert_eq!(ids.len(), 5, "{shown}");
    press(&mut anna, "end one", &[("act", "end"), ("id", &ids[0])], "/.vestibule/account/sessions?done=ended").await;
    press(&mut anna, "end others", &[("act", "end-others")], "/.vestibule/account/sessions?done=others").await;
    press(&mut anna, "forget", &[("act", "forget"), ("id", &ids[4])], "/.vestibule/account/sessions?done=forgotten").await;
    assert_eq!(town.gate.code_at(&anna.browser), here, "still inside");
    let everywhere = goes_to("/.vestibule/login?why=everywhere");
    let token = token(&mut anna, &page).await;
    let act = Act::new("everywhere", &page, &[("form_token", &token), ("act", "everywhere")]);
    saboteur.survives(&mut anna.browser, act, everywhere).await;
    assert_eq!(town.gate.number("SELECT count(*) FROM sessions").await, 0);
}

fn says_done(answer: &crate::harness::Answer) -> bool {
    answer.status == 303 && answer.header("location").starts_with("/.vestibule/account")
}
