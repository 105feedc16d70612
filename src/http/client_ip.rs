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
    /// `Forwarded` leads to this client too. If not, it is not the proxy's word but somebody's behind it.
    pub forwarded_agrees: bool,
}

/// Walks the chain of `X-Forwarded-For` (or, without it, `Forwarded`, RFC 7239) from the right, as far as the addresses are
/// trusted proxies. From any other peer both are ignored. An entry that is no address ends the walk at the hop before it.
///
/// Most proxies write one of the two and let the other pass as it came, so that they are never read together.
pub fn origin(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Origin {
    let peer = peer.ip().to_canonical();
    if !is_trusted(peer, trusted) {
        return Origin { client: peer, through_proxy: false, forwarded_agrees: false };
    }
    let by_forwarded = headers.contains_key("forwarded").then(|| walk(peer, headers, "forwarded", forwarded_for, trusted));
    let by_xff = headers.contains_key("x-forwarded-for").then(|| walk(peer, headers, "x-forwarded-for", address, trusted));
    let client = by_xff.or(by_forwarded).unwrap_or(peer);
    Origin { client, through_proxy: true, forwarded_agrees: by_forwarded == Some(client) }
}

fn walk(peer: IpAddr, headers: &HeaderMap, name: &str, read: fn(&str) -> Option<IpAddr>, trusted: &[IpNet]) -> IpAddr {
    let lines = headers.get_all(name).iter();
    // Entry by entry: most proxies go on in the line that somebody else began, and what is no text in it must not hide what they add.
    let entries: Vec<Option<IpAddr>> = lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        // Nothing between two commas is no element (RFC 9110, section 5.6.1.2), here as upstream.
        .filter(|entry| !entry.trim_ascii().is_empty())
        .map(|entry| read(str::from_utf8(entry).ok()?))
        .collect();
    let mut client = peer;
    for entry in entries.into_iter().rev() {
        let Some(address) = entry else { break };
        client = address;
        if !is_trusted(client, trusted) {
            break;
        }
    }
    client
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// The `for` parameter of one element of `Forwarded`, of which there must be one. A comma or semicolon in quotes (in a host that
/// somebody sent, say) has cut the element in two: then it is none.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = || element.split(';').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    if pairs().any(|(_, value)| value.matches('"').count() % 2 == 1) {
        return None;
    }
    let mut named =
        pairs().filter(|(name, _)| name.trim_ascii().eq_ignore_ascii_case("for")).map(|(_, value)| value.trim_ascii());
    match (named.next(), named.next()) {
        (Some(value), None) => address(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)),
        _ => None,
    }
}

/// An address with or without port, IPv6 with or without brackets, zone ids refused, IPv4-mapped ones unwrapped.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_ascii();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    parsed.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

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

    #[test]
    fn nobody_hides_behind_a_proxy_by_what_is_no_text() {
        let after = |sent: &[u8]| {
            let line = [sent, b", 203.0.113.9"].concat();
            let mut headers = HeaderMap::new();
            headers.append("x-forwarded-for", HeaderValue::from_bytes(&line).unwrap());
            origin("10.0.0.1:5".parse().unwrap(), &headers, &["10.0.0.0/8".parse().unwrap()]).client.to_string()
        };
        for sent in [&b"\xff"[..], b"\xc3\xa4", b"10.0.0.7, \xff\xfe", b"\t\x80,"] {
            assert_eq!(after(sent), "203.0.113.9", "{sent:?}");
        }
        assert_eq!(after("1.1.1.1,\u{a0}".as_bytes()), "203.0.113.9");
        for lines in [&["203.0.113.9", ""][..], &["203.0.113.9,"], &["203.0.113.9 , ,\t"]] {
            let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            assert_eq!(client("10.0.0.1:5", &lines), "203.0.113.9", "{lines:?}");
        }
        let nobody = client("10.0.0.1:5", &[("x-forwarded-for", "1.1.1.1, \u{2003}203.0.113.9")]);
        assert_eq!(nobody, "10.0.0.1", "white space that only some programs know");
    }

    #[test]
    fn what_somebody_put_in_quotes_is_no_element() {
        for (element, named) in [
            ("for=203.0.113.9;host=\"x\"", "203.0.113.9"),
            ("For=\"203.0.113.9\"; proto=https", "203.0.113.9"),
            ("for=203.0.113.9;host=\"x, for=1.1.1.1\"", "10.0.0.1"),
            ("host=\"x;for=1.1.1.1\";for=203.0.113.9", "10.0.0.1"),
            ("for=1.1.1.1;for=203.0.113.9", "10.0.0.1"),
            ("for=\"1.1.1.1", "10.0.0.1"),
            ("for", "10.0.0.1"),
            ("by=203.0.113.9", "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1:5", &[("forwarded", element)]), named, "{element}");
        }
    }

    #[test]
    fn the_header_that_the_proxy_did_not_write_counts_for_nothing() {
        let of = |xff: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            for (name, value) in [("x-forwarded-for", xff), ("forwarded", forwarded)] {
                if !value.is_empty() {
                    headers.append(name, value.parse().unwrap());
                }
            }
            let origin = origin("10.0.0.1:5".parse().unwrap(), &headers, &["10.0.0.0/8".parse().unwrap()]);
            (origin.client.to_string(), origin.forwarded_agrees)
        };
        assert_eq!(of("203.0.113.9", "for=6.6.6.6"), ("203.0.113.9".to_owned(), false));
        assert_eq!(of("6.6.6.6, 203.0.113.9", "for=203.0.113.9, for=10.0.0.2"), ("203.0.113.9".to_owned(), true));
        assert_eq!(of("203.0.113.9", ""), ("203.0.113.9".to_owned(), false));
        assert_eq!(of("", "for=203.0.113.9"), ("203.0.113.9".to_owned(), true));
        assert_eq!(of("", ""), ("10.0.0.1".to_owned(), false));
    }
}
