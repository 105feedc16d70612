//! What the listeners need to know, as plain values; the configuration fills it in.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;

/// Settings of one set of workers and their listeners.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the worker threads are called; the index is appended.
    pub name: &'static str,
    /// Where TLS is served. Port 0: one is chosen.
    pub https: Option<SocketAddr>,
    /// Where plain HTTP/1.1 is served, for redirects only.
    pub http: Option<SocketAddr>,
    /// Worker threads; 0: one per core.
    pub workers: usize,
    /// Peers that must speak the PROXY protocol, version 1 or 2; nobody else may.
    pub proxy_protocol_from: Vec<IpNet>,
    /// Open connections over all workers and listeners, tunnels included.
    pub connections: usize,
    /// Open connections of one client: an IPv4 address or an IPv6 /64.
    pub connections_per_client: u32,
    /// Clients without a cap of their own, say an office behind one address. The global cap holds for them too.
    pub exempt: Vec<IpNet>,
    /// How long running requests and tunnels may go on after the soft token.
    pub drain: Duration,
    /// How often a worker's heart beats.
    pub pulse: Duration,
    /// How long a client may take for what.
    pub deadlines: Deadlines,
    /// Header lines of one request.
    pub max_headers: usize,
    /// Bytes of one request head; at least 8 KiB.
    pub max_head: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "vestibule-worker",
            https: None,
            http: None,
            workers: 0,
            proxy_protocol_from: Vec::new(),
            connections: 20_000,
            connections_per_client: 1024,
            exempt: Vec::new(),
            drain: Duration::from_secs(30),
            pulse: Duration::from_millis(500),
            deadlines: Deadlines::default(),
            max_headers: 100,
            max_head: 64 * 1024,
        }
    }
}

impl Settings {
    /// How many threads that makes on this machine.
    pub fn threads(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            n => n,
        }
    }

    pub(super) fn must_name_client(&self, peer: IpAddr) -> bool {
        self.proxy_protocol_from.iter().any(|net| net.contains(&peer))
    }
}

/// How long a client may take. Every phase of a connection has one of these, so that none can be held for nothing.
#[derive(Clone, Debug)]
pub struct Deadlines {
    /// The PROXY header and the TLS handshake together.
    pub handshake: Duration,
    /// From the first byte of a request head to its last; and from the handshake to the first request on HTTP/1.
    pub head: Duration,
    /// Without any request on a connection.
    pub idle: Duration,
    /// A blocked write (or, on HTTP/2, a closed window) without a byte of progress, in tunnels too.
    pub stall: Duration,
    /// For the client to take its last answer and close, before the connection is dropped.
    pub linger: Duration,
    /// Between pings on HTTP/2.
    pub ping: Duration,
    /// For the answer to a ping.
    pub pong: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(15),
            idle: Duration::from_secs(75),
            stall: Duration::from_mins(1),
            linger: Duration::from_secs(5),
            ping: Duration::from_secs(30),
            pong: Duration::from_secs(20),
        }
    }
}
