//! What every port of the store shares: how tokens look when stored, and how a store fails.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::keys;

/// 256 random bits in a cookie or a link, written as 43 characters of URL-safe base64. Only its hash is ever stored.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// A new one from the system's generator.
    pub fn generate() -> Self {
        Self::of_bytes(&Zeroizing::new(keys::random::<32>()))
    }

    /// One that is made of these bytes, which nobody else can know.
    pub fn of_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Its bytes.
    pub fn bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        // It has that length, or it would not be a token.
        let _ = URL_SAFE_NO_PAD.decode_slice(self.0.as_bytes(), &mut *bytes);
        bytes
    }

    /// What a client sent, if it has exactly the form of a token.
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
        canonical.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text for the cookie or the link; never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the store keeps of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash(keys::sha256(self.0.as_bytes()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// SHA-256 of a token's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of what a client sent, if it can be a token: for looking one up without keeping a copy of it.
    pub fn of(text: &str) -> Option<Self> {
        let shaped = text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        shaped.then(|| Self(keys::sha256(text.as_bytes())))
    }
}

/// Why a store did not do what it was asked; nothing was changed then.
///
/// With one exception: a change whose commit was on its way to the disk when time ran out, or when the process was killed, has been
/// made or not, and whole in either case. Whoever asked is told that it failed. What they hold may be spent then, and never works
/// twice: the same press says so, and a code of the next 30 seconds, another recovery code or a new link goes on.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer: gone, locked for too long, disk full, read-only. May pass.
    #[error("the store does not answer: {0}")]
    Unavailable(String),
    /// It answers with what cannot be: a damaged file, a row that does not parse.
    #[error("the store holds what it should not: {0}")]
    Corrupt(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_one_spelling() {
        let token = Token::generate();
        assert_eq!(Token::parse(token.reveal()).unwrap().hash(), token.hash());
        for bad in ["", "a", &format!("{}=", token.reveal()), &format!("{} ", token.reveal()), &"!".repeat(43), &"B".repeat(43)] {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
