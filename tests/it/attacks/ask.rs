//! One request, byte for byte as a test writes it, sent in whatever way a client can come.

use crate::attacks::arena::{Arena, Speaks, Way};
use crate::harness::frames;
use crate::harness::{HOST, Upstream};

/// A request.
#[derive(Clone)]
pub struct Ask {
    method: String,
    host: String,
    path: Vec<u8>,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
}

/// GET.
pub fn get(path: impl AsRef<[u8]>) -> Ask {
    Ask { method: "GET".to_owned(), host: HOST.to_owned(), path: path.as_ref().to_vec(), fields: Vec::new(), body: Vec::new() }
}

impl Ask {
    /// With another method.
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.method);
        self
    }

    /// Of another host.
    pub fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// With one more header line; over HTTP/2 its name is in small letters.
    pub fn with(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.fields.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// With the attacker's own good session.
    pub fn signed_in(self, arena: &Arena) -> Self {
        let cookie = arena.cookie();
        self.with("Cookie", cookie)
    }

    /// With a body.
    pub fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    /// Sends it on a connection of its own. The status; 0 if it was refused below HTTP.
    pub async fn send(&self, arena: &Arena, way: Way) -> u16 {
        match way.speaks {
            Speaks::Http1 => {
                let mut wire = arena.wire(way.front).await;
                wire.send(self.http1(&way.front.line())).await;
                wire.status().await
            }
            Speaks::Http2 => self.http2(arena, way).await,
        }
    }

    /// The bytes over HTTP/1.1; `last` is what a proxy on the way puts behind.
    pub fn http1(&self, last: &str) -> Vec<u8> {
        let mut bytes =
            [self.method.as_bytes(), b" ", &self.path, b" HTTP/1.1\r\nHost: ", self.host.as_bytes(), b"\r\n"].concat();
        for (name, value) in &self.fields {
            bytes.extend([name, &b": "[..], value, b"\r\n"].concat());
        }
        bytes.extend(last.as_bytes());
        if !self.body.is_empty() {
            bytes.extend(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        [&bytes[..], b"\r\n", &self.body].concat()
    }

    async fn http2(&self, arena: &Arena, way: Way) -> u16 {
        let mut all: Vec<frames::Field<'_>> = vec![
            (b":method", self.method.as_bytes()),
            (b":scheme", b"https"),
            (b":authority", self.host.as_bytes()),
            (b":path", &self.path),
        ];
        let lower: Vec<Vec<u8>> = self.fields.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        all.extend(lower.iter().zip(&self.fields).map(|(name, (_, value))| (name.as_slice(), value.as_slice())));
        all.extend(way.front.header().map(|(name, value)| (name.as_bytes(), value.as_bytes())));
        let mut frames = arena.frames(way.front).await;
        let stream = match self.body.as_slice() {
            b"" => frames.ask(&all).await,
            body => {
                let stream = frames.stream();
                let mut bytes = frames::frame(frames::kind::HEADERS, frames::END_HEADERS, stream, &frames::block(&all));
                // As long as frames may be by default.
                let parts = body.chunks(16 << 10);
                let last = parts.len() - 1;
                for (at, part) in parts.enumerate() {
                    let flags = if at == last { frames::END_STREAM } else { 0 };
                    bytes.extend(frames::frame(frames::kind::DATA, flags, stream, part));
                }
                frames.send(bytes).await;
                stream
            }
        };
        frames.outcome(stream).await.status.unwrap_or(0)
    }
}

/// Letters and digits alone, in small letters: what CGI, PHP and WSGI servers tell names apart by, and then some.
pub fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// All lines that the upstream got last under a name that folds to this one.
pub fn told(upstream: &Upstream, name: &str) -> Vec<(String, String)> {
    let received = upstream.last();
    let fields = received.head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let wanted = fields.filter(|(field, _)| folded(field) == folded(name));
    wanted.map(|(field, value)| (field.to_ascii_lowercase(), value.trim().to_owned())).collect()
}

/// A line as [`told`] gives it.
pub fn line(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
