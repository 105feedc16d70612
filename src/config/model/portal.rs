//! A portal and its rules as the rest of the program sees them.

use crate::config::model::BrandConfig;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::Method;
use ipnet::IpNet;
use url::Url;

use crate::access::portal::SignOn;
pub use crate::access::rule::Require;
use crate::access::rule::{PathPattern, PatternError, Rule};

/// `[[portal]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalConfig {
    /// How our pages introduce themselves here, if not as `[brand]` says.
    pub brand: Option<BrandConfig>,
    /// What people type: https, host and perhaps port; the path is `/`.
    pub url: Url,
    /// Canonical host names, that of `url` first; no other portal has any of them.
    pub hosts: Vec<String>,
    /// Where requests go, at least one.
    pub upstreams: Vec<Upstream>,
    /// How the portal learns who is there.
    pub sign_on: SignOn,
    /// Who may enter at all; empty (only where there is one portal): any account.
    pub groups: Vec<String>,
    /// Paths that lead to our sign-in page without a session.
    pub login_paths: Vec<String>,
    /// Paths that end our session too.
    pub logout_paths: Vec<String>,
    /// The portal does not tell case apart in paths.
    pub case_insensitive_paths: bool,
    /// Raw `;` in a segment is allowed.
    pub path_params: bool,
    /// Script requests of service workers are allowed.
    pub service_workers: bool,
    /// Largest request body in bytes.
    pub max_body: u64,
    /// How long connecting to an upstream may take.
    pub connect_timeout: Duration,
    /// How long the head of its answer may take.
    pub response_timeout: Duration,
    /// Path of the active health check; `None`: off.
    pub health_path: Option<String>,
    /// Who may use a connection to an upstream again.
    pub upstream_reuse: UpstreamReuse,
    /// `[[portal.rule]]`, in the order of the file; no two are of the same specificity.
    pub rules: Vec<RuleConfig>,
}

/// The address of an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// `http://host[:port]`
    Http {
        /// Name or address; IPv6 without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// `https://host[:port]`, certificate verified.
    Https {
        /// Name or address; IPv6 without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// `unix:PATH`, plain http.
    Unix(PathBuf),
}

/// Who may use a connection to an upstream again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamReuse {
    /// Any request.
    Shared,
    /// Requests of the same session.
    PerSession,
    /// Nobody.
    Never,
}

/// `[[portal.rule]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleConfig {
    /// A glob over segments: literals in canonical form, `*` and `**`; begins with `/`.
    pub path: String,
    /// Which methods; empty: all. GET includes HEAD.
    pub methods: Vec<Method>,
    /// Who may pass; empty: any account of the portal.
    pub groups: Vec<String>,
    /// From where; empty: anywhere.
    pub networks: Vec<IpNet>,
    /// What it asks for.
    pub require: Require,
    /// A shorter window, 1 min to 30 d.
    pub reauth: Option<Duration>,
}

impl RuleConfig {
    /// As decisions use it.
    pub fn compile(&self, path_params: bool) -> Result<Rule, PatternError> {
        Ok(Rule {
            path: PathPattern::parse(&self.path, path_params)?,
            methods: self.methods.clone(),
            groups: self.groups.clone(),
            networks: self.networks.clone(),
            require: self.require,
            reauth: self.reauth,
        })
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bracketed = |host: &str| if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        match self {
            Self::Http { host, port } => write!(f, "http://{}:{port}", bracketed(host)),
            Self::Https { host, port } => write!(f, "https://{}:{port}", bracketed(host)),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
