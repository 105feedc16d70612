//! Request ids: unique, not to be guessed, and almost always without a call to the system's generator.

use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{HeaderMap, HeaderValue};

use crate::keys;

/// Random bytes of one id.
const ID: usize = 16;
/// So many of them are drawn at once, and lie in one buffer: a call costs more than what it draws, and so does an allocation. No more,
/// since a request that lasts keeps the buffer.
const DRAW: usize = 32 * ID;

/// The id of one request, made once and shared by its record, the answer and the request upstream. Visible ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(HeaderValue);

impl Deref for RequestId {
    type Target = str;
    fn deref(&self) -> &str {
        // Nothing else gets in: see `RequestIds::of`.
        self.0.to_str().unwrap_or("unknown")
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Makes the ids of one worker.
pub struct RequestIds {
    /// In hex.
    drawn: RefCell<Bytes>,
}

impl RequestIds {
    /// A source.
    pub fn new() -> Self {
        Self { drawn: RefCell::default() }
    }

    /// The id of a request: what a trusted proxy has given it, if that is short and plain; else a new one of 32 hex digits.
    pub fn of(&self, headers: &HeaderMap, through_proxy: bool) -> RequestId {
        let given = if through_proxy { headers.get("x-request-id") } else { None };
        match given.filter(|given| is_plain(given.as_bytes())) {
            Some(given) => RequestId(given.clone()),
            None => self.fresh(),
        }
    }

    fn fresh(&self) -> RequestId {
        let mut drawn = self.drawn.borrow_mut();
        if drawn.is_empty() {
            *drawn = Bytes::from(HEXLOWER.encode(&keys::random::<DRAW>()));
        }
        let length = drawn.len().min(2 * ID);
        let id = drawn.split_to(length);
        RequestId(HeaderValue::from_maybe_shared(id).unwrap_or(HeaderValue::from_static("unknown")))
    }
}

impl Default for RequestIds {
    fn default() -> Self {
        Self::new()
    }
}

fn is_plain(id: &[u8]) -> bool {
    (1..=64).contains(&id.len()) && id.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// As a header value.
pub fn header(id: &RequestId) -> HeaderValue {
    id.0.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_names_requests() {
        let ids = RequestIds::new();
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", "given-1".parse().unwrap());
        assert_eq!(&*ids.of(&headers, true), "given-1");
        assert_ne!(&*ids.of(&headers, false), "given-1");
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
            let halves: std::collections::HashSet<_> = all.iter().map(|id| id[half.clone()].to_owned()).collect();
            assert_eq!(halves.len(), 1000, "neither half is the same twice");
        }
    }
}
