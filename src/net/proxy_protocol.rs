//! The PROXY protocol: who the client is, from a load balancer that passes TCP through.

use std::io;
use std::net::SocketAddr;

use bytes::{Buf as _, Bytes, BytesMut};
use proxy_header::{Error as HeaderError, ParseConfig, Protocol, ProxyHeader};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::listener::canonical;

/// A line of version 1 is at most this long, by its specification.
const LONGEST_V1: usize = 107;
/// What we take of version 2: addresses and a good deal of TLVs.
const LONGEST_V2: usize = 4096;
const V1: &[u8] = b"PROXY ";
/// TLVs are not read: nothing is decided by them.
const CONFIG: ParseConfig = ParseConfig { include_tlvs: false, allow_v1: true, allow_v2: true };

/// What a header said.
#[derive(Debug, PartialEq, Eq)]
pub struct Origin {
    /// Source and destination; `None` for the proxy's own connections (`LOCAL`, `UNKNOWN`), say health checks.
    pub addresses: Option<(SocketAddr, SocketAddr)>,
    /// What came behind the header.
    pub rest: Bytes,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The peer went away first, after so many bytes.
    #[error("closed before the end of its PROXY header, after {0} bytes")]
    Closed(usize),
    /// Something else came.
    #[error("did not begin with a valid PROXY header")]
    Invalid,
    /// It has not ended where it must.
    #[error("PROXY header too long")]
    TooLong,
    /// The socket failed.
    #[error("PROXY header could not be read")]
    Io(#[from] io::Error),
}

/// Reads the header that must come first. The caller sets the deadline.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Origin, Error> {
    let mut buffer = BytesMut::with_capacity(512);
    loop {
        if let Some(origin) = parse(&mut buffer)? {
            return Ok(origin);
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Err(Error::Closed(buffer.len()));
        }
    }
}

/// `None` while more bytes are needed.
fn parse(buffer: &mut BytesMut) -> Result<Option<Origin>, Error> {
    let is_v1 = buffer.first() == Some(&b'P');
    // The crate compares only once it has a whole line's worth of bytes, and not the blank.
    if is_v1 && !buffer.iter().zip(V1).all(|(have, want)| have == want) {
        return Err(Error::Invalid);
    }
    let longest = if is_v1 { LONGEST_V1 } else { LONGEST_V2 };
    let (addresses, used) = match ProxyHeader::parse(buffer, CONFIG) {
        Ok((header, used)) => (header.proxied_address().cloned(), used),
        Err(HeaderError::BufferTooShort) if buffer.len() < longest => return Ok(None),
        Err(HeaderError::BufferTooShort) => return Err(Error::TooLong),
        Err(_) => return Err(Error::Invalid),
    };
    if used > longest {
        return Err(Error::TooLong);
    }
    let addresses = match addresses {
        None => None,
        Some(named) if named.protocol == Protocol::Stream => Some((canonical(named.source), canonical(named.destination))),
        Some(_) => return Err(Error::Invalid),
    };
    buffer.advance(used);
    Ok(Some(Origin { addresses, rest: buffer.split().freeze() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let mut header = V2.to_vec();
        header.extend([command, family]);
        header.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        header.extend(body);
        header
    }

    const V4_BODY: [u8; 12] = [203, 0, 113, 9, 192, 0, 2, 1, 0x30, 0x39, 0x01, 0xbb];

    /// Byte by byte and all at once must give the same.
    fn read_all(bytes: &[u8]) -> Result<Origin, Error> {
        let mut grown = BytesMut::new();
        for byte in bytes {
            grown.extend_from_slice(&[*byte]);
            if let Some(origin) = parse(&mut grown)? {
                let at_once = parse(&mut BytesMut::from(bytes)).unwrap().unwrap();
                assert_eq!(at_once.addresses, origin.addresses);
                return Ok(at_once);
            }
        }
        parse(&mut BytesMut::from(bytes))?;
        Err(Error::Closed(bytes.len()))
    }

    #[test]
    fn both_versions_name_the_client_and_keep_what_follows() {
        let named = ("203.0.113.9:12345".parse().unwrap(), "192.0.2.1:443".parse().unwrap());
        let client = Some(named);
        let rest = Bytes::from_static(b"\x16\x03\x01hello");
        let mut one = b"PROXY TCP4 203.0.113.9 192.0.2.1 12345 443\r\n".to_vec();
        one.extend(&rest);
        assert_eq!(read_all(&one).unwrap(), Origin { addresses: client, rest: rest.clone() });
        let mut two = v2(0x21, 0x11, &V4_BODY);
        two.extend(&rest);
        assert_eq!(read_all(&two).unwrap(), Origin { addresses: client, rest: rest.clone() });
        let mapped = read_all(b"PROXY TCP6 ::ffff:203.0.113.9 2001:db8::1 12345 443\r\n").unwrap();
        assert_eq!(mapped.addresses.unwrap().0, named.0);
    }

    #[test]
    fn the_proxys_own_connections_name_nobody() {
        for header in [b"PROXY UNKNOWN\r\n".to_vec(), v2(0x20, 0x00, &[]), v2(0x20, 0x11, &V4_BODY)] {
            assert_eq!(read_all(&header).unwrap().addresses, None);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let long = v2(0x21, 0x11, &[0; 5000]);
        let short = [v2(0x21, 0x11, &V4_BODY[..8]), vec![0; 16]].concat();
        let unknown = format!("PROXY UNKNOWN {}\r\n", "x".repeat(200));
        for bad in [
            b"GET / HTTP/1.1\r\n".as_slice(),
            b"\x16\x03\x01\x02\x00",
            b"PROXYxTCP4 1.1.1.1 2.2.2.2 1 2\r\n",
            b"PROXY TCP4 1.1.1.1 2.2.2.2 1 70000\r\n",
            b"PROXY TCP4 ::1 ::2 1 2\r\n",
            b"PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n",
            b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\rX",
            &v2(0x21, 0x12, &V4_BODY),
            &short,
            &v2(0x31, 0x11, &V4_BODY),
            &long,
            unknown.as_bytes(),
        ] {
            let error = read_all(bad).unwrap_err();
            assert!(matches!(error, Error::Invalid | Error::TooLong), "{bad:?}: {error}");
        }
    }

    #[tokio::test]
    async fn a_header_cut_off_is_an_error() {
        let error = read(&mut b"PROXY TCP4 1.1.1.1".as_slice()).await.unwrap_err();
        assert!(matches!(error, Error::Closed(18)), "{error}");
    }
}
