//! Handing a session on: from the host of our own pages, where somebody has signed in, to the host of a portal. The port to
//! whatever keeps the tickets; each method is one transaction.
//!
//! ```text
//!  portal's host: random cookie ─► host of our pages: ticket for that cookie ─► portal's host: ticket and cookie ─► session
//! ```
//!
//! A session at a portal is the child of the one that it was handed on from: it ends with it, and lives no longer. Its window is
//! that of the code which the ticket brings; a newer code there reaches a portal by another ticket, under a new cookie.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::audit::Event;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};

/// How long a ticket is good: the browser brings it at once.
pub const TICKET_LIFE: Duration = Duration::from_secs(30);

/// A ticket about to be made.
#[derive(Clone, Debug)]
pub struct NewHandoff {
    /// Its hash.
    pub token: TokenHash,
    /// Hash of the cookie that the portal's host has given to this browser.
    pub browser: TokenHash,
    /// The session at the host of our pages.
    pub session: Uuid,
    /// What the store calls that host.
    pub at: String,
    /// Whose.
    pub account: AccountId,
    /// The portal's name.
    pub portal: String,
    /// The code that counts there.
    pub code_at: Timestamp,
    /// Its 30-second step.
    pub code_step: u64,
    /// Ends.
    pub expires: Timestamp,
}

/// A ticket as a portal's host was brought it.
#[derive(Clone, Copy, Debug)]
pub struct Brought<'a> {
    /// Hash of the ticket.
    pub token: &'a TokenHash,
    /// Hash of the cookie that came with it.
    pub browser: &'a TokenHash,
    /// The name of the portal that it was brought to.
    pub portal: &'a str,
}

/// The session to be made of a ticket.
#[derive(Clone, Debug)]
pub struct NewChild {
    /// Its id, where this portal has none of the same parent yet.
    pub id: Uuid,
    /// Hash of its cookie.
    pub token: TokenHash,
    /// Until when the cookie that it had is good for what it was good for; `None`: it was good for nothing any more.
    pub old_until: Option<Timestamp>,
    /// From where.
    pub client: IpAddr,
    /// The browser's `User-Agent`.
    pub agent: String,
}

/// What a ticket has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOn {
    /// The session at the portal: new, or the one that was there under a new cookie.
    pub session: Uuid,
    /// Whose.
    pub account: AccountId,
    /// It was there before.
    pub known: bool,
    /// Its end: that of its parent.
    pub expires: Timestamp,
    /// *Shared computer* was ticked.
    pub shared: bool,
}

/// The port.
#[async_trait]
pub trait Handoffs: Send + Sync {
    /// Makes a ticket, for a live session at the host of our pages alone. `false`: there is none such. Of many outstanding ones of
    /// a session only the newest stay.
    async fn issue(&self, new: NewHandoff, now: Timestamp) -> Result<bool, StoreError>;
    /// Whose live ticket it is. Reading consumes nothing.
    async fn holder(&self, brought: Brought<'_>, now: Timestamp) -> Result<Option<AccountId>, StoreError>;
    /// Spends a ticket at its portal, with its cookie, before its end and while its session lives: for one caller, ever. The
    /// child's code is never older than it was.
    async fn take(
        &self,
        brought: Brought<'_>,
        child: NewChild,
        now: Timestamp,
        event: Event,
    ) -> Result<Option<HandedOn>, StoreError>;
}
