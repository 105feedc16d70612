//! HTTP/2 frames exactly as written (RFC 9113): for what no client library would send.

use std::time::Duration;

use crate::harness::Browser;
use crate::harness::wire::Wire;

/// Frame types.
pub mod kind {
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const CONTINUATION: u8 = 9;
}

/// Flags of DATA, HEADERS and CONTINUATION.
pub const END_STREAM: u8 = 1;
/// Of HEADERS and CONTINUATION.
pub const END_HEADERS: u8 = 4;

/// A field of a header block. Bytes, since much of it is no text.
pub type Field<'a> = (&'a [u8], &'a [u8]);

/// What became of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the answer.
    pub status: Option<u16>,
    /// Its body, as far as it came.
    pub body: Vec<u8>,
    /// Whether it came whole.
    pub whole: bool,
    /// The code with which the stream was reset.
    pub reset: Option<u32>,
    /// The code with which the connection ended.
    pub farewell: Option<u32>,
    /// Whether the connection was closed.
    pub closed: bool,
}

impl Outcome {
    /// Whether it was refused below HTTP: a stream or connection error, and no answer.
    pub fn is_error(&self) -> bool {
        self.status.is_none() && (self.reset.is_some_and(|code| code != 0) || self.farewell.is_some_and(|code| code != 0))
    }
}

/// A connection on which frames are written.
pub struct Frames {
    wire: Wire,
    next: u32,
}

/// One frame.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header block: literal fields without indexing, without Huffman (RFC 7541, section 6.2.2).
pub fn block(fields: &[Field<'_>]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            integer(text.len(), &mut block);
            block.extend_from_slice(text);
        }
    }
    block
}

/// An integer with a prefix of seven bits (RFC 7541, section 5.1).
fn integer(mut number: usize, into: &mut Vec<u8>) {
    if number < 127 {
        return into.push(u8::try_from(number).unwrap());
    }
    into.push(127);
    number -= 127;
    while number >= 128 {
        into.push(u8::try_from(number % 128 + 128).unwrap());
        number /= 128;
    }
    into.push(u8::try_from(number).unwrap());
}

/// The fields of an ordinary request, to be changed.
pub fn request<'a>(method: &'a str, authority: &'a str, path: &'a str) -> Vec<Field<'a>> {
    vec![
        (b":method", method.as_bytes()),
        (b":scheme", b"https"),
        (b":authority", authority.as_bytes()),
        (b":path", path.as_bytes()),
    ]
}

impl Frames {
    /// A new connection, with its preface said.
    pub async fn to(browser: &Browser) -> Self {
        let mut wire = Wire::speaking_h2(browser).await;
        // HEADER_TABLE_SIZE 0: so that each status comes spelled out, and no table need be kept here.
        wire.send([b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(kind::SETTINGS, 0, 0, &[0, 1, 0, 0, 0, 0])].concat())
            .await;
        Self { wire, next: 1 }
    }

    /// Writes bytes.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.wire.send(bytes).await;
    }

    /// The number of the next stream.
    pub fn stream(&mut self) -> u32 {
        self.next += 2;
        self.next - 2
    }

    /// A request without a body on a stream of its own.
    pub async fn ask(&mut self, fields: &[Field<'_>]) -> u32 {
        let stream = self.stream();
        self.send(frame(kind::HEADERS, END_STREAM | END_HEADERS, stream, &block(fields))).await;
        stream
    }

    /// A request with a body, and perhaps trailers.
    pub async fn post(&mut self, fields: &[Field<'_>], body: &[u8], trailers: Option<&[Field<'_>]>) -> u32 {
        let stream = self.stream();
        let end = if trailers.is_none() { END_STREAM } else { 0 };
        let mut bytes = frame(kind::HEADERS, END_HEADERS, stream, &block(fields));
        bytes.extend(frame(kind::DATA, end, stream, body));
        if let Some(trailers) = trailers {
            bytes.extend(frame(kind::HEADERS, END_STREAM | END_HEADERS, stream, &block(trailers)));
        }
        self.send(bytes).await;
        stream
    }

    /// Reads until it is clear what becomes of a stream; at most ten seconds. What comes for other streams is passed over.
    pub async fn outcome(&mut self, stream: u32) -> Outcome {
        let mut outcome = Outcome::default();
        let reading = async {
            while !outcome.whole && outcome.reset.is_none() && !outcome.closed {
                let Some((kind, flags, of, payload)) = self.next_frame().await else {
                    outcome.closed = true;
                    return;
                };
                match kind {
                    kind::SETTINGS if flags & 1 == 0 => self.send(frame(kind::SETTINGS, 1, 0, b"")).await,
                    kind::PING if flags & 1 == 0 => self.send(frame(kind::PING, 1, 0, &payload)).await,
                    kind::GOAWAY => outcome.farewell = Some(code(&payload[4..])),
                    kind::RST_STREAM if of == stream => outcome.reset = Some(code(&payload)),
                    kind::HEADERS if of == stream && outcome.status.is_none() => {
                        outcome.status = Some(status(&payload));
                        outcome.whole = flags & END_STREAM != 0;
                    }
                    kind::DATA if of == stream => {
                        outcome.body.extend_from_slice(&payload);
                        outcome.whole = flags & END_STREAM != 0;
                    }
                    _ => {}
                }
            }
        };
        let read = tokio::time::timeout(Duration::from_secs(10), reading).await;
        assert!(read.is_ok(), "nothing becomes of stream {stream}: {outcome:?}");
        outcome
    }

    /// The next frame: type, flags, stream, payload. `None`: the connection has ended.
    pub async fn next_frame(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        let head = self.wire.exactly(9).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let payload = self.wire.exactly(usize::try_from(length).unwrap()).await?;
        Some((head[3], head[4], code(&head[5..]) & 0x7fff_ffff, payload))
    }
}

fn code(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().unwrap())
}

/// The status at the head of a header block that was made without a dynamic table.
fn status(block: &[u8]) -> u16 {
    const STATIC: [u16; 7] = [200, 204, 206, 304, 400, 404, 500];
    // Changes of the table's size.
    let block = &block[block.iter().take_while(|byte| **byte & 0xe0 == 0x20).count()..];
    match block[0] {
        indexed @ 0x88..=0x8e => STATIC[usize::from(indexed - 0x88)],
        0x48 | 0x08 | 0x18 if block[1] & 0x80 == 0 => std::str::from_utf8(&block[2..5]).unwrap().parse().unwrap(),
        0x48 | 0x08 | 0x18 => huffman_digits(&block[2..2 + usize::from(block[1] & 0x7f)]),
        other => panic!("no status in {other:#x} {block:?}"),
    }
}

/// Three digits (RFC 7541, appendix B): 0 to 2 have five bits, the others six.
fn huffman_digits(bytes: &[u8]) -> u16 {
    let mut bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| u16::from(byte >> bit & 1)));
    let mut number = 0;
    for _ in 0..3 {
        let five = (0..5).fold(0, |all, _| all << 1 | bits.next().unwrap());
        let digit = if five < 3 { five } else { (five << 1 | bits.next().unwrap()) - 0b01_1001 + 3 };
        number = number * 10 + digit;
    }
    number
}

#[test]
fn digits_are_read_as_they_are_coded() {
    // 302 and 307, as in RFC 7541, sections C.6.1 and C.6.2.
    assert_eq!((huffman_digits(&[0x64, 0x02]), huffman_digits(&[0x64, 0x0e, 0xff])), (302, 307));
}
