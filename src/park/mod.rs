//! Confirming loses nothing: a form that meets a closed window is kept, sealed, until its person says what becomes of it.
//!
//! ```text
//!            keep                 ticket                 claim (durable)      the portal answers
//!  a form ──────────► waiting ◄──────────► with a ticket ───────────────► sent ──────────────► answered
//!                        │                      ▲                          │
//!                        ├──► discarded         └──── certainly unsent ────┘
//!                        └──► forgotten when its time is over, its account's epoch moves, or its session is ended
//! ```
//!
//! At most once: what was claimed is never handed out again, whatever becomes of the process. Only where no byte can have
//! reached the portal does it wait again.

mod head;
pub mod lot;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http::HeaderMap;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use self::head::Head;
pub use self::lot::{Bounds, Kept, Lot, Owner, State, Whose};
use crate::audit::{Actor, Event};
use crate::clock::{Reading, Timestamp};
use crate::identity::{AccountId, Login};
use crate::keys::{self, FormToken, KeyRing, Purpose};
use crate::park::lot::NewParked;
use crate::ports::{StoreError, Token, TokenHash};

/// Requests of one account that may wait at a time.
pub const PER_ACCOUNT: u32 = 2;
/// Bytes of all that wait, heads and bodies.
const BYTES: u64 = 256 << 20;
/// How long a browser has to follow the way that its ticket shows.
const TICKET: Duration = Duration::from_mins(1);
/// So long after the end of its lifetime a session is still known as one that lapsed; as long as the store keeps it at most.
const LAPSED: Duration = Duration::from_hours(24);

/// What an operator sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The longest body that is kept, in bytes; 0: nothing is kept.
    pub max_body: u64,
    /// For how long.
    pub keep: Duration,
}

/// Why a parked request cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ParkError {
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was sealed does not open, or is not what was sealed.
    #[error("a parked request does not open")]
    Unreadable,
}

/// A request as it is to be kept.
pub struct Incoming<'a> {
    /// Whose it is.
    pub owner: &'a Owner,
    /// What is kept of its head.
    pub head: Head,
    /// Its body.
    pub body: &'a [u8],
    /// The portal's name.
    pub portal: &'a str,
    /// The park cookie that came with it.
    pub browser: Option<&'a Token>,
    /// From where.
    pub client: IpAddr,
}

/// What became of it.
#[derive(Debug)]
#[must_use]
pub enum Parked {
    /// It waits; this is the browser's cookie.
    Waiting(Token),
    /// The account has as many as it may have; room comes after that.
    Share(Duration),
    /// There is no room at all.
    Full,
    /// Its session has ended meanwhile.
    Gone,
}

/// A parked request as shown.
pub struct Entry {
    /// Its id.
    pub id: Uuid,
    /// What it asks for.
    pub head: Head,
    /// Bytes of its body.
    pub size: u64,
    /// Where it stands.
    pub state: State,
    /// Since when it is there.
    pub created: Timestamp,
    /// Until when.
    pub expires: Timestamp,
}

/// A request to be sent now.
pub struct Sending {
    /// Its id.
    pub id: Uuid,
    /// Its head.
    pub head: Head,
    /// Its body.
    pub body: Zeroizing<Vec<u8>>,
}

/// All parked requests.
#[derive(Clone)]
pub struct Park {
    lot: Arc<dyn Lot>,
    keys: Arc<KeyRing>,
    settings: Arc<ArcSwap<Settings>>,
}

impl Park {
    /// In this store, under these keys.
    pub fn new(lot: Arc<dyn Lot>, keys: Arc<KeyRing>, settings: Arc<ArcSwap<Settings>>) -> Self {
        Self { lot, keys, settings }
    }

    /// The longest body that is kept; 0: nothing is.
    pub fn max_body(&self) -> u64 {
        self.settings.load().max_body
    }

    /// How long something is kept.
    pub fn keep_for(&self) -> Duration {
        self.settings.load().keep
    }

    /// The session that lapsed a while ago, told by its cookie or by the browser that it was in.
    pub async fn lapsed(
        &self,
        session: Option<&TokenHash>,
        device: Option<&TokenHash>,
        portal: &str,
        now: Timestamp,
    ) -> Result<Option<Owner>, ParkError> {
        if session.is_none() && device.is_none() {
            return Ok(None);
        }
        Ok(self.lot.lapsed(session, device, portal, now - LAPSED, now).await?)
    }

    /// Keeps a request.
    pub async fn keep(&self, incoming: Incoming<'_>, now: Reading) -> Result<Parked, ParkError> {
        let Incoming { owner, head, body, portal, browser, client } = incoming;
        let id = keys::new_id(now.wall);
        let fresh = Token::generate();
        let identity = identity(id, owner.account);
        let size = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let new = NewParked {
            id,
            account: owner.account,
            session: owner.session,
            known: browser.map(Token::hash),
            fresh: fresh.hash(),
            portal: portal.to_owned(),
            place: self.place(portal, &head.host, &head.target),
            head: self.keys.seal(Purpose::ParkedHead, &identity, &head.to_bytes()),
            body: self.keys.seal(Purpose::ParkedBody, &identity, body),
            size,
            created: now.secure,
            expires: now.secure + self.keep_for(),
        };
        let bounds = Bounds { per_account: PER_ACCOUNT, bytes: BYTES };
        let event = event(now, client, (owner.account, &owner.login), portal, "request.park")
            .with("request", id.to_string())
            .with("bytes", size);
        Ok(match self.lot.keep(new, bounds, event).await? {
            Kept::Under(hash) => match browser {
                Some(known) if known.hash() == hash => Parked::Waiting(known.clone()),
                _ => Parked::Waiting(fresh),
            },
            Kept::Share(until) => Parked::Share(until.since(now.secure)),
            Kept::Full => Parked::Full,
            Kept::Gone => Parked::Gone,
        })
    }

    /// What is there, the oldest first.
    pub async fn list(&self, whose: &Whose, now: Timestamp) -> Result<Vec<Entry>, ParkError> {
        let rows = self.lot.list(whose, now).await?;
        rows.into_iter()
            .map(|row| {
                let head = self.head(row.id, whose.account, &row.head)?;
                Ok(Entry { id: row.id, head, size: row.size, state: row.state, created: row.created, expires: row.expires })
            })
            .collect()
    }

    /// See [`Lot::adopt`].
    pub async fn adopt(&self, whose: &Whose, now: Timestamp) -> Result<u64, ParkError> {
        Ok(self.lot.adopt(whose, now).await?)
    }

    /// A ticket for one that waits, and where it leads. `None`: it does not wait.
    pub async fn ticket(&self, whose: &Whose, id: Uuid, now: Timestamp) -> Result<Option<(Token, Head)>, ParkError> {
        let ticket = Token::generate();
        let head = self.lot.ticket(whose, id, &ticket.hash(), now + TICKET, now).await?;
        head.map(|head| Ok((ticket, self.head(id, whose.account, &head)?))).transpose()
    }

    /// Spends a ticket at the place that it is for: the request is sent now, or never.
    pub async fn claim(
        &self,
        whose: &Whose,
        (ticket, login): (&Token, &Login),
        (host, target): (&str, &str),
        client: IpAddr,
        now: Reading,
    ) -> Result<Option<Sending>, ParkError> {
        let place = self.place(&whose.portal, host, target);
        let event = event(now, client, (whose.account, login), &whose.portal, "request.send");
        let claimed = self.lot.claim(whose, &ticket.hash(), &place, now.secure, event).await?;
        let Some(claimed) = claimed else { return Ok(None) };
        let (id, identity) = (claimed.id, identity(claimed.id, whose.account));
        let head = self.head(id, whose.account, &claimed.head)?;
        let body = self.keys.open(Purpose::ParkedBody, &identity, &claimed.body).map_err(|_| ParkError::Unreadable)?;
        Ok(Some(Sending { id, head, body }))
    }

    /// What became of one that was claimed: the portal's status, or `None` where certainly nothing was sent.
    pub async fn settle(&self, id: Uuid, answered: Option<u16>) -> Result<(), ParkError> {
        match answered {
            Some(status) => self.lot.answered(id, status).await?,
            None => self.lot.unsent(id).await?,
        }
        Ok(())
    }

    /// Discards one that waits; `false`: it does not.
    pub async fn discard(&self, whose: &Whose, login: &Login, id: Uuid, client: IpAddr, now: Reading) -> Result<bool, ParkError> {
        let event = event(now, client, (whose.account, login), &whose.portal, "request.discard").with("request", id.to_string());
        Ok(self.lot.discard(whose, id, now.secure, event).await?)
    }

    fn head(&self, id: Uuid, account: AccountId, sealed: &[u8]) -> Result<Head, ParkError> {
        let plain = self.keys.open(Purpose::ParkedHead, &identity(id, account), sealed).map_err(|_| ParkError::Unreadable)?;
        Head::from_bytes(&plain).ok_or(ParkError::Unreadable)
    }

    fn place(&self, portal: &str, host: &str, target: &str) -> [u8; 32] {
        let host = host.to_ascii_lowercase();
        self.keys.mac(Purpose::ParkedPlace, &[portal.as_bytes(), host.as_bytes(), target.as_bytes()])
    }
}

/// What ties a seal to its row.
fn identity(id: Uuid, account: AccountId) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (first, second) = bytes.split_at_mut(16);
    first.copy_from_slice(id.as_bytes());
    second.copy_from_slice(account.0.as_bytes());
    bytes
}

fn event(now: Reading, client: IpAddr, who: (AccountId, &Login), portal: &str, action: &'static str) -> Event {
    let (account, login) = who;
    Event::new(now.wall, Actor::Account(login.clone()), action).from(client).about(account, login).with("portal", portal)
}

/// Whether a form is one of ours: a form token stands in it. Those are for our own pages, wherever they are sent.
pub fn is_our_form(headers: &HeaderMap, body: &[u8]) -> bool {
    let is_token = |name: &str, value: &str| name == FormToken::FIELD && FormToken::parse(value).is_some();
    head::is_form(headers) && url::form_urlencoded::parse(body).any(|(name, value)| is_token(&name, &value))
}

/// Whether a body could be a form at all.
pub fn may_be_our_form(headers: &HeaderMap) -> bool {
    head::is_form(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(kind: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
        headers
    }

    #[test]
    fn our_form_is_told_by_our_token_and_a_portals_token_is_none() {
        let form = headers("application/x-www-form-urlencoded; charset=utf-8");
        let token = FormToken { made: Timestamp::from_secs(1_790_000_000), tag: [7; 32] }.to_string();
        for body in [format!("form_token={token}"), format!("code=1&form_token={token}&x=y"), format!("form%5Ftoken={token}")] {
            assert!(is_our_form(&form, body.as_bytes()), "{body}");
        }
        for body in ["", "form_token=", "form_token=0123456789abcdef0123456789abcdef01234567", "form_token=1.2", "a=form_token"] {
            assert!(!is_our_form(&form, body.as_bytes()), "{body}");
        }
        assert!(!is_our_form(&headers("text/plain"), format!("form_token={token}").as_bytes()));
    }
}
