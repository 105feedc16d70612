//! What stands between a client and the gate: nothing, or one of the two kinds of proxy that the gate believes.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

/// The address that both kinds of proxy name.
pub const NAMED: &str = "203.0.113.9";

/// What stands there. Each has an address of its own, so that one gate can be reached by all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// Nothing.
    Direct,
    /// A load balancer that begins each connection with a PROXY line.
    Balancer,
    /// A reverse proxy that says in `X-Forwarded-For` where a request came from.
    Proxy,
}

impl Front {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Balancer, Self::Proxy];

    /// Lines for `[listen]` that let the gate know them.
    pub const LISTEN: &'static str = "proxy_protocol_from = [\"127.0.0.2/32\"]\ntrusted_proxies = [\"127.0.0.3/32\"]";

    /// The client as the gate should see it.
    pub fn client(self) -> &'static str {
        if self == Self::Direct { "127.0.0.1" } else { NAMED }
    }

    /// The header that goes with every request.
    pub fn header(self) -> Option<(&'static str, &'static str)> {
        (self == Self::Proxy).then_some(("x-forwarded-for", NAMED))
    }

    /// The same as a line of HTTP/1.1, or nothing.
    pub fn line(self) -> String {
        self.header().map(|(name, value)| format!("{name}: {value}\r\n")).unwrap_or_default()
    }

    /// A connection, as far as TLS may begin.
    pub async fn connect(self, to: SocketAddr) -> std::io::Result<TcpStream> {
        let from = match self {
            Self::Direct => return TcpStream::connect(to).await,
            Self::Balancer => Ipv4Addr::new(127, 0, 0, 2),
            Self::Proxy => Ipv4Addr::new(127, 0, 0, 3),
        };
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from.into(), 0))?;
        let mut stream = socket.connect(to).await?;
        if self == Self::Balancer {
            stream.write_all(format!("PROXY TCP4 {NAMED} 192.0.2.1 12345 443\r\n").as_bytes()).await?;
        }
        Ok(stream)
    }
}
