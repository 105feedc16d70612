//! The canonical spelling of a path and query (RFC 3986, section 6.2.2): one string that rules are matched on and that goes
//! upstream. What two programs could read in two ways is refused.
//!
//! One thing is out of our sight: a raw `#` in a request target (RFC 9112, section 3.2, knows none) and whatever follows it are
//! cut off by the `http` crate while hyper reads the head, in HTTP/1 and HTTP/2 alike, and nobody behind it can tell. It harms
//! nothing, since what is decided on and what goes upstream is made of the rest; `CanonError::Fragment` answers where a text is
//! judged that hyper has not read, as in the configuration.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

use crate::access::fold;

/// Why a path or query has no canonical spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonError {
    /// Does not begin with `/`.
    #[error("the path does not begin with a slash")]
    NotAbsolute,
    /// A control character, raw or encoded.
    #[error("the path has a control character or space")]
    Control,
    /// `\` or `%5c`: some servers read it as `/`.
    #[error("the path has a backslash")]
    Backslash,
    /// `%2f`.
    #[error("the path has an encoded slash")]
    EncodedSlash,
    /// `%3b`, `%3f`, `%23`: delimiters in disguise.
    #[error("the path has an encoded delimiter (%3b, %3f or %23)")]
    EncodedDelimiter,
    /// `%` without two hex digits.
    #[error("the path has a percent sign without two hex digits")]
    BadEscape,
    /// `%252f` and the like: something that a second decoding would make dangerous.
    #[error("the path is encoded twice")]
    DoubleEncoding,
    /// `%2e%2e`, or `..` that leads above the root.
    #[error("the path has dot segments that are encoded or lead above the root")]
    DotSegments,
    /// `;` where the portal does not use path parameters.
    #[error("the path has a semicolon, and path_params is off for this portal")]
    PathParameter,
    /// `%c0%af` and the like: old decoders read a slash.
    #[error("the path has a character in an overlong UTF-8 form")]
    Overlong,
    /// A name that Windows opens under another one, where the portal does not tell case apart.
    #[error("the path has a name that Windows takes for another one (a dot or space at its end, a stream, or a short name)")]
    Alias,
    /// `#` in a request target.
    #[error("the request target has a fragment")]
    Fragment,
}

/// The canonical path: dot segments removed, empty segments merged, unreserved characters decoded, hex in upper case, anything
/// above ASCII percent-encoded.
pub fn path(raw: &str, path_params: bool) -> Result<Cow<'_, str>, CanonError> {
    if is_plain(raw) { Ok(Cow::Borrowed(raw)) } else { respelled(raw, path_params).map(Cow::Owned) }
}

/// Whether a path is canonical at first sight, as nearly all are: only characters that mean the same to everybody, and no
/// segment that is empty or begins with a dot.
fn is_plain(raw: &str) -> bool {
    let mut before = None;
    raw.starts_with('/')
        && raw.bytes().all(|byte| {
            let begins = before.replace(byte) == Some(b'/');
            match byte {
                b'/' | b'.' => !begins,
                b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@' => true,
                _ => unreserved(byte),
            }
        })
}

fn respelled(raw: &str, path_params: bool) -> Result<String, CanonError> {
    if !raw.starts_with('/') {
        return Err(CanonError::NotAbsolute);
    }
    let mut segments: Vec<String> = Vec::new();
    let mut directory = false;
    for raw_segment in raw.split('/').skip(1) {
        directory = true;
        match raw_segment {
            "" | "." => {}
            ".." => {
                segments.pop().ok_or(CanonError::DotSegments)?;
            }
            _ => {
                segments.push(segment(raw_segment, path_params)?);
                directory = false;
            }
        }
    }
    let mut out = String::with_capacity(raw.len());
    for segment in &segments {
        out.push('/');
        out.push_str(segment);
    }
    if directory || out.is_empty() {
        out.push('/');
    }
    Ok(out)
}

fn segment(raw: &str, path_params: bool) -> Result<String, CanonError> {
    let mut out = String::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => decoded_byte(&mut out, escape(bytes.next(), bytes.next())?)?,
            b';' if !path_params => return Err(CanonError::PathParameter),
            _ => raw_byte(&mut out, byte)?,
        }
    }
    if twice_encoded(&out) {
        return Err(CanonError::DoubleEncoding);
    }
    if overlong(&Cow::from(percent_decode_str(&out))) {
        return Err(CanonError::Overlong);
    }
    // Only what was encoded can have become a dot segment here: the raw ones were taken before. Windows drops the spaces behind.
    if matches!(strip_params(&out).trim_end_matches("%20"), "." | "..") {
        return Err(CanonError::DotSegments);
    }
    Ok(out)
}

/// An encoded percent sign is fine (`100%25`) unless a second decoding would make of it what a first may not, be it one that
/// knows `%u002e`.
fn twice_encoded(canonical: &str) -> bool {
    canonical.split("%25").skip(1).any(|rest| {
        let mut bytes = rest.bytes();
        let wide = rest.starts_with(['u', 'U']) && rest.bytes().skip(1).take_while(u8::is_ascii_hexdigit).take(4).count() == 4;
        wide || escape(bytes.next(), bytes.next()).is_ok_and(dangerous_when_decoded)
    })
}

/// More bytes for a character than it needs (RFC 3629, section 3): a way to write what may not be written. The oldest decoders
/// did not even look whether a byte continues, so that `%c0.` was a dot.
fn overlong(bytes: &[u8]) -> bool {
    let continued = |byte: u8| matches!(byte, 0x80..=0xbf);
    bytes.windows(2).any(|pair| match *pair {
        [0xc0, b'.'] => true,
        [0xc0 | 0xc1, next] => continued(next),
        [0xe0, next] => matches!(next, 0x80..=0x9f),
        [0xf0, next] => matches!(next, 0x80..=0x8f),
        _ => false,
    })
}

/// `..;x` is `..` to servers with path parameters.
fn strip_params(segment: &str) -> &str {
    segment.split(';').next().unwrap_or(segment)
}

fn escape(high: Option<u8>, low: Option<u8>) -> Result<u8, CanonError> {
    let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    match (hex(high), hex(low)) {
        (Some(high), Some(low)) => u8::try_from(high * 16 + low).map_err(|_| CanonError::BadEscape),
        _ => Err(CanonError::BadEscape),
    }
}

fn decoded_byte(out: &mut String, byte: u8) -> Result<(), CanonError> {
    match byte {
        b'/' => Err(CanonError::EncodedSlash),
        b'\\' => Err(CanonError::Backslash),
        b';' | b'?' | b'#' => Err(CanonError::EncodedDelimiter),
        0..0x20 | 0x7f => Err(CanonError::Control),
        _ if unreserved(byte) => {
            out.push(char::from(byte));
            Ok(())
        }
        _ => {
            encode(out, byte);
            Ok(())
        }
    }
}

fn dangerous_when_decoded(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\' | b'.' | b';' | b'?' | b'#' | b'%' | 0..0x20 | 0x7f)
}

fn raw_byte(out: &mut String, byte: u8) -> Result<(), CanonError> {
    match byte {
        b'\\' => return Err(CanonError::Backslash),
        b'#' => return Err(CanonError::Fragment),
        0..=0x20 | 0x7f => return Err(CanonError::Control),
        // Not allowed raw by RFC 3986, and read in different ways: encoded.
        0x80.. | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' => encode(out, byte),
        _ => out.push(char::from(byte)),
    }
    Ok(())
}

fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn encode(out: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(out, "%{byte:02X}");
}

/// The segments of a canonical path as a server reads them: decoded, without parameters, empty ones left out. What is written
/// `%40` and what is written `@` is one name to every server, so that rules are matched on this.
pub fn segments(canonical: &str) -> impl Iterator<Item = Cow<'_, [u8]>> + Clone {
    canonical.split('/').map(strip_params).filter(|segment| !segment.is_empty()).map(|segment| percent_decode_str(segment).into())
}

/// Whether a server reads this canonical path as that of a directory.
pub fn is_directory(canonical: &str) -> bool {
    canonical.rsplit('/').next().is_none_or(|last| strip_params(last).is_empty())
}

/// Whether two segments name the same, to a portal that does or does not tell case apart.
pub fn same_segment(one: &[u8], other: &[u8], fold: bool) -> bool {
    if one == other || !fold {
        return one == other;
    }
    fold::same(one, other)
}

/// The canonical path as a portal takes it. One that does not tell case apart is taken for one on Windows, where a file answers
/// to more names than case can make: those are refused, since rules know none of them.
pub fn portal_path(raw: &str, path_params: bool, case_insensitive: bool) -> Result<Cow<'_, str>, CanonError> {
    let canonical = path(raw, path_params)?;
    if case_insensitive && segments(&canonical).any(|segment| fold::is_alias(&segment)) {
        return Err(CanonError::Alias);
    }
    Ok(canonical)
}

/// Whether two canonical paths name the same.
pub fn same_path(one: &str, other: &str, fold: bool) -> bool {
    let (mut ones, mut others) = (segments(one), segments(other));
    is_directory(one) == is_directory(other)
        && loop {
            match (ones.next(), others.next()) {
                (None, None) => break true,
                (Some(one), Some(other)) if same_segment(&one, &other, fold) => {}
                _ => break false,
            }
        }
}

/// The canonical query: as sent, but with what is not ASCII percent-encoded. Its meaning is the portal's; no rule looks at it.
pub fn query(raw: &str) -> Result<Cow<'_, str>, CanonError> {
    if raw.bytes().all(|byte| matches!(byte, 0x21..0x7f) && byte != b'#') {
        return Ok(Cow::Borrowed(raw));
    }
    let mut out = String::with_capacity(raw.len());
    for byte in raw.bytes() {
        match byte {
            b'#' => return Err(CanonError::Fragment),
            0..=0x20 | 0x7f => return Err(CanonError::Control),
            0x80.. => encode(&mut out, byte),
            _ => out.push(char::from(byte)),
        }
    }
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_spelling_for_one_path() {
        for (raw, canonical) in [
            ("/", "/"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/b/..", "/a/"),
            ("/a/b/.", "/a/b/"),
            ("//a///b", "/a/b"),
            ("/a//", "/a/"),
            ("/%41%7e%2dx", "/A~-x"),
            ("/%c3%a4", "/%C3%A4"),
            ("/ä", "/%C3%A4"),
            ("/a b".replace(' ', "%20").as_str(), "/a%20b"),
            ("/100%25", "/100%25"),
            ("/100%2541", "/100%2541"),
            ("/%2evestibule/x", "/.vestibule/x"),
            ("/.../x", "/.../x"),
            ("/a'b(c)*!$&+,=:@", "/a'b(c)*!$&+,=:@"),
        ] {
            assert_eq!(path(raw, false).as_deref(), Ok(canonical), "{raw}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        use CanonError as E;
        for (raw, error) in [
            ("a", E::NotAbsolute),
            ("*", E::NotAbsolute),
            ("/..", E::DotSegments),
            ("/a/../../b", E::DotSegments),
            ("/a/%2e%2e/b", E::DotSegments),
            ("/a/.%2E/b", E::DotSegments),
            ("/a/%2e/b", E::DotSegments),
            ("/a%2fb", E::EncodedSlash),
            ("/a%2Fb", E::EncodedSlash),
            ("/a%5cb", E::Backslash),
            ("/a\\b", E::Backslash),
            ("/a%00", E::Control),
            ("/a%0d%0a", E::Control),
            ("/a%7f", E::Control),
            ("/a\tb", E::Control),
            ("/a%", E::BadEscape),
            ("/a%2", E::BadEscape),
            ("/a%zz", E::BadEscape),
            ("/a%+1", E::BadEscape),
            ("/a%3bx", E::EncodedDelimiter),
            ("/a%3fx", E::EncodedDelimiter),
            ("/a%23x", E::EncodedDelimiter),
            ("/a;x", E::PathParameter),
            ("/..;/x", E::PathParameter),
            ("/%252e%252e/x", E::DoubleEncoding),
            ("/%252fx", E::DoubleEncoding),
            ("/%25%32%66", E::DoubleEncoding),
            ("/%25252fx", E::DoubleEncoding),
            ("/a#b", E::Fragment),
            ("/..%c0%af", E::Overlong),
            ("/%e0%80%af", E::Overlong),
            ("/%F0%80%80%AF", E::Overlong),
            ("/%c0%2e%c0%2e/x", E::Overlong),
            ("/a/..%20/b", E::DotSegments),
            ("/a/.%20%20/b", E::DotSegments),
            ("/%25u002e%25u002e/x", E::DoubleEncoding),
            ("/%25U002Fx", E::DoubleEncoding),
        ] {
            assert_eq!(path(raw, false), Err(error), "{raw}");
        }
        assert_eq!(path("/a/..;x/b", true), Err(E::DotSegments));
        assert_eq!(path("/a;v=1/b", true).as_deref(), Ok("/a;v=1/b"));
    }

    #[test]
    fn what_a_server_reads_as_one_path_is_one_path() {
        for (one, other, fold) in [
            ("/a:b", "/a%3Ab", false),
            ("/%E4", "/%E4", false),
            ("/a;x=1/b;", "/a/b", false),
            ("/;x/a/;", "/a/", false),
            ("/", "/;x", false),
            ("/Ab/%C3%84", "/aB/%C3%A4", true),
            ("/%C4", "/%E4", true),
            ("/%E4", "/%C3%A4", true),
            ("/acce%C5%BFs", "/ACCESS", true),
            ("/bac%E2%84%AA", "/back", true),
        ] {
            assert!(same_path(one, other, fold), "{one} {other}");
        }
        for (one, other, fold) in
            [("/a", "/a/", true), ("/a", "/A", false), ("/a", "/a/b", true), ("/a/b", "/a", true), ("/%E4", "/%C3%A4", false)]
        {
            assert!(!same_path(one, other, fold), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn canonical_paths_stay_as_they_are(raw in "/[a-zA-Z0-9%./;ä~_ -]{0,40}", params: bool) {
            if let Ok(once) = path(&raw, params) {
                prop_assert_eq!(path(&once, params), Ok(once.clone()));
                prop_assert!(!once.contains("//") && !once.contains("/../") && once.is_ascii());
            }
        }

        #[test]
        fn what_is_canonical_at_first_sight_is_so_at_the_second(raw in "/[a-zA-Z0-9%./;:@!$ä~_ -]{0,40}", params: bool) {
            prop_assert_eq!(path(&raw, params).map(Cow::into_owned), respelled(&raw, params));
        }

        #[test]
        fn and_no_plain_path_is_taken_apart(raw in "(/[a-zA-Z0-9_~-][a-zA-Z0-9._~-]{0,8}){1,6}/?") {
            prop_assert!(matches!(path(&raw, false), Ok(Cow::Borrowed(same)) if same == raw));
        }
    }
}
