//! The audit trail.

use futures_util::future::join_all;
use vestibule::audit::{Actor, Event, Verdict};
use vestibule::auth::credentials::LinkKind;
use vestibule::identity::Login;

use super::bench::{Bench, CLIENT, DAY, HOUR, MINUTE, T0, event, new_id};

pub async fn records_come_in_order_and_by_login_and_time(b: Bench) {
    let (anna, _) = b.invited("anna@example.com").await;
    let at = |n: u32| T0 + n * MINUTE;
    let by_anna = Event::new(at(1), Actor::Account(anna.login.clone()), "user.password").from(CLIENT);
    b.trail().append(by_anna.about(anna.id, &anna.login).with("reason", "forgot")).await.unwrap();
    b.trail().append(Event::new(at(2), Actor::Operator("root".to_owned()), "key.rotate")).await.unwrap();
    let all = b.trail().records(0, None, None, 10).await.unwrap();
    assert_eq!(all.iter().map(|record| record.seq).collect::<Vec<_>>(), [1, 2, 3]);
    let second = &all[1];
    assert_eq!((second.at, second.actor.as_str(), second.client.as_str()), (at(1), "account:anna@example.com", "192.0.2.1"));
    assert_eq!((second.action.as_str(), second.login.as_str()), ("user.password", "anna@example.com"));
    assert_eq!((&second.account, second.detail.as_str()), (&anna.id.to_string(), r#"{"reason":"forgot"}"#));
    assert_eq!((all[2].actor.as_str(), all[2].client.as_str(), all[2].detail.as_str()), ("operator:root", "", "{}"));
    assert_eq!(b.trail().records(1, None, None, 1).await.unwrap(), all[1..2]);
    assert_eq!(b.trail().records(0, Some(at(2)), None, 10).await.unwrap(), all[2..]);
    assert_eq!(b.trail().records(0, None, Some(&anna.login), 10).await.unwrap(), all[1..2]);
    assert!(b.trail().records(2, None, Some(&anna.login), 10).await.unwrap().is_empty());
    assert!(b.trail().records(0, Some(at(2)), Some(&anna.login), 10).await.unwrap().is_empty());
}

pub async fn a_whole_chain_is_whole(b: Bench) {
    assert_eq!(b.trail().verify().await.unwrap(), Verdict::Whole { records: 0 });
    let anna = b.enrolled("anna@example.com").await;
    b.signed_in(&anna, 2).await;
    let records = b.trail().records(0, None, None, 1000).await.unwrap().len();
    assert_eq!(b.trail().verify().await.unwrap(), Verdict::Whole { records: i64::try_from(records).unwrap() });
    let b = b.reopen().await;
    b.trail().append(event("gate.start")).await.unwrap();
    assert_eq!(b.trail().verify().await.unwrap(), Verdict::Whole { records: i64::try_from(records).unwrap() + 1 });
}

pub async fn failures_become_one_record_an_hour(b: Bench) {
    let (anna, _) = b.invited("anna@example.com").await;
    let fail = |minute: u32| {
        Event::new(T0 + minute * MINUTE, Actor::Anonymous, "password.wrong").from(CLIENT).about(anna.id, &anna.login)
    };
    let hour_ends = 3600 - T0.secs() % 3600;
    let hour_ends = T0 + std::time::Duration::from_secs(u64::try_from(hour_ends).unwrap());
    for minute in [0, 2, 1] {
        b.port().note_failure(fail(minute)).await.unwrap();
    }
    b.port().note_failure(Event::new(T0, Actor::Anonymous, "password.wrong")).await.unwrap();
    b.log().sweep(hour_ends - MINUTE).await.unwrap();
    assert_eq!(b.recorded("password.wrong").await, 0, "the hour is not over");
    let b = b.reopen().await;
    b.log().sweep(hour_ends).await.unwrap();
    b.log().sweep(hour_ends).await.unwrap();
    let told = b.trail().records(1, None, None, 10).await.unwrap();
    assert_eq!(told.len(), 2);
    let of_anna = told.iter().find(|record| record.login == "anna@example.com").unwrap();
    assert_eq!((of_anna.at, of_anna.actor.as_str(), of_anna.client.as_str()), (T0 + 2 * MINUTE, "anonymous", "192.0.2.1"));
    let detail: serde_json::Value = serde_json::from_str(&of_anna.detail).unwrap();
    assert_eq!((&detail["count"], &detail["first"]), (&3.into(), &T0.to_string().into()));
    assert_eq!(detail["last"], (T0 + 2 * MINUTE).to_string());
    assert_eq!(b.trail().verify().await.unwrap(), Verdict::Whole { records: 3 });
}

pub async fn too_many_kinds_of_failures_share_one_record(b: Bench) {
    for n in 0..1100 {
        let login = Login::parse(&format!("stranger{n}@example.com")).unwrap();
        let mut failure = Event::new(T0, Actor::Anonymous, "password.wrong");
        failure.login = Some(login);
        b.port().note_failure(failure).await.unwrap();
    }
    b.log().sweep(T0 + DAY).await.unwrap();
    assert_eq!((b.recorded("password.wrong").await, b.recorded("failure.other").await), (1000, 1));
    let other = b.trail().records(0, None, None, 2000).await.unwrap().into_iter().find(|r| r.action == "failure.other");
    assert!(other.unwrap().detail.contains(r#""count":100"#));
    assert_eq!(b.trail().verify().await.unwrap(), Verdict::Whole { records: 1001 });
}

pub async fn nothing_done_nothing_recorded(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let before = b.trail().records(0, None, None, 100).await.unwrap().len();
    let link = b.link(LinkKind::Enrolment, T0 + DAY);
    assert!(!b.port().issue_link(anna.id, link, event("user.invite")).await.unwrap());
    assert!(!b.port().end_session(new_id(), event("session.end")).await.unwrap());
    assert!(!b.port().codes_saved(&b.hash(), T0, T0 + HOUR, event("user.codes")).await.unwrap());
    assert_eq!(b.end_all().await, 0);
    assert_eq!(b.trail().records(0, None, None, 100).await.unwrap().len(), before);
}

pub async fn parallel_events_make_one_chain(b: Bench) {
    let trail = b.trail();
    join_all((0..50).map(|_| {
        let trail = trail.clone();
        tokio::spawn(async move { trail.append(event("gate.tick")).await.unwrap() })
    }))
    .await;
    assert_eq!(b.trail().verify().await.unwrap(), Verdict::Whole { records: 50 });
}
