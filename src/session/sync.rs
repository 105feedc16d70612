//! Keeps the table in step with the store: loads it at start, follows the change feed, reconciles, writes behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

use crate::clock::{Clock, Timestamp};
use crate::ports::StoreError;
use crate::session::log::{Change, SessionLog, Snapshot};
use crate::session::table::Table;
use crate::session::window::{AdminWindow, Configured};

/// How often the feed is read. What another process changes bites here within this time and one read.
const FEED_EVERY: Duration = Duration::from_millis(200);
/// How often everything is compared.
const RECONCILE_EVERY: Duration = Duration::from_mins(1);
/// How often `last_seen` and the high-water mark of time are written.
const WRITE_EVERY: Duration = Duration::from_secs(10);
const BATCH: u32 = 1000;

/// Whether the store can be read, or written.
#[derive(Debug, Default)]
pub struct Health {
    /// Secure time of the first failure since the last success, in milliseconds; 0: none.
    failing_since: AtomicI64,
}

impl Health {
    /// How long it has not worked.
    pub fn failing_for(&self, now: Timestamp) -> Option<Duration> {
        match self.failing_since.load(Ordering::Acquire) {
            0 => None,
            since => Some(now.since(Timestamp::from_millis(since))),
        }
    }

    fn note(&self, worked: bool, now: Timestamp) {
        if worked {
            self.failing_since.store(0, Ordering::Release);
        } else {
            let _ = self.failing_since.compare_exchange(0, now.millis().max(1), Ordering::AcqRel, Ordering::Acquire);
        }
    }
}

/// The follower.
pub struct Sync {
    log: Arc<dyn SessionLog>,
    table: Arc<Table>,
    clock: Clock,
    window: Arc<AdminWindow>,
    reading: Arc<Health>,
    writing: Arc<Health>,
    poke: Notify,
    /// The number of the last change applied. Whoever reads a row and puts it in the table holds this lock meanwhile, so that
    /// an older row never overwrites a newer one.
    seq: Mutex<i64>,
}

impl Sync {
    /// Loads everything. Nothing is served before this has worked.
    pub async fn start(
        log: Arc<dyn SessionLog>,
        table: Arc<Table>,
        clock: Clock,
        window: Arc<AdminWindow>,
    ) -> Result<Self, StoreError> {
        clock.raise_to(log.high_water().await?);
        let sync = Self {
            log,
            table,
            clock,
            window,
            reading: Arc::default(),
            writing: Arc::default(),
            poke: Notify::new(),
            seq: Mutex::new(0),
        };
        sync.reconcile().await?;
        Ok(sync)
    }

    /// Whether the change feed can be read: what live sessions depend on, for no longer than `session.outage_grace`.
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
        let _seq = self.seq.lock().await;
        self.refresh_locked(id).await
    }

    /// Follows until dropped. Never returns; failures are noted, and reading goes on.
    pub async fn follow(&self) {
        let mut turn = tokio::time::interval(FEED_EVERY);
        turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut until_reconcile, mut until_write) = (RECONCILE_EVERY, WRITE_EVERY);
        loop {
            tokio::select! {
                _ = turn.tick() => {}
                () = self.poke.notified() => {}
            }
            self.report(&self.reading, "read the change feed", &self.catch_up().await);
            self.table.sweep(self.clock.now().secure);
            until_reconcile = until_reconcile.saturating_sub(FEED_EVERY);
            until_write = until_write.saturating_sub(FEED_EVERY);
            if until_reconcile.is_zero() {
                until_reconcile = RECONCILE_EVERY;
                self.report(&self.reading, "compare sessions with the store", &self.reconcile().await);
                self.report(&self.writing, "forget what has expired", &self.log.sweep(self.clock.now().secure).await.map(|_| ()));
            }
            if until_write.is_zero() {
                until_write = WRITE_EVERY;
                self.report(&self.writing, "write the last requests", &self.write_behind().await);
            }
        }
    }

    /// What must be in the store before the process ends.
    pub async fn finish(&self) {
        self.report(&self.writing, "write the last requests", &self.write_behind().await);
    }

    fn report(&self, health: &Health, what: &str, outcome: &Result<(), StoreError>) {
        let now = self.clock.now().secure;
        match (outcome, health.failing_for(now)) {
            (Err(error), None) => tracing::error!(error = %error, "could not {what}"),
            (Ok(()), Some(_)) => tracing::info!("could {what} again"),
            _ => {}
        }
        health.note(outcome.is_ok(), now);
    }

    async fn catch_up(&self) -> Result<(), StoreError> {
        let mut seq = self.seq.lock().await;
        loop {
            let (last, changes) = self.log.changes(*seq, BATCH).await?;
            if changes.is_empty() {
                if last < *seq {
                    // The feed is younger than what was applied: another database was put in place.
                    return self.reconcile_locked(&mut seq).await;
                }
                return Ok(());
            }
            for change in &changes {
                self.apply(change).await?;
            }
            *seq = last;
        }
    }

    async fn apply(&self, change: &Change) -> Result<(), StoreError> {
        let now = self.clock.now().secure;
        match change {
            Change::Session(id) => self.refresh_locked(*id).await,
            Change::Account(id) => {
                match self.log.account_sessions(*id, now).await? {
                    Some((account, sessions)) => self.table.set_account(&account, &sessions),
                    None => self.table.remove_account(*id),
                }
                Ok(())
            }
            Change::Settings => {
                let settings = self.log.settings().await?;
                self.window.set(settings);
                Ok(())
            }
        }
    }

    async fn refresh_locked(&self, id: Uuid) -> Result<(), StoreError> {
        match self.log.session(id, self.clock.now().secure).await? {
            Some((row, account)) => self.table.put(&row, account),
            None => self.table.remove(id),
        }
        Ok(())
    }

    async fn reconcile(&self) -> Result<(), StoreError> {
        let mut seq = self.seq.lock().await;
        self.reconcile_locked(&mut seq).await
    }

    async fn reconcile_locked(&self, seq: &mut i64) -> Result<(), StoreError> {
        let Snapshot { seq: read, sessions, accounts, settings } = self.log.snapshot(self.clock.now().secure).await?;
        self.table.reconcile(&sessions, &accounts);
        self.window.set(settings);
        *seq = read;
        Ok(())
    }

    async fn write_behind(&self) -> Result<(), StoreError> {
        let now = self.clock.now().secure;
        // Twice the interval: a request that came while the last batch was made is not lost.
        let seen = self.table.seen_since(now - WRITE_EVERY * 2);
        if !seen.is_empty() {
            self.log.touch(&seen).await?;
        }
        self.log.raise_high_water(now).await
    }
}
