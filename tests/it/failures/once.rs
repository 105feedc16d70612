//! What works once, works once: fifty presses in parallel, a press much later, a press after a power cut.
//!
//! Here stands what no file of its own room shows. Codes of the authenticator and recovery codes: `auth/replay.rs`, `codes.rs`,
//! `recovery.rs`, `account/`; links to enrol: `links.rs`; links to reset: `mail/forgot.rs`; texted codes: `mobile/`; parked requests:
//! `parked/once.rs`, `store/lot.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;
use vestibule::admin::letters::Letters;
use vestibule::admin::{Act, Cancelled, Deed, Delayed, Speed};
use vestibule::clock::Reading;
use vestibule::session::window::Configured;

use super::{ANNA, RECOVER, SETUP, Town, VERIFY};
use crate::harness::clock::Hands;
use crate::harness::person::{PASSWORD, code_at};
use crate::harness::process::{Served, json, now};
use crate::harness::{Answer, Browser, Gate, Person, PostOffice, Setup, Upstream};

const MOBILE: &str = "/.vestibule/account/mobile";
const MOBILE_CONFIRM: &str = "/.vestibule/account/mobile/confirm";

/// The same press fifty times at once, each in a browser with the same cookies.
async fn fifty(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Vec<Answer> {
    join_all((0..50).map(|_| {
        let mut browser = browser.clone();
        async move { browser.post(path, fields).await }
    }))
    .await
}

async fn recorded(gate: &Gate, action: &str) -> usize {
    let records = gate.open_store(false).await.trail().records(0, None, None, 10_000).await.unwrap();
    records.iter().filter(|record| record.action == action).count()
}

/// A press: its path, its browser as it was before, its fields.
type Press = (&'static str, Browser, Vec<(&'static str, String)>);

/// None of them is a fault of ours, whatever else it is.
fn are_clear(answers: &[Answer]) {
    for answer in answers {
        let status = answer.status;
        assert!(status != StatusCode::INTERNAL_SERVER_ERROR && status != StatusCode::BAD_GATEWAY, "{status}: {}", answer.text());
    }
}

async fn token(person: &mut Person, page: &str) -> String {
    person.browser.get(page).await.field("form_token").expect("a form token")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_sets_one_password() {
    let town = Town::without_texts().await;
    let link = town.gate.invite(ANNA, &[]).await;
    let mut anna = Person::new(ANNA, town.gate.browser());
    anna.browser.get(&link).await.location();
    let passwords: Vec<String> = (0..20).map(|number| format!("Correct-Horse-{number}-Battery")).collect();
    let answers =
        join_all(
            passwords.iter().map(|password| {
                let mut browser = anna.browser.clone();
                async move {
                    browser.post("/.vestibule/register", &[("new_password", password), ("new_password_again", password)]).await
                }
            }),
        );
    let answers = answers.await;
    are_clear(&answers);
    assert_eq!(recorded(&town.gate, "user.register").await, 1);
    let done: Vec<_> = answers.iter().zip(&passwords).filter(|(answer, _)| answer.status == StatusCode::OK).collect();
    assert_eq!(done.len(), 1, "one was told so");
    done[0].1.clone_into(&mut anna.password);
    assert_eq!(anna.log_in("/").await.location(), "/.vestibule/setup", "and that one holds");
    let later =
        fifty(&anna.browser, "/.vestibule/register", &[("new_password", PASSWORD), ("new_password_again", PASSWORD)]).await;
    assert!(later.iter().all(|answer| answer.header("location") == "/.vestibule/login?why=registered"));
    assert_eq!(recorded(&town.gate, "user.register").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_the_authenticator_over_all_surfaces_at_once() {
    let town = Town::with_texts().await;
    let mut anna = town.with_mobile(ANNA).await;
    let mut doors = anna.in_new_browser(&town.gate);
    doors.reach_page_two().await;
    // One token for each form, before the code is there.
    let pages = [VERIFY, MOBILE, "/.vestibule/account/codes", "/.vestibule/account/mfa", "/.vestibule/account/password"];
    let mut tokens = BTreeMap::new();
    for page in pages {
        tokens.insert(page, token(&mut anna, page).await);
    }
    let (sessions, texts) = (town.gate.number("SELECT count(*) FROM sessions").await, town.sms.asked());
    let code = anna.next_code(&town.gate);
    let new = "Gull-Teapot-47-Lantern";
    let all = (0..10).flat_map(|_| {
        let pressed = |browser: &Browser, page: &'static str, fields: Vec<(&'static str, String)>| {
            let (mut browser, code) = (browser.clone(), code.clone());
            Box::pin(async move {
                let mut fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                fields.push(("code", &code));
                browser.post(page, &fields).await
            })
        };
        let inside = |page: &'static str, more: &[(&'static str, &str)]| {
            let mut fields = vec![("form_token", tokens[page].clone()), ("password", PASSWORD.to_owned())];
            fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
            pressed(&anna.browser, page, fields)
        };
        [
            pressed(&doors.browser, VERIFY, Vec::new()),
            inside(VERIFY, &[]),
            inside(MOBILE, &[("act", "remove")]),
            inside("/.vestibule/account/codes", &[]),
            inside("/.vestibule/account/mfa", &[]),
            inside("/.vestibule/account/password", &[("new_password", new), ("new_password_again", new)]),
        ]
    });
    are_clear(&join_all(all).await);
    let mut effects =
        usize::try_from(town.gate.number("SELECT count(*) FROM audit WHERE action = 'session.start'").await).unwrap();
    effects -= usize::try_from(sessions).unwrap();
    for action in ["session.confirm", "mobile.remove", "codes.replace", "mfa.stage", "password.change"] {
        effects += recorded(&town.gate, action).await;
    }
    assert_eq!((effects, town.sms.asked()), (1, texts), "one code, one effect");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_texts_a_new_number_and_the_code_that_binds_it() {
    let town = Town::with_texts().await;
    let mut anna = town.with_mobile(ANNA).await;
    let (form, code) = (token(&mut anna, MOBILE).await, anna.next_code(&town.gate));
    let fields = [
        ("form_token", form.as_str()),
        ("act", "change"),
        ("password", PASSWORD),
        ("mobile", "+44 7400 123456"),
        ("code", &code),
    ];
    are_clear(&fifty(&anna.browser, MOBILE, &fields).await);
    assert_eq!((recorded(&town.gate, "mobile.stage").await, town.sms.asked()), (1, 2), "one text");
    let texted = town.sms.expect(2).await.code();
    let form = token(&mut anna, MOBILE_CONFIRM).await;
    let fields = [("form_token", form.as_str()), ("code", texted.as_str())];
    let answers = fifty(&anna.browser, MOBILE_CONFIRM, &fields).await;
    are_clear(&answers);
    assert_eq!(recorded(&town.gate, "mobile.change").await, 2, "the one in the wizard and this one");
    assert_eq!(town.gate.number("SELECT count(*) FROM texted_codes").await, 0);
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer.headers.contains_key("set-cookie") && answer.status == 303)
            .filter(|answer| answer.header("location").contains("done=mobile"))
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_a_recovery_mail_and_what_it_leads_to() {
    let town = Town::with_texts().await;
    let anna = town.with_mobile(ANNA).await;
    let mut lost = anna.in_new_browser(&town.gate);
    lost.reach_page_two().await;
    assert_eq!(lost.browser.post(RECOVER, &[("act", "text")]).await.status, 200);
    let code = town.sms.expect(2).await.code();
    let link = town.office.find("Recover your").await.link();
    let mut mailbox = town.gate.browser();
    mailbox.get(&link).await.location();
    are_clear(&fifty(&mailbox, "/.vestibule/recover/mail", &[]).await);
    assert_eq!(recorded(&town.gate, "recovery.mail").await, 1);
    let answers = fifty(&lost.browser, RECOVER, &[("act", "texted"), ("code", &code)]).await;
    are_clear(&answers);
    let granted = |answer: &&Answer| {
        answer.headers.get_all("set-cookie").iter().any(|cookie| cookie.to_str().unwrap().starts_with("__Host-vestibule-grant="))
    };
    assert_eq!(answers.iter().filter(granted).count(), 1, "one grant");
    assert_eq!(recorded(&town.gate, "recovery.accept").await, 1);
    // Later, in the same browsers and in others.
    assert_eq!(mailbox.post("/.vestibule/recover/mail", &[]).await.status, StatusCode::GONE);
    assert_eq!(town.gate.browser().get(&link).await.status, StatusCode::GONE);
    assert_eq!(lost.browser.post(RECOVER, &[("act", "texted"), ("code", &code)]).await.location(), "/.vestibule/setup");
    assert_eq!(recorded(&town.gate, "recovery.accept").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn this_was_not_me_freezes_once_in_fifty() {
    let town = Town::without_texts().await;
    let anna = town.gate.signed_in(ANNA).await;
    anna.in_new_browser(&town.gate).sign_in(&town.gate, "/").await;
    let link = town.office.find("sign-in").await.link();
    let mut owner = town.gate.browser();
    owner.get(&link).await.location();
    let answers = fifty(&owner, "/.vestibule/not-me", &[]).await;
    are_clear(&answers);
    assert_eq!(recorded(&town.gate, "user.freeze").await, 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    town.gate.set_disabled(ANNA, false).await;
    are_clear(&fifty(&owner, "/.vestibule/not-me", &[]).await);
    assert!(!town.gate.account(ANNA).await.disabled, "a link that was used stays used");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_signs_in_once_with_one_code_there_and_at_the_portal() {
    let town = Town::without_texts().await;
    let boss = town.gate.admin("boss@example.com").await;
    let (mut portal, mut there) = (boss.in_new_browser(&town.gate), boss.in_new_browser(&town.gate));
    there.browser.addr = town.gate.app().admin_addr().unwrap();
    "localhost".clone_into(&mut there.browser.host);
    there.browser.port = there.browser.addr.port();
    portal.reach_page_two().await;
    assert_eq!(there.log_in("/.vestibule/admin").await.location(), VERIFY);
    let before = recorded(&town.gate, "session.start").await;
    let code = boss.next_code(&town.gate);
    let fields = [("code", code.as_str())];
    let (one, other) = tokio::join!(fifty(&portal.browser, VERIFY, &fields), fifty(&there.browser, VERIFY, &fields));
    are_clear(&one);
    are_clear(&other);
    assert_eq!(recorded(&town.gate, "session.start").await, before + 1);
}

/// *Cancel* at the very moment at which the act is due: one of both.
#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_act_is_cancelled_or_carried_out() {
    let town = Town::without_texts().await;
    let boss = town.gate.admin("boss@example.com").await;
    // What is done to an admin waits.
    town.gate.admin(ANNA).await;
    let anna = town.gate.account(ANNA).await;
    let office = town.gate.open_store(false).await.office();
    let letters = Letters { enrolment_window: Duration::from_hours(1), mail: false };
    for round in 1..=10 {
        let now = town.gate.now();
        let asker = town.gate.account(&boss.login).await;
        let delayed = Delayed {
            id: vestibule::keys::new_id(now.wall),
            act: Act::Deed { deed: Deed::Disable, whom: vec![anna.id], recovery_due: false },
            admin: asker.id,
            login: asker.login,
            epoch: asker.epoch,
            client: std::net::Ipv4Addr::LOCALHOST.into(),
            asked: now.wall,
            // Not the gate's own upkeep: it would be a third.
            due: now.secure + Duration::from_hours(24),
        };
        let (speed, _) = office.ask(&delayed, Configured::window(Duration::from_hours(1)), letters, now).await.unwrap();
        assert_eq!(speed, Speed::AfterADay);
        let then = Reading { secure: delayed.due, ..now };
        let cancelling =
            join_all((0..25).map(|_| office.cancel(delayed.id, delayed.admin, delayed.epoch, town.gate.event("admin.cancel"))));
        let carrying = join_all((0..25).map(|_| office.carry_out_due(letters, then)));
        let (cancelled, carried) = tokio::join!(cancelling, carrying);
        let cancelled = cancelled.into_iter().filter(|done| matches!(done, Ok(Cancelled::Done))).count();
        let carried: usize = carried.into_iter().map(Result::unwrap).sum();
        assert_eq!(cancelled + carried, 1, "cancelled {cancelled} times and carried out {carried} times");
        assert_eq!(town.gate.account(ANNA).await.disabled, carried == 1, "and that is what was done");
        let told = recorded(&town.gate, "admin.cancel").await + recorded(&town.gate, "admin.carry-out").await;
        assert_eq!(told, round, "each has one record");
        town.gate.set_disabled(ANNA, false).await;
    }
}

/// Each thing is spent before the process is killed, and tried again after it has been started anew.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_nothing_works_twice() {
    let office = PostOffice::open().await;
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()])
        .section("mail", &office.section())
        .section("limits", "failures_per_client = \"10000/s burst 10000\"");
    let gate = Gate::start_with(setup, Hands::ago(Duration::from_hours(1))).await;
    let mut people = Vec::new();
    for login in ["code@example.com", "confirm@example.com", "recovery@example.com", "reset@example.com", "not-me@example.com"] {
        people.push(gate.signed_in(login).await);
    }
    let invitation = gate.invite("new@example.com", &[]).await;
    let enrolment = gate.import("old@example.com", PASSWORD).await;
    let dir = gate.close().await;
    let mut served = Served::start(dir.path());

    // Path, fields, and the cookies that it was sent with.
    let mut used_up: Vec<Press> = Vec::new();
    let mut uses = async |name: &'static str, path: &'static str, mut browser: Browser, fields: Vec<(&'static str, String)>| {
        let before = browser.clone();
        let form: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = browser.post(path, &form).await;
        assert!(
            answer.status == StatusCode::OK || answer.status == StatusCode::SEE_OTHER,
            "{name}: {} {}",
            answer.status,
            answer.text()
        );
        used_up.push((path, before, fields));
        browser
    };
    let code = |person: &Person| ("code", code_at(&person.secret, now()));
    let both = |password: &str| vec![("new_password", password.to_owned()), ("new_password_again", password.to_owned())];
    let log_in = async |person: &Person| {
        let mut person = Person { browser: served.browser(), ..person.clone() };
        let passed = person.log_in("/").await;
        assert_eq!(passed.status, StatusCode::SEE_OTHER, "{}", passed.text());
        person.browser
    };
    uses("sign in", VERIFY, log_in(&people[0]).await, vec![code(&people[0])]).await;
    let mut inside = served.same(&people[1].browser);
    let token = inside.get(VERIFY).await.field("form_token").unwrap();
    uses("confirm", VERIFY, inside, vec![("form_token", token), code(&people[1])]).await;
    uses("recover", RECOVER, log_in(&people[2]).await, vec![("code", people[2].recovery[0].clone())]).await;
    let mut asks = served.browser();
    assert_eq!(asks.post("/.vestibule/forgot", &[("login", "reset@example.com")]).await.status, StatusCode::OK);
    asks.get(&office.find("Set a new password").await.link()).await.location();
    uses("reset", "/.vestibule/reset", asks, both("Gull-Teapot-47-Lantern")).await;
    let thief = log_in(&people[4]).await;
    uses("sign in", VERIFY, thief, vec![code(&people[4])]).await;
    let told = |mail: &crate::harness::Arrived| mail.to == "not-me@example.com" && mail.header("Subject").contains("sign-in");
    Gate::until("the owner is told", || async { office.arrived().iter().any(told) }).await;
    let mut owner = served.browser();
    owner.get(&office.arrived().into_iter().find(told).unwrap().link()).await.location();
    uses("not me", "/.vestibule/not-me", owner, Vec::new()).await;
    let mut new = served.browser();
    new.get(&invitation).await.location();
    uses("register", "/.vestibule/register", new, both(PASSWORD)).await;
    let mut old = Person::new("old@example.com", served.browser());
    old.browser.get(&enrolment).await.location();
    assert_eq!(old.log_in("/").await.location(), SETUP);
    old.secret = crate::harness::person::secret_of(&old.browser.post(SETUP, &[]).await.text());
    uses("enable", SETUP, old.browser.clone(), vec![code(&old)]).await;

    served.process.kill();
    let effects = || {
        let trail = json(dir.path(), &["audit", "--format", "json"]);
        let mut counts = BTreeMap::new();
        for record in trail.as_array().unwrap() {
            let action = record["action"].as_str().unwrap().to_owned();
            // Failures of strangers are counted there too.
            if !action.ends_with(".refuse") {
                *counts.entry((action, record["login"].as_str().unwrap_or_default().to_owned())).or_insert(0) += 1;
            }
        }
        counts
    };
    let before = effects();
    let again = Served::start(dir.path());
    for (path, browser, fields) in &used_up {
        let form: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = again.same(browser).post(path, &form).await;
        are_clear(std::slice::from_ref(&answer));
        let session = answer.headers.get_all("set-cookie").iter().any(|cookie| {
            cookie.to_str().unwrap().starts_with("__Host-vestibule=") && !cookie.to_str().unwrap().contains("Max-Age=0")
        });
        assert!(!session, "{path}: {:?}", answer.headers);
    }
    // Codes of an authenticator once more, with a new pending login: the step is used, not the page.
    let mut person = Person { browser: again.browser(), ..people[0].clone() };
    person.log_in("/").await.location();
    let code = used_up[0].2[0].1.clone();
    assert_eq!(person.browser.post(VERIFY, &[("code", &code)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(effects(), before, "nothing was done a second time");
    assert_eq!(used_up.len(), 8);
}
