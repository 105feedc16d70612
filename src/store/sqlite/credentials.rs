//! The credentials port: each method names the transaction that does it, and bounds how long it may take.

use async_trait::async_trait;
use uuid::Uuid;

use super::{SqliteStore, accounts, attempts, buckets, devices, enrolment, failures, links, pendings, sessions, sign_in};
use crate::audit::Event;
use crate::auth::account::Account;
use crate::auth::credentials::{
    AfterWrongCode, AttemptId, Charge, Charged, CodeBudget, Confirm, Credentials, DeviceId, EnableMfa, FirstPassword, Link,
    LinkId, LinkKind, NewAccount, NewLink, NewPending, Pending, Recovery, ReopenCodes, Reservation, SessionReservation, SignIn,
    Spent,
};
use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::ports::{StoreError, TokenHash};
use crate::session::log::Which;

#[async_trait]
impl Credentials for SqliteStore {
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.db.reading(accounts::by_id(&self.db, id)).await
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError> {
        self.db.reading(accounts::by_login(&self.db, login)).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.db.reading(accounts::all(&self.db)).await
    }

    async fn create_account(&self, account: NewAccount, link: NewLink, event: Event) -> Result<bool, StoreError> {
        self.db.writing(accounts::create(&self.db, account, link, event)).await
    }

    async fn create_accounts(&self, new: Vec<(NewAccount, NewLink, Event)>) -> Result<Option<Login>, StoreError> {
        self.db.writing_many(accounts::create_all(&self.db, new)).await
    }

    async fn rehash_password(&self, id: AccountId, old: &str, new: &str) -> Result<(), StoreError> {
        self.db.writing(accounts::rehash(&self.db, id, old, new)).await
    }

    async fn issue_link(&self, id: AccountId, link: NewLink, event: Event) -> Result<bool, StoreError> {
        self.db.writing(links::issue(&self.db, id, link, event)).await
    }

    async fn link_by_token(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Link>, StoreError> {
        self.db.reading(links::by_token(&self.db, token, now)).await
    }

    async fn link_done(&self, token: &TokenHash, kind: LinkKind, now: Timestamp) -> Result<bool, StoreError> {
        self.db.reading(links::is_done(&self.db, token, kind, now)).await
    }

    async fn link(&self, id: LinkId, now: Timestamp) -> Result<Option<Link>, StoreError> {
        self.db.reading(links::by_id(&self.db, id, now)).await
    }

    async fn set_first_password(
        &self,
        link: LinkId,
        hash: &str,
        now: Timestamp,
        event: Event,
    ) -> Result<FirstPassword, StoreError> {
        self.db.writing(links::set_first_password(&self.db, link, hash, now, event)).await
    }

    async fn charge(&self, charges: &[Charge], now: Timestamp) -> Result<Charged, StoreError> {
        self.db.writing(buckets::charge(&self.db, charges, now)).await
    }

    async fn refund(&self, charges: &[Charge], _now: Timestamp) -> Result<(), StoreError> {
        self.db.writing(buckets::refund(&self.db, charges)).await
    }

    async fn note_failure(&self, event: Event) -> Result<(), StoreError> {
        self.db.writing(failures::note(&self.db, event)).await
    }

    async fn open_pending(&self, pending: NewPending) -> Result<bool, StoreError> {
        self.db.writing(pendings::open(&self.db, pending)).await
    }

    async fn pending(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(Pending, Account)>, StoreError> {
        self.db.reading(pendings::by_token(&self.db, token, now)).await
    }

    async fn drop_pending(&self, token: &TokenHash) -> Result<(), StoreError> {
        self.db.writing(pendings::end(&self.db, token)).await
    }

    async fn stage_secret(
        &self,
        token: &TokenHash,
        sealed: &[u8],
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError> {
        self.db.writing(pendings::stage_secret(&self.db, token, sealed, now, expires)).await
    }

    async fn reserve_attempt(&self, token: &TokenHash, budget: &CodeBudget, now: Timestamp) -> Result<Reservation, StoreError> {
        self.db.writing(attempts::reserve(&self.db, token, budget, now)).await
    }

    async fn settle_wrong(
        &self,
        token: &TokenHash,
        attempt: AttemptId,
        budget: &CodeBudget,
        now: Timestamp,
        event: Event,
    ) -> Result<AfterWrongCode, StoreError> {
        self.db.writing(attempts::settle_wrong(&self.db, token, attempt, budget, now, event)).await
    }

    async fn settle_void(&self, token: &TokenHash, attempt: AttemptId) -> Result<(), StoreError> {
        self.db.writing(attempts::settle_void(&self.db, token, attempt)).await
    }

    async fn enable_mfa(&self, enable: EnableMfa, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
        self.db.writing(enrolment::enable_mfa(&self.db, enable, now, event)).await
    }

    async fn replace_codes(
        &self,
        token: &TokenHash,
        hashes: &[[u8; 32]],
        staged: &[u8],
        now: Timestamp,
        event: Event,
    ) -> Result<bool, StoreError> {
        self.db.writing(enrolment::replace_codes(&self.db, token, hashes, staged, now, event)).await
    }

    async fn codes_handed_out(&self, token: &TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.db.writing(enrolment::codes_handed_out(&self.db, token, now)).await
    }

    async fn codes_saved(&self, token: &TokenHash, now: Timestamp, expires: Timestamp, event: Event) -> Result<bool, StoreError> {
        self.db.writing(enrolment::codes_saved(&self.db, token, now, expires, event)).await
    }

    async fn reopen_codes(&self, reopen: ReopenCodes, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
        self.db.writing(enrolment::reopen_codes(&self.db, reopen, now, event)).await
    }

    async fn sign_in(&self, sign_in: SignIn, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
        self.db.writing(sign_in::sign_in(&self.db, sign_in, now, event)).await
    }

    async fn recover(&self, recovery: Recovery, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
        self.db.writing(enrolment::recover(&self.db, recovery, now, event)).await
    }

    async fn reserve_in_session(&self, session: Uuid, limit: u32, now: Timestamp) -> Result<SessionReservation, StoreError> {
        self.db.writing(sign_in::reserve(&self.db, session, limit, now)).await
    }

    async fn void_in_session(&self, session: Uuid) -> Result<(), StoreError> {
        self.db.writing(sign_in::void(&self.db, session)).await
    }

    async fn confirm(&self, confirm: Confirm, now: Timestamp, event: Event) -> Result<Spent, StoreError> {
        self.db.writing(sign_in::confirm(&self.db, confirm, now, event)).await
    }

    async fn end_session(&self, session: Uuid, event: Event) -> Result<bool, StoreError> {
        self.db.writing(async { Ok(sessions::end(&self.db, Which::One(session), event).await? > 0) }).await
    }

    async fn device(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(DeviceId, AccountId)>, StoreError> {
        self.db.reading(devices::by_token(&self.db, token, now)).await
    }
}
