//! How a portal that does not tell case apart reads names: which ones are one to it, and which are no name to be judged by.

use std::borrow::Cow;

/// Whether two decoded segments name the same.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.is_ascii() && other.is_ascii() { one.eq_ignore_ascii_case(other) } else { folded(one) == folded(other) }
}

/// Some portals compare in capitals and some in small letters: what is the same in either is the same here (`ſ` is `S`). And
/// what is no UTF-8 is read as Latin-1, as such portals read it.
fn folded(segment: &[u8]) -> String {
    let text =
        std::str::from_utf8(segment).map_or_else(|_| segment.iter().copied().map(char::from).collect(), Cow::<str>::Borrowed);
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Whether Windows opens by this a file that has another name: `admin.`, `admin `, `admin::$DATA`, `admin:$I30:$INDEX_ALLOCATION`,
/// `ADMINI~1`.
pub(super) fn is_alias(segment: &[u8]) -> bool {
    let stream = segment.windows(2).any(|pair| matches!(pair, b"::" | b":$"));
    matches!(segment.last(), Some(b'.' | b' ')) || stream || is_short_name(segment)
}

/// A name as old programs see it: at most eight bytes with `~` and a number at their end, then perhaps three more.
fn is_short_name(segment: &[u8]) -> bool {
    let mut parts = segment.split(|byte| *byte == b'.');
    let (stem, ending, rest) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let digits = stem.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let marked = stem.iter().rev().nth(digits) == Some(&b'~');
    marked
        && digits > 0
        && stem.len() > digits + 1
        && stem.len() <= 8
        && ending.is_none_or(|ending| ending.len() <= 3)
        && rest.is_none()
}

#[cfg(test)]
mod tests {
    use crate::access::canon::{self, CanonError};

    #[test]
    fn a_portal_on_windows_knows_a_file_by_one_name() {
        for raw in [
            "/admin.",
            "/admin./x",
            "/admin%20/x",
            "/admin...",
            "/.../x",
            "/x.asp::$DATA",
            "/x.asp::%24DATA",
            "/x:$i30:$INDEX_ALLOCATION/y",
            "/ADMINI~1/x",
            "/admin~12/x.php",
            "/a~1.asp",
        ] {
            assert_eq!(canon::portal_path(raw, true, true), Err(CanonError::Alias), "{raw}");
            assert!(canon::portal_path(raw, true, false).is_ok(), "{raw}");
        }
        for raw in [
            "/~anna/x",
            "/~1",
            "/a.b/c",
            "/.well-known",
            "/a:b",
            "/12:30:15",
            "/a~b",
            "/administrators~1",
            "/a~1.html",
            "/a~1.b.c",
        ] {
            assert!(canon::portal_path(raw, true, true).is_ok(), "{raw}");
        }
    }
}
