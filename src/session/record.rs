//! A live session in memory, and the one judgement of whether it still stands.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::limit::Bucket;
use crate::session::log::{AccountRow, SessionRow};

/// What makes a value ambiguous or unfit for a header. The percent sign itself, so that decoding is exact.
const UNSAFE: &AsciiSet = &CONTROLS.add(b'%');

/// What an account's requests carry to a portal that signs people in by headers: made once per account, shared by its
/// sessions. An empty value is `None`: the header is not sent.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// The login id.
    pub user: Option<HeaderValue>,
    /// The login id, which is an e-mail address.
    pub email: Option<HeaderValue>,
    /// The groups, joined by commas.
    pub groups: Option<HeaderValue>,
    /// The display name.
    pub preferred_username: Option<HeaderValue>,
}

/// An account as its sessions see it.
#[derive(Debug)]
pub struct AccountView {
    /// As stored.
    pub row: AccountRow,
    /// Ready for the upstream.
    pub carried: Carried,
}

impl AccountView {
    /// Prepares what is carried upstream. Values that no header can hold (RFC 9110, section 5.5) are percent-encoded.
    pub fn new(row: AccountRow) -> Self {
        let [user, groups, preferred_username] = headers([row.login.as_str(), &row.groups.join(","), &row.name]);
        Self { row, carried: Carried { email: user.clone(), user, groups, preferred_username } }
    }
}

/// All in one buffer: of thousands of accounts each is wanted anew from memory, and so in as few pieces as there can be.
fn headers<const N: usize>(texts: [&str; N]) -> [Option<HeaderValue>; N] {
    let encoded = texts.map(fit);
    let mut all = Bytes::from(encoded.concat());
    encoded.map(|text| {
        let value = all.split_to(text.len());
        if value.is_empty() { None } else { HeaderValue::from_maybe_shared(value).ok() }
    })
}

fn fit(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'%');
    if plain { Cow::Borrowed(text) } else { utf8_percent_encode(text, UNSAFE).into() }
}

/// An account shared by its sessions; the view is swapped when the account changes.
#[derive(Debug)]
pub struct AccountCell {
    /// The id.
    pub id: AccountId,
    view: ArcSwap<AccountView>,
}

impl AccountCell {
    /// A cell with its first view.
    pub fn new(row: AccountRow) -> Self {
        Self { id: row.id, view: ArcSwap::from_pointee(AccountView::new(row)) }
    }

    /// What is known of the account now.
    pub fn view(&self) -> arc_swap::Guard<Arc<AccountView>> {
        self.view.load()
    }

    /// Replaces what is known.
    pub fn set(&self, row: &AccountRow) {
        if self.view.load().row != *row {
            self.view.store(Arc::new(AccountView::new(row.clone())));
        }
    }
}

/// Whether a session may pass now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Standing {
    /// Its last code is younger than the window.
    Fresh,
    /// It lives, but needs a new code first.
    WindowPassed,
    /// It is over: ended, expired, idle for too long, account disabled or changed.
    Over,
    /// It stood when the store was last read, but that is too long ago to believe it: see [`Trust`](super::health::Trust).
    Unknown,
}

/// What a standing is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The effective reauthorization window.
    pub window: Duration,
    /// Idle limit; `None`: off.
    pub idle: Option<Duration>,
}

/// In 32 bits, which last until the year 6053.
fn step(code_step: u64) -> u32 {
    u32::try_from(code_step).unwrap_or(u32::MAX)
}

/// A live session. It lies in two lines of a processor's cache, since thousands of them are looked at in turns.
#[derive(Debug)]
pub struct Session {
    /// Its public id.
    pub id: Uuid,
    /// Whose.
    pub account: Arc<AccountCell>,
    /// The portal's name.
    pub portal: Arc<str>,
    /// Made.
    pub created: Timestamp,
    /// Absolute end.
    pub expires: Timestamp,
    /// *Shared computer* was ticked.
    pub shared: bool,
    /// How much of its rate of requests is used up.
    pub bucket: Bucket,
    /// The account's epoch under which it lives.
    epoch: AtomicU64,
    code_at: AtomicI64,
    code_step: AtomicU32,
    last_seen: AtomicI64,
    ended: AtomicBool,
    /// In which comparison the store has last told of it.
    told: AtomicU32,
    /// In which snapshot it was last.
    read: AtomicU32,
    /// The session that it was handed on from, at the host of our own pages.
    parent: Option<Arc<Session>>,
}

impl Session {
    /// From its row.
    pub fn new(row: &SessionRow, account: Arc<AccountCell>, portal: Arc<str>) -> Self {
        Self {
            id: row.id,
            account,
            portal,
            created: row.created,
            expires: row.expires,
            shared: row.shared,
            bucket: Bucket::default(),
            epoch: AtomicU64::new(row.epoch),
            code_at: AtomicI64::new(row.code_at.millis()),
            code_step: AtomicU32::new(step(row.code_step)),
            last_seen: AtomicI64::new(row.last_seen.millis()),
            ended: AtomicBool::new(false),
            told: AtomicU32::new(0),
            read: AtomicU32::new(0),
            parent: None,
        }
    }

    /// The same, handed on from this one.
    #[must_use]
    pub fn of(mut self, parent: Arc<Self>) -> Self {
        self.parent = Some(parent);
        self
    }

    /// The session that it was handed on from.
    pub fn parent(&self) -> Option<&Arc<Self>> {
        self.parent.as_ref()
    }

    /// The time of the last accepted code.
    pub fn code_at(&self) -> Timestamp {
        Timestamp::from_millis(self.code_at.load(Ordering::Acquire))
    }

    /// The 30-second step of the last accepted code.
    pub fn code_step(&self) -> u64 {
        u64::from(self.code_step.load(Ordering::Relaxed))
    }

    /// The last request.
    pub fn last_seen(&self) -> Timestamp {
        Timestamp::from_millis(self.last_seen.load(Ordering::Relaxed))
    }

    /// Notes a request, to the second.
    pub fn saw(&self, now: Timestamp) {
        if now.since(self.last_seen()) >= Duration::from_secs(1) {
            self.last_seen.store(now.millis(), Ordering::Relaxed);
            // Whoever is at a portal is not idle at the host that has let them in.
            if let Some(parent) = &self.parent {
                parent.saw(now);
            }
        }
    }

    /// Somebody else has noted a request.
    pub fn seen(&self, at: Timestamp) {
        self.last_seen.fetch_max(at.millis(), Ordering::Relaxed);
    }

    /// A code was accepted.
    pub fn confirmed(&self, code_at: Timestamp, code_step: u64) {
        self.code_step.store(step(code_step), Ordering::Relaxed);
        self.code_at.fetch_max(code_at.millis(), Ordering::AcqRel);
    }

    /// It goes on under a later epoch: the one session that a change of a factor leaves alive.
    pub fn carried_over(&self, epoch: u64) {
        self.epoch.fetch_max(epoch, Ordering::AcqRel);
    }

    /// Whether it knows of this code and epoch, or of later ones.
    pub(super) fn is_at_least(&self, epoch: u64, code_at: Timestamp) -> bool {
        self.epoch.load(Ordering::Acquire) >= epoch && self.code_at() >= code_at
    }

    /// The store has told of it in this comparison.
    pub(super) fn told_in(&self, round: u32) {
        self.told.store(round, Ordering::Relaxed);
    }

    /// Whether the store has told of it in this comparison.
    pub(super) fn was_told_in(&self, round: u32) -> bool {
        self.told.load(Ordering::Relaxed) == round
    }

    /// It is in this snapshot.
    pub(super) fn read_in(&self, snapshot: u32) {
        self.read.store(snapshot, Ordering::Relaxed);
    }

    /// Whether it is in this snapshot.
    pub(super) fn was_read_in(&self, snapshot: u32) -> bool {
        self.read.load(Ordering::Relaxed) == snapshot
    }

    /// Ends it for everybody who still holds it, open tunnels included.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// The one judgement. `code_at` is the code that counts: this session's last one, or an older one for an old cookie.
    pub fn standing(&self, code_at: Timestamp, terms: Terms, now: Timestamp) -> Standing {
        if self.is_over(now) || self.parent.as_ref().is_some_and(|parent| parent.is_over(now)) {
            return Standing::Over;
        }
        if terms.idle.is_some_and(|idle| now.since(self.last_seen()) >= idle) {
            return Standing::Over;
        }
        if now.since(code_at) < terms.window { Standing::Fresh } else { Standing::WindowPassed }
    }

    /// Whether it has ended for everybody, whatever the terms.
    fn is_over(&self, now: Timestamp) -> bool {
        if self.ended.load(Ordering::Acquire) || now >= self.expires {
            return true;
        }
        let view = self.account.view();
        // A session that was carried over is told so before its account's view is swapped: for that moment it is ahead.
        view.row.disabled || view.row.epoch > self.epoch.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::Session;

    #[test]
    fn a_session_and_its_counts_lie_in_two_lines_of_the_cache() {
        let counts = 2 * size_of::<usize>();
        assert!(size_of::<Session>() + counts <= 128, "{}", size_of::<Session>());
    }
}
