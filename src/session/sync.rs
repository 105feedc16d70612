//! Keeps the table in step with the store: loads it at start, follows the change feed, compares everything, writes behind.
//!
//! ```text
//! feed     every 200 ms   changes since `seq` ─► table          what another process does bites within a second
//! at once  after an act of an admin here                   what this process does bites at the next request
//! compare  each minute    outlines = table? else snapshot ─► table     what the feed has missed, if it ever does
//! mark     every 10 s     the time ─► store
//! books    each minute    last requests ─► store, and it forgets what has expired
//! ```
//!
//! Each goes at its own pace: a slow snapshot or sweep delays no revocation. Comparing and writing last requests rest between their
//! parts, and with very many sessions they may take longer than their minute; the next one comes after that.

mod compare;
mod pace;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, Notify};
use tokio::time::{Interval, MissedTickBehavior};
use uuid::Uuid;

use self::pace::Pace;
use crate::clock::{Clock, Reading, Timestamp};
use crate::ports::StoreError;
use crate::session::health::Health;
use crate::session::log::{Change, SessionLog, Snapshot, Tally};
use crate::session::table::Table;
use crate::session::window::{AdminWindow, Configured};

/// How often the feed is read. What another process changes bites here within this time and one read.
const FEED_EVERY: Duration = Duration::from_millis(200);
/// How often everything is compared.
const COMPARE_EVERY: Duration = Duration::from_mins(1);
/// How often the high-water mark of time is written.
const MARK_EVERY: Duration = Duration::from_secs(10);
/// How often `last_seen` is written and the store forgets: a busy gate has a row to write for each of its sessions. Whoever dies
/// before that has made an idle session look idle for longer than it was, by a minute and what the writing takes.
const WRITE_EVERY: Duration = Duration::from_mins(1);
/// So many last requests are written between two rests: as many as the store writes in one transaction.
const WRITTEN_AT_ONCE: usize = 2000;
/// A feed of which nothing was heard for so long hangs; one reading of it may take as long.
const READ_WITHIN: Duration = Duration::from_secs(5);
/// A snapshot may take so long.
const SNAPSHOT_WITHIN: Duration = Duration::from_secs(50);
/// A comparison may, with its rests; the next one waits for it.
const COMPARE_WITHIN: Duration = Duration::from_mins(5);
/// What is written at the end may take so long.
const FINISH_WITHIN: Duration = Duration::from_secs(5);
/// Longer than any writing may be silent: the store bounds each of its calls by a minute.
const WRITE_LATE: Duration = Duration::from_mins(5);
/// A request may note itself so long after it has read the clock.
const NOTED_LATE: Duration = Duration::from_secs(2);
/// With so many changes at once, reading everything is the shorter way.
const BATCH: u32 = 1000;
/// How often a snapshot is tried beside a feed that moves before the feed is held up for it.
const TRIES: u32 = 3;

/// Whether the store is still the one that was followed. An older copy in its place holds sessions that have ended since.
#[async_trait]
pub trait Lineage: Send + Sync {
    /// How often it was an older copy so far.
    fn breaks(&self) -> u64;
    /// Looks now. If it is an older copy, nothing of what it would revive is in the store any more when this returns, and
    /// [`Self::breaks`] says one more.
    async fn hold(&self, now: Reading) -> Result<(), StoreError>;
}

/// How far the table has come.
#[derive(Debug, Default)]
struct Progress {
    /// The number of the last change applied.
    seq: i64,
    /// How often anything was applied: a snapshot from before that is too old.
    moves: u64,
}

/// The follower.
pub struct Follower {
    log: Arc<dyn SessionLog>,
    lineage: Arc<dyn Lineage>,
    table: Arc<Table>,
    clock: Clock,
    window: Arc<AdminWindow>,
    reading: Arc<Health>,
    writing: Arc<Health>,
    poke: Notify,
    /// Since when last requests have not been written, in milliseconds of secure time.
    unwritten: AtomicI64,
    /// Whoever reads a row and puts it in the table holds this lock meanwhile, so that an older row never overwrites a newer
    /// one. Snapshots, which take long, do without and are thrown away if it was moved on meanwhile.
    progress: Mutex<Progress>,
}

impl Follower {
    /// Loads everything, counting. Nothing is served before this has worked.
    pub async fn start(
        log: Arc<dyn SessionLog>,
        lineage: Arc<dyn Lineage>,
        table: Arc<Table>,
        clock: Clock,
        window: Arc<AdminWindow>,
        read: &Tally,
    ) -> Result<Self, StoreError> {
        clock.raise_to(log.high_water().await?);
        let began = clock.now().secure;
        let follower = Self {
            log,
            lineage,
            table,
            clock,
            window,
            reading: Arc::new(Health::new(began, READ_WITHIN)),
            writing: Arc::new(Health::new(began, WRITE_LATE)),
            poke: Notify::new(),
            unwritten: AtomicI64::new(began.millis()),
            progress: Mutex::default(),
        };
        follower.read_anew_held(&mut *follower.progress.lock().await, read).await?;
        follower.reading.note(true, began);
        Ok(follower)
    }

    /// Whether the change feed can be read: what live sessions depend on, for no longer than `store.outage_grace`.
    pub fn reading(&self) -> Arc<Health> {
        Arc::clone(&self.reading)
    }

    /// Whether the store can be written.
    pub fn writing(&self) -> Arc<Health> {
        Arc::clone(&self.writing)
    }

    /// A reload brought another config file. Works while the store is away.
    pub fn configure(&self, configured: Configured) {
        self.window.configure(configured);
    }

    /// Reads the feed now rather than at the next turn.
    pub fn poke(&self) {
        self.poke.notify_one();
    }

    /// Brings one session up to date at once: it was just made, confirmed or ended by this process.
    pub async fn refresh(&self, id: Uuid) -> Result<(), StoreError> {
        let mut progress = self.progress.lock().await;
        self.refresh_held(&mut progress, id).await
    }

    /// Reads the feed here and now: what was just done by this process is felt by the next request. Does not wait for long.
    pub async fn catch_up_now(&self) -> Result<(), StoreError> {
        within(READ_WITHIN, self.catch_up()).await
    }

    /// Follows until dropped. Never returns; failures are noted, and reading goes on.
    pub async fn follow(&self) {
        tokio::join!(self.follow_feed(), self.compare_often(), self.keep_mark(), self.keep_books());
    }

    /// What must be in the store before the process ends.
    pub async fn finish(&self) {
        let began = self.clock.now().secure;
        let outcome = within(FINISH_WITHIN, self.write_behind(Pace::hurried())).await;
        report(&self.writing, "write the last requests", began, &outcome);
    }

    async fn follow_feed(&self) {
        let mut turn = every(FEED_EVERY);
        loop {
            tokio::select! {
                _ = turn.tick() => {}
                () = self.poke.notified() => {}
            }
            let began = self.clock.now().secure;
            let outcome = self.catch_up().await;
            report(&self.reading, "read the change feed", began, &outcome);
        }
    }

    async fn compare_often(&self) {
        let mut turn = every(COMPARE_EVERY);
        // At start everything has just been read.
        turn.tick().await;
        loop {
            turn.tick().await;
            // What has expired is in neither of them then.
            let now = self.clock.now().secure;
            self.table.sweep(now);
            if let Err(error) = within(COMPARE_WITHIN, self.compare(now)).await {
                tracing::error!(%error, "could not compare sessions with the store");
            }
        }
    }

    async fn keep_mark(&self) {
        let mut turn = every(MARK_EVERY);
        turn.tick().await;
        loop {
            turn.tick().await;
            let began = self.clock.now().secure;
            let outcome = self.log.raise_high_water(began).await;
            report(&self.writing, "write the mark of time", began, &outcome);
        }
    }

    async fn keep_books(&self) {
        // Not together with the comparison.
        tokio::time::sleep(WRITE_EVERY / 2).await;
        let mut turn = every(WRITE_EVERY);
        loop {
            turn.tick().await;
            let began = self.clock.now().secure;
            let outcome = self.write_behind(Pace::steady()).await;
            report(&self.writing, "write the last requests", began, &outcome);
            let began = self.clock.now().secure;
            let outcome = self.log.sweep(began).await.map(|_| ());
            report(&self.writing, "forget what has expired", began, &outcome);
        }
    }

    async fn catch_up(&self) -> Result<(), StoreError> {
        loop {
            let mut progress = within(READ_WITHIN, async { Ok(self.progress.lock().await) }).await?;
            let (last, changes) = within(READ_WITHIN, self.log.changes(progress.seq, BATCH)).await?;
            if changes.is_empty() && last == progress.seq {
                return Ok(());
            }
            if changes.is_empty() || changes.len() >= BATCH as usize {
                // What has happened is no longer known, or too much to be told one by one.
                drop(progress);
                return within(SNAPSHOT_WITHIN, self.read_anew()).await;
            }
            for change in &changes {
                self.apply(&mut progress, change).await?;
            }
            progress.seq = last;
        }
    }

    async fn apply(&self, progress: &mut Progress, change: &Change) -> Result<(), StoreError> {
        let now = self.clock.now().secure;
        match change {
            Change::Session(id) => self.refresh_held(progress, *id).await?,
            Change::Account(id) => {
                let found = within(READ_WITHIN, self.log.account_sessions(*id, now)).await?;
                progress.moves += 1;
                match found {
                    Some((account, sessions)) => self.table.set_account(&account, &sessions),
                    None => self.table.remove_account(*id),
                }
            }
            Change::Settings => {
                let settings = within(READ_WITHIN, self.log.settings()).await?;
                progress.moves += 1;
                self.window.set(settings);
            }
        }
        Ok(())
    }

    async fn refresh_held(&self, progress: &mut Progress, id: Uuid) -> Result<(), StoreError> {
        let found = within(READ_WITHIN, self.log.session(id, self.clock.now().secure)).await?;
        progress.moves += 1;
        match found {
            Some((row, account)) => self.table.put(&row, &account),
            None => self.table.remove(id),
        }
        Ok(())
    }

    /// Brings the table to what the store holds, while the feed goes on.
    async fn read_anew(&self) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let before = self.progress.lock().await.moves;
            let Some(snapshot) = self.snapshot(&Tally::default()).await? else { continue };
            let mut progress = self.progress.lock().await;
            // Older than what has been applied meanwhile, it would bring a session back that has ended since.
            if progress.moves == before {
                self.take(&mut progress, snapshot);
                return Ok(());
            }
        }
        // Too much goes on for that: it waits for once, though not for long.
        let mut progress = self.progress.lock().await;
        within(READ_WITHIN, self.read_anew_held(&mut progress, &Tally::default())).await
    }

    async fn read_anew_held(&self, progress: &mut Progress, read: &Tally) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            if let Some(snapshot) = self.snapshot(read).await? {
                self.take(progress, snapshot);
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("one older copy after the other is put in its place".to_owned()))
    }

    /// Everything, if it may be believed: of a store that was no older copy after it was read. What is put in its place later is
    /// found out when it is read next.
    async fn snapshot(&self, read: &Tally) -> Result<Option<Snapshot>, StoreError> {
        let breaks = self.lineage.breaks();
        let snapshot = self.log.snapshot(self.clock.now().secure, read).await?;
        self.lineage.hold(self.clock.now()).await?;
        Ok((self.lineage.breaks() == breaks).then_some(snapshot))
    }

    fn take(&self, progress: &mut Progress, snapshot: Snapshot) {
        let Snapshot { seq, sessions, accounts, settings } = snapshot;
        self.table.reconcile(&sessions, &accounts);
        self.window.set(settings);
        *progress = Progress { seq, moves: progress.moves + 1 };
    }

    /// Writes the last requests since the last time that this worked.
    async fn write_behind(&self, mut pace: Pace) -> Result<(), StoreError> {
        let now = self.clock.now().secure;
        self.log.raise_high_water(now).await?;
        let mut seen = self.table.seen_since(Timestamp::from_millis(self.unwritten.load(Ordering::Relaxed)));
        // As the rows lie in the store: those of one part share their pages, each of which is written once.
        seen.sort_unstable_by_key(|(id, _)| *id);
        for part in seen.chunks(WRITTEN_AT_ONCE) {
            self.log.touch(part).await?;
            pace.part_done().await;
        }
        self.unwritten.store((now - NOTED_LATE).millis(), Ordering::Relaxed);
        Ok(())
    }
}

/// Notes it, and says in the log when it turns.
fn report(health: &Health, what: &str, began: Timestamp, outcome: &Result<(), StoreError>) {
    match (outcome, health.failing_for(began)) {
        (Err(error), None) => tracing::error!(%error, "could not {what}"),
        (Ok(()), Some(_)) => tracing::info!("could {what} again"),
        _ => {}
    }
    health.note(outcome.is_ok(), began);
}

fn every(span: Duration) -> Interval {
    let mut turn = tokio::time::interval(span);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    turn
}

/// A store that does not answer in time does not answer.
async fn within<T>(span: Duration, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    match tokio::time::timeout(span, call).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::Unavailable(format!("no answer within {} s", span.as_secs()))),
    }
}
