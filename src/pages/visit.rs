//! What the gateway tells the pages about a request: who asks, in which portal, with which of our cookies.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::USER_AGENT;

use crate::access::Portal;
use crate::auth::authenticator::Visitor;
use crate::clock::{Reading, Timestamp};
use crate::language::Language;
use crate::ports::Token;
use crate::session::record::{Session, Standing};

/// A live session that came with the request, already judged. One that is over is none at all.
#[derive(Clone, Debug)]
pub struct Inside {
    /// The session.
    pub session: Arc<Session>,
    /// [`Standing::Fresh`], [`Standing::WindowPassed`], or [`Standing::Unknown`] while the store is away for too long.
    pub standing: Standing,
    /// The code that the cookie is good for.
    pub code_at: Timestamp,
    /// The reauthorization window that holds where no rule asks for a shorter one.
    pub window: Duration,
}

impl Inside {
    /// How much of the window is left; zero if it has passed.
    pub fn window_left(&self, now: Timestamp) -> Duration {
        match self.standing {
            Standing::Fresh => self.window.saturating_sub(now.since(self.code_at)),
            _ => Duration::ZERO,
        }
    }
}

/// One request for a page of ours.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The portal that the host names.
    pub portal: Arc<Portal>,
    /// The client's address, by the one rule that the whole gate uses.
    pub client: IpAddr,
    /// The request's reading of the clock.
    pub now: Reading,
    /// The live session, if any.
    pub inside: Option<Inside>,
    /// The person's language.
    pub language: Language,
    /// For the log and the error pages.
    pub request_id: String,
    /// Value of the pending cookie; `None` also where there were two of them.
    pub pending: Option<Token>,
    /// Value of the device cookie.
    pub device: Option<Token>,
    /// Value of the grant cookie.
    pub grant: Option<String>,
    /// Value of the park cookie.
    pub park: Option<Token>,
    /// Value of the handoff cookie.
    pub handoff: Option<Token>,
    /// The host as the client sent it.
    pub host: String,
    /// The host of our own pages, where they have one; then this portal's host has but a few of them.
    pub pages: Option<Arc<Portal>>,
}

impl Visit {
    /// What the sign-in needs to know of this browser.
    pub fn visitor(&self, headers: &HeaderMap) -> Visitor {
        Visitor {
            client: self.client,
            agent: agent(headers),
            device: self.device.clone(),
            grant: self.grant.clone(),
            portal: self.portal.name.to_string(),
            language: self.language,
            now: self.now,
        }
    }

    /// Whether there is a session that nobody can vouch for, since the store has been away for too long.
    pub fn is_unknown(&self) -> bool {
        self.inside.as_ref().is_some_and(|inside| inside.standing == Standing::Unknown)
    }

    /// The session, if its window has not passed.
    pub fn fresh(&self) -> Option<&Inside> {
        self.inside.as_ref().filter(|inside| inside.standing == Standing::Fresh)
    }
}

/// The `User-Agent`, without what could disturb a list, at most 256 bytes.
fn agent(headers: &HeaderMap) -> String {
    let sent = headers.get(USER_AGENT).map(http::HeaderValue::as_bytes).unwrap_or_default();
    sent.iter().filter(|byte| (0x20..0x7f).contains(*byte)).take(256).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_cut_and_cleaned() {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, http::HeaderValue::from_bytes(b"Mozilla\t\xff5.0").unwrap());
        assert_eq!(agent(&headers), "Mozilla5.0");
        headers.insert(USER_AGENT, "a".repeat(999).parse().unwrap());
        assert_eq!(agent(&headers).len(), 256);
    }
}
