//! What is kept of a parked request's head: what makes it this request, and nothing that belongs to the moment it was made in.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::{Deserialize, Serialize};

/// What says how the body is to be read, and where it was sent from. Everything else (cookies, languages) is of now.
const KEPT: [HeaderName; 5] =
    [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::ORIGIN, header::REFERER];

/// The head of a parked request. Its method is POST: nothing else is parked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    /// The host as the client sent it.
    pub host: String,
    /// The canonical path and query.
    pub target: String,
    /// The page that it was sent from, as path and query.
    pub back: String,
    headers: Vec<(String, Vec<u8>)>,
}

impl Head {
    /// Of a request to `target` at `host`.
    pub fn new(host: &str, target: &str, back: String, headers: &HeaderMap) -> Self {
        let kept = KEPT.iter().flat_map(|name| headers.get_all(name).iter().map(move |value| (name, value)));
        let headers = kept.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
        Self { host: host.to_owned(), target: target.to_owned(), back, headers }
    }

    /// How many bytes of the request it keeps.
    pub fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        self.host.len() + self.target.len() + self.back.len() + headers.sum::<usize>()
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or("/")
    }

    /// Puts what was kept in the place of what the request that brings the ticket says.
    pub fn apply(&self, headers: &mut HeaderMap) {
        for name in &KEPT {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Whether the body is one form as browsers send it by default.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_TYPE).iter().any(|value| {
        let kind = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_the_request_is_kept_and_replaces_what_the_ticket_came_with() {
        let mut sent = HeaderMap::new();
        sent.insert(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=x"));
        sent.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        sent.insert(header::REFERER, HeaderValue::from_bytes(b"https://h/\xff").unwrap());
        sent.insert(header::COOKIE, HeaderValue::from_static("old=1"));
        let head = Head::from_bytes(&Head::new("h:1", "/a?b=c", "/".to_owned(), &sent).to_bytes()).unwrap();
        assert_eq!((head.host.as_str(), head.target.as_str(), head.path()), ("h:1", "/a?b=c", "/a"));
        let mut now = HeaderMap::new();
        now.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        now.insert(header::ORIGIN, HeaderValue::from_static("https://h"));
        now.insert(header::COOKIE, HeaderValue::from_static("new=1"));
        head.apply(&mut now);
        assert_eq!(now.len(), 4);
        assert_eq!(now[header::CONTENT_TYPE], "multipart/form-data; boundary=x");
        assert_eq!(now[header::REFERER].as_bytes(), b"https://h/\xff");
        assert_eq!(now[header::COOKIE], "new=1");
        assert!(!now.contains_key(header::ORIGIN));
    }
}
