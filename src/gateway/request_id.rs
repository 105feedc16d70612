//! Request ids: unique, not to be guessed, and almost always without a call to the system's generator.

use std::cell::RefCell;
use std::fmt::Write as _;

use http::{HeaderMap, HeaderValue};

use crate::keys;

/// Random bytes of one id.
const ID: usize = 16;
/// So many of them are drawn at once: a call costs more than what it draws.
const DRAW: usize = 128 * ID;

/// Makes the ids of one worker.
pub struct RequestIds {
    drawn: RefCell<Vec<u8>>,
}

impl RequestIds {
    /// A source.
    pub fn new() -> Self {
        Self { drawn: RefCell::default() }
    }

    /// The id of a request: what a trusted proxy has given it, if that is short and plain; else a new one of 32 hex digits.
    pub fn of(&self, headers: &HeaderMap, through_proxy: bool) -> String {
        let given = headers.get("x-request-id").filter(|_| through_proxy).and_then(|value| value.to_str().ok());
        match given.filter(|id| is_plain(id)) {
            Some(id) => id.to_owned(),
            None => self.fresh(),
        }
    }

    fn fresh(&self) -> String {
        let mut drawn = self.drawn.borrow_mut();
        if drawn.len() < ID {
            *drawn = keys::random::<DRAW>().to_vec();
        }
        let rest = drawn.len().saturating_sub(ID);
        drawn.split_off(rest).into_iter().fold(String::with_capacity(2 * ID), |mut id, byte| {
            // Writing to a String cannot fail.
            let _ = write!(id, "{byte:02x}");
            id
        })
    }
}

impl Default for RequestIds {
    fn default() -> Self {
        Self::new()
    }
}

fn is_plain(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// As a header value.
pub fn header(id: &str) -> HeaderValue {
    HeaderValue::from_str(id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_names_requests() {
        let ids = RequestIds::new();
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "given-1".parse().unwrap());
        assert_eq!(ids.of(&headers, true), "given-1");
        assert_ne!(ids.of(&headers, false), "given-1");
        assert_ne!(ids.of(&headers, false), ids.of(&headers, false));
        headers.insert("x-request-id", "a b".parse().unwrap());
        assert_eq!(ids.of(&headers, true).len(), 32);
    }

    #[test]
    fn no_id_tells_the_next_one() {
        let ids = RequestIds::new();
        let all: Vec<_> = (0..1000).map(|_| ids.fresh()).collect();
        assert!(all.iter().all(|id| id.len() == 32));
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 1000);
        for half in [0..16, 16..32] {
            let halves: std::collections::HashSet<_> = all.iter().map(|id| &id[half.clone()]).collect();
            assert_eq!(halves.len(), 1000, "neither half is the same twice");
        }
    }
}
