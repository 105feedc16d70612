//! Our cookies in hostile company: read without ambiguity, cut out to the last, and the others left byte for byte.

use http::{HeaderMap, HeaderValue, header};
use vestibule::http::cookie;

use super::headers::passed;

/// How all of ours begin.
const OURS: &str = "__host-vestibule";
const NAMES: [&str; 9] = [
    cookie::SESSION,
    cookie::PENDING,
    cookie::DEVICE,
    cookie::GRANT,
    cookie::TICKET,
    cookie::PARK,
    cookie::ADMIN_SESSION,
    cookie::ADMIN_DEVICE,
    cookie::LANGUAGE,
];

/// Whether any parser could take this for a cookie of ours: whatever it trims, and without regard to case.
fn could_be_ours(piece: &[u8]) -> bool {
    // Bytes above ASCII as one character each: white space in front is trimmed whatever its encoding.
    let text: String = piece.iter().copied().map(char::from).collect();
    let name = text.trim_start_matches(|c: char| !c.is_ascii_graphic() || c == '=');
    name.to_ascii_lowercase().starts_with(OURS)
}

fn pieces(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b';').map(<[u8]>::trim_ascii_start).filter(|piece| !piece.trim_ascii().is_empty())
}

/// Lines of `Cookie`.
pub fn cookies(data: &[u8]) {
    let mut sent = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(50) {
        if let Ok(line) = HeaderValue::from_bytes(line) {
            sent.append(header::COOKIE, line);
        }
    }
    let lines: Vec<Vec<u8>> = sent.get_all(header::COOKIE).iter().map(|line| line.as_bytes().to_vec()).collect();
    for name in NAMES {
        is_read_once(&sent, &lines, name);
    }
    sent.insert(header::HOST, HeaderValue::from_static("portal.example.com"));
    let (passed, _) = passed(sent, "203.0.113.7:4000".parse().unwrap(), &[]);
    let left: Vec<&HeaderValue> = passed.get_all(header::COOKIE).iter().collect();
    assert!(left.len() <= 1, "{left:?}");
    let left = left.first().map(|line| line.as_bytes()).unwrap_or_default();
    let (kept, cut): (Vec<_>, Vec<_>) = lines.iter().flat_map(|line| pieces(line)).partition(|piece| !could_be_ours(piece));
    assert!(!pieces(left).any(could_be_ours), "ours went upstream: {:?}", String::from_utf8_lossy(left));
    // White space behind the last one of a line may be the line's.
    let bare = |pieces: Vec<&[u8]>| pieces.into_iter().map(|piece| piece.trim_ascii_end().to_vec()).collect::<Vec<_>>();
    assert_eq!(bare(pieces(left).collect()), bare(kept), "of {lines:?}");
    if let ([only], []) = (&lines[..], &cut[..]) {
        assert_eq!(left, &only[..], "nothing of ours was there, and yet it was changed");
    }
}

/// Ours is the value behind exactly this name, if there is exactly one.
fn is_read_once(sent: &HeaderMap, lines: &[Vec<u8>], name: &str) {
    let mut values = Vec::new();
    for piece in lines.iter().flat_map(|line| line.split(|byte| *byte == b';')) {
        let (found, value) =
            piece.iter().position(|byte| *byte == b'=').map_or((piece, &b""[..]), |at| (&piece[..at], &piece[at + 1..]));
        if found.trim_ascii() == name.as_bytes() {
            values.push(value.trim_ascii().to_vec());
        }
    }
    let expected = match &values[..] {
        [only] => str::from_utf8(only).ok(),
        _ => None,
    };
    assert_eq!(cookie::value(sent, name), expected, "{name} of {lines:?}");
}
