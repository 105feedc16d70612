//! What bounds the acts of admins: the right to ask when the question is whole, how many accounts, how many acts that wait, and
//! that one which cannot be read or done keeps no other from its turn.

use http::StatusCode;
use vestibule::admin::letters::Letters;
use vestibule::admin::{Act, Cancelled, Deed, Delayed, Hand, Newcomer, Outcome};
use vestibule::audit::{Actor, Event};
use vestibule::identity::Login;
use vestibule::session::log::Which;

use super::*;
use crate::harness::wire::Wire;

async fn waiting(gate: &Gate) -> i64 {
    gate.number("SELECT count(*) FROM delayed_acts").await
}

/// The reasons for which acts were cancelled, sorted.
async fn reasons(gate: &Gate) -> Vec<String> {
    let records = recorded(gate, "admin.cancel").await.into_iter();
    let detail = records.map(|record| serde_json::from_str::<serde_json::Value>(&record.detail).unwrap());
    let mut reasons: Vec<String> = detail.map(|detail| detail["reason"].as_str().unwrap_or_default().to_owned()).collect();
    reasons.sort();
    reasons
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_judged_when_it_is_whole() {
    let (gate, _upstream) = gate().await;
    let (first, second) = (boss(&gate, "first@example.com").await, boss(&gate, "second@example.com").await);
    boss(&gate, "third@example.com").await;
    gate.enrolled("anna@example.com").await;
    let page = page_of(&gate, "anna@example.com").await;
    for (mut boss, disabled) in [(first, false), (second, true)] {
        let token = boss.browser.get(&page).await.field("form_token").unwrap();
        let body = format!("form_token={token}&deed=disable");
        let (early, late) = body.split_at(body.len() - 3);
        let mut wire = Wire::to(&boss.browser).await;
        let head = format!(
            "POST {page} HTTP/1.1\r\nHost: localhost:{0}\r\nOrigin: https://localhost:{0}\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: {SESSION}={1}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {2}\r\n\r\n{early}",
            boss.browser.port,
            boss.browser.cookies[SESSION],
            body.len()
        );
        wire.send(head).await;
        let id = gate.id_of(&boss.login).await;
        if disabled {
            gate.desk().await.disable(id).await.unwrap();
        } else {
            let log = gate.open_store(false).await.session_log();
            assert_eq!(log.end(Which::Of(id), gate.event("session.end")).await.unwrap(), 2);
        }
        Gate::soon("the session is over", || async { boss.browser.clone().get(HOME).await.status == StatusCode::SEE_OTHER })
            .await;
        wire.send(late).await;
        let answer = wire.head().await;
        assert!(answer.contains("303") && answer.to_lowercase().contains("location: /.vestibule/login"), "{answer}");
        assert!(!gate.account("anna@example.com").await.disabled, "disabled: {disabled}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_asks_again_who_asks() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    gate.enrolled("anna@example.com").await;
    assert!(does(&gate, &mut boss, "promote", "anna@example.com").await.location().ends_with("said=waits"));
    let store = gate.open_store(false).await;
    let (office, now) = (store.office(), gate.now());
    let (admin, anna) = (gate.account("boss@example.com").await, gate.account("anna@example.com").await);
    let asked = |deed, by: &vestibule::auth::account::Account, epoch| Delayed {
        id: vestibule::keys::new_id(now.wall),
        act: Act::Deed { deed, whom: vec![anna.id], recovery_due: false },
        admin: by.id,
        login: Login::parse("boss@example.com").unwrap(),
        epoch,
        client: "127.0.0.1".parse().unwrap(),
        asked: now.wall,
        due: now.secure + DAY,
    };
    let letters = Letters { enrolment_window: DAY, mail: false };
    let configured = gate.app().parts().window.configured();
    let waits = office.delayed().await.unwrap()[0].id;
    for (by, epoch) in [(&admin, admin.epoch + 1), (&admin, admin.epoch - 1), (&anna, anna.epoch)] {
        for deed in [Deed::Disable, Deed::Promote] {
            let (_, outcome) = office.ask(&asked(deed, by, epoch), configured, letters, now).await.unwrap();
            assert_eq!(outcome, Outcome::NotAdmin, "{deed:?} {epoch}");
        }
        let event = Event::new(now.wall, Actor::System, "admin.cancel");
        assert_eq!(office.cancel(waits, by.id, epoch, event).await.unwrap(), Cancelled::NotAdmin);
    }
    assert!(!gate.account("anna@example.com").await.disabled);
    assert_eq!(waiting(&gate).await, 1);
    let (_, outcome) = office.ask(&asked(Deed::Disable, &admin, admin.epoch), configured, letters, now).await.unwrap();
    assert_eq!(outcome, Outcome::Done(1), "or this test shows nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_or_done_keeps_nothing_from_its_turn() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    for login in ["anna@example.com", "bert@example.com"] {
        gate.enrolled(login).await;
        assert!(does(&gate, &mut boss, "promote", login).await.location().ends_with("said=waits"), "{login}");
    }
    // Of a later version of the program; of a time when an act could be longer; both due before the others.
    gate.number(
        "INSERT INTO delayed_acts SELECT randomblob(16), '{\"dance\":true}', admin, login, epoch, client, asked, due - 2
         FROM delayed_acts LIMIT 1 RETURNING 1",
    )
    .await;
    gate.number(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 501)
         INSERT INTO delayed_acts SELECT randomblob(16), (
             SELECT json_object('deed', json_object('deed', 'disable', 'recovery_due', json('false'),
                 'whom', json_group_array(printf('%032x', n)))) FROM n
         ), admin, login, epoch, client, asked, due - 1 FROM delayed_acts WHERE act NOT LIKE '%dance%' LIMIT 1 RETURNING 1",
    )
    .await;
    assert_eq!(waiting(&gate).await, 4);
    let overview = boss.browser.get(HOME).await;
    assert_eq!(overview.status, StatusCode::OK);
    let set = [("setting", "reauth-window"), ("value", "3600")];
    assert_eq!(send(&mut boss, SETTINGS, SETTINGS, &set).await.location(), format!("{SETTINGS}?said=done"));
    // Whom nobody can read.
    gate.number("UPDATE accounts SET login = 'no login id' WHERE login = 'anna@example.com' RETURNING 1").await;
    gate.hands.advance(DAY);
    Gate::until("nothing waits", || async { waiting(&gate).await == 0 }).await;
    assert!(gate.account("bert@example.com").await.admin, "the one that can be done is");
    assert_eq!(reasons(&gate).await, ["it cannot be carried out", "too many accounts", "unreadable"]);
    let told = recorded(&gate, "admin.cancel").await;
    assert!(told.iter().all(|record| record.detail.contains("\"asked_by\":\"boss@example.com\"")), "{told:?}");
    assert_eq!(recorded(&gate, "admin.carry-out").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_act_is_about_so_many_accounts_and_no_more() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let people: Vec<_> =
        (0..500).map(|n| Newcomer { login: format!("p{n:03}@example.com"), name: "Person".to_owned(), groups: vec![] }).collect();
    let (now, hand) = (gate.now(), Hand::new(Actor::Operator("root".to_owned()), gate.now().wall));
    let letters = Letters { enrolment_window: DAY, mail: false };
    let office = gate.open_store(false).await.office();
    let lines = people.iter().fold(String::from("one@example.com\n"), |all, one| all + &one.login + "\n");
    let many = send(&mut boss, INVITE, INVITE, &[("people", &lines)]).await;
    assert_eq!(many.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(many.text().contains("At most 500 people"), "{}", many.text());
    // An operator may.
    let made = office.carry_out(&Act::Invite(people), &hand, letters, now).await.unwrap();
    assert_eq!(made, Outcome::Done(500));

    // 501 with the boss, and nothing is begun.
    let all = send(&mut boss, ACCOUNTS, ACCOUNTS, &[("deed", "end-sessions"), ("all", "yes")]).await;
    assert_eq!(all.location(), format!("{ACCOUNTS}?said=too-many"));
    let page = boss.browser.get(all.location()).await.text();
    assert!(page.contains("at most 500 accounts"), "{page}");
    assert_eq!(waiting(&gate).await, 0);
    let found = format!("{ACCOUNTS}?find=person");
    let all = send(&mut boss, &found, &found, &[("deed", "disable"), ("all", "yes")]).await;
    assert_eq!(all.location(), format!("{found}&said=waits"));
    gate.hands.advance(DAY);
    Gate::until("nothing waits", || async { waiting(&gate).await == 0 }).await;
    assert_eq!(gate.number("SELECT count(*) FROM accounts WHERE disabled = 1").await, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_waits_once_and_so_many_wait_and_no_more() {
    let (gate, _upstream) = gate().await;
    let mut boss = boss(&gate, "boss@example.com").await;
    let mut other = super::boss(&gate, "other@example.com").await;
    for login in ["anna@example.com", "bert@example.com"] {
        gate.enrolled(login).await;
    }
    let said = |answer: &Answer| answer.location().rsplit('=').next().unwrap().to_owned();
    assert_eq!(said(&does(&gate, &mut boss, "promote", "anna@example.com").await), "waits");
    for boss in [&mut boss, &mut other] {
        let again = does(&gate, boss, "promote", "anna@example.com").await;
        assert_eq!(said(&again), "already", "whoever asks");
        assert!(boss.browser.get(again.location()).await.text().contains("the very same waits already"));
    }
    let set = [("setting", "idle"), ("value", "3600")];
    assert_eq!(said(&send(&mut boss, SETTINGS, SETTINGS, &set).await), "done");
    let longer = [("setting", "idle"), ("value", "14400")];
    assert_eq!(said(&send(&mut boss, SETTINGS, SETTINGS, &longer).await), "waits");
    assert_eq!(said(&send(&mut other, SETTINGS, SETTINGS, &longer).await), "already", "and the day goes on as it was");
    assert_eq!((waiting(&gate).await, recorded(&gate, "admin.delay").await.len()), (2, 2));

    gate.number(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 98)
         INSERT INTO delayed_acts SELECT randomblob(16), act, admin, login, epoch, client, asked, due
         FROM n, (SELECT * FROM delayed_acts WHERE act LIKE '%promote%') RETURNING 1",
    )
    .await;
    assert_eq!(waiting(&gate).await, 100);
    let full = does(&gate, &mut boss, "promote", "bert@example.com").await;
    assert_eq!(said(&full), "full");
    assert!(boss.browser.get(full.location()).await.text().contains("too many changes wait already"));
    // What takes another one's place, and what need not wait, finds room.
    let longest = [("setting", "idle"), ("value", "86400")];
    assert_eq!(said(&send(&mut boss, SETTINGS, SETTINGS, &longest).await), "waits");
    assert_eq!(said(&does(&gate, &mut boss, "disable", "bert@example.com").await), "done");
    assert_eq!(waiting(&gate).await, 100);
}
