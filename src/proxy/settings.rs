//! What an operator sets for the upstreams of one portal.

use std::str::FromStr;
use std::time::Duration;

use rustls_pki_types::CertificateDer;

use crate::proxy::addr::UpstreamAddr;

/// Who may share a connection to an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reuse {
    /// Anybody: fastest.
    #[default]
    Shared,
    /// One session only: an upstream that frames requests differently than we do mixes up nobody else's answers.
    /// A request without a session gets a connection of its own.
    PerSession,
    /// Nobody: a connection per request.
    Never,
}

/// Not one of the words for [`Reuse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one of shared, per-session, never")]
pub struct ReuseError;

impl FromStr for Reuse {
    type Err = ReuseError;

    fn from_str(text: &str) -> Result<Self, ReuseError> {
        match text {
            "shared" => Ok(Self::Shared),
            "per-session" => Ok(Self::PerSession),
            "never" => Ok(Self::Never),
            _ => Err(ReuseError),
        }
    }
}

/// The path of an active health check: begins with `/`, printable ASCII, may have a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthPath(String);

/// Not a path that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a health path begins with / and has no spaces, fragment or characters outside ASCII")]
pub struct HealthPathError;

impl HealthPath {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HealthPath {
    type Err = HealthPathError;

    fn from_str(text: &str) -> Result<Self, HealthPathError> {
        let fits = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if fits && text.parse::<http::uri::PathAndQuery>().is_ok() { Ok(Self(text.to_owned())) } else { Err(HealthPathError) }
    }
}

/// What an operator sets for the upstreams of one portal.
#[derive(Clone, Debug)]
pub struct Settings {
    /// At least one; requests go round among those that answer.
    pub upstreams: Vec<UpstreamAddr>,
    /// For look-up, connection and TLS handshake together.
    pub connect_timeout: Duration,
    /// From the end of the request to the head of the response. Kept to within a second.
    pub response_timeout: Duration,
    /// The longest request body, in bytes.
    pub max_body: u64,
    /// Asked every 10 seconds when set; 2xx and 3xx are healthy.
    pub health_path: Option<HealthPath>,
    /// Who may share a connection.
    pub reuse: Reuse,
    /// How long a download may go on after its window has passed.
    pub download_grace: Duration,
    /// Trusted for `https` upstreams besides the system's certificates.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// The most connections to one upstream from one worker.
    pub connections: usize,
}

impl Settings {
    /// The defaults, with these upstreams.
    pub fn new(upstreams: Vec<UpstreamAddr>) -> Self {
        Self {
            upstreams,
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_mins(1),
            max_body: 100 << 20,
            health_path: None,
            reuse: Reuse::Shared,
            download_grace: Duration::from_mins(10),
            extra_roots: Vec::new(),
            connections: 4096,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_paths_are_taken_exactly() {
        assert_eq!("per-session".parse(), Ok(Reuse::PerSession));
        assert_eq!("Shared".parse::<Reuse>(), Err(ReuseError));
        assert_eq!("/health?full=1".parse::<HealthPath>().unwrap().as_str(), "/health?full=1");
        for text in ["", "health", "/a b", "/a#b", "/ü", "http://a/"] {
            assert_eq!(text.parse::<HealthPath>(), Err(HealthPathError), "{text}");
        }
    }
}
