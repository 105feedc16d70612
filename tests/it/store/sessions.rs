//! Sessions, the change feed, settings, and what the store forgets.

use std::time::Duration;

use vestibule::auth::credentials::{Charge, Charged, NewPending, Spent};
use vestibule::clock::Timestamp;
use vestibule::session::log::{Change, Place, Setting, StoredSettings, Tally, Which};

use super::bench::{Bench, DAY, HOUR, MINUTE, T0, event, new_id};

pub async fn a_snapshot_holds_what_lives(b: Bench) {
    let empty = b.log().snapshot(T0, &Tally::default()).await.unwrap();
    assert_eq!((empty.seq, empty.sessions.len(), empty.accounts.len()), (0, 0, 0));
    let (anna, carl) = (b.enrolled("anna@example.com").await, b.enrolled("carl@example.com").await);
    let mut ids = vec![b.signed_in(&anna, 2).await.0, b.signed_in(&anna, 3).await.0];
    let (gone, _) = b.signed_in(&carl, 2).await;
    b.log().set(Setting::ReauthWindow(Some(HOUR)), event("settings.set")).await.unwrap();
    let found = b.log().snapshot(T0, &Tally::default()).await.unwrap();
    assert_eq!((found.sessions.len(), found.accounts.len()), (3, 2));
    assert_eq!(found.settings.reauth_window, Some(HOUR));
    assert_eq!(found.seq, b.log().changes(0, 1000).await.unwrap().0);
    assert!(b.desk().disable(carl.id).await.unwrap());
    let found = b.log().snapshot(T0, &Tally::default()).await.unwrap();
    let mut alive: Vec<_> = found.sessions.iter().map(|session| session.id).collect();
    alive.sort_unstable();
    ids.sort_unstable();
    assert_eq!(alive, ids);
    assert_eq!(found.accounts.iter().map(|account| account.id).collect::<Vec<_>>(), [anna.id]);
    assert!(!b.session_lives(gone).await);
    let (account, sessions) = b.log().account_sessions(anna.id, T0).await.unwrap().unwrap();
    assert_eq!((account.login, sessions.len()), (anna.login, 2));
    let (account, sessions) = b.log().account_sessions(carl.id, T0).await.unwrap().unwrap();
    assert!(account.disabled && sessions.is_empty());
    let late = T0 + 180 * DAY;
    assert!(b.log().snapshot(late, &Tally::default()).await.unwrap().sessions.is_empty());
    assert!(b.log().session(ids[0], late).await.unwrap().is_none());
    assert!(b.log().account_sessions(anna.id, late).await.unwrap().unwrap().1.is_empty());
    assert!(b.desk().remove(anna.id).await.unwrap());
    assert!(b.log().account_sessions(anna.id, T0).await.unwrap().is_none());
}

pub async fn the_feed_tells_every_change_in_order(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (mut seq, _) = b.log().changes(0, 1000).await.unwrap();
    let (session, _) = b.signed_in(&anna, 2).await;
    let account = Change::Account(anna.id);
    let expect = async |seq: &mut i64, expected: &[Change]| {
        let (last, changes) = b.log().changes(*seq, 1000).await.unwrap();
        assert_eq!(changes, expected);
        *seq = last;
    };
    expect(&mut seq, &[Change::Session(session)]).await;
    assert_eq!(b.port().confirm(b.confirm(session, 3), T0, event("session.confirm")).await.unwrap(), Spent::Done);
    b.log().set(Setting::ReauthWindow(None), event("settings.set")).await.unwrap();
    assert!(b.port().end_session(session, event("session.end")).await.unwrap());
    expect(&mut seq, &[Change::Session(session), Change::Settings, Change::Session(session)]).await;
    b.log().touch(&[(session, T0 + HOUR)]).await.unwrap();
    b.at_verify(&anna, None).await;
    expect(&mut seq, &[]).await;
    assert!(b.desk().disable(anna.id).await.unwrap());
    assert!(b.desk().remove(anna.id).await.unwrap());
    expect(&mut seq, &[account.clone(), account]).await;
    // In pages too.
    let (all_seq, all) = b.log().changes(0, 1000).await.unwrap();
    let (mut seq, mut paged) = (0, Vec::new());
    loop {
        let (last, part) = b.log().changes(seq, 2).await.unwrap();
        if part.is_empty() {
            break;
        }
        seq = last;
        paged.extend(part);
    }
    assert_eq!((seq, paged), (all_seq, all));
}

pub async fn sessions_end_one_by_one_by_account_and_all(b: Bench) {
    let (anna, carl) = (b.enrolled("anna@example.com").await, b.enrolled("carl@example.com").await);
    let (one, _) = b.signed_in(&anna, 2).await;
    b.signed_in(&anna, 3).await;
    let (last, _) = b.signed_in(&carl, 2).await;
    let (mut seq, _) = b.log().changes(0, 1000).await.unwrap();
    assert_eq!(b.log().end(Which::One(one), event("session.end")).await.unwrap(), 1);
    assert_eq!(b.log().end(Which::One(one), event("session.end")).await.unwrap(), 0);
    assert_eq!(b.log().end(Which::Of(anna.id), event("session.end")).await.unwrap(), 1);
    let (next, told) = b.log().changes(seq, 1000).await.unwrap();
    assert_eq!(told, [Change::Session(one), Change::Account(anna.id)]);
    seq = next;
    assert!(b.session_lives(last).await);
    assert_eq!(b.end_all().await, 1);
    assert!(!b.session_lives(last).await);
    // Wherever somebody has read to, something is missing from there on; also for whoever comes after the next change.
    let newest = b.log().snapshot(T0, &Tally::default()).await.unwrap().seq;
    assert!(newest > seq);
    b.log().set(Setting::ReauthWindow(None), event("settings.set")).await.unwrap();
    for seq in [0, 1, seq - 1, seq] {
        assert_eq!(b.log().changes(seq, 1000).await.unwrap(), (newest + 1, Vec::new()), "from {seq}");
    }
    assert_eq!(b.log().changes(newest, 1000).await.unwrap(), (newest + 1, vec![Change::Settings]));
    assert_eq!(b.end_all().await, 0);
    assert_eq!(b.log().changes(newest, 1000).await.unwrap().0, newest + 1, "nothing ended, nothing to tell");
    assert_eq!(b.recorded("session.end").await, 3);
}

/// All of them go without a look at what refers to each.
pub async fn nothing_is_left_of_sessions_that_end_all_at_once(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let mut raw = b.raw().await;
    let referring: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT m.name FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
         WHERE m.type = 'table' AND f.\"table\" = 'sessions' ORDER BY 1",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    assert_eq!(referring, ["handoffs", "parked", "sessions", "staged"], "what refers to a session must go with all of them");
    let fill = async |step: u64| {
        let mut raw = b.raw().await;
        let (session, _) = b.signed_in(&anna, step).await;
        for statement in [
            "INSERT INTO sessions SELECT randomblob(16), randomblob(32), NULL, NULL, NULL, account, portal, epoch, created, code_at,
             code_step, last_seen, expires, client, agent, shared, 0, id FROM sessions WHERE id = ?1",
            "INSERT INTO staged (session, purpose, sealed, expires) VALUES (?1, 1, x'00', 0)",
            "INSERT INTO handoffs SELECT randomblob(32), randomblob(32), id, account, 'x', 0, 0, 0 FROM sessions WHERE id = ?1",
            "INSERT INTO parked (id, account, epoch, session, browser, portal, place, head, body, size, created, expires)
             SELECT randomblob(16), account, epoch, id, randomblob(32), 'x', randomblob(32), x'00', x'00', 1, 0, 0 FROM sessions WHERE id = ?1",
        ] {
            sqlx::query(statement).bind(session.as_bytes().as_slice()).execute(&mut raw).await.unwrap();
        }
        session
    };
    let left = async || {
        let mut raw = b.raw().await;
        let count = "SELECT (SELECT count(*) FROM handoffs) + (SELECT count(*) FROM parked) + (SELECT count(*) FROM sessions)
             + (SELECT count(*) FROM staged)";
        sqlx::query_scalar::<_, i64>(count).fetch_one(&mut raw).await.unwrap()
    };
    fill(2).await;
    assert_eq!(left().await, 5);
    assert_eq!(b.end_all().await, 2);
    assert_eq!(left().await, 0);
    // Who comes next on that connection takes along what refers to it.
    let next = fill(3).await;
    assert_eq!((left().await, b.log().end(Which::One(next), event("session.end")).await.unwrap()), (5, 1));
    assert_eq!(left().await, 0);
}

pub async fn sessions_are_listed_in_order_part_by_part(b: Bench) {
    let (carl, anna) = (b.enrolled("carl@example.com").await, b.enrolled("anna@example.com").await);
    for (person, step) in [(&carl, 2), (&anna, 2), (&carl, 3), (&anna, 3), (&anna, 4)] {
        b.signed_in(person, step).await;
    }
    for (whose, expected) in [(None, 5), (Some(anna.id), 3), (Some(carl.id), 2)] {
        assert_eq!(b.log().living(whose, T0).await.unwrap(), expected);
        for limit in [1, 2, 10] {
            let (mut after, mut all) = (Place::default(), Vec::new());
            loop {
                let part = b.log().listed(whose, &after, limit, T0).await.unwrap();
                assert!(part.len() <= usize::try_from(limit).unwrap());
                let Some(last) = part.last() else { break };
                after = last.place();
                all.extend(part.into_iter().map(|one| (one.login.to_string(), one.session.created, one.session.id)));
            }
            assert!(u64::try_from(all.len()).unwrap() == expected && all.is_sorted(), "{all:?}");
            all.dedup();
            assert_eq!(u64::try_from(all.len()).unwrap(), expected);
        }
    }
    let late = T0 + 180 * DAY;
    assert_eq!(b.log().living(None, late).await.unwrap(), 0);
    assert!(b.log().listed(None, &Place::default(), 10, late).await.unwrap().is_empty());
}

pub async fn settings_are_kept_and_their_change_is_told(b: Bench) {
    assert_eq!(b.log().settings().await.unwrap(), StoredSettings::default());
    b.log().set(Setting::ReauthWindow(Some(HOUR)), event("settings.set")).await.unwrap();
    assert_eq!(b.log().settings().await.unwrap().reauth_window, Some(HOUR));
    b.log().set(Setting::ReauthWindow(Some(30 * DAY)), event("settings.set")).await.unwrap();
    b.log().set(Setting::ReauthWindow(None), event("settings.unset").with("key", "reauth-window")).await.unwrap();
    assert_eq!(b.log().settings().await.unwrap().reauth_window, None);
    let told: Vec<_> = b.trail().records(0, None, None, 10).await.unwrap().into_iter().map(|r| r.detail).collect();
    assert_eq!(
        told,
        [r#"{"new":"1h","old":null}"#, r#"{"new":"30d","old":"1h"}"#, r#"{"key":"reauth-window","new":null,"old":"30d"}"#]
    );
}

pub async fn last_seen_never_goes_back(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (one, two) = (b.signed_in(&anna, 2).await.0, b.signed_in(&anna, 3).await.0);
    let seen = async |id| b.log().session(id, T0).await.unwrap().unwrap().0.last_seen;
    b.log().touch(&[]).await.unwrap();
    b.log().touch(&[(one, T0 + HOUR), (two, T0 + MINUTE), (new_id(), T0 + HOUR)]).await.unwrap();
    assert_eq!((seen(one).await, seen(two).await), (T0 + HOUR, T0 + MINUTE));
    b.log().touch(&[(one, T0 + MINUTE), (two, T0 + HOUR)]).await.unwrap();
    assert_eq!((seen(one).await, seen(two).await), (T0 + HOUR, T0 + HOUR));
}

pub async fn the_high_water_mark_only_rises(b: Bench) {
    assert_eq!(b.log().high_water().await.unwrap(), Timestamp::from_millis(0));
    b.log().raise_high_water(T0 + HOUR).await.unwrap();
    b.log().raise_high_water(T0).await.unwrap();
    let b = b.reopen().await;
    assert_eq!(b.log().high_water().await.unwrap(), T0 + HOUR);
}

pub async fn a_sweep_forgets_what_has_expired_and_nothing_else(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, _) = b.signed_in(&anna, 2).await;
    let (_, link) = b.invited("carl@example.com").await;
    let (old, new) = (b.hash(), b.hash());
    for (token, expires) in [(old, T0 + 30 * MINUTE), (new, T0 + 100 * DAY)] {
        let pending = NewPending { expires, ..b.new_pending(&anna, token).await };
        assert!(b.port().open_pending(pending).await.unwrap());
    }
    let bucket = |interval| [Charge { key: [1; 32], interval, burst: 1 }];
    assert_eq!(b.port().charge(&bucket(30 * MINUTE), T0).await.unwrap(), Charged::Taken);
    assert_eq!(b.log().sweep(T0).await.unwrap(), 0);
    assert_eq!(b.log().sweep(T0 + 30 * MINUTE).await.unwrap(), 2, "a pending login and a bucket");
    assert!(b.pending(&old).await.is_none() && b.pending(&new).await.is_some());
    assert!(b.port().link(link.id, T0).await.unwrap().is_some());
    assert!(b.log().sweep(T0 + DAY).await.unwrap() > 0, "the link, and old changes");
    assert!(b.port().link(link.id, T0).await.unwrap().is_none());
    assert!(b.session_lives(session).await);
    b.log().sweep(T0 + 180 * DAY + 27 * HOUR).await.unwrap();
    assert!(!b.session_lives(session).await);
    assert_eq!(b.account(&anna).await.state(), "active");
}

pub async fn old_changes_are_forgotten_and_no_number_comes_twice(b: Bench) {
    b.invited("anna@example.com").await;
    let (first, _) = b.log().changes(0, 10).await.unwrap();
    b.log().sweep(T0).await.unwrap();
    assert_eq!(b.log().changes(0, 10).await.unwrap().1.len(), 1, "somebody may still have to read it");
    b.log().sweep(T0 + HOUR).await.unwrap();
    assert_eq!(b.log().changes(0, 10).await.unwrap(), (first, Vec::new()), "only a snapshot tells what was missed");
    assert_eq!(b.log().snapshot(T0, &Tally::default()).await.unwrap().seq, first);
    let b = b.reopen().await;
    let (carl, _) = b.invited("carl@example.com").await;
    assert_eq!(b.log().changes(first, 10).await.unwrap(), (first + 1, vec![Change::Account(carl.id)]));
    assert_eq!(b.log().changes(0, 10).await.unwrap(), (first + 1, Vec::new()), "nor does the rest alone");
    assert_eq!(b.log().changes(first + 7, 10).await.unwrap(), (first + 1, Vec::new()), "a number of another database");
    assert_eq!(b.log().changes(first + 1, 10).await.unwrap(), (first + 1, Vec::new()), "nothing new");
    b.log().sweep(T0 + HOUR + Duration::from_secs(1)).await.unwrap();
    assert_eq!(b.log().changes(first, 10).await.unwrap().1.len(), 1);
}

pub async fn everything_survives_a_crash(b: Bench) {
    let anna = b.enrolled("anna@example.com").await;
    let (session, device) = b.signed_in(&anna, 2).await;
    let pending = b.at_verify(&anna, Some(device)).await;
    b.log().set(Setting::ReauthWindow(Some(HOUR)), event("settings.set")).await.unwrap();
    let before = b.trail().records(0, None, None, 100).await.unwrap();
    // The old store is still open, as a process that was killed would have left it.
    let b = b.reopen().await;
    assert!(b.session_lives(session).await);
    assert_eq!(b.pending(&pending).await.unwrap().device, Some(device));
    assert_eq!(b.account(&anna).await.mfa.unwrap().last_step, 2);
    assert_eq!(b.log().settings().await.unwrap().reauth_window, Some(HOUR));
    assert_eq!(b.trail().records(0, None, None, 100).await.unwrap(), before);
}
