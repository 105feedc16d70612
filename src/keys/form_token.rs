//! The token in a form of ours: the field that carries it, and how it is written. Whoever makes or checks it knows no more of its
//! shape than whoever tells our forms from all others by it.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

use crate::clock::Timestamp;

/// When it was made, and a MAC over that and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormToken {
    /// To the second.
    pub made: Timestamp,
    /// The MAC.
    pub tag: [u8; 32],
}

impl FormToken {
    /// The name of the field that carries it.
    pub const FIELD: &str = "form_token";

    /// What has this shape. Seconds, a point, and a MAC of 32 bytes: no portal's own token looks like that.
    pub fn parse(text: &str) -> Option<Self> {
        let (secs, tag) = text.split_once('.')?;
        if !secs.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?.try_into().ok()?;
        Some(Self { made: Timestamp::from_secs(secs.parse().ok()?), tag })
    }
}

impl fmt::Display for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.made.secs(), BASE64URL_NOPAD.encode(&self.tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nothing_else_does() {
        let token = FormToken { made: Timestamp::from_secs(1_790_000_000), tag: [0xfb; 32] };
        let text = token.to_string();
        assert_eq!(FormToken::parse(&text), Some(token));
        let longer = format!("{text}A");
        for bad in [
            "",
            ".",
            "1.2",
            "1790000000",
            "1790000000.",
            "0123456789abcdef0123456789abcdef01234567",
            &text[..text.len() - 1],
            &longer,
            &format!("+{text}"),
            &format!("-{text}"),
            &text[10..],
            &text.replace('.', ".."),
            &format!("99999999999999999999{}", &text[10..]),
        ] {
            assert_eq!(FormToken::parse(bad), None, "{bad:?}");
        }
    }
}
