//! The client's address: one answer for limits, rules, logs and what the upstream is told.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// Where a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The client's address: the last one in the chain that is not a trusted proxy.
    pub client: IpAddr,
    /// The peer is a trusted proxy: what it says about the chain is kept.
    pub through_proxy: bool,
}

/// Walks the chain of `X-Forwarded-For` (or, without it, `Forwarded`, RFC 7239) from the right, as far as the addresses are
/// trusted proxies. From any other peer both are ignored. An entry that is no address ends the walk at the hop before it.
pub fn origin(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Origin {
    let mut client = peer.ip().to_canonical();
    if !is_trusted(client, trusted) {
        return Origin { client, through_proxy: false };
    }
    for entry in chain(headers).into_iter().rev() {
        let Some(address) = entry else { break };
        client = address;
        if !is_trusted(client, trusted) {
            break;
        }
    }
    Origin { client, through_proxy: true }
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

fn chain(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let entries = |name: &str, read: fn(&str) -> Option<IpAddr>| -> Vec<Option<IpAddr>> {
        headers
            .get_all(name)
            .iter()
            .flat_map(|line| match line.to_str() {
                Ok(text) => text.split(',').map(read).collect(),
                Err(_) => vec![None],
            })
            .collect()
    };
    if headers.contains_key("x-forwarded-for") {
        entries("x-forwarded-for", address)
    } else {
        entries("forwarded", forwarded_for)
    }
}

/// The `for` parameter of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| address(value.trim().trim_matches('"')))?
    })
}

/// An address with or without port, IPv6 with or without brackets, zone ids refused, IPv4-mapped ones unwrapped.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    parsed.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        origin(peer.parse().unwrap(), &headers, &trusted).client.to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_as_far_as_they_reach() {
        let xff = "x-forwarded-for";
        assert_eq!(client("192.0.2.1:5", &[(xff, "203.0.113.9")]), "192.0.2.1");
        assert_eq!(client("10.0.0.1:5", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1:5", &[(xff, "203.0.113.9")]), "203.0.113.9");
        assert_eq!(client("[::ffff:10.0.0.1]:5", &[(xff, "203.0.113.9")]), "203.0.113.9");
        assert_eq!(
            client("10.0.0.1:5", &[(xff, "1.1.1.1, 203.0.113.9, 10.0.0.2")]),
            "203.0.113.9",
            "the left is the client's own"
        );
        assert_eq!(client("10.0.0.1:5", &[(xff, "1.1.1.1"), (xff, "203.0.113.9:80")]), "203.0.113.9");
        assert_eq!(client("10.0.0.1:5", &[(xff, "203.0.113.9, junk, 10.0.0.2")]), "10.0.0.2");
        assert_eq!(client("10.0.0.1:5", &[(xff, "::ffff:203.0.113.9")]), "203.0.113.9");
        assert_eq!(client("10.0.0.1:5", &[(xff, "[2001:db8::1]:443")]), "2001:db8::1");
        assert_eq!(client("10.0.0.1:5", &[(xff, "fe80::1%eth0")]), "10.0.0.1");
        assert_eq!(client("10.0.0.1:5", &[("forwarded", "for=\"[2001:db8::1]:4711\";proto=https")]), "2001:db8::1");
        assert_eq!(client("10.0.0.1:5", &[("forwarded", "for=_hidden, for=10.1.1.1")]), "10.1.1.1");
    }
}
