//! A TLS connection on which a test writes bytes and waits for bytes: for tunnels and for what no client library sends.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::harness::Browser;

/// For what is promised within a second. A machine with other things to do takes longer, and what never comes never comes: the
/// second itself is checked where time is simulated (`following.rs`).
pub const SOON: Duration = Duration::from_secs(10);

/// The connection.
pub struct Wire {
    stream: TlsStream<TcpStream>,
    /// Read and not looked at yet.
    pub unread: Vec<u8>,
}

impl Wire {
    /// A new one, HTTP/1.1.
    pub async fn to(browser: &Browser) -> Self {
        let mut browser = browser.clone();
        browser.http2 = false;
        Self { stream: browser.connect().await, unread: Vec::new() }
    }

    /// A new one, HTTP/2 by ALPN; nothing of it is said yet.
    pub async fn speaking_h2(browser: &Browser) -> Self {
        Self { stream: browser.clone().over_http2().connect().await, unread: Vec::new() }
    }

    /// This many bytes. `None`: the gate closes before.
    pub async fn exactly(&mut self, bytes: usize) -> Option<Vec<u8>> {
        while self.unread.len() < bytes {
            if !self.more().await {
                return None;
            }
        }
        let rest = self.unread.split_off(bytes);
        Some(std::mem::replace(&mut self.unread, rest))
    }

    /// Writes. A connection that the gate has closed is no error here: whoever reads will see it.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        if self.stream.write_all(bytes.as_ref()).await.is_ok() {
            let _ = self.stream.flush().await;
        }
    }

    /// Reads until this text comes, and gives everything up to and with it.
    pub async fn until(&mut self, text: &str) -> String {
        let reading = async {
            loop {
                let found = self.unread.windows(text.len()).position(|window| window == text.as_bytes());
                if let Some(at) = found {
                    let rest = self.unread.split_off(at + text.len());
                    return String::from_utf8_lossy(&std::mem::replace(&mut self.unread, rest)).into_owned();
                }
                assert!(self.more().await, "closed before {text:?}: {:?}", String::from_utf8_lossy(&self.unread));
            }
        };
        tokio::time::timeout(Duration::from_secs(10), reading).await.unwrap_or_else(|_| panic!("{text:?} never came"))
    }

    /// The head of an answer.
    pub async fn head(&mut self) -> String {
        self.until("\r\n\r\n").await
    }

    /// The status of the next answer; 0 if the gate closes without one.
    pub async fn status(&mut self) -> u16 {
        let reading = async { while !self.unread.windows(4).any(|window| window == b"\r\n\r\n") && self.more().await {} };
        tokio::time::timeout(Duration::from_secs(10), reading).await.expect("an answer or an end");
        let text = String::from_utf8_lossy(&self.unread);
        text.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
    }

    /// Everything until the gate closes, which must be soon.
    pub async fn end(&mut self) -> Vec<u8> {
        let ended = tokio::time::timeout(SOON, async { while self.more().await {} }).await;
        assert!(ended.is_ok(), "still open after {SOON:?}");
        std::mem::take(&mut self.unread)
    }

    /// Everything until the gate closes or has been silent for ten seconds, and whether it closed.
    pub async fn all(&mut self) -> (String, bool) {
        let closed = loop {
            match tokio::time::timeout(Duration::from_secs(10), self.more()).await {
                Ok(true) => {}
                Ok(false) => break true,
                Err(_) => break false,
            }
        };
        (String::from_utf8_lossy(&std::mem::take(&mut self.unread)).into_owned(), closed)
    }

    async fn more(&mut self) -> bool {
        // Closed without a farewell, or reset: an end, too.
        matches!(self.stream.read_buf(&mut self.unread).await, Ok(1..))
    }
}

/// An opening handshake (RFC 6455, section 4.1) with the browser's cookies.
pub fn websocket(browser: &Browser, path: &str) -> String {
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {}\r\n\r\n",
        browser.host,
        cookies.join("; ")
    )
}
