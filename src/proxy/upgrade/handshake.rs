//! The opening handshake: only a complete WebSocket request is passed on as one, only the right answer opens a tunnel.
//!
//! Any other `Upgrade` is stripped. `h2c` above all: it would be a raw tunnel past every check.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, Version, header};
use sha1::{Digest as _, Sha1};

/// What the key is hashed with (RFC 6455, section 1.3).
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A handshake that is under way.
#[derive(Debug)]
pub(in crate::proxy) struct Handshake {
    /// What the upstream must answer.
    accept: String,
}

impl Handshake {
    /// The handshake that a request asks for; `None`: it asks for none, or not rightly (RFC 6455, section 4.2.1).
    pub(in crate::proxy) fn of(head: &Parts) -> Option<Self> {
        let headers = &head.headers;
        if !headers.contains_key(header::UPGRADE) || head.method != Method::GET || head.version != Version::HTTP_11 {
            return None;
        }
        let websocket = one(headers, &header::UPGRADE)?.eq_ignore_ascii_case(b"websocket");
        let version = one(headers, &header::SEC_WEBSOCKET_VERSION)? == b"13";
        let key = one(headers, &header::SEC_WEBSOCKET_KEY)?;
        let key_fits = key.len() == 24 && STANDARD.decode(key).is_ok_and(|nonce| nonce.len() == 16);
        (websocket && version && key_fits && connection_names_upgrade(headers)).then(|| Self { accept: accept(key) })
    }

    /// Whether a 101 is the right answer.
    pub(in crate::proxy) fn is_accepted(&self, headers: &HeaderMap) -> bool {
        one(headers, &header::SEC_WEBSOCKET_ACCEPT).is_some_and(|accept| accept == self.accept.as_bytes())
            && one(headers, &header::UPGRADE).is_some_and(|to| to.eq_ignore_ascii_case(b"websocket"))
            && connection_names_upgrade(headers)
    }
}

fn accept(key: &[u8]) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(MAGIC).finalize())
}

/// The only value of a header.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.as_bytes().trim_ascii())
}

fn connection_names_upgrade(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::CONNECTION).iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .any(|token| token.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    /// RFC 6455, section 1.3.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn asked(change: impl FnOnce(&mut Parts)) -> Option<Handshake> {
        let request = Request::get("/")
            .header("connection", "keep-alive, Upgrade")
            .header("upgrade", "WebSocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", KEY);
        let mut head = request.body(()).unwrap().into_parts().0;
        change(&mut head);
        Handshake::of(&head)
    }

    #[test]
    fn only_a_whole_handshake_is_one() {
        assert_eq!(asked(|_| ()).unwrap().accept, ACCEPT);
        assert!(asked(|head| head.method = Method::POST).is_none());
        assert!(asked(|head| head.version = Version::HTTP_10).is_none());
        for (name, value) in [
            ("upgrade", "h2c"),
            ("upgrade", "websocket, h2c"),
            ("connection", "keep-alive"),
            ("sec-websocket-version", "8"),
            ("sec-websocket-key", "c2hvcnQ="),
            ("sec-websocket-key", "not base64 not base64 no"),
        ] {
            assert!(asked(|head| drop(head.headers.insert(name, value.parse().unwrap()))).is_none(), "{name}: {value}");
            assert!(asked(|head| assert!(head.headers.append("upgrade", "h2c".parse().unwrap()))).is_none());
            assert!(asked(|head| drop(head.headers.remove(name))).is_none(), "{name}");
        }
    }

    #[test]
    fn only_the_right_answer_is_taken() {
        let handshake = asked(|_| ()).unwrap();
        let answer = |accept: &str, to: &str| {
            let headers = [("connection", "upgrade"), ("upgrade", to), ("sec-websocket-accept", accept)];
            handshake.is_accepted(&headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect())
        };
        assert!(answer(ACCEPT, "websocket"));
        assert!(!answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOO=", "websocket"));
        assert!(!answer(ACCEPT, "h2c"));
        assert!(!handshake.is_accepted(&HeaderMap::new()));
    }
}
