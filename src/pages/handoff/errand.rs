//! The errand on which a portal's host sends a browser to the host of our own pages: sealed, so that where it leads, and for whom,
//! is what that host has written, and nobody else can read or make one.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::keys::{KeyRing, Purpose};
use crate::ports::TokenHash;

/// How long one is good; and the cookie that goes with it.
pub const LIFE: Duration = Duration::from_mins(5);
/// What the seal is bound to, beyond its purpose.
const IDENTITY: &[u8] = b"errand";
/// None is longer; anything that is, is not looked at.
pub const LONGEST: usize = 4096;

/// What the browser is to bring back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// The portal's name.
    pub portal: String,
    /// Its host as this browser has written it: there the cookie is, and there it goes back.
    pub host: String,
    /// Hash of the cookie.
    pub browser: [u8; 32],
    /// Where it leads there: canonical.
    pub to: String,
    /// When it began, in milliseconds of secure time.
    pub made: i64,
    /// A code later than this one is asked for, in the same; `None`: whatever is still good.
    pub after: Option<i64>,
    /// How often it has come back in vain.
    pub tries: u8,
    /// Hash of the park cookie: what this browser has left behind.
    pub park: Option<[u8; 32]>,
}

impl Errand {
    /// As it stands in an address and in a form. `None`: it would be too long.
    pub fn seal(&self, keys: &KeyRing) -> Option<String> {
        let plain = serde_json::to_vec(self).ok()?;
        let text = URL_SAFE_NO_PAD.encode(keys.seal(Purpose::Handoff, IDENTITY, &plain));
        (text.len() <= LONGEST).then_some(text)
    }

    /// What was sealed; however long ago.
    pub fn open(keys: &KeyRing, text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = keys.open(Purpose::Handoff, IDENTITY, &sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Whether it is still good.
    pub fn is_young(&self, now: Timestamp) -> bool {
        now.since(Timestamp::from_millis(self.made)) < LIFE
    }

    /// Hash of the cookie that it goes with.
    pub const fn browser(&self) -> TokenHash {
        TokenHash(self.browser)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_opens_only_unchanged_and_is_never_too_long() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let errand = Errand {
            portal: "portal.example.com".to_owned(),
            host: "portal.example.com:8443".to_owned(),
            browser: [200; 32],
            to: "/x?y=%22".to_owned(),
            made: 1_790_000_000_000,
            after: Some(1_790_000_000_000),
            tries: 0,
            park: Some([255; 32]),
        };
        let sealed = errand.seal(&keys).unwrap();
        assert_eq!(Errand::open(&keys, &sealed), Some(errand.clone()));
        let longest = Errand { to: format!("/{}", "x".repeat(2047)), ..errand.clone() };
        assert!(longest.seal(&keys).is_some(), "every destination has room");
        let beyond = Errand { to: "x".repeat(4000), ..errand.clone() };
        assert_eq!(beyond.seal(&keys), None);
        let mut bent = sealed.clone().into_bytes();
        bent[40] ^= 1;
        for bad in ["", "x", "====", &format!("{sealed}A"), &sealed[1..], &"A".repeat(9000), &String::from_utf8(bent).unwrap()] {
            assert_eq!(Errand::open(&keys, bad), None, "{bad}");
        }
        let other = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        assert_eq!(Errand::open(&other, &sealed), None);
        assert!(errand.is_young(Timestamp::from_millis(errand.made)));
        assert!(errand.is_young(Timestamp::from_millis(errand.made) + LIFE - Duration::from_millis(1)));
        assert!(!errand.is_young(Timestamp::from_millis(errand.made) + LIFE));
    }
}
