//! Many sessions: what is done to all of them, or to all of one account, takes steps in proportion and no more. Numbers are such
//! that a walk through all for each would not end while anybody looks on.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use uuid::Uuid;
use vestibule::clock::Timestamp;
use vestibule::identity::{AccountId, Login};
use vestibule::ports::TokenHash;
use vestibule::session::log::{AccountRow, SessionRow};
use vestibule::session::record::{Session, Standing, Terms};
use vestibule::session::table::Table;

use crate::harness::process::{Process, address};
use crate::harness::{Gate, Setup, Upstream, raw};

const MANY: u128 = 100_000;
const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const TERMS: Terms = Terms { window: Duration::from_hours(1), idle: None };

fn account(number: u128) -> AccountRow {
    AccountRow {
        id: AccountId(Uuid::from_u128(number)),
        login: Login::parse(&format!("person{number}@example.com")).unwrap(),
        name: String::new(),
        groups: Vec::new(),
        admin: false,
        disabled: false,
        epoch: 1,
    }
}

/// Spread as drawn ones are: the table takes the last bytes for the hash.
fn spread(number: u128) -> u128 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}

fn token(number: u128) -> TokenHash {
    let mut hash = [0; 32];
    hash[16..].copy_from_slice(&spread(number).to_be_bytes());
    TokenHash(hash)
}

fn row(number: u128, account: &AccountRow, parent: Option<u128>) -> SessionRow {
    SessionRow {
        id: Uuid::from_u128(spread(number)),
        token: token(number),
        previous: None,
        account: account.id,
        portal: "portal".to_owned(),
        epoch: 1,
        created: NOW,
        code_at: NOW,
        code_step: 1,
        last_seen: NOW,
        expires: NOW + Duration::from_hours(1000),
        client: Ipv4Addr::LOCALHOST.into(),
        agent: String::new(),
        shared: false,
        parent: parent.map(|parent| Uuid::from_u128(spread(parent))),
    }
}

/// Half of them are handed on, each from another one.
fn rows(account: &AccountRow) -> Vec<SessionRow> {
    let parents = (0..MANY / 2).map(|number| row(number, account, None));
    parents.chain((MANY / 2..MANY).map(|number| row(number, account, Some(number - MANY / 2)))).collect()
}

fn held(table: &Table) -> Vec<Arc<Session>> {
    (0..MANY).filter_map(|number| table.look_up(&token(number), NOW)).map(|found| found.session).collect()
}

fn over(sessions: &[Arc<Session>]) -> usize {
    sessions.iter().filter(|session| session.standing(session.code_at(), TERMS, NOW) == Standing::Over).count()
}

#[test]
fn all_sessions_of_one_account_end_however_many_there_are() {
    let (table, anna, other) = (Table::new(), account(1), account(2));
    table.set_account(&anna, &rows(&anna));
    table.put(&row(MANY, &other, None), &other);
    let sessions = held(&table);
    assert_eq!((sessions.len(), over(&sessions)), (MANY as usize, 0));
    table.remove_account(anna.id);
    assert_eq!((table.len(), over(&sessions), held(&table).len()), (1, sessions.len(), 0));
    assert!(table.look_up(&token(MANY), NOW).is_some(), "somebody else's goes on");
}

#[test]
fn of_many_sessions_of_one_account_one_stays_and_another_takes_its_children_along() {
    let (table, anna) = (Table::new(), account(1));
    let all = rows(&anna);
    table.set_account(&anna, &all);
    let sessions = held(&table);
    // Without the parent of the last: neither that one nor its child stays.
    let gone = all[MANY as usize / 2 - 1].id;
    let rest: Vec<_> = all.iter().filter(|row| row.id != gone && row.parent != Some(gone)).cloned().collect();
    table.set_account(&anna, &rest);
    assert_eq!((table.len(), over(&sessions)), (rest.len(), 2));
    // One and its child are left.
    table.set_account(&anna, &[all[0].clone(), all[MANY as usize / 2].clone()]);
    assert_eq!((table.len(), over(&sessions)), (2, sessions.len() - 2));
    table.remove(all[0].id);
    assert!(table.is_empty());
    assert_eq!(over(&sessions), sessions.len());
}

#[test]
fn one_session_with_many_children_ends_as_fast_one_by_one_and_at_once() {
    for at_once in [true, false] {
        let (table, anna) = (Table::new(), account(1));
        let mut all = vec![row(0, &anna, None)];
        all.extend((1..MANY).map(|number| row(number, &anna, Some(0))));
        table.reconcile(&all, std::slice::from_ref(&anna));
        let sessions = held(&table);
        assert_eq!(sessions.len(), MANY as usize);
        if at_once {
            table.remove(all[0].id);
        } else {
            all[1..].iter().for_each(|child| table.remove(child.id));
            assert_eq!((table.len(), over(&sessions)), (1, sessions.len() - 1));
            table.remove(all[0].id);
        }
        assert!(table.is_empty());
        assert_eq!(over(&sessions), sessions.len());
    }
}

#[test]
fn everybody_is_out_when_the_store_holds_nobody_and_whoever_came_since_is_in() {
    let (table, anna, carl) = (Table::new(), account(1), account(2));
    table.reconcile(&rows(&anna), std::slice::from_ref(&anna));
    let sessions = held(&table);
    let new = row(MANY, &carl, None);
    table.put(&new, &carl);
    let kept = table.look_up(&token(MANY), NOW).unwrap().session;
    table.reconcile(&[new], &[carl]);
    assert_eq!((table.len(), over(&sessions)), (1, sessions.len()));
    assert!(Arc::ptr_eq(&kept, &table.look_up(&token(MANY), NOW).unwrap().session) && over(&[kept]) == 0);
}

/// A comparison may begin while a snapshot is being taken over, on another thread.
#[test]
fn comparisons_that_begin_in_the_middle_of_a_snapshot_end_nobody() {
    let (table, anna, over_now) = (Table::new(), account(1), AtomicBool::new(false));
    let all: Vec<_> = (0..2000).map(|number| row(number, &anna, None)).collect();
    table.reconcile(&all, std::slice::from_ref(&anna));
    let sessions = held(&table);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over_now.load(Ordering::Relaxed) {
                table.next_round();
            }
        });
        for _ in 0..20 {
            table.reconcile(&all, std::slice::from_ref(&anna));
        }
        over_now.store(true, Ordering::Relaxed);
    });
    assert_eq!((table.len(), over(&sessions)), (all.len(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_starts_it_is_alive_and_says_that_it_is_not_ready() {
    let upstream = Upstream::start();
    let dir = Gate::start(Setup::new(&[upstream.addr()])).await.close().await;
    // The database is opened by one process at a time: as long as this one does, the other waits.
    let folder = File::open(dir.path()).unwrap();
    folder.lock().unwrap();
    let process = Process::start(dir.path(), &["serve"]);
    let line = process.log.find("the ops listener answers");
    let ops: SocketAddr = address(&line, "ops").unwrap();
    assert_eq!(raw::plain_get(ops, "/healthz").await, (200, "ok\n".to_owned()));
    let (status, told) = raw::plain_get(ops, "/readyz").await;
    assert_eq!(status, 503);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told, serde_json::json!({ "ready": false, "problems": ["starting: the database is being opened"] }));
    assert_eq!(raw::plain_get(ops, "/metrics").await.0, 200);
    assert_eq!(process.log.count("the gate is open"), 0);
    drop(folder);
    process.log.find("the gate is open");
    Gate::until("readiness", || async { raw::plain_get(ops, "/readyz").await.0 == 200 }).await;
}
