//! Recovery by text: password, texted code and mailed link; what dies at acceptance, who waits, and who is never offered it.

use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;

use super::{ANNA, E164, NUMBER, RECOVER, Town, number_is, other, press_in_mail, texted, town, town_with};
use crate::harness::{Answer, Gate, Person};

const UNPROCESSABLE: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Code and link are on their way: the browser that asked, the code, and the link.
async fn on_its_way(town: &Town, anna: &Person) -> (Person, String, String) {
    let (texts, mails) = (town.sms.arrived().len(), recovery_mails(town).len());
    let (lost, asked) = town.asks(anna).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    let text = town.sms.expect(texts + 1).await;
    assert_eq!(text.to, E164);
    Gate::until("the mail arrives", || async { recovery_mails(town).len() > mails }).await;
    (lost, text.code(), recovery_mails(town).pop().unwrap())
}

/// The links of recovery mails.
fn recovery_mails(town: &Town) -> Vec<String> {
    let mails = town.office.arrived();
    mails.iter().flat_map(crate::harness::post::Arrived::links).filter(|link| link.starts_with("/.vestibule/recover/")).collect()
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no `{before}` in {text}")).1;
    rest.split(after).next().unwrap().trim()
}

async fn go(browser: &mut crate::harness::Browser) -> Answer {
    browser.post(RECOVER, &[("act", "go")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn code_and_link_end_everything_and_lead_to_a_new_phone() {
    let town = town().await;
    let mut anna = town.with_mobile(ANNA, NUMBER).await;
    let mut between = anna.in_new_browser(&town.gate);
    between.reach_page_two().await;
    let (mut lost, code, link) = on_its_way(&town, &anna).await;
    let page = lost.browser.get(RECOVER).await.text();
    assert!(page.contains("Text me a code") && page.contains("Start recovery"), "{page}");

    let right = texted(&mut lost.browser, &code).await;
    assert!(right.status == 200 && right.text().contains("open the link in the mail"), "{}", right.text());
    assert!(anna.is_inside().await, "the code alone does nothing");
    assert!(go(&mut lost.browser).await.text().contains("open the link in the mail"));
    assert!(lost.browser.get(RECOVER).await.text().contains("Go on"), "found again");
    let pressed = press_in_mail(&town.gate, &link).await;
    assert!(pressed.status == 200 && pressed.text().contains("go on in the browser"), "{}", pressed.text());
    assert!(anna.is_inside().await, "nor does the link");

    let accepted = go(&mut lost.browser).await;
    assert_eq!(accepted.location(), "/.vestibule/setup");
    assert!(accepted.headers.get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with("__Host-vestibule-grant=") && cookie.contains("Max-Age=900")
    }));
    Gate::soon("the session has ended", || async { !anna.clone().is_inside().await }).await;
    assert_eq!(between.browser.get("/.vestibule/verify").await.location(), "/.vestibule/login?why=expired");
    for table in ["SELECT count(*) FROM recovery_codes", "SELECT count(*) FROM sessions", "SELECT count(*) FROM devices"] {
        assert_eq!(town.gate.number(table).await, 0, "{table}");
    }
    let account = town.gate.account(ANNA).await;
    assert!(account.mfa.is_none());
    assert!(town.office.find("was recovered").await.link().starts_with("/.vestibule/not-me/"));
    assert_eq!(town.records("recovery.accept").await, 1);
    // The number is still hers: the wizard does not ask for it.
    lost.set_up(&town.gate).await;
    lost.finish_sign_in(&town.gate).await;
    assert!(lost.is_inside().await);
    assert_eq!(town.gate.browser().get(&link).await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn first_the_link_and_then_the_code_does_as_well() {
    let town = town().await;
    let anna = town.with_mobile(ANNA, NUMBER).await;
    let (mut lost, code, link) = on_its_way(&town, &anna).await;
    assert_eq!(press_in_mail(&town.gate, &link).await.status, 200);
    assert!(lost.browser.get(RECOVER).await.text().contains("Start recovery"), "the link alone tells its browser nothing");
    let all = join_all((0..20).map(|_| {
        let (mut browser, code) = (lost.browser.clone(), code.clone());
        async move { texted(&mut browser, &code).await }
    }));
    for answer in all.await {
        assert!(answer.status == 303 || answer.status == 422, "{} {}", answer.status, answer.text());
    }
    assert_eq!(town.records("recovery.accept").await, 1, "twenty at once are one");
    assert_eq!(town.gate.number("SELECT count(*) FROM links").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_anothers_code_nor_an_old_one_nor_a_sixth_try() {
    let town = town().await;
    let anna = town.with_mobile(ANNA, NUMBER).await;
    let (mut one, code, link) = on_its_way(&town, &anna).await;
    let (mut two, second, _) = on_its_way(&town, &anna).await;
    press_in_mail(&town.gate, &link).await;
    assert!(code == second || texted(&mut two.browser, &code).await.status == UNPROCESSABLE, "another pending login's");
    // A browser without this pending login has nothing to try a code at.
    assert_eq!(texted(&mut town.gate.browser(), &code).await.location(), "/.vestibule/login?why=recovery");
    assert_eq!(texted(&mut one.browser, "x").await.status, UNPROCESSABLE);
    for left in (1..5).rev() {
        let wrong = texted(&mut one.browser, &other(&code)).await;
        let said = if left == 1 { "one more try".to_owned() } else { format!("{left} tries left") };
        assert!(wrong.status == UNPROCESSABLE && wrong.text().contains(&said), "{}", wrong.text());
    }
    assert_eq!(texted(&mut one.browser, &other(&code)).await.location(), "/.vestibule/login?why=expired");
    assert_eq!(texted(&mut one.browser, &code).await.location(), "/.vestibule/login?why=recovery");
    town.gate.hands.advance(Duration::from_mins(10));
    assert_ne!(texted(&mut two.browser, &second).await.header("location"), "/.vestibule/setup");
    assert_eq!(town.records("recovery.accept").await, 0);
}

/// An answer without what differs from one to the next anyway.
pub(super) fn shape(answer: &Answer) -> (StatusCode, Vec<String>, String) {
    let mut headers: Vec<String> = answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.retain(|header| {
        !["date", "x-request-id", "server-timing", "retry-after", "ratelimit"].iter().any(|name| header.starts_with(name))
    });
    headers.sort();
    (answer.status, headers, answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_mobile_or_may_not_use_it_gets_the_same_answers() {
    let town = town_with(|setup| setup.section("limits", "exempt = [\"127.0.0.0/8\"]")).await;
    let with = town.with_mobile(ANNA, NUMBER).await;
    let mut without = town.at_mobile("without@example.com").await;
    without.finish_sign_in(&town.gate).await;
    let admin = {
        let link = town.gate.invite_as("admin@example.com", &[], true).await;
        let mut admin = Person::new("admin@example.com", town.gate.browser());
        admin.register(&link).await;
        admin.log_in("/").await.location();
        admin.set_up_to(&town.gate, super::SETUP_MOBILE).await;
        assert_eq!(number_is(&mut admin.browser, "+1 203-555-0199").await.status, 200);
        let code = town.sms.expect(2).await.code();
        super::code_is(&mut admin.browser, &code).await.location();
        admin.finish_sign_in(&town.gate).await;
        admin
    };
    let held = {
        let mut held = town.at_mobile("held@example.com").await;
        number_is(&mut held.browser, "+1 203-555-0198").await;
        let code = town.sms.expect(3).await.code();
        super::code_is(&mut held.browser, &code).await.location();
        held.finish_sign_in(&town.gate).await;
        held.browser.post("/.vestibule/forgot", &[("login", "held@example.com")]).await;
        let link = town.office.find("Set a new password").await.link();
        held.browser.get(&link).await.location();
        held.password = "Gull-Teapot-47-Lantern".to_owned();
        let (new, again) = (("new_password", held.password.as_str()), ("new_password_again", held.password.as_str()));
        assert_eq!(held.browser.post("/.vestibule/reset", &[new, again]).await.status, 200);
        held
    };
    let mut all = Vec::new();
    for person in [&with, &without, &admin, &held] {
        let (mut lost, asked) = town.asks(person).await;
        let wrong = texted(&mut lost.browser, "000000").await;
        let again = lost.browser.post(RECOVER, &[("act", "text")]).await;
        let third = lost.browser.post(RECOVER, &[("act", "text")]).await;
        let slow = lost.browser.post(RECOVER, &[("act", "text")]).await;
        let page = lost.browser.get(RECOVER).await;
        assert_eq!(slow.status, StatusCode::TOO_MANY_REQUESTS);
        all.push([&asked, &wrong, &again, &third, &slow, &page].map(shape));
    }
    for (at, answers) in all.iter().enumerate() {
        assert!(*answers == all[0], "the answers to {at} are others: {answers:?} and not {:?}", all[0]);
    }
    // As many as the number may have at once for whoever has one, and none for the others.
    town.sms.expect(5).await;
    assert!(town.sms.arrived()[3..].iter().all(|text| text.to == E164));
    let to: Vec<_> = town.office.arrived().into_iter().filter(|mail| mail.header("Subject").contains("Recover your")).collect();
    assert!(to.iter().all(|mail| mail.to == ANNA), "{to:?}");

    // An operator's unlock, or a day, ends the hold.
    town.gate.hands.advance(Duration::from_hours(2));
    town.gate.unlock("held@example.com").await;
    town.asks(&held).await;
    assert_eq!(town.sms.expect(6).await.to, "+12035550198");
}

/// How long the page says that it holds, and how long it does, is the same for whoever has no mobile.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_late_holds_as_long_for_everybody() {
    let town = town().await;
    let with = town.with_mobile(ANNA, NUMBER).await;
    let mut without = town.at_mobile("without@example.com").await;
    without.finish_sign_in(&town.gate).await;
    let mut lost = Vec::new();
    for person in [&with, &without] {
        let mut person = person.in_new_browser(&town.gate);
        person.reach_page_two().await;
        lost.push(person);
    }
    town.gate.hands.advance(Duration::from_mins(5));
    let mut pages = Vec::new();
    for person in &mut lost {
        person.browser.post(RECOVER, &[("act", "text")]).await;
        town.sms.expect(2).await;
        pages.push(person.browser.get(RECOVER).await.text());
    }
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].contains("in 9 minutes") || pages[0].contains("in 10 minutes"), "{}", pages[0]);
    // A login alone would have ended by now.
    town.gate.hands.advance(Duration::from_mins(6));
    for person in &mut lost {
        assert_eq!(person.browser.get(RECOVER).await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hold_after_a_reset_by_mail_ends_after_a_day() {
    let town = town().await;
    let mut anna = town.with_mobile(ANNA, NUMBER).await;
    anna.browser.post("/.vestibule/forgot", &[("login", ANNA)]).await;
    let link = town.office.find("Set a new password").await.link();
    anna.browser.get(&link).await.location();
    let password = anna.password.clone();
    anna.browser.post("/.vestibule/reset", &[("new_password", &password), ("new_password_again", &password)]).await;
    town.gate.hands.advance(Duration::from_secs(24 * 3600 - 30));
    let (_, asked) = town.asks(&anna).await;
    assert_eq!(asked.status, 200);
    town.gate.hands.advance(Duration::from_mins(1));
    let (lost, code, link) = on_its_way(&town, &anna).await;
    press_in_mail(&town.gate, &link).await;
    assert_eq!(texted(&mut lost.clone().browser, &code).await.location(), "/.vestibule/setup");
    assert_eq!(town.sms.asked(), 2, "none within the day");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delay_is_waited_for_and_can_be_stopped() {
    let town = town_with(|setup| setup.section("mfa", "sms_recovery_delay = \"2d\"")).await;
    let mut anna = town.with_mobile(ANNA, NUMBER).await;
    let (mut lost, code, link) = on_its_way(&town, &anna).await;
    press_in_mail(&town.gate, &link).await;
    let waits = texted(&mut lost.browser, &code).await;
    assert!(waits.status == 200 && waits.text().contains("recovery waits until"), "{}", waits.text());
    assert!(
        !waits.text().contains("Go on") && !waits.text().contains("expires in"),
        "there is nothing to press: {}",
        waits.text()
    );
    assert!(go(&mut lost.browser).await.text().contains("recovery waits until"));
    assert!(anna.is_inside().await, "nothing has changed");
    let told = town.sms.expect(3).await;
    assert!(told.to == E164 && told.text.contains("recovery of your account has begun"), "{told:?}");
    let mail = town.office.find("has begun").await;
    assert_eq!(town.records("recovery.wait").await, 1);
    // Page, text and mail say until when, and by which clock.
    let (page, letter) = (waits.text(), mail.part("text/plain"));
    let said = between(&page, "recovery waits until ", ". Then");
    assert_eq!(between(&letter, "Waits until: ", "\n"), said);
    let until = jiff::civil::DateTime::strptime("%d %B %Y, %H:%M UTC", said).unwrap();
    assert!(told.text.contains(&until.strftime("It waits until %Y-%m-%d %H:%M UTC.").to_string()), "{told:?}");
    let in_two_days = town.gate.now().wall + Duration::from_hours(48);
    let off = until.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second() - in_two_days.secs();
    assert!((-120..=0).contains(&off), "{said}: {off} s off");

    // Both once more, before the time and after it.
    town.gate.hands.advance(Duration::from_hours(47));
    let (mut early, code, link) = on_its_way(&town, &anna).await;
    press_in_mail(&town.gate, &link).await;
    assert!(texted(&mut early.browser, &code).await.text().contains("recovery waits until"));
    town.gate.hands.advance(Duration::from_hours(1));
    let (mut late, code, link) = on_its_way(&town, &anna).await;
    press_in_mail(&town.gate, &link).await;
    assert_eq!(town.records("recovery.accept").await, 0);
    let mut stopped = late.clone();
    // *This was not me* in the mail about the wait ends it all.
    let mut owner = town.gate.browser();
    owner.get(&mail.link()).await.location();
    assert_eq!(owner.post("/.vestibule/not-me", &[]).await.status, 200);
    assert!(town.gate.account(ANNA).await.disabled);
    assert_ne!(texted(&mut stopped.browser, &code).await.header("location"), "/.vestibule/setup");
    // Enabled again, it begins anew.
    town.gate.set_disabled(ANNA, false).await;
    town.gate.hands.advance(Duration::from_hours(24));
    let (mut again, code, link) = on_its_way(&town, &anna).await;
    press_in_mail(&town.gate, &link).await;
    assert!(texted(&mut again.browser, &code).await.text().contains("recovery waits until"));
    town.sms.expect(7).await;
    late.browser.cookies.clear();
    town.gate.hands.advance(Duration::from_hours(49));
    let (mut ripe, code, link) = on_its_way(&town, &anna).await;
    press_in_mail(&town.gate, &link).await;
    assert_eq!(texted(&mut ripe.browser, &code).await.location(), "/.vestibule/setup");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_fails_sends_no_mail_and_looks_the_same() {
    let town = town().await;
    let anna = town.with_mobile(ANNA, NUMBER).await;
    town.sms.says(&[500]);
    let (lost, asked) = town.asks(&anna).await;
    assert_eq!(asked.status, 200);
    Gate::until("the gateway was asked", || async { town.sms.asked() == 2 }).await;
    let mut lost = lost;
    lost.browser.post(RECOVER, &[("act", "text")]).await;
    town.sms.expect(2).await;
    Gate::until("the mail arrives", || async { !recovery_mails(&town).is_empty() }).await;
    assert_eq!(recovery_mails(&town).len(), 1);
    assert_eq!(town.gate.number("SELECT count(*) FROM text_recoveries").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_is_told_in_the_language_of_the_person() {
    let town = town_with(|setup| setup.section("mfa", "sms_recovery_delay = \"1d\"")).await;
    let anna = town.with_mobile(ANNA, NUMBER).await;
    let mut home = anna.clone();
    home.browser.cookies.remove("__Host-vestibule");
    home.browser.cookies.insert("__Host-vestibule-language".to_owned(), "pt".to_owned());
    home.sign_in(&town.gate, "/").await;
    // Whoever recovers reads English; the owner of the account does not.
    let (mut lost, asked) = town.asks(&anna).await;
    assert_eq!(asked.status, 200);
    let code = town.sms.expect(2).await;
    assert!(code.text.contains("digite"), "{code:?}");
    let asks = town.office.find("Recupere a sua conta").await;
    press_in_mail(&town.gate, &asks.link()).await;
    let page = texted(&mut lost.browser, &code.code()).await.text();
    let said = between(&page, "recovery waits until ", ". Then");
    let until = jiff::civil::DateTime::strptime("%d %B %Y, %H:%M UTC", said).unwrap();
    let told = town.office.arrived();
    let waits = |mail: &&crate::harness::Arrived| mail.part("text/html").contains("A recuperação da sua conta");
    Gate::until("the mail arrives", || async { town.office.arrived().iter().any(|mail| waits(&mail)) }).await;
    let told = town.office.arrived().into_iter().skip(told.len().saturating_sub(1)).find(|mail| waits(&mail)).unwrap();
    let month = [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ][usize::try_from(until.month()).unwrap() - 1];
    let words = format!("Espera até: {} de {month} de {} às {} UTC", until.day(), until.year(), until.strftime("%H:%M"));
    assert!(told.part("text/plain").contains(&words), "{words} in {}", told.part("text/plain"));
    let html = told.part("text/html");
    assert!(html.contains("<html lang=\"pt-BR\"") && html.contains("Não fui eu"), "{html}");
    let text = town.sms.expect(3).await.text;
    assert!(text.contains(&until.strftime("%Y-%m-%d %H:%M UTC").to_string()) && text.contains("sua conta"), "{text}");
}
