//! Tickets: what the links in mails lead to. One sets a new password, one says *This was not me*. Each works once, signs nobody
//! in, and is no grant: no authenticator is ever bound by one.
//!
//! A link is swapped for a sealed cookie when it is opened, as links to register are; the row in the store decides whether the
//! ticket lives.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::audit::Event;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::keys::{KeyRing, Purpose};
use crate::language::Language;
use crate::notify::mail::Posting;
use crate::ports::{StoreError, TokenHash};

/// The id of a ticket: that of the mail that carries its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TicketId(pub Uuid);

/// What a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    /// Sets a new password. Dead once the epoch moves, the account is disabled, or a newer one is made.
    Reset,
    /// Freezes the account.
    NotMe,
}

/// A live ticket.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// What for.
    pub kind: TicketKind,
    /// Whose.
    pub account: AccountId,
    /// Ends.
    pub expires: Timestamp,
}

/// The port. Tickets are made by [`crate::notify::outbox::Outbox::claim`] when their mail is sent.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// Puts in a mail that somebody asked for who has not signed in. Does the same work whoever is meant, and looks up nobody.
    /// `false`: too many of those wait already; nothing was put in.
    async fn post(&self, posting: Posting) -> Result<bool, StoreError>;
    /// The live ticket with this token. Reading consumes nothing.
    async fn ticket_by_token(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Ticket>, StoreError>;
    /// The live ticket with this id.
    async fn ticket(&self, id: TicketId, now: Timestamp) -> Result<Option<Ticket>, StoreError>;
    /// Consumes the ticket and sets the password; the epoch moves, and sessions, known browsers, pending logins, links and grants
    /// die. Factors, lock and what is due of recovery stay as they are. `false`: the ticket is gone; nothing was changed.
    async fn reset_password(&self, id: TicketId, hash: &str, now: Timestamp, event: Event) -> Result<bool, StoreError>;
    /// Notes the language in which this person reads their pages, for mails.
    async fn note_language(&self, account: AccountId, language: Language) -> Result<(), StoreError>;
    /// Consumes the ticket and disables the account, as an operator would. `false`: the ticket is gone; nothing was changed.
    async fn freeze(&self, id: TicketId, now: Timestamp, event: Event) -> Result<bool, StoreError>;
}

/// What the seal is bound to, beyond its purpose.
const IDENTITY: &[u8] = b"ticket";
/// No sealed ticket is longer; anything that is, is not looked at.
const MAX_COOKIE: usize = 256;

/// The value of the ticket cookie: its id, sealed.
pub fn seal(keys: &KeyRing, id: TicketId) -> String {
    URL_SAFE_NO_PAD.encode(keys.seal(Purpose::TicketCookie, IDENTITY, id.0.as_bytes()))
}

/// The ticket that a cookie names, if it is one of ours. Whether it lives, the store says.
pub fn open(keys: &KeyRing, cookie: &str) -> Option<TicketId> {
    if cookie.len() > MAX_COOKIE {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let plain = keys.open(Purpose::TicketCookie, IDENTITY, &sealed).ok()?;
    Some(TicketId(Uuid::from_slice(&plain).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_cookie_opens_only_unchanged() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let id = TicketId(Uuid::from_u128(7));
        let cookie = seal(&keys, id);
        assert_eq!(open(&keys, &cookie), Some(id));
        for bad in ["", "x", "====", &format!("{cookie}A"), &cookie[1..], &"A".repeat(5000)] {
            assert_eq!(open(&keys, bad), None, "{bad}");
        }
    }
}
