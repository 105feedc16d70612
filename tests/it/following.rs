//! Following the store: each of its loops goes at its own pace, what hangs is noticed, and nobody who was thrown out comes back.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use uuid::Uuid;
use vestibule::audit::Event;
use vestibule::clock::{Clock, Reading, Timestamp};
use vestibule::identity::{AccountId, Login};
use vestibule::ports::{StoreError, TokenHash};
use vestibule::session::log::{
    AccountRow, Change, Listed, Outline, Place, PreviousToken, SessionLog, SessionRow, Setting, Snapshot, StoredSettings, Tally,
    Which,
};
use vestibule::session::sync::{Follower, Lineage};
use vestibule::session::table::Table;
use vestibule::session::window::{AdminWindow, Configured};

use crate::harness::Hands;

const MINUTE: Duration = Duration::from_mins(1);
const ANNA: AccountId = AccountId(Uuid::from_u128(1));

/// A store of which each part can be made to wait.
struct Slow {
    sessions: Mutex<Vec<SessionRow>>,
    changes: Mutex<Vec<Change>>,
    /// Numbers up to this one are no longer told.
    forgotten: Mutex<i64>,
    touched: Mutex<Vec<Vec<(Uuid, Timestamp)>>>,
    /// How often the mark of time was written.
    marks: AtomicU32,
    /// It was put in the place of a newer one.
    older: AtomicBool,
    breaks: AtomicU64,
    /// Nobody can say whether it was.
    unclear: AtomicBool,
    snapshots: AtomicU32,
    /// How often somebody began to look at everything.
    compared: AtomicU32,
    name: Mutex<String>,
    outlines: Semaphore,
    away: AtomicBool,
    feed: Semaphore,
    snapshot: Semaphore,
    books: Semaphore,
}

/// Waits for its turn, and leaves it to the next.
async fn pass(gate: &Semaphore) {
    drop(gate.acquire().await.unwrap());
}

fn account(name: String) -> AccountRow {
    AccountRow {
        id: ANNA,
        login: Login::parse("anna@example.com").unwrap(),
        name,
        groups: Vec::new(),
        admin: false,
        disabled: false,
        epoch: 1,
    }
}

impl Slow {
    fn reachable(&self) -> Result<(), StoreError> {
        if self.away.load(Ordering::SeqCst) { Err(StoreError::Unavailable("away".to_owned())) } else { Ok(()) }
    }

    fn account(&self) -> AccountRow {
        account(self.name.lock().unwrap().clone())
    }

    fn newest(&self) -> i64 {
        i64::try_from(self.changes.lock().unwrap().len()).unwrap()
    }

    fn end_session(&self, id: Uuid) {
        self.sessions.lock().unwrap().retain(|row| row.id != id);
        self.changes.lock().unwrap().push(Change::Session(id));
    }
}

#[async_trait]
impl SessionLog for Slow {
    async fn snapshot(&self, _: Timestamp, read: &Tally) -> Result<Snapshot, StoreError> {
        let (seq, sessions) = (self.newest(), self.sessions.lock().unwrap().clone());
        self.snapshots.fetch_add(1, Ordering::SeqCst);
        pass(&self.snapshot).await;
        self.reachable()?;
        for _ in &sessions {
            read.count();
        }
        Ok(Snapshot { seq, sessions, accounts: vec![self.account()], settings: StoredSettings::default() })
    }
    /// Two at a time.
    async fn outlines(&self, after: Option<Uuid>, _: Timestamp) -> Result<Vec<Outline>, StoreError> {
        if after.is_none() {
            self.compared.fetch_add(1, Ordering::SeqCst);
        }
        let mut rows: Vec<_> = self.sessions.lock().unwrap().iter().map(SessionRow::outline).collect();
        rows.retain(|row| after.is_none_or(|after| row.id > after));
        rows.sort_by_key(|row| row.id);
        rows.truncate(2);
        pass(&self.outlines).await;
        self.reachable()?;
        Ok(rows)
    }
    async fn accounts(&self, after: Option<AccountId>) -> Result<Vec<AccountRow>, StoreError> {
        Ok(if after.is_none() { vec![self.account()] } else { Vec::new() })
    }
    async fn listed(&self, _: Option<AccountId>, _: &Place, _: u32, _: Timestamp) -> Result<Vec<Listed>, StoreError> {
        Ok(Vec::new())
    }
    async fn living(&self, _: Option<AccountId>, _: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
    async fn changes(&self, seq: i64, limit: u32) -> Result<(i64, Vec<Change>), StoreError> {
        pass(&self.feed).await;
        self.reachable()?;
        if seq < *self.forgotten.lock().unwrap() {
            return Ok((self.newest(), Vec::new()));
        }
        let all = self.changes.lock().unwrap();
        let from = usize::try_from(seq).unwrap();
        let part: Vec<_> = all.iter().skip(from).take(limit as usize).cloned().collect();
        Ok((i64::try_from(from + part.len()).unwrap(), part))
    }
    async fn session(&self, id: Uuid, _: Timestamp) -> Result<Option<(SessionRow, AccountRow)>, StoreError> {
        let found = self.sessions.lock().unwrap().iter().find(|row| row.id == id).cloned();
        Ok(found.map(|row| (row, self.account())))
    }
    async fn account_sessions(&self, _: AccountId, _: Timestamp) -> Result<Option<(AccountRow, Vec<SessionRow>)>, StoreError> {
        Ok(Some((self.account(), self.sessions.lock().unwrap().clone())))
    }
    async fn settings(&self) -> Result<StoredSettings, StoreError> {
        Ok(StoredSettings::default())
    }
    async fn set(&self, _: Setting, _: Event) -> Result<(), StoreError> {
        Ok(())
    }
    async fn end(&self, _: Which, _: Event) -> Result<u64, StoreError> {
        Ok(0)
    }
    async fn touch(&self, seen: &[(Uuid, Timestamp)]) -> Result<(), StoreError> {
        pass(&self.books).await;
        self.reachable()?;
        self.touched.lock().unwrap().push(seen.to_vec());
        Ok(())
    }
    async fn sweep(&self, _: Timestamp) -> Result<u64, StoreError> {
        pass(&self.books).await;
        self.reachable()?;
        Ok(0)
    }
    async fn high_water(&self) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::default())
    }
    async fn raise_high_water(&self, _: Timestamp) -> Result<(), StoreError> {
        self.reachable()?;
        self.marks.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[async_trait]
impl Lineage for Slow {
    fn breaks(&self) -> u64 {
        self.breaks.load(Ordering::SeqCst)
    }
    async fn hold(&self, _: Reading) -> Result<(), StoreError> {
        if self.unclear.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("unclear".to_owned()));
        }
        if self.older.swap(false, Ordering::SeqCst) {
            self.sessions.lock().unwrap().clear();
            self.breaks.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// A follower at work, and the store that it follows.
struct Stage {
    store: Arc<Slow>,
    table: Arc<Table>,
    follower: Arc<Follower>,
    hands: Arc<Hands>,
    clock: Clock,
    task: JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn token(number: u16) -> TokenHash {
    let mut token = [0; 32];
    token[..2].copy_from_slice(&number.to_be_bytes());
    TokenHash(token)
}

impl Stage {
    /// With sessions 1 to `count`.
    async fn with(count: u16) -> Self {
        let hands = Arc::new(Hands::default());
        let clock = Clock::with_source(hands.clone());
        let now = clock.now().secure;
        let row = |number: u16| SessionRow {
            id: Uuid::from_u128(number.into()),
            token: token(number),
            previous: None,
            account: ANNA,
            portal: "portal".to_owned(),
            epoch: 1,
            created: now,
            code_at: now,
            code_step: 1,
            last_seen: now,
            expires: now + Duration::from_hours(1000),
            client: Ipv4Addr::LOCALHOST.into(),
            agent: String::new(),
            shared: false,
            parent: None,
        };
        let open = || Semaphore::new(1);
        let store = Arc::new(Slow {
            sessions: Mutex::new((1..=count).map(row).collect()),
            changes: Mutex::default(),
            forgotten: Mutex::default(),
            touched: Mutex::default(),
            marks: AtomicU32::default(),
            older: AtomicBool::default(),
            breaks: AtomicU64::default(),
            unclear: AtomicBool::default(),
            snapshots: AtomicU32::default(),
            compared: AtomicU32::default(),
            name: Mutex::default(),
            outlines: open(),
            away: AtomicBool::default(),
            feed: open(),
            snapshot: open(),
            books: open(),
        });
        let table = Arc::new(Table::new());
        let window = Arc::new(AdminWindow::new(Configured::window(Duration::from_hours(1))));
        let read = Tally::default();
        let follower = Follower::start(store.clone(), store.clone(), table.clone(), clock.clone(), window, &read).await.unwrap();
        assert_eq!(read.so_far(), u64::from(count));
        let follower = Arc::new(follower);
        let following = follower.clone();
        let task = tokio::spawn(async move { following.follow().await });
        Self { store, table, follower, hands, clock, task }
    }

    fn lives(&self, number: u16) -> bool {
        self.table.look_up(&token(number), self.clock.now().secure).is_some()
    }

    fn failing_for(&self) -> Option<Duration> {
        self.follower.reading().failing_for(self.clock.now().secure)
    }

    fn compared(&self) -> u32 {
        self.store.compared.load(Ordering::SeqCst)
    }

    fn snapshots(&self) -> u32 {
        self.store.snapshots.load(Ordering::SeqCst)
    }

    /// Waits for so long in the runtime's time, which costs none, until it holds.
    async fn within(span: Duration, what: &str, condition: impl Fn() -> bool) {
        let step = Duration::from_millis(50);
        for _ in 0..span.as_millis() / step.as_millis() {
            if condition() {
                return;
            }
            tokio::time::sleep(step).await;
        }
        panic!("not within {span:?}: {what}");
    }
}

const SOON: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_feed_that_hangs_is_failing_since_it_was_last_read() {
    let stage = Stage::with(1).await;
    assert_eq!(stage.failing_for(), None);
    let held = stage.store.feed.acquire().await.unwrap();
    stage.hands.advance(10 * MINUTE);
    Stage::within(10 * SOON, "it is noticed", || stage.failing_for().is_some()).await;
    assert!(stage.failing_for().unwrap() >= 10 * MINUTE, "{:?}", stage.failing_for());
    assert!(stage.lives(1), "the grace is for others to judge");
    drop(held);
    Stage::within(SOON, "it goes on", || stage.failing_for().is_none()).await;
    stage.store.end_session(Uuid::from_u128(1));
    Stage::within(SOON, "it is caught up", || !stage.lives(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_slow_snapshot_delays_no_revocation_and_brings_nobody_back() {
    let stage = Stage::with(3).await;
    let held = stage.store.snapshot.acquire().await.unwrap();
    stage.store.sessions.lock().unwrap().retain(|row| row.token != token(3));
    Stage::within(2 * MINUTE, "everything is read", || stage.snapshots() == 2).await;
    stage.store.end_session(Uuid::from_u128(1));
    Stage::within(SOON, "the session is gone", || !stage.lives(1)).await;
    assert_eq!(stage.failing_for(), None);
    drop(held);
    // The one that was read before the end is thrown away, and another is made.
    Stage::within(SOON, "compared", || {
        assert!(!stage.lives(1), "it came back");
        stage.snapshots() == 3
    })
    .await;
    tokio::time::sleep(SOON).await;
    assert!(!stage.lives(1) && stage.lives(2) && !stage.lives(3));
}

#[tokio::test(start_paused = true)]
async fn comparing_reads_everything_only_where_something_differs() {
    let stage = Stage::with(5).await;
    let quiet = async |what: &str| {
        let (compared, snapshots) = (stage.compared(), stage.snapshots());
        Stage::within(5 * MINUTE, "it is compared", || stage.compared() > compared + 2).await;
        assert_eq!(stage.snapshots(), snapshots, "{what}");
    };
    quiet("nothing differs").await;
    let now = stage.clock.now().secure;
    let of = |number: usize, change: &dyn Fn(&mut SessionRow)| change(&mut stage.store.sessions.lock().unwrap()[number - 1]);
    let differs = async |what: &str, mended: &dyn Fn() -> bool| {
        let snapshots = stage.snapshots();
        Stage::within(2 * MINUTE, what, || stage.snapshots() > snapshots && mended()).await;
        quiet(what).await;
    };
    let found = |number: u16| stage.table.look_up(&token(number), now);
    let previous = PreviousToken { token: token(1), until: now + MINUTE, code_at: now };
    of(1, &|row| (row.token, row.previous) = (token(11), Some(previous)));
    differs("a cookie", &|| stage.lives(11) && stage.lives(1)).await;
    of(1, &|row| row.previous = None);
    differs("an old cookie", &|| !stage.lives(1)).await;
    of(2, &|row| row.code_at = now + MINUTE);
    differs("a code", &|| found(2).unwrap().code_at == now + MINUTE).await;
    "Anna".clone_into(&mut stage.store.name.lock().unwrap());
    differs("an account", &|| found(3).unwrap().session.account.view().row.name == "Anna").await;
    stage.store.sessions.lock().unwrap().pop();
    differs("an end", &|| !stage.lives(5)).await;
    let fourth = stage.store.sessions.lock().unwrap()[3].clone();
    stage.store.sessions.lock().unwrap().push(SessionRow { id: Uuid::from_u128(7), token: token(7), ..fourth });
    differs("a beginning", &|| stage.lives(7)).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_feed_tells_meanwhile_is_no_difference() {
    let stage = Stage::with(4).await;
    let held = stage.store.outlines.acquire().await.unwrap();
    Stage::within(2 * MINUTE, "it is compared", || stage.compared() == 1).await;
    // Of the part that is on its way, and of one that is not.
    for number in [1, 4] {
        stage.store.end_session(Uuid::from_u128(number));
    }
    Stage::within(SOON, "they are gone", || !stage.lives(1) && !stage.lives(4)).await;
    let second = stage.store.sessions.lock().unwrap()[0].clone();
    let new = SessionRow { id: Uuid::from_u128(0), token: token(9), ..second };
    stage.store.sessions.lock().unwrap().push(new.clone());
    stage.store.changes.lock().unwrap().push(Change::Session(new.id));
    Stage::within(SOON, "it is there", || stage.lives(9)).await;
    drop(held);
    Stage::within(2 * MINUTE, "it is compared again", || stage.compared() == 2).await;
    assert_eq!(stage.snapshots(), 1);
    assert!(!stage.lives(1) && stage.lives(2) && !stage.lives(4) && stage.lives(9));
}

#[tokio::test(start_paused = true)]
async fn comparing_mends_what_the_feed_did_not_tell() {
    let stage = Stage::with(2).await;
    stage.store.sessions.lock().unwrap().retain(|row| row.token != token(1));
    Stage::within(2 * MINUTE, "it is found out", || !stage.lives(1)).await;
    assert!(stage.lives(2));
}

#[tokio::test(start_paused = true)]
async fn slow_books_delay_no_revocation() {
    let stage = Stage::with(2).await;
    let _held = stage.store.books.acquire().await.unwrap();
    tokio::time::sleep(5 * MINUTE).await;
    stage.store.end_session(Uuid::from_u128(1));
    Stage::within(SOON, "the session is gone", || !stage.lives(1)).await;
    let compared = stage.compared();
    Stage::within(2 * MINUTE, "everything is compared", || stage.compared() > compared).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_feed_no_longer_knows_is_read_from_a_snapshot() {
    let stage = Stage::with(2).await;
    stage.store.sessions.lock().unwrap().retain(|row| row.token != token(1));
    stage.store.changes.lock().unwrap().extend(vec![Change::Settings; 3]);
    *stage.store.forgotten.lock().unwrap() = 2;
    Stage::within(SOON, "the session is gone", || !stage.lives(1)).await;
    // So too where there is more than can be told one by one.
    stage.store.sessions.lock().unwrap().clear();
    stage.store.changes.lock().unwrap().extend(vec![Change::Settings; 5000]);
    Stage::within(SOON, "all are gone", || stage.table.is_empty()).await;
    let snapshots = stage.snapshots();
    assert_eq!(snapshots, 3);
    stage.store.changes.lock().unwrap().push(Change::Settings);
    tokio::time::sleep(SOON).await;
    assert_eq!(stage.snapshots(), snapshots, "then the feed is enough again");
}

#[tokio::test(start_paused = true)]
async fn last_requests_are_written_once_and_after_an_outage_too() {
    let stage = Stage::with(2).await;
    let touched = || std::mem::take(&mut *stage.store.touched.lock().unwrap());
    let id = Uuid::from_u128(1);
    stage.hands.advance(MINUTE);
    tokio::time::sleep(2 * MINUTE).await;
    touched();
    stage.store.away.store(true, Ordering::SeqCst);
    stage.hands.advance(MINUTE);
    let seen = stage.clock.now().secure;
    stage.table.look_up(&token(1), seen).unwrap().session.saw(seen);
    tokio::time::sleep(2 * MINUTE).await;
    stage.hands.advance(10 * MINUTE);
    stage.store.away.store(false, Ordering::SeqCst);
    tokio::time::sleep(2 * MINUTE).await;
    assert_eq!(touched(), [vec![(id, seen)]], "who was here during the outage, and once");
    tokio::time::sleep(2 * MINUTE).await;
    assert!(touched().is_empty(), "nothing new");
}

/// Neighbours lie on the same pages of the store, each of which is then written once.
#[tokio::test(start_paused = true)]
async fn last_requests_are_written_part_by_part_in_the_order_of_the_rows() {
    let stage = Stage::with(4001).await;
    let written = || stage.store.touched.lock().unwrap().clone();
    stage.hands.advance(MINUTE);
    let seen = stage.clock.now().secure;
    for number in 1..=4001 {
        stage.table.look_up(&token(number), seen).unwrap().session.saw(seen);
    }
    stage.hands.advance(MINUTE);
    let held = stage.store.books.acquire().await.unwrap();
    let marks = stage.store.marks.load(Ordering::SeqCst);
    tokio::time::sleep(2 * MINUTE).await;
    assert!(written().is_empty(), "the books are held");
    assert!(stage.store.marks.load(Ordering::SeqCst) > marks + 10, "which does not hold up the mark of time");
    drop(held);
    Stage::within(SOON, "the first part is written", || written().len() == 1).await;
    // Which has taken long, so that there is a rest.
    Stage::within(2 * SOON, "all is written", || written().len() == 3).await;
    let all: Vec<_> = (1..=4001).map(|number| (Uuid::from_u128(number), seen)).collect();
    assert_eq!(written().concat(), all);
}

/// Its sessions are read before anybody can know what it is: none of them may be believed for a moment.
#[tokio::test(start_paused = true)]
async fn an_older_copy_brings_nobody_back_and_nobody_stays() {
    for by_the_feed in [true, false] {
        let stage = Stage::with(2).await;
        let before = stage.store.sessions.lock().unwrap().clone();
        stage.store.end_session(Uuid::from_u128(1));
        Stage::within(SOON, "the session is gone", || !stage.lives(1)).await;
        *stage.store.sessions.lock().unwrap() = before;
        stage.store.older.store(true, Ordering::SeqCst);
        let mut span = 2 * MINUTE;
        if by_the_feed {
            *stage.store.forgotten.lock().unwrap() = 99;
            stage.store.changes.lock().unwrap().push(Change::Settings);
            span = SOON;
        }
        Stage::within(span, "it is found out", || {
            assert!(!stage.lives(1), "it came back");
            !stage.lives(2)
        })
        .await;
        assert_eq!(stage.store.breaks.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_which_nobody_can_say_what_it_is_is_not_believed() {
    let stage = Stage::with(2).await;
    let held = stage.store.snapshot.acquire().await.unwrap();
    *stage.store.forgotten.lock().unwrap() = 99;
    stage.store.changes.lock().unwrap().push(Change::Settings);
    stage.store.sessions.lock().unwrap().clear();
    Stage::within(SOON, "a snapshot is read", || stage.snapshots() == 2).await;
    stage.store.unclear.store(true, Ordering::SeqCst);
    drop(held);
    Stage::within(10 * SOON, "it is noticed", || stage.failing_for().is_some()).await;
    assert!(stage.lives(1) && stage.lives(2), "the grace is for others to judge");
}
