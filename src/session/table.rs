//! All live sessions in memory: looked up on every request without I/O. The only user of `dashmap` for sessions; it hands
//! out `Arc`s alone, so that no lock of a shard can be held across an await.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashmap::DashMap;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys::Scattered;
use crate::ports::TokenHash;
use crate::session::log::{AccountRow, Outline, PreviousToken, SessionRow};
use crate::session::record::{AccountCell, Session};

/// What a cookie led to.
#[derive(Clone, Debug)]
pub struct Found {
    /// The session.
    pub session: Arc<Session>,
    /// The code that this cookie is good for.
    pub code_at: Timestamp,
}

#[derive(Clone)]
struct Entry {
    session: Arc<Session>,
    /// Set for the cookie value before the last confirm: good for what it was good for, for a moment. Rare, so it stands aside.
    old: Option<Box<PreviousToken>>,
}

struct Place {
    token: TokenHash,
    old: Option<Box<TokenHash>>,
    session: Arc<Session>,
}

/// The table.
#[derive(Default)]
pub struct Table {
    by_token: DashMap<TokenHash, Entry, Scattered>,
    by_id: DashMap<Uuid, Place, Scattered>,
    of_account: DashMap<AccountId, HashSet<Uuid>>,
    /// What was handed on from a session: the store ends it with that one. Only of sessions that something was handed on from.
    handed_on: DashMap<Uuid, HashSet<Uuid>, Scattered>,
    accounts: DashMap<AccountId, Arc<AccountCell>>,
    portals: DashMap<String, Arc<str>>,
    /// The number of the comparison that goes on, or was the last.
    round: AtomicU32,
    /// How many snapshots were taken over.
    snapshots: AtomicU32,
    /// Changes come one at a time, so that a session never keeps an account cell that nobody updates any more.
    writing: Mutex<()>,
}

impl Table {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many sessions live in it.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The session that this cookie value leads to.
    pub fn look_up(&self, token: &TokenHash, now: Timestamp) -> Option<Found> {
        let entry = self.by_token.get(token)?;
        match &entry.old {
            None => Some(Found { session: Arc::clone(&entry.session), code_at: entry.session.code_at() }),
            Some(old) if now < old.until => Some(Found { session: Arc::clone(&entry.session), code_at: old.code_at }),
            Some(_) => None,
        }
    }

    /// Puts a session in, or brings the one with this id up to date.
    pub fn put(&self, row: &SessionRow, account: &AccountRow) {
        let _alone = self.alone();
        self.insert(row, account);
    }

    fn insert(&self, row: &SessionRow, account: &AccountRow) {
        let known = self.session(row.id);
        let parent = match row.parent.map(|id| self.session(id)) {
            // Without the one that it ends with it is nobody's.
            Some(None) => return self.take_out(row.id),
            Some(parent) => parent,
            None => None,
        };
        if let Some(session) = &known {
            session.carried_over(row.epoch);
        }
        let cell = self.account_cell(account);
        let session = known.unwrap_or_else(|| self.make(row, cell, parent));
        session.confirmed(row.code_at, row.code_step);
        session.seen(row.last_seen);
        session.told_in(self.round());
        let old = row.previous.map(|previous| previous.token);
        if let Some(previous) = row.previous {
            self.by_token.insert(previous.token, Entry { session: Arc::clone(&session), old: Some(Box::new(previous)) });
        }
        self.by_token.insert(row.token, Entry { session: Arc::clone(&session), old: None });
        self.of_account.entry(row.account).or_default().insert(row.id);
        let before = self.by_id.insert(row.id, Place { token: row.token, old: old.map(Box::new), session });
        for stale in before.into_iter().flat_map(|place| [Some(place.token), place.old.map(|old| *old)]).flatten() {
            if stale != row.token && Some(stale) != old {
                self.by_token.remove(&stale);
            }
        }
    }

    fn make(&self, row: &SessionRow, cell: Arc<AccountCell>, parent: Option<Arc<Session>>) -> Arc<Session> {
        let session = Session::new(row, cell, self.portal(&row.portal));
        Arc::new(match parent {
            Some(parent) => {
                self.handed_on.entry(parent.id).or_default().insert(row.id);
                session.of(parent)
            }
            None => session,
        })
    }

    /// Ends a session and forgets it.
    pub fn remove(&self, id: Uuid) {
        let _alone = self.alone();
        self.take_out(id);
    }

    /// Ends these for everybody who holds them, all of them before the first is forgotten: that takes its time.
    fn take_all_out(&self, ids: &[Uuid]) {
        for id in ids {
            if let Some(place) = self.by_id.get(id) {
                place.session.end();
            }
        }
        for id in ids {
            self.take_out(*id);
        }
    }

    fn take_out(&self, id: Uuid) {
        let mut gone = vec![id];
        while let Some(id) = gone.pop() {
            let Some((_, place)) = self.by_id.remove(&id) else { continue };
            place.session.end();
            gone.extend(self.handed_on.remove(&id).into_iter().flat_map(|(_, children)| children));
            self.forget(&place);
        }
    }

    fn forget(&self, place: &Place) {
        self.by_token.remove(&place.token);
        if let Some(old) = &place.old {
            self.by_token.remove(&**old);
        }
        let (id, account) = (place.session.id, place.session.account.id);
        if let Some(parent) = place.session.parent() {
            if let Some(mut children) = self.handed_on.get_mut(&parent.id) {
                children.remove(&id);
            }
            self.handed_on.remove_if(&parent.id, |_, children| children.is_empty());
        }
        if let Some(mut ids) = self.of_account.get_mut(&account) {
            ids.remove(&id);
        }
        if self.of_account.remove_if(&account, |_, ids| ids.is_empty()).is_some() {
            self.accounts.remove(&account);
        }
    }

    /// Brings an account up to date: what is known of it, and which sessions it has. Sessions not in `rows` end.
    pub fn set_account(&self, account: &AccountRow, rows: &[SessionRow]) {
        let _alone = self.alone();
        let live: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut gone = self.ids_of(account.id);
        gone.retain(|id| !live.contains(id));
        self.take_all_out(&gone);
        // Before the first of them swaps the account's view: by that the others would be over.
        for row in rows {
            if let Some(session) = self.session(row.id) {
                session.carried_over(row.epoch);
            }
        }
        for row in rows {
            self.insert(row, account);
        }
    }

    /// Ends all sessions of an account.
    pub fn remove_account(&self, id: AccountId) {
        let _alone = self.alone();
        self.take_all_out(&self.ids_of(id));
    }

    /// Replaces everything by what the store says now; sessions that both have stay the same objects.
    pub fn reconcile(&self, sessions: &[SessionRow], accounts: &[AccountRow]) {
        let _alone = self.alone();
        // Not by the number of a comparison: one may begin in the middle of this.
        let snapshot = self.snapshots.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        for row in sessions {
            if let Some(place) = self.by_id.get(&row.id) {
                place.session.read_in(snapshot);
            }
        }
        let gone: Vec<Uuid> =
            self.by_id.iter().filter(|place| !place.session.was_read_in(snapshot)).map(|place| *place.key()).collect();
        self.take_all_out(&gone);
        let accounts: HashMap<AccountId, &AccountRow> = accounts.iter().map(|row| (row.id, row)).collect();
        for row in sessions {
            if let Some(account) = accounts.get(&row.account) {
                self.insert(row, account);
            }
        }
    }

    /// Begins a comparison with the store: nothing is told of yet.
    pub fn next_round(&self) -> u32 {
        self.round.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    /// Whether it has this session just so. Notes that the store has told of it.
    pub fn agrees(&self, told: &Outline) -> bool {
        let Some(place) = self.by_id.get(&told.id) else { return false };
        place.session.told_in(self.round());
        place.token == told.token
            && place.old.as_deref() == told.old_token.as_ref()
            && place.session.is_at_least(told.epoch, told.code_at)
    }

    /// Sessions that the store has not told of since the comparison began.
    pub fn untold(&self) -> Vec<Uuid> {
        let round = self.round();
        self.by_id.iter().filter(|place| !place.session.was_told_in(round)).map(|place| *place.key()).collect()
    }

    /// Whether it has a session with this id.
    pub fn has(&self, id: Uuid) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Whether it knows this account just so, if it knows it at all.
    pub fn agrees_on(&self, account: &AccountRow) -> bool {
        self.accounts.get(&account.id).is_none_or(|cell| cell.view().row == *account)
    }

    /// Sessions with a request at `mark` or later, for writing behind: id and last request.
    pub fn seen_since(&self, mark: Timestamp) -> Vec<(Uuid, Timestamp)> {
        self.by_id.iter().map(|place| (*place.key(), place.session.last_seen())).filter(|(_, seen)| *seen >= mark).collect()
    }

    /// Forgets old cookie values and sessions that have expired by `now`.
    pub fn sweep(&self, now: Timestamp) {
        let _alone = self.alone();
        self.by_token.retain(|_, entry| entry.old.as_ref().is_none_or(|old| now < old.until));
        let gone: Vec<Uuid> = self.by_id.iter().filter(|place| now >= place.session.expires).map(|place| *place.key()).collect();
        self.take_all_out(&gone);
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ids_of(&self, id: AccountId) -> Vec<Uuid> {
        self.of_account.get(&id).map(|ids| ids.iter().copied().collect()).unwrap_or_default()
    }

    fn session(&self, id: Uuid) -> Option<Arc<Session>> {
        self.by_id.get(&id).map(|place| Arc::clone(&place.session))
    }

    fn round(&self) -> u32 {
        self.round.load(Ordering::Relaxed)
    }

    fn account_cell(&self, row: &AccountRow) -> Arc<AccountCell> {
        let cell = Arc::clone(&*self.accounts.entry(row.id).or_insert_with(|| Arc::new(AccountCell::new(row.clone()))));
        cell.set(row);
        cell
    }

    fn portal(&self, name: &str) -> Arc<str> {
        if let Some(known) = self.portals.get(name) {
            return Arc::clone(&known);
        }
        Arc::clone(&*self.portals.entry(name.to_owned()).or_insert_with(|| Arc::from(name)))
    }
}
