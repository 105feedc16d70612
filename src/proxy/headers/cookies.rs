//! Our cookies cut out on the way there, and kept from being set on the way back; those of others are left as they are, byte
//! for byte.

use bytes::BytesMut;
use http::{HeaderMap, HeaderValue, header};

use crate::http::cookie;

/// How the names of all our cookies begin.
const OURS: &[u8] = b"__Host-vestibule";

/// Whether a cookie, from its name on, is one of ours. Parsers differ in what they trim: white space of Unicode, control
/// characters, even a `=` in front. So whatever could be trimmed is. Browsers compare prefixes without case, so do we.
fn is_ours(cookie: &[u8]) -> bool {
    let odd = |byte: &u8| *byte <= b' ' || *byte >= 0x7f || *byte == b'=';
    let from = cookie.iter().position(|byte| !odd(byte)).unwrap_or(cookie.len());
    let name = cookie.get(from..).and_then(|rest| rest.get(..OURS.len()));
    name.is_some_and(|name| name.eq_ignore_ascii_case(OURS))
}

/// Whether a `Set-Cookie` line would set one of ours.
pub(super) fn sets_ours(line: &HeaderValue) -> bool {
    is_ours(line.as_bytes())
}

fn pieces(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    cookie::pairs(line.as_bytes())
}

/// One `Cookie` line out of any number (HTTP/2 sends one per cookie, RFC 9113 section 8.2.3), without ours. `None`: nothing
/// is left, or nothing was there.
pub(super) fn without_ours(sent: &HeaderMap) -> Option<HeaderValue> {
    let lines = sent.get_all(header::COOKIE);
    let mut all = lines.iter();
    if let (Some(only), None) = (all.next(), all.next())
        && !pieces(only).any(is_ours)
    {
        return Some(only.clone());
    }
    let mut joined = BytesMut::with_capacity(lines.iter().map(|line| line.len() + 2).sum());
    for line in lines {
        let mut first = true;
        for piece in pieces(line).filter(|piece| !is_ours(piece)) {
            // White space in front of a cookie separated it from one that may be gone.
            let piece = if first { piece.trim_ascii_start() } else { piece };
            if piece.is_empty() && first {
                continue;
            }
            if !joined.is_empty() {
                joined.extend_from_slice(if first { b"; " } else { b";" });
            }
            joined.extend_from_slice(piece);
            first = false;
        }
    }
    if joined.iter().all(|byte| byte.is_ascii_whitespace() || *byte == b';') {
        return None;
    }
    HeaderValue::from_maybe_shared(joined.freeze()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(lines: &[&str]) -> Option<String> {
        let mut sent = HeaderMap::new();
        for line in lines {
            sent.append(header::COOKIE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        without_ours(&sent).map(|line| String::from_utf8(line.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn ours_are_cut_out_and_the_others_are_left_as_they_were() {
        for (lines, left) in [
            (&["a=1; b=2"][..], Some("a=1; b=2")),
            (&["a=1;b=2;"], Some("a=1;b=2;")),
            (&["__Host-vestibule=x"], None),
            (&["__Host-vestibule=x; a=1"], Some("a=1")),
            (&["a=1; __Host-vestibule=x"], Some("a=1")),
            (&["a=1; __Host-vestibule-device=x;b=\"q z\""], Some("a=1;b=\"q z\"")),
            (&["a=1", "__Host-vestibule=x", "b=2; c=3"], Some("a=1; b=2; c=3")),
            (&["__host-VESTIBULE=x;\t\u{a0}__Host-vestibule=y; =__Host-vestibule=z; a"], Some("a")),
            (&["\u{2003}__Host-vestibule=x; ; "], None),
            (&["x__Host-vestibule=1; __Host-other=2"], Some("x__Host-vestibule=1; __Host-other=2")),
            (&["a=__Host-vestibule"], Some("a=__Host-vestibule")),
            (&[""], Some("")),
        ] {
            assert_eq!(cut(lines).as_deref(), left, "{lines:?}");
        }
    }

    #[test]
    fn no_one_else_sets_ours() {
        let sets = |line: &'static str| sets_ours(&HeaderValue::from_bytes(line.as_bytes()).unwrap());
        for line in [
            "__Host-vestibule=x; Path=/",
            "__HOST-vestibule-device=",
            " __Host-vestibule",
            "=__Host-vestibule=x",
            "\u{a0}__Host-vestibule=x",
        ] {
            assert!(sets(line), "{line}");
        }
        assert!(!sets("PHPSESSID=__Host-vestibule") && !sets("__Host-portal=1"));
    }

    proptest! {
        #[test]
        fn nothing_of_ours_is_ever_left(pieces in prop::collection::vec(
            prop_oneof!["[a-z]{1,5}=[a-z0-9 =\"]{0,5}", "[ \t\u{a0}=]{0,3}__[Hh]ost-vestibule[-a-z]{0,4}=[a-z]{0,4}"], 0..8), split in 1..8usize) {
            let lines: Vec<String> = pieces.chunks(split).map(|chunk| chunk.join("; ")).collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let left = cut(&lines).unwrap_or_default();
            prop_assert!(!left.to_lowercase().contains("__host-vestibule"), "{left:?}");
            for piece in pieces.iter().filter(|piece| !piece.to_lowercase().contains("__host-vestibule")) {
                prop_assert!(left.contains(piece.trim_start_matches([' ', '\t'])), "{piece:?} of {left:?}");
            }
        }
    }
}
