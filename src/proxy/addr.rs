//! Where an upstream listens: `http://`, `https://` or `unix:`, parsed once so that nothing behind it doubts it again.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use url::{Host, Url};

/// The address of an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UpstreamAddr {
    /// Plain HTTP over TCP.
    Http(Authority),
    /// HTTP over TLS; the certificate is always verified.
    Https(Authority),
    /// Plain HTTP over a Unix socket at an absolute path.
    Unix(PathBuf),
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authority {
    /// A name or an address.
    pub host: HostName,
    /// The port.
    pub port: u16,
}

/// A name, looked up when connecting, or an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HostName {
    /// A DNS name in its ASCII form, lower case.
    Name(String),
    /// An address.
    Ip(IpAddr),
}

/// Why a text is no upstream address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddrError {
    /// No scheme, or one that is not known.
    #[error("an upstream begins with http://, https:// or unix:, as in http://127.0.0.1:8081")]
    Scheme,
    /// Not a URL.
    #[error("not a URL: {0}")]
    Url(#[from] url::ParseError),
    /// User name or password in the URL.
    #[error("an upstream has no user name or password in its URL; the portal's own sign-in passes through as it is")]
    Credentials,
    /// A path, query or fragment.
    #[error("an upstream has no path, query or fragment: requests keep their own path")]
    Path,
    /// Port 0.
    #[error("port 0 cannot be connected to")]
    Port,
    /// A relative Unix socket path.
    #[error("unix: needs an absolute path, as in unix:/run/portal.sock")]
    Relative,
}

impl UpstreamAddr {
    /// Whether requests would cross a network unencrypted: identity headers there can be read and forged.
    pub fn is_plain_and_remote(&self) -> bool {
        match self {
            Self::Http(Authority { host: HostName::Ip(ip), .. }) => !ip.to_canonical().is_loopback(),
            Self::Http(Authority { host: HostName::Name(name), .. }) => name != "localhost" && !name.ends_with(".localhost"),
            Self::Https(_) | Self::Unix(_) => false,
        }
    }

    /// Host and port as they stand in a URL of this upstream; the scheme's own port is left out. `None`: no such URL.
    pub(super) fn authority(&self) -> Option<String> {
        match self {
            Self::Http(at) => Some(at.without(80)),
            Self::Https(at) => Some(at.without(443)),
            Self::Unix(_) => None,
        }
    }

    /// The TCP port.
    pub(super) fn port(&self) -> Option<u16> {
        match self {
            Self::Http(at) | Self::Https(at) => Some(at.port),
            Self::Unix(_) => None,
        }
    }
}

impl Authority {
    fn without(&self, default: u16) -> String {
        if self.port == default { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }

    fn parse(url: &Url, default: u16) -> Result<Self, AddrError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddrError::Credentials);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(AddrError::Path);
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => HostName::Name(name.to_owned()),
            Some(Host::Ipv4(ip)) => HostName::Ip(ip.into()),
            Some(Host::Ipv6(ip)) => HostName::Ip(ip.into()),
            None => return Err(AddrError::Url(url::ParseError::EmptyHost)),
        };
        match url.port().unwrap_or(default) {
            0 => Err(AddrError::Port),
            port => Ok(Self { host, port }),
        }
    }
}

impl FromStr for UpstreamAddr {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        if let Some(path) = text.strip_prefix("unix:") {
            // `unix:///run/x` is what nginx and curl users write, too.
            let path = if path.starts_with("///") { path.trim_start_matches("//") } else { path };
            let path = PathBuf::from(path);
            return if path.is_absolute() { Ok(Self::Unix(path)) } else { Err(AddrError::Relative) };
        }
        let (scheme, _) = text.split_once("://").ok_or(AddrError::Scheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(AddrError::Scheme),
        };
        let url = Url::parse(text)?;
        if secure { Authority::parse(&url, 443).map(Self::Https) } else { Authority::parse(&url, 80).map(Self::Http) }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

impl fmt::Display for UpstreamAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(at) => write!(f, "http://{}", at.without(80)),
            Self::Https(at) => write!(f, "https://{}", at.without(443)),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_reads_back_as_it_was_meant() {
        for (text, shown) in [
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
            ("HTTP://Portal.Internal/", "http://portal.internal"),
            ("https://[::1]:443", "https://[::1]"),
            ("https://portal:8443", "https://portal:8443"),
            ("unix:/run/portal.sock", "unix:/run/portal.sock"),
            ("unix:///run/portal.sock", "unix:/run/portal.sock"),
        ] {
            assert_eq!(text.parse::<UpstreamAddr>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_cannot_be_connected_to_is_refused_with_its_reason() {
        for (text, error) in [
            ("127.0.0.1:8081", AddrError::Scheme),
            ("localhost:8081", AddrError::Scheme),
            ("ftp://portal", AddrError::Scheme),
            ("http://portal/app", AddrError::Path),
            ("http://portal/?a", AddrError::Path),
            ("http://me:secret@portal", AddrError::Credentials),
            ("http://portal:0", AddrError::Port),
            ("unix:portal.sock", AddrError::Relative),
        ] {
            assert_eq!(text.parse::<UpstreamAddr>(), Err(error), "{text}");
        }
        assert!(matches!("http://portal:99999".parse::<UpstreamAddr>(), Err(AddrError::Url(_))));
        assert!(matches!("http://".parse::<UpstreamAddr>(), Err(AddrError::Url(_))));
    }

    #[test]
    fn only_plain_http_to_elsewhere_is_in_the_clear() {
        let remote = |text: &str| text.parse::<UpstreamAddr>().unwrap().is_plain_and_remote();
        assert!(remote("http://10.0.0.1:80") && remote("http://portal"));
        for text in ["http://127.0.0.2", "http://[::1]", "http://localhost:1", "https://10.0.0.1", "unix:/a"] {
            assert!(!remote(text), "{text}");
        }
    }
}
