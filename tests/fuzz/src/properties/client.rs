//! Who the client is: nobody can write themselves another address, and the portal is told the one that we use.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use vestibule::http::client_ip::origin;

use super::headers::passed;

/// The proxies that are believed; and, for an upstream that does as we do, the gate itself.
static TRUSTED: LazyLock<[IpNet; 3]> =
    LazyLock::new(|| ["10.0.0.0/8", "fd00::/8", "192.0.2.80/32"].map(|net| net.parse().unwrap()));
const GATE: &str = "192.0.2.80:9";
/// Whom the innermost proxy names.
const NAMED: [u8; 4] = [203, 0, 113, 9];

fn believed() -> &'static [IpNet] {
    &TRUSTED[..2]
}

/// Lines `f:…` of `Forwarded`, all others of `X-Forwarded-For`.
fn sent(text: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in text.split(|byte| *byte == b'\n').take(20) {
        let (name, value) = line.strip_prefix(b"f:").map_or(("x-forwarded-for", line), |value| ("forwarded", value));
        if let Ok(value) = HeaderValue::from_bytes(value.trim_ascii()) {
            headers.append(name, value);
        }
    }
    headers.insert("host", HeaderValue::from_static("portal.example.com"));
    headers
}

/// The first byte chooses the peer.
pub fn client(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    let peers = ["10.0.0.1:5", "203.0.113.7:5", "[fd00::1]:5", "[::ffff:10.1.2.3]:5"];
    let peer: SocketAddr = peers[usize::from(first & 3)].parse().unwrap();
    let headers = sent(text);
    let found = origin(peer, &headers, believed());
    if first & 3 == 1 {
        assert_eq!((found.client, found.through_proxy), (peer.ip(), false), "a stranger was believed");
    } else if headers.contains_key("x-forwarded-for") {
        assert_eq!(found.client, walked(peer.ip().to_canonical(), &headers), "{headers:?}");
    }
    assert_eq!(found.client, found.client.to_canonical());
    what_a_proxy_adds_counts(&headers);
    the_upstream_is_told_the_same(headers, peer, found.client);
}

/// From the right to the first that is no proxy of ours, or that is no address.
fn walked(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let lines: Vec<Vec<u8>> = headers.get_all("x-forwarded-for").iter().map(|line| line.as_bytes().to_vec()).collect();
    let mut client = peer;
    for line in lines.iter().rev() {
        for entry in line.split(|byte| *byte == b',').rev() {
            let entry = entry.trim_ascii();
            if entry.is_empty() {
                continue;
            }
            let Ok(entry) = str::from_utf8(entry) else { return client };
            let inner = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']')).unwrap_or(entry);
            let address = inner.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()));
            let Some(address) = address else { return client };
            client = IpAddr::to_canonical(&address);
            if !believed().iter().any(|net| net.contains(&client)) {
                return client;
            }
        }
    }
    client
}

/// Whatever came before, in either way of writing it: the last word is the proxy's.
fn what_a_proxy_adds_counts(headers: &HeaderMap) {
    let peer: SocketAddr = "10.0.0.1:5".parse().unwrap();
    for (name, own) in [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9;proto=https")] {
        let mut headers = headers.clone();
        let name = HeaderName::from_static(name);
        // Some proxies write a line of their own, some go on in the last one.
        let mut in_line = headers.clone();
        let last = headers.get_all(&name).iter().next_back().cloned();
        headers.append(&name, HeaderValue::from_static(own));
        if let Some(last) = last {
            let joined = [last.as_bytes(), b", ", own.as_bytes()].concat();
            in_line.insert(&name, HeaderValue::from_bytes(&joined).unwrap());
        } else {
            in_line = headers.clone();
        }
        let other = if name == "forwarded" { "x-forwarded-for" } else { "forwarded" };
        for mut headers in [headers, in_line] {
            headers.remove(other);
            let found = origin(peer, &headers, believed()).client;
            assert_eq!(found, IpAddr::from(NAMED), "{headers:?}");
        }
    }
}

/// An upstream that believes what we believe, and us, arrives at the same address, whichever of the two headers it reads.
fn the_upstream_is_told_the_same(headers: HeaderMap, peer: SocketAddr, client: IpAddr) {
    let (told, _) = passed(headers, peer, believed());
    for other in ["forwarded", "x-forwarded-for"] {
        let mut told = told.clone();
        told.remove(other);
        let found = origin(GATE.parse().unwrap(), &told, &*TRUSTED).client;
        assert_eq!(found, client, "without {other}: {told:?}");
    }
}
