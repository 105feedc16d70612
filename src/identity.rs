//! Who somebody is: an account's id, and the one canonical form of a login id.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

/// An account's id: never reused, says nothing about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountId(pub Uuid);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A login id in its canonical form: NFKC, lower case, trimmed, exactly one `@` with something on both sides, at most 254
/// bytes (RFC 5321), no white space, no control characters, nothing invisible.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Login(String);

/// Why a text is no login id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// Not exactly one `@` with text on both sides.
    #[error("a login id is an e-mail address with exactly one @ and text on both sides")]
    NotOneAt,
    /// Longer than 254 bytes.
    #[error("a login id has at most 254 bytes")]
    TooLong,
    /// White space, control or invisible characters inside.
    #[error("a login id has no white space, control or invisible characters, comma or angle brackets")]
    BadCharacter,
}

impl Login {
    /// The canonical form of what somebody typed.
    pub fn parse(text: &str) -> Result<Self, LoginError> {
        if text.len() > 1024 {
            return Err(LoginError::TooLong);
        }
        let lowered: String = text.trim().nfkc().flat_map(char::to_lowercase).nfkc().collect();
        let canonical = lowered.trim().trim_end_matches('.');
        if canonical.chars().any(forbidden) {
            return Err(LoginError::BadCharacter);
        }
        if canonical.len() > 254 {
            return Err(LoginError::TooLong);
        }
        match canonical.split('@').collect::<Vec<_>>().as_slice() {
            [local, domain] if !local.is_empty() && !domain.is_empty() => Ok(Self(canonical.to_owned())),
            _ => Err(LoginError::NotOneAt),
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn forbidden(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, ',' | '<' | '>' | '"' | '\\' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}')
        // Selectors, tags and vowels that are never shown.
        || matches!(c, '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_person_has_one_login_id_however_it_is_typed() {
        for text in ["anna@example.com", " ANNA@Example.COM ", "anna@example.com.", "ａnna＠example.com", "Anna@EXAMPLE.com\n"]
        {
            assert_eq!(Login::parse(text).map(|login| login.0), Ok("anna@example.com".to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_login_id_is_refused() {
        for text in ["", "anna", "@example.com", "anna@", "a@b@c", "attacker@evil.com@company.com", "a＠b@c"] {
            assert_eq!(Login::parse(text), Err(LoginError::NotOneAt), "{text}");
        }
        for text in [
            "an na@example.com",
            "anna\0@example.com",
            "anna\u{200b}@example.com",
            "anna\u{fe0f}@example.com",
            "anna\u{e0061}@example.com",
            "a,b@c.de",
            "<a@b.c>",
        ] {
            assert_eq!(Login::parse(text), Err(LoginError::BadCharacter), "{text}");
        }
        assert_eq!(Login::parse(&format!("{}@example.com", "a".repeat(300))), Err(LoginError::TooLong));
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own(local in any::<String>(), domain in any::<String>()) {
            if let Ok(login) = Login::parse(&format!("{local}@{domain}")) {
                prop_assert_eq!(Login::parse(login.as_str()), Ok(login.clone()));
            }
        }
    }
}
