//! The ports of sessions and of the audit trail: each method names the transaction that does it, and bounds how long it may take.

use async_trait::async_trait;
use uuid::Uuid;

use super::{SqliteStore, feed, listed, sessions, settings, sweep, trail};
use crate::audit::{Event, Record, Trail, Verdict};
use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::ports::StoreError;
use crate::session::log::{
    AccountRow, Change, Listed, Outline, Place, SessionLog, SessionRow, Setting, Snapshot, StoredSettings, Tally, Which,
};

#[async_trait]
impl SessionLog for SqliteStore {
    async fn snapshot(&self, now: Timestamp, read: &Tally) -> Result<Snapshot, StoreError> {
        self.db.reading_all(sessions::snapshot(&self.db, now, read)).await
    }

    async fn outlines(&self, after: Option<Uuid>, now: Timestamp) -> Result<Vec<Outline>, StoreError> {
        self.db.reading(sessions::outlines(&self.db, after, now)).await
    }

    async fn accounts(&self, after: Option<AccountId>) -> Result<Vec<AccountRow>, StoreError> {
        self.db.reading(sessions::accounts(&self.db, after)).await
    }

    async fn listed(
        &self,
        whose: Option<AccountId>,
        after: &Place,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Listed>, StoreError> {
        self.db.reading_all(listed::part(&self.db, whose, after, limit, now)).await
    }

    async fn living(&self, whose: Option<AccountId>, now: Timestamp) -> Result<u64, StoreError> {
        self.db.reading_all(listed::count(&self.db, whose, now)).await
    }

    async fn changes(&self, seq: i64, limit: u32) -> Result<(i64, Vec<Change>), StoreError> {
        self.db.reading(feed::after(&self.db, seq, limit)).await
    }

    async fn session(&self, id: Uuid, now: Timestamp) -> Result<Option<(SessionRow, AccountRow)>, StoreError> {
        self.db.reading(sessions::one(&self.db, id, now)).await
    }

    async fn account_sessions(&self, id: AccountId, now: Timestamp) -> Result<Option<(AccountRow, Vec<SessionRow>)>, StoreError> {
        self.db.reading(sessions::of_account(&self.db, id, now)).await
    }

    async fn settings(&self) -> Result<StoredSettings, StoreError> {
        self.db.reading(settings::read(&self.db)).await
    }

    async fn set(&self, setting: Setting, event: Event) -> Result<(), StoreError> {
        self.db.writing(settings::set(&self.db, setting, event)).await
    }

    async fn end(&self, which: Which, event: Event) -> Result<u64, StoreError> {
        self.db.writing_many(sessions::end(&self.db, which, event)).await
    }

    async fn touch(&self, seen: &[(Uuid, Timestamp)]) -> Result<(), StoreError> {
        self.db.writing_many(sessions::touch(&self.db, seen)).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.db.writing_many(sweep::sweep(&self.db, now)).await
    }

    async fn high_water(&self) -> Result<Timestamp, StoreError> {
        self.db.reading(settings::high_water(&self.db)).await
    }

    async fn raise_high_water(&self, mark: Timestamp) -> Result<(), StoreError> {
        self.db.writing(settings::raise_high_water(&self.db, mark)).await
    }
}

#[async_trait]
impl Trail for SqliteStore {
    async fn records(
        &self,
        after: i64,
        since: Option<Timestamp>,
        login: Option<&Login>,
        limit: u32,
    ) -> Result<Vec<Record>, StoreError> {
        self.db.reading(trail::records(&self.db, after, since, login, limit)).await
    }

    async fn verify(&self) -> Result<Verdict, StoreError> {
        self.db.reading_all(trail::verify(&self.db)).await
    }

    async fn append(&self, event: Event) -> Result<(), StoreError> {
        self.db.writing(trail::add(&self.db, event)).await
    }
}
