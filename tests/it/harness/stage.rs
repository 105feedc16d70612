//! An upstream whose answers stay open: web sockets, event streams, long polls, downloads.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use crate::harness::upstream::{Received, Upstream};

/// How often something comes where much comes.
const TICK: Duration = Duration::from_millis(20);
/// A text frame of the upstream: `tick`.
pub const TICK_FRAME: &[u8] = b"\x81\x04tick";

/// The upstream, and what was heard of its open connections.
pub struct Stage {
    /// The upstream itself.
    pub upstream: Upstream,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    /// Bytes that came through tunnels.
    bytes: Vec<u8>,
    /// Open connections that have ended, by path.
    ended: Vec<String>,
}

impl Stage {
    /// `/ws`, `/ws/busy`, `/events`, `/events/busy`, `/poll` (never answers), `/file` (a long file, slowly); anything else
    /// gets a small page.
    pub fn start() -> Self {
        let heard: Arc<Mutex<Heard>> = Arc::default();
        let inside = Arc::clone(&heard);
        let upstream = Upstream::scripted(move |received, stream| {
            let path = received.line().split(' ').nth(1).unwrap().to_owned();
            let opened = match path.as_str() {
                "/ws" | "/ws/busy" => stream.write_all(switching(received).as_bytes()),
                "/events" | "/events/busy" => {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\n\n")
                }
                "/file" => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"),
                "/poll" => Ok(()),
                _ => return stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage").is_ok(),
            };
            opened.unwrap();
            match path.as_str() {
                "/ws/busy" => pour(stream, TICK_FRAME),
                "/events/busy" => pour(stream, b"data: tick\n\n"),
                "/file" => pour(stream, &[b'x'; 1024]),
                _ => listen(stream, &inside),
            }
            inside.lock().unwrap().ended.push(path);
            false
        });
        Self { upstream, heard }
    }

    /// What came through tunnels so far.
    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().bytes.clone()
    }

    /// Whether this many connections of a path have ended, as the upstream sees it.
    pub fn has_seen_the_end(&self, path: &str, times: usize) -> bool {
        self.heard.lock().unwrap().ended.iter().filter(|ended| *ended == path).count() >= times
    }
}

fn switching(received: &Received) -> String {
    let key = received.all("sec-websocket-key")[0];
    let digest = Sha1::new().chain_update(key).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    let accept = STANDARD.encode(digest);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

/// Until nobody takes it any more.
fn pour(stream: &mut TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).is_ok() {
        std::thread::sleep(TICK);
    }
}

/// Until the other side closes; sends back what it hears.
fn listen(stream: &mut TcpStream, heard: &Mutex<Heard>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        heard.lock().unwrap().bytes.extend_from_slice(&buffer[..read]);
        if stream.write_all(b"\x81\x04echo").is_err() {
            return;
        }
    }
}
