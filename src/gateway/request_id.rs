//! Request ids: unique, cheap, and without a call to the system's generator per request.

use std::cell::Cell;

use http::{HeaderMap, HeaderValue};

use crate::keys;

/// Makes the ids of one worker: 64 random bits drawn at start, then a counter that begins at a random place.
pub struct RequestIds {
    prefix: u64,
    next: Cell<u64>,
}

impl RequestIds {
    /// A new sequence.
    pub fn new() -> Self {
        Self { prefix: u64::from_be_bytes(keys::random()), next: Cell::new(u64::from_be_bytes(keys::random()) >> 16) }
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
        let number = self.next.get();
        self.next.set(number.wrapping_add(1));
        format!("{:016x}{number:016x}", self.prefix)
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
}
