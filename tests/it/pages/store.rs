//! A store of one account for the tests of the pages: as much of the port as their flows need, without the care for races and
//! budgets that the real ones take.

use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use uuid::Uuid;

use vestibule::audit::Event;
use vestibule::auth::account::{Account, Mfa};
use vestibule::auth::credentials::*;
use vestibule::auth::self_service::*;
use vestibule::clock::Timestamp;
use vestibule::identity::{AccountId, Login};
use vestibule::park::lot::{Bounds, Claimed, Kept, Lot, NewParked, Owner, Row, Whose};
use vestibule::ports::{StoreError, TokenHash};
use vestibule::session::log::{AccountRow, SessionRow};

/// A store of parked requests with none in it.
pub struct NothingWaits;

#[async_trait]
impl Lot for NothingWaits {
    async fn lapsed(
        &self,
        _: Option<&TokenHash>,
        _: Option<&TokenHash>,
        _: &str,
        _: Timestamp,
        _: Timestamp,
    ) -> Result<Option<Owner>, StoreError> {
        Ok(None)
    }
    async fn keep(&self, _: NewParked, _: Bounds, _: Event) -> Result<Kept, StoreError> {
        Ok(Kept::Full)
    }
    async fn list(&self, _: &Whose, _: Timestamp) -> Result<Vec<Row>, StoreError> {
        Ok(Vec::new())
    }
    async fn adopt(&self, _: &Whose, _: Timestamp) -> Result<u64, StoreError> {
        Ok(0)
    }
    async fn ticket(&self, _: &Whose, _: Uuid, _: &TokenHash, _: Timestamp, _: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }
    async fn claim(&self, _: &Whose, _: &TokenHash, _: &[u8; 32], _: Timestamp, _: Event) -> Result<Option<Claimed>, StoreError> {
        Ok(None)
    }
    async fn unsent(&self, _: Uuid) -> Result<(), StoreError> {
        Ok(())
    }
    async fn answered(&self, _: Uuid, _: u16) -> Result<(), StoreError> {
        Ok(())
    }
    async fn discard(&self, _: &Whose, _: Uuid, _: Timestamp, _: Event) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// Wrong codes that a pending login or session takes.
const TRIES: u32 = 5;

pub struct State {
    pub account: Account,
    pub link: Option<NewLink>,
    /// The link that has led to enrolment.
    pub done: Option<TokenHash>,
    pub pending: Option<Pending>,
    pub session: Option<SessionRow>,
    pub wrong_in_session: u32,
    pub recovery: Vec<[u8; 32]>,
    pub device: Option<TokenHash>,
    /// Set: every call fails.
    pub away: bool,
    /// Set: no session can be ended.
    pub stuck: bool,
    /// Set: every charge is refused until then.
    pub slow_until: Option<Timestamp>,
}

pub struct OneAccount(Mutex<State>);

impl OneAccount {
    pub fn new(account: Account, link: Option<NewLink>) -> Self {
        Self(Mutex::new(State {
            account,
            link,
            done: None,
            pending: None,
            session: None,
            wrong_in_session: 0,
            recovery: Vec::new(),
            device: None,
            away: false,
            stuck: false,
            slow_until: None,
        }))
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn up(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let state = self.state();
        if state.away { Err(StoreError::Unavailable("unplugged".to_owned())) } else { Ok(state) }
    }
}

impl State {
    pub fn account_row(&self) -> AccountRow {
        let Account { id, login, name, groups, admin, disabled, epoch, .. } = self.account.clone();
        AccountRow { id, login, name, groups, admin, disabled, epoch }
    }

    fn pending_mut(&mut self, token: &TokenHash) -> Option<&mut Pending> {
        self.pending.as_mut().filter(|pending| pending.token == *token)
    }

    fn spend(&mut self, step: u64) -> bool {
        let fresh = self.account.mfa.as_mut().filter(|mfa| mfa.last_step < step);
        fresh.map(|mfa| mfa.last_step = step).is_some()
    }
}

#[async_trait]
impl Credentials for OneAccount {
    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(Some(self.up()?.account.clone()).filter(|account| account.id == id))
    }
    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError> {
        Ok(Some(self.up()?.account.clone()).filter(|account| account.login == *login))
    }
    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        Ok(vec![self.up()?.account.clone()])
    }
    async fn create_account(&self, _: NewAccount, _: NewLink, _: Event) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn create_accounts(&self, _: Vec<(NewAccount, NewLink, Event)>) -> Result<Option<Login>, StoreError> {
        Ok(None)
    }
    async fn rehash_password(&self, _: AccountId, _: &str, _: &str) -> Result<(), StoreError> {
        Ok(())
    }
    async fn issue_link(&self, _: AccountId, _: NewLink, _: Event) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn link_by_token(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Link>, StoreError> {
        let state = self.up()?;
        let link = state.link.as_ref().filter(|link| link.token == *token && now < link.expires);
        Ok(link.map(|link| Link { id: link.id, kind: link.kind, account: state.account.id, expires: link.expires }))
    }
    async fn link_done(&self, token: &TokenHash, _: LinkKind, _: Timestamp) -> Result<bool, StoreError> {
        Ok(self.up()?.done == Some(*token))
    }
    async fn link(&self, id: LinkId, now: Timestamp) -> Result<Option<Link>, StoreError> {
        let state = self.up()?;
        let link = state.link.as_ref().filter(|link| link.id == id && now < link.expires);
        Ok(link.map(|link| Link { id: link.id, kind: link.kind, account: state.account.id, expires: link.expires }))
    }
    async fn set_first_password(&self, _: LinkId, hash: &str, _: Timestamp, _: Event) -> Result<FirstPassword, StoreError> {
        self.up()?.account.password = Some(hash.to_owned());
        Ok(FirstPassword::Set)
    }
    async fn charge(&self, _: &[Charge], _: Timestamp) -> Result<Charged, StoreError> {
        Ok(self.up()?.slow_until.map_or(Charged::Taken, Charged::Until))
    }
    async fn refund(&self, _: &[Charge], _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }
    async fn note_failure(&self, _: Event) -> Result<(), StoreError> {
        Ok(())
    }
    async fn open_pending(&self, new: NewPending) -> Result<bool, StoreError> {
        self.up()?.pending = Some(Pending {
            token: new.token,
            portal: new.portal,
            stage: new.stage,
            to: new.to,
            grant: new.grant,
            device: new.device,
            attempts: 0,
            staged_secret: None,
            staged_codes: None,
            codes_handed_out: false,
            enabled_step: None,
            expires: new.expires,
        });
        Ok(true)
    }
    async fn pending(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(Pending, Account)>, StoreError> {
        let state = self.up()?;
        let pending = state.pending.clone().filter(|pending| pending.token == *token && now < pending.expires);
        Ok(pending.map(|pending| (pending, state.account.clone())))
    }
    async fn drop_pending(&self, token: &TokenHash) -> Result<(), StoreError> {
        self.up()?.pending.take_if(|pending| pending.token == *token);
        Ok(())
    }
    async fn stage_secret(&self, token: &TokenHash, sealed: &[u8], _: Timestamp, _: Timestamp) -> Result<bool, StoreError> {
        Ok(self.up()?.pending_mut(token).map(|pending| pending.staged_secret = Some(sealed.to_vec())).is_some())
    }
    async fn reserve_attempt(&self, token: &TokenHash, _: &CodeBudget, now: Timestamp) -> Result<Reservation, StoreError> {
        let mut state = self.up()?;
        if state.account.locked_at.is_some() {
            return Ok(Reservation::Locked);
        }
        let Some(pending) = state.pending_mut(token) else { return Ok(Reservation::Gone) };
        pending.attempts += 1;
        let left = TRIES.saturating_sub(pending.attempts);
        Ok(Reservation::Reserved { attempt: AttemptId(vestibule::keys::new_id(now)), left })
    }
    async fn settle_wrong(
        &self,
        token: &TokenHash,
        _: AttemptId,
        _: &CodeBudget,
        _: Timestamp,
        _: Event,
    ) -> Result<AfterWrongCode, StoreError> {
        let mut state = self.up()?;
        let left = state.pending_mut(token).map_or(0, |pending| TRIES.saturating_sub(pending.attempts));
        if left == 0 {
            state.pending = None;
            return Ok(AfterWrongCode::Destroyed);
        }
        Ok(AfterWrongCode::Left(left))
    }
    async fn settle_void(&self, token: &TokenHash, _: AttemptId) -> Result<(), StoreError> {
        if let Some(pending) = self.up()?.pending_mut(token) {
            pending.attempts -= 1;
        }
        Ok(())
    }
    async fn enable_mfa(&self, enable: EnableMfa, _: Timestamp, _: Event) -> Result<Spent, StoreError> {
        let mut state = self.up()?;
        state.account.mfa =
            Some(Mfa { sealed_secret: enable.sealed_secret, last_step: enable.step, enrolled_at: enable.enrolled_at });
        state.account.epoch += 1;
        state.done = state.link.take().map(|link| link.token);
        state.recovery = enable.code_hashes;
        let Some(pending) = state.pending_mut(&enable.pending) else { return Ok(Spent::Gone) };
        pending.stage = Stage::Codes;
        pending.attempts = 0;
        pending.enabled_step = Some(enable.step);
        pending.staged_codes = Some(enable.staged_codes);
        Ok(Spent::Done)
    }
    async fn replace_codes(
        &self,
        token: &TokenHash,
        hashes: &[[u8; 32]],
        staged: &[u8],
        _: Timestamp,
        _: Event,
    ) -> Result<bool, StoreError> {
        let mut state = self.up()?;
        state.recovery = hashes.to_vec();
        Ok(state.pending_mut(token).map(|pending| pending.staged_codes = Some(staged.to_vec())).is_some())
    }
    async fn codes_handed_out(&self, token: &TokenHash, _: Timestamp) -> Result<bool, StoreError> {
        Ok(self.up()?.pending_mut(token).map(|pending| pending.codes_handed_out = true).is_some())
    }
    async fn codes_saved(&self, token: &TokenHash, _: Timestamp, _: Timestamp, _: Event) -> Result<bool, StoreError> {
        let mut state = self.up()?;
        state.account.codes_saved = true;
        Ok(state.pending_mut(token).map(|pending| pending.stage = Stage::Verify).is_some())
    }
    async fn reopen_codes(&self, reopen: ReopenCodes, _: Timestamp, _: Event) -> Result<Spent, StoreError> {
        let mut state = self.up()?;
        if !state.spend(reopen.step) {
            return Ok(Spent::AlreadyUsed);
        }
        Ok(state.pending_mut(&reopen.pending).map_or(Spent::Gone, |pending| {
            pending.stage = Stage::Codes;
            pending.enabled_step = Some(reopen.step);
            Spent::Done
        }))
    }
    async fn sign_in(&self, sign_in: SignIn, _: Timestamp, _: Event) -> Result<Spent, StoreError> {
        let mut state = self.up()?;
        if !state.spend(sign_in.step) {
            return Ok(Spent::AlreadyUsed);
        }
        let Some(pending) = state.pending.take() else { return Ok(Spent::Gone) };
        let NewSession { id, token, client, agent, created, expires, shared } = sign_in.session;
        state.device = sign_in.device.map(|(_, hash)| hash);
        state.session = Some(SessionRow {
            id,
            token,
            previous: None,
            account: state.account.id,
            portal: pending.portal,
            epoch: state.account.epoch,
            created,
            code_at: created,
            code_step: sign_in.step,
            last_seen: created,
            expires,
            client,
            agent,
            shared,
        });
        Ok(Spent::Done)
    }
    async fn recover(&self, recovery: Recovery, _: Timestamp, _: Event) -> Result<Spent, StoreError> {
        let mut state = self.up()?;
        if !state.recovery.contains(&recovery.code) {
            return Ok(Spent::AlreadyUsed);
        }
        state.recovery.clear();
        state.account.mfa = None;
        state.account.codes_saved = false;
        state.account.epoch += 1;
        state.session = None;
        let grant = recovery.grant.id;
        state.link = Some(recovery.grant);
        let Some(pending) = state.pending_mut(&recovery.pending) else { return Ok(Spent::Gone) };
        pending.stage = Stage::Setup;
        pending.grant = Some(grant);
        Ok(Spent::Done)
    }
    async fn reserve_in_session(&self, session: Uuid, limit: u32, _: Timestamp) -> Result<SessionReservation, StoreError> {
        let mut state = self.up()?;
        if state.session.as_ref().is_none_or(|row| row.id != session) {
            return Ok(SessionReservation::Gone);
        }
        state.wrong_in_session += 1;
        Ok(SessionReservation::Reserved { left: limit.saturating_sub(state.wrong_in_session) })
    }
    async fn void_in_session(&self, _: Uuid) -> Result<(), StoreError> {
        self.up()?.wrong_in_session -= 1;
        Ok(())
    }
    async fn confirm(&self, confirm: Confirm, _: Timestamp, _: Event) -> Result<Spent, StoreError> {
        let mut state = self.up()?;
        if !state.spend(confirm.step) {
            return Ok(Spent::AlreadyUsed);
        }
        state.wrong_in_session = 0;
        let Some(row) = state.session.as_mut() else { return Ok(Spent::Gone) };
        (row.token, row.code_at, row.code_step) = (confirm.token, confirm.code_at, confirm.step);
        Ok(Spent::Done)
    }
    async fn end_session(&self, session: Uuid, _: Event) -> Result<bool, StoreError> {
        let mut state = self.up()?;
        if state.stuck {
            return Err(StoreError::Unavailable("stuck".to_owned()));
        }
        Ok(state.session.take_if(|row| row.id == session).is_some())
    }
    async fn device(&self, token: &TokenHash, _: Timestamp) -> Result<Option<(DeviceId, AccountId)>, StoreError> {
        let state = self.up()?;
        let known = state.device.filter(|device| device == token);
        Ok(known.map(|_| (DeviceId(Uuid::nil()), state.account.id)))
    }
}

/// The pages of the flows here never come so far; `tests/it/account` has the real store.
#[async_trait]
impl SelfService for OneAccount {
    async fn change_password(&self, _: Proof, _: Renewal, _: &str, _: Timestamp, _: Event) -> Result<Spending, StoreError> {
        Ok(Spending::Gone)
    }
    async fn stage_authenticator(
        &self,
        _: Proof,
        _: &[u8],
        _: Timestamp,
        _: Timestamp,
        _: Event,
    ) -> Result<Spending, StoreError> {
        Ok(Spending::Gone)
    }
    async fn replace_authenticator(
        &self,
        _: Proof,
        _: Renewal,
        _: NewAuthenticator,
        _: Timestamp,
        _: Event,
    ) -> Result<Spending, StoreError> {
        Ok(Spending::Gone)
    }
    async fn renew_codes(&self, _: Proof, _: Renewal, _: CodeSet, _: Timestamp, _: Event) -> Result<Spending, StoreError> {
        Ok(Spending::Gone)
    }
    async fn staged(&self, _: Uuid, _: Timestamp) -> Result<Option<Staged>, StoreError> {
        Ok(None)
    }
    async fn staged_codes_handed_out(&self, _: Uuid, _: Timestamp) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn staged_codes_saved(&self, _: Uuid, _: Timestamp, _: Event) -> Result<bool, StoreError> {
        Ok(false)
    }
    async fn own_sessions(&self, _: AccountId, _: Timestamp) -> Result<Vec<OwnSession>, StoreError> {
        Ok(Vec::new())
    }
    async fn known_browsers(&self, _: AccountId, _: Timestamp) -> Result<Vec<KnownBrowser>, StoreError> {
        Ok(Vec::new())
    }
    async fn end_own(&self, _: AccountId, _: Ending, _: Event) -> Result<Vec<Uuid>, StoreError> {
        Ok(Vec::new())
    }
    async fn sign_out_everywhere(&self, _: AccountId, _: Event) -> Result<Vec<Uuid>, StoreError> {
        Ok(Vec::new())
    }
    async fn forget_browser(&self, _: AccountId, _: DeviceId, _: Event) -> Result<bool, StoreError> {
        Ok(false)
    }
}
