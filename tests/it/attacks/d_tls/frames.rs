//! HTTP/2 frames byte for byte (RFC 9113, section 4.1), for what no client library sends.

/// Frame types.
pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

/// Flags.
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const ACK: u8 = 1;

/// CANCEL (RFC 9113, section 7).
pub const CANCEL: [u8; 4] = 8_u32.to_be_bytes();

/// One frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The preface, with settings that change nothing.
pub fn hello() -> Vec<u8> {
    [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(SETTINGS, 0, 0, &[])].concat()
}

/// A literal that is not indexed (RFC 7541, section 6.2.2), without Huffman coding.
fn literal(name: &[u8], value: &[u8], block: &mut Vec<u8>) {
    block.push(0);
    for text in [name, value] {
        // An integer with a prefix of seven bits.
        let mut rest = text.len();
        if rest < 127 {
            block.push(u8::try_from(rest).unwrap());
        } else {
            block.push(127);
            rest -= 127;
            while rest >= 128 {
                block.push(u8::try_from(rest % 128 + 128).unwrap());
                rest /= 128;
            }
            block.push(u8::try_from(rest).unwrap());
        }
        block.extend_from_slice(text);
    }
}

/// A head as a header block.
pub fn head(method: &str, host: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in [(":method", method), (":scheme", "https"), (":authority", host), (":path", path)].iter().chain(more) {
        literal(name.as_bytes(), value.as_bytes(), &mut block);
    }
    block
}

/// The numbers of so many streams of a client.
pub fn streams(count: u32) -> impl Iterator<Item = u32> {
    (0..count).map(|number| 2 * number + 1)
}
