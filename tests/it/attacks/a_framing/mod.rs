//! Section A: message framing, smuggling, reuse of connections.

mod answers;
mod heads;
mod http2;
mod lengths;
mod reuse;
mod tunnels;

use super::arena::{Arena, MARK};
use crate::harness::{Front, HOST};

/// What came back on a connection of HTTP/1.1.
#[derive(Debug)]
struct Said {
    text: String,
    closed: bool,
}

impl Said {
    /// The statuses of all answers, in order. (The upstream's page names a version too, but no status.)
    fn statuses(&self) -> Vec<u16> {
        self.text.split("HTTP/1.").skip(1).filter_map(|answer| answer.get(2..5)?.parse().ok()).collect()
    }
}

/// A request that must never be taken for one: it stands behind every payload, and no rule is in its way.
fn smuggled() -> String {
    format!("GET /open/smuggled-{MARK} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
}

/// Sends bytes in this way and reads until the end; where a proxy stands in front, its header goes behind the first `Host` line.
async fn say(arena: &Arena, front: Front, bytes: impl AsRef<[u8]>) -> Said {
    let host = format!("Host: {HOST}\r\n").into_bytes();
    let mut bytes = bytes.as_ref().to_vec();
    if let Some(at) = bytes.windows(host.len()).position(|part| part == host) {
        let behind = at + host.len();
        bytes.splice(behind..behind, front.line().into_bytes());
    }
    let mut wire = arena.wire(front).await;
    wire.send(&bytes).await;
    let (text, closed) = wire.all().await;
    Said { text, closed }
}

/// Whatever is in front, these bytes are refused with one answer and a closed connection, and nothing of them goes upstream.
async fn refused(arena: &Arena, bytes: impl AsRef<[u8]>, statuses: &[u16]) {
    let bytes = [bytes.as_ref(), smuggled().as_bytes()].concat();
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    for front in Front::ALL {
        let said = say(arena, front, &bytes).await;
        assert!(said.closed, "{shown:?} {front:?}: {said:?}");
        let [status] = said.statuses()[..] else { panic!("{shown:?} {front:?}: not one answer: {said:?}") };
        assert!(statuses.contains(&status), "{shown:?} {front:?}: {status}");
        arena.nothing_came(&shown);
    }
    arena.innocent(&shown).await;
}

/// A POST to `/open/x` with these header lines, each ended by the caller or by us.
fn post(lines: &str, body: &str) -> String {
    format!("POST /open/x HTTP/1.1\r\nHost: {HOST}\r\n{lines}\r\n\r\n{body}")
}
