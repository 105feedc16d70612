//! A form that a person has sent and that may not pass now: read on the worker within bounds, kept by the control runtime, and
//! only then the person is sent to sign in or to enter a code. What cannot be kept is said so; it never goes on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::request::Parts;
use http::{Method, Response, StatusCode, header};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument as _;

use crate::access::Target;
use crate::auth::authenticator::Authenticator;
use crate::clock::Reading;
use crate::gateway::Gateway;
use crate::gateway::body::{self, Body, Unread};
use crate::gateway::calls::Calls;
use crate::gateway::live::Live;
use crate::gateway::note::Note;
use crate::gateway::refuse::{self, Reader};
use crate::http::audience::Audience;
use crate::http::client_ip::Origin;
use crate::http::cookie;
use crate::http::reject::{Refusal, Required};
use crate::identity::AccountId;
use crate::pages::origin;
use crate::park::{self, Head, Owner, PER_ACCOUNT, Park, Parked};
use crate::ports::{Token, TokenHash};

/// How long a form may take to arrive.
const READ_TIME: Duration = Duration::from_mins(1);
/// What the forms that are being read may take of memory together, in pages.
const MEMORY: usize = (64 << 20) / PAGE;
const PAGE: usize = 4096;

const TOO_LARGE: Refusal = Refusal { words: "parked-too-large", ..Refusal::TOO_LARGE };
const SHARE: Refusal = Refusal { words: "parked-share", ..Refusal::TOO_MANY };
const AWAY: Refusal = Refusal { words: "parked-away", ..Refusal::STORE_DOWN };
const BROKEN: Refusal = Refusal { words: "parked-broken", ..Refusal::BAD_REQUEST };

/// The way to parked requests, shared by all workers.
pub struct ParkDoor {
    pub(super) park: Park,
    pub(super) calls: Calls,
    auth: Arc<Authenticator>,
    memory: Arc<Semaphore>,
    turns: Arc<Turns>,
}

/// How many forms of each account are being read or kept.
type Turns = Mutex<HashMap<AccountId, u32>>;

/// Why a form was not kept.
struct NotKept {
    refusal: Refusal,
    cause: &'static str,
}

impl NotKept {
    const fn new(refusal: Refusal, cause: &'static str) -> Self {
        Self { refusal, cause }
    }
}

/// Room for one form in memory, and one of the account's turns: for as long as the form is held.
struct Room {
    turns: Arc<Turns>,
    account: AccountId,
    _memory: OwnedSemaphorePermit,
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = turns.get_mut(&self.account) {
            *taken -= 1;
            if *taken == 0 {
                turns.remove(&self.account);
            }
        }
    }
}

impl ParkDoor {
    /// To what is kept there; `auth` tells the device cookies that are ours from others.
    pub fn new(park: Park, auth: Arc<Authenticator>, control: Handle) -> Self {
        Self { park, calls: Calls::new(control), auth, memory: Arc::new(Semaphore::new(MEMORY)), turns: Arc::default() }
    }

    /// Nobody takes more of the memory than two forms at a time.
    fn room(&self, account: AccountId, bytes: usize) -> Result<Room, NotKept> {
        let pages = u32::try_from(bytes.div_ceil(PAGE).max(1)).unwrap_or(u32::MAX);
        let memory = Arc::clone(&self.memory).try_acquire_many_owned(pages).map_err(|_| NotKept::new(AWAY, "park-memory"))?;
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = turns.entry(account).or_default();
        if *taken >= PER_ACCOUNT {
            return Err(NotKept::new(SHARE, "park-share"));
        }
        *taken += 1;
        Ok(Room { turns: Arc::clone(&self.turns), account, _memory: memory })
    }
}

impl Gateway {
    /// A request that may not pass now goes back to sign in or to enter a code; a form that a person has sent is kept first.
    #[expect(clippy::too_many_arguments, reason = "one request, taken apart once, by the one caller that has all of it")]
    pub(super) async fn held_up(
        &self,
        live: &Live,
        required: Required,
        target: &Target,
        head: &Parts,
        body: Incoming,
        now: Reading,
        from: Origin,
        note: &mut Note,
    ) -> Response<Body> {
        let max = self.shared.park.park.max_body();
        if max == 0 || !may_be_kept(target, head) {
            return refuse::required(required, target, head, note);
        }
        let span = tracing::error_span!("park", request_id = %note.request_id);
        match self.keep(max, target, head, body, now, from).instrument(span).await {
            Ok(Some(browser)) => {
                note.cause("parked");
                let mut response = refuse::required(required, target, head, note);
                // All of it was read: the connection can go on.
                response.headers_mut().remove(header::CONNECTION);
                let cookie = cookie::set(cookie::PARK, browser.reveal(), Some(self.shared.park.park.keep_for()));
                response.headers_mut().append(header::SET_COOKIE, cookie);
                response
            }
            Ok(None) => refuse::required(required, target, head, note),
            Err(NotKept { refusal, cause }) => {
                note.cause(cause);
                refuse::plainly(live, &refusal, Reader::of(&head.headers), None, note)
            }
        }
    }

    /// The browser's park cookie; `None`: it is nobody's form, or one of ours.
    async fn keep(
        &self,
        max: u64,
        target: &Target,
        head: &Parts,
        body: Incoming,
        now: Reading,
        from: Origin,
    ) -> Result<Option<Token>, NotKept> {
        let door = &self.shared.park;
        let Some(owner) = self.owner(target, head, now, from).await? else { return Ok(None) };
        let announced = body::announced(head);
        if announced.is_some_and(|length| length > max) {
            return Err(NotKept::new(TOO_LARGE, "park-size"));
        }
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let expected = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(max);
        let back = refuse::way_back(target, &head.headers);
        let kept = Head::new(target.host.as_str(), target.path_and_query().as_str(), back, &head.headers);
        let room = door.room(owner.account, expected.saturating_add(kept.size()))?;
        let body = body::read(head, body, max, READ_TIME).await?;
        if park::is_our_form(&head.headers, &body) {
            return Ok(None);
        }
        let (park, portal) = (door.park.clone(), Arc::clone(&target.portal));
        let (browser, client) = (cookie::token(&head.headers, cookie::PARK), from.client);
        let empty = body.is_empty();
        let keeping = async move {
            // The body is held until it is kept, whether or not its sender waits for that.
            let _room = room;
            let incoming = park::Incoming {
                owner: &owner,
                head: kept,
                body: &body,
                portal: &portal.name,
                browser: browser.as_ref(),
                client,
            };
            park.keep(incoming, now).await
        };
        match door.calls.known(keeping).await {
            Some(Parked::Waiting(browser)) => Ok(Some(browser)),
            Some(Parked::Gone) => Ok(None),
            // Nothing was written: the button is still there on the page that it goes back to.
            Some(Parked::Share(_) | Parked::Full) if empty => Ok(None),
            Some(Parked::Share(wait)) => Err(NotKept::new(Refusal { retry_after: Some(wait), ..SHARE }, "park-share")),
            Some(Parked::Full) => Err(NotKept::new(AWAY, "park-full")),
            None => Err(NotKept::new(AWAY, "park-away")),
        }
    }

    /// Whose form it is: of the session that the cookie leads to, or led to before it lapsed. The store has the last word on
    /// whether that session was ended.
    async fn owner(&self, target: &Target, head: &Parts, now: Reading, from: Origin) -> Result<Option<Owner>, NotKept> {
        let session = cookie::value(&head.headers, cookie::SESSION).and_then(TokenHash::of);
        let found = session.as_ref().and_then(|token| self.shared.table.look_up(token, now.secure));
        // At the end of its lifetime the table is about to forget it; the store does so later.
        if let Some(found) = found.filter(|found| now.secure < found.session.expires) {
            let session = &found.session;
            let ours = *session.portal == *target.portal.name;
            let login = session.account.view().row.login.clone();
            return Ok(ours.then(|| Owner { account: session.account.id, login, session: session.id }));
        }
        let door = &self.shared.park;
        // One that somebody has made up leads nowhere, and is not looked up.
        let device = cookie::token(&head.headers, cookie::DEVICE).filter(|device| door.auth.expects(Some(device), None, now));
        let device = device.map(|device| device.hash());
        if session.is_none() && device.is_none() {
            return Ok(None);
        }
        let (park, portal, expected) = (door.park.clone(), Arc::clone(&target.portal.name), device.is_some());
        let asking = async move { park.lapsed(session.as_ref(), device.as_ref(), &portal, now.secure).await };
        // Without an answer it is nobody's: whoever is a stranger is told nothing about the store here.
        Ok(door.calls.stranger(from.client, expected, asking).await.flatten())
    }
}

/// While nobody can say whose session it is: whoever has sent a form is told where it still is.
pub(super) fn away(target: &Target, head: &Parts) -> Refusal {
    if may_be_kept(target, head) { AWAY } else { Refusal::STORE_DOWN }
}

/// A POST by which a person navigates from the portal's own pages.
fn may_be_kept(target: &Target, head: &Parts) -> bool {
    target.method == Method::POST
        && Audience::of(&head.headers).navigates()
        && origin::sent_by_person(&head.headers, refuse::home(target))
}

impl From<Unread> for NotKept {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLong => Self::new(TOO_LARGE, "park-size"),
            Unread::TooLate => Self::new(Refusal { status: StatusCode::REQUEST_TIMEOUT, ..BROKEN }, "client-timeout"),
            Unread::Broken => Self::new(BROKEN, "client-gone"),
        }
    }
}
