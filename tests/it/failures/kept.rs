//! Forms that wait, and what admins do.

use http::{Method, StatusCode};

use super::faults::{Act, Saboteur};
use super::{ANNA, Town, VERIFY, goes_to};
use crate::harness::browser::Kind;
use crate::harness::{Gate, Person, Setup, Upstream};

const PARKED: &str = "/.vestibule/parked";
const ADMIN: &str = "/.vestibule/admin";

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_parked_sent_and_discarded() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    gate.adjust(|settings| settings.session_attempts = 1000);
    let mut anna = gate.signed_in(ANNA).await;
    gate.move_to(gate.code_at(&anna.browser) + std::time::Duration::from_hours(30 * 24));
    let mut saboteur = Saboteur::beside(&gate).await;
    // The page says that the form is still there: the way back brings it.
    for title in ["sent", "discarded"] {
        let park = Act::new("park", "/save?do=1", &[("title", title)]).repeats();
        saboteur.survives(&mut anna.browser, park, |answer| answer.status == StatusCode::SEE_OTHER).await;
    }
    assert_eq!(upstream.count(), 0);
    let token = anna.browser.get(VERIFY).await.field("form_token").unwrap();
    let code = anna.next_code(&gate);
    let confirm = Act::new("confirm", VERIFY, &[("form_token", &token), ("code", &code), ("to", "/")]);
    saboteur.survives(&mut anna.browser, confirm, goes_to(PARKED)).await;

    let page = anna.browser.get(PARKED).await;
    let (token, ids) = super::super::parked::waiting(&page);
    assert_eq!(ids.len(), 2, "{}", page.text());
    let discard = Act::new("discard", PARKED, &[("form_token", &token), ("id", &ids[1]), ("act", "discard")]);
    saboteur.survives(&mut anna.browser, discard, goes_to(PARKED)).await;
    let send = [("form_token", token.as_str()), ("id", ids[0].as_str()), ("act", "send")];
    // Every press gives a ticket of its own; the one before is dead.
    let pressed = saboteur
        .survives(&mut anna.browser, Act::new("send", PARKED, &send).repeats(), |answer| {
            answer.status == StatusCode::TEMPORARY_REDIRECT
        })
        .await;
    assert_eq!((pressed.header("location"), upstream.count()), ("/save?do=1", 0));
    // And now the ticket: what cannot be marked as sent is not sent.
    let claim = Act::new("claim", "/save?do=1", &send);
    saboteur.survives(&mut anna.browser, claim, |answer| answer.status == StatusCode::OK).await;
    let arrived: Vec<_> = upstream.received().into_iter().filter(|received| received.line().starts_with("POST ")).collect();
    assert_eq!(arrived.len(), 1, "{arrived:?}");
    assert_eq!(arrived[0].body, b"title=sent");
}

/// What the portal did is done, whatever can be noted of it: it is never sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_answers_while_the_store_cannot_note_it() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let mut anna = gate.signed_in(ANNA).await;
    gate.move_to(gate.code_at(&anna.browser) + std::time::Duration::from_hours(30 * 24));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    anna.browser.send(Method::POST, "/save", Kind::Navigation, &form, "a=b".into()).await.location();
    anna.confirm(&gate, "/").await.location();
    let (token, ids) = super::super::parked::waiting(&anna.browser.get(PARKED).await);
    let send = [("form_token", token.as_str()), ("id", ids[0].as_str()), ("act", "send")];
    let pressed = anna.browser.post(PARKED, &send).await;
    let mut saboteur = Saboteur::beside(&gate).await;
    // The claim writes the request and its record; what the portal has answered comes after.
    saboteur.full_from(3).await;
    let answer = anna.browser.post(pressed.header("location"), &send).await;
    saboteur.full_from(0).await;
    assert_eq!(answer.status, StatusCode::OK, "the portal has answered, and its answer counts: {}", answer.text());
    let page = anna.browser.get(PARKED).await;
    assert!(
        page.text().contains("no answer of the portal came back") && super::super::parked::waiting(&page).1.is_empty(),
        "{}",
        page.text()
    );
    assert_eq!(anna.browser.post(pressed.header("location"), &send).await.location(), PARKED);
    assert_eq!(upstream.received().iter().filter(|received| received.line().starts_with("POST ")).count(), 1);
}

/// An admin at the admin pages.
async fn boss(town: &Town) -> Person {
    let mut boss = town.gate.admin("boss@example.com").await;
    boss.browser = town.gate.browser();
    boss.browser.addr = town.gate.app().admin_addr().unwrap();
    "localhost".clone_into(&mut boss.browser.host);
    boss.browser.port = boss.browser.addr.port();
    boss
}

#[tokio::test(flavor = "multi_thread")]
async fn what_admins_do() {
    let town = Town::without_texts().await;
    let mut boss = boss(&town).await;
    town.gate.enrolled(ANNA).await;
    let mut saboteur = Saboteur::beside(&town.gate).await;
    let fields = [("login", boss.login.clone()), ("password", boss.password.clone()), ("to", ADMIN.to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    saboteur.survives(&mut boss.browser, Act::new("log in", super::LOGIN, &fields).repeats(), goes_to(VERIFY)).await;
    let code = boss.next_code(&town.gate);
    saboteur.survives(&mut boss.browser, Act::new("verify", VERIFY, &[("code", &code)]), goes_to(ADMIN)).await;

    let anna = format!("{ADMIN}/accounts/{}", town.gate.id_of(ANNA).await);
    let (invite, settings) = (format!("{ADMIN}/accounts/invite"), format!("{ADMIN}/settings"));
    let said = |page: &str, word: &str| format!("{page}?said={word}");
    let deed = |word: &'static str| vec![("deed", word), ("sure", "yes")];
    let acts = [
        ("invite", &invite, vec![("people", "bert@example.com,Bert")], said(&format!("{ADMIN}/accounts"), "done")),
        ("disable", &anna, deed("disable"), said(&anna, "done")),
        ("enable", &anna, deed("enable"), said(&anna, "done")),
        ("unlock", &anna, deed("unlock"), said(&anna, "done")),
        ("shorter window", &settings, vec![("setting", "reauth-window"), ("value", "3600")], said(&settings, "done")),
        ("promote, in a day", &anna, deed("promote"), said(&anna, "waits")),
    ];
    for (name, page, fields, to) in acts {
        if name == "unlock" {
            town.gate.number("UPDATE accounts SET locked_at = 1 WHERE login = 'anna@example.com' RETURNING locked_at").await;
        }
        let token = boss.browser.get(page).await.field("form_token").unwrap();
        let fields = [&[("form_token", token.as_str())], &fields[..]].concat();
        // Each of them can be done again; that it was done twice is in the trail.
        saboteur.survives(&mut boss.browser, Act::new(name, page, &fields).repeats(), goes_to(&to)).await;
    }
    let home = boss.browser.get(ADMIN).await;
    let (token, id) = (home.field("form_token").unwrap(), home.field("id").unwrap());
    let cancel = Act::new("cancel", "/.vestibule/admin/delayed", &[("form_token", &token), ("id", &id)]);
    saboteur.survives(&mut boss.browser, cancel, goes_to(&said(ADMIN, "cancelled"))).await;
    assert!(!town.gate.account(ANNA).await.admin);
}
