//! The PROXY header: who it names and where it ends, as its specification has it, however the bytes arrive.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use tokio::io::{AsyncRead, ReadBuf};
use vestibule::net::{ProxyHeader, ProxyHeaderError, read_proxy_header};

const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

type Addresses = Option<(SocketAddr, SocketAddr)>;

/// Hands out so many bytes at a time.
struct Drip<'a>(&'a [u8], usize);

impl AsyncRead for Drip<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let (now, later) = self.0.split_at(self.1.min(self.0.len()).min(into.remaining()));
        into.put_slice(now);
        self.0 = later;
        Poll::Ready(Ok(()))
    }
}

/// What was named, and how many bytes the header had.
fn read(data: &[u8], step: usize) -> Result<(Addresses, usize), ProxyHeaderError> {
    let mut stream = Drip(data, step);
    let ProxyHeader { addresses, rest } = read_proxy_header(&mut stream).now_or_never().expect("all bytes are there")?;
    let used = data.len() - stream.0.len() - rest.len();
    assert_eq!(&data[used..data.len() - stream.0.len()], rest, "what follows is not what followed");
    Ok((addresses, used))
}

/// The beginning of a connection.
pub fn proxy_header(data: &[u8]) {
    let at_once = read(data, usize::MAX).ok();
    for step in [1, 7] {
        assert_eq!(read(data, step).ok(), at_once, "{step} bytes at a time");
    }
    if let Some((addresses, used)) = at_once {
        let header = &data[..used];
        let expected = if header.starts_with(b"PROXY ") { line(header) } else { binary(header) };
        assert_eq!(Some(addresses), expected, "{header:?}");
    } else {
        // What is surely right is not refused.
        let whole = data.windows(2).position(|pair| pair == b"\r\n").map(|at| &data[..at + 2]);
        let plain = whole.filter(|line| line.len() <= 107 && !line.starts_with(b"PROXY UNKNOWN")).and_then(line);
        assert_eq!(plain, None, "a good line was refused");
    }
}

/// Version 1. Only who is trusted sends one, so what names the same is taken: a port with zeroes or a sign in front, and anything
/// behind `UNKNOWN`.
fn line(header: &[u8]) -> Option<Addresses> {
    if header.starts_with(b"PROXY UNKNOWN") {
        return header.ends_with(b"\r\n").then_some(None);
    }
    let text = str::from_utf8(header.strip_suffix(b"\r\n")?).ok()?;
    let words: Vec<&str> = text.split(' ').collect();
    let port = |word: &str| word.parse::<u16>().ok();
    match words[..] {
        ["PROXY", family @ ("TCP4" | "TCP6"), from, to, from_port, to_port] => {
            let ip = |word: &str| word.parse::<IpAddr>().ok().filter(|ip| ip.is_ipv4() == (family == "TCP4"));
            let from = SocketAddr::new(ip(from)?.to_canonical(), port(from_port)?);
            Some(Some((from, SocketAddr::new(ip(to)?.to_canonical(), port(to_port)?))))
        }
        _ => None,
    }
}

/// Version 2, for what was accepted.
fn binary(header: &[u8]) -> Option<Addresses> {
    let rest = header.strip_prefix(V2)?;
    let (&[command, family, high, low], body) = rest.split_first_chunk()?;
    if body.len() != usize::from(u16::from_be_bytes([high, low])) || command >> 4 != 2 {
        return None;
    }
    match (command & 0xf, family) {
        // Its own connections; and sockets of files, which have no address.
        (0, _) | (1, 0 | 0x31 | 0x32) => Some(None),
        (1, 0x11) => {
            let (from, to, ports) = (body.first_chunk::<4>()?, body[4..].first_chunk::<4>()?, &body[8..]);
            Some(Some(pair((*from).into(), (*to).into(), ports)?))
        }
        (1, 0x21) => {
            let (from, to, ports) = (body.first_chunk::<16>()?, body[16..].first_chunk::<16>()?, &body[32..]);
            Some(Some(pair((*from).into(), (*to).into(), ports)?))
        }
        _ => None,
    }
}

fn pair(from: IpAddr, to: IpAddr, ports: &[u8]) -> Option<(SocketAddr, SocketAddr)> {
    let port = |at: usize| Some(u16::from_be_bytes([*ports.get(at)?, *ports.get(at + 1)?]));
    Some((SocketAddr::new(from.to_canonical(), port(0)?), SocketAddr::new(to.to_canonical(), port(2)?)))
}
