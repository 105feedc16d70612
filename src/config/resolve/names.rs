//! Names and addresses of portals and upstreams: `url`, `hosts`, `upstreams`.

use std::net::IpAddr;
use std::path::Path;

use url::{Host, Url};

use super::reader::Complaint;
use crate::config::report::shown;
use crate::proxy::{AddrError, UpstreamAddr};

/// The address that people type.
pub(super) fn portal_url(text: &str) -> Result<Url, Complaint> {
    let https = |rest: &str| Complaint::new("is not an https address", format!("write {}", shown(&format!("https://{rest}"))));
    let Some((scheme, rest)) = text.split_once("://") else { return Err(https(text)) };
    if !scheme.eq_ignore_ascii_case("https") {
        return Err(https(rest));
    }
    let url = bare_address(text)?;
    let host = url.host_str().unwrap_or_default();
    host_name(host.trim_matches(['[', ']']))?;
    Ok(url)
}

/// An address with host and perhaps port, and nothing else.
fn bare_address(text: &str) -> Result<Url, Complaint> {
    let url = Url::parse(text).map_err(|error| Complaint::new(format!("is no address ({error})"), "write scheme://host:port"))?;
    let too_much = if !url.username().is_empty() || url.password().is_some() {
        Some("a user name or password")
    } else if url.query().is_some() || url.fragment().is_some() {
        Some("a query or fragment")
    } else if url.path() != "/" {
        Some("a path")
    } else {
        None
    };
    match (too_much, url.port()) {
        (Some(what), _) => Err(Complaint::new(format!("has {what}"), "give scheme, host and perhaps port alone")),
        (None, Some(0)) => Err(Complaint::new("has port 0", "name the port that clients connect to")),
        (None, _) => Ok(url),
    }
}

/// A host name or address in the spelling that requests are compared in: lower case, punycode, IPv6 in brackets.
pub(super) fn host_name(text: &str) -> Result<String, Complaint> {
    let name_alone = "give a name alone, like portal.example.com";
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(if address.is_ipv6() { format!("[{address}]") } else { address.to_string() });
    }
    if text.contains('*') {
        return Err(Complaint::new("has a *", "name every host of its own"));
    }
    if text.contains([':', '/', '@', '?', '#', '[', ']', '\\', '%']) || text.contains(char::is_whitespace) {
        return Err(Complaint::new("is more than a host name", name_alone));
    }
    match Host::parse(text) {
        Ok(Host::Domain(name)) if is_dns_name(&name) => Ok(name),
        Ok(Host::Domain(name)) if name.ends_with('.') => {
            Err(Complaint::new("ends in a dot", format!("write {}", name.trim_end_matches('.'))))
        }
        Ok(Host::Ipv4(address)) => Err(Complaint::new("is an address in disguise", format!("write {address}"))),
        _ => Err(Complaint::new("is no host name", name_alone)),
    }
}

fn is_dns_name(name: &str) -> bool {
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// `http://host:port`, `https://host:port`, `unix:PATH`; a relative path of a socket begins at `base`.
pub(super) fn upstream(text: &str, base: &Path) -> Result<UpstreamAddr, Complaint> {
    let known = "give http://host:port, https://host:port or unix:/path/to/socket";
    let alone = "give scheme, host and perhaps port alone";
    let parsed = match text.strip_prefix("unix:").map(|path| path.strip_prefix("//").unwrap_or(path)) {
        Some("") => return Err(Complaint::new("names no socket", known)),
        Some(path) => return Ok(UpstreamAddr::Unix(base.join(path))),
        None => text.parse(),
    };
    parsed.map_err(|error| match error {
        AddrError::Scheme | AddrError::Relative => Complaint::new("is neither an http, an https nor a unix address", known),
        AddrError::Url(error) => Complaint::new(format!("is no address ({error})"), "write scheme://host:port"),
        AddrError::Credentials => Complaint::new("has a user name or password", alone),
        AddrError::Path => Complaint::new("has a path, query or fragment", alone),
        AddrError::Port => Complaint::new("has port 0", "name the port that clients connect to"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_one_spelling() {
        for (text, name) in [
            ("Portal.Example.COM", "portal.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(host_name(text).as_deref(), Ok(name));
        }
        for text in [
            "",
            "a b",
            "a:80",
            "*.example.com",
            "a..b",
            "-a.example",
            "https://a",
            "a/b",
            "a.example.com.",
            "127.1",
            "0x7f.1",
            "a%2eb",
        ] {
            assert!(host_name(text).is_err(), "{text}");
        }
        assert!(host_name(&"a.".repeat(127)).is_err());
    }

    #[test]
    fn upstreams_are_http_https_or_unix() {
        let base = Path::new("/etc/v");
        for (text, shown) in [
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
            ("https://portal.internal/", "https://portal.internal"),
            ("unix:/run/p.sock", "unix:/run/p.sock"),
            ("unix:///run/p.sock", "unix:/run/p.sock"),
            ("unix:p.sock", "unix:/etc/v/p.sock"),
        ] {
            assert_eq!(upstream(text, base).unwrap().to_string(), shown);
        }
        for text in
            ["", "unix:", "ftp://a", "127.0.0.1:8081", "http://a/path", "http://u:p@a", "http://a?x", "http://a:0", "http://"]
        {
            assert!(upstream(text, base).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_is_exposed_beyond_this_machine() {
        let exposed = |text: &str| upstream(text, Path::new("/")).unwrap().is_plain_and_remote();
        for text in ["http://10.0.0.1", "http://portal.internal", "http://localhost.evil.example", "http://0.0.0.0:80"] {
            assert!(exposed(text), "{text}");
        }
        for text in
            ["http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:80", "http://localhost:80", "https://10.0.0.1", "unix:/x"]
        {
            assert!(!exposed(text), "{text}");
        }
    }
}
