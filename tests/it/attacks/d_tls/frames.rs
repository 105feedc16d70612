//! What the floods need of HTTP/2 beyond the harness.

use crate::harness::frames::{block, frame, kind, request};

/// Further frame types.
pub const PRIORITY: u8 = 2;
pub const PUSH_PROMISE: u8 = 5;
pub const WINDOW_UPDATE: u8 = 8;

/// A flag of SETTINGS and PING.
pub const ACK: u8 = 1;
/// A flag of DATA and HEADERS.
pub const PADDED: u8 = 8;

/// CANCEL (RFC 9113, section 7).
pub const CANCEL: [u8; 4] = 8_u32.to_be_bytes();

/// The preface, with settings that change nothing.
pub fn hello() -> Vec<u8> {
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(kind::SETTINGS, 0, 0, &[])].concat()
}

/// A head as a header block.
pub fn head(method: &str, host: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut fields = request(method, host, path);
    fields.extend(more.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())));
    block(&fields)
}

/// The numbers of so many streams of a client.
pub fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|number| 2 * number + 1)
}
