//! The configuration as the rest of the program sees it: typed, checked, with every default filled in and every path resolved.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use ipnet::IpNet;
use url::Url;

pub use super::values::{Colour, Rate};
pub use crate::access::portal::SignOn;
use crate::keys::KeyRing;

/// Everything an operator can set.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from, as it was named.
    pub file: PathBuf,
    /// `[listen]`
    pub listen: ListenConfig,
    /// `[tls]`
    pub tls: TlsConfig,
    /// `[store]`
    pub store: StoreConfig,
    /// `[session]`
    pub session: SessionConfig,
    /// `[mfa]`
    pub mfa: MfaConfig,
    /// `[password]`
    pub password: PasswordConfig,
    /// `[limits]`
    pub limits: LimitsConfig,
    /// `[log]`
    pub log: LogConfig,
    /// `[telemetry]`
    pub telemetry: TelemetryConfig,
    /// `[brand]`
    pub brand: BrandConfig,
    /// `[[portal]]`, at least one, in the order of the file.
    pub portals: Vec<PortalConfig>,
}

/// `[listen]`: where connections are accepted, and whom to believe about where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenConfig {
    /// The public listener; port 0: any free one.
    pub https: SocketAddr,
    /// Redirects to https; `None`: off.
    pub http: Option<SocketAddr>,
    /// Health, readiness and metrics; `None`: off.
    pub ops: Option<SocketAddr>,
    /// Worker threads; 0: one per core.
    pub workers: usize,
    /// Whose `X-Forwarded-*` and `Forwarded` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Who must begin each connection with a PROXY header.
    pub proxy_protocol_from: Vec<IpNet>,
    /// How long open requests may go on at shutdown.
    pub drain: Duration,
}

/// `[tls]`: what the public listener proves itself with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// Certificate and key.
    pub certificate: CertificateSource,
    /// `Strict-Transport-Security` for so long; `None`: not sent. Never set together with a self-signed certificate.
    pub hsts: Option<Duration>,
}

/// Where certificate and key come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateSource {
    /// PEM files; both were readable and belonged together when the configuration was checked.
    Files {
        /// The chain, the portal's own certificate first.
        certificate: PathBuf,
        /// The private key.
        private_key: PathBuf,
    },
    /// Made anew at every start, for the names of all portals.
    SelfSigned,
}

/// `[store]`: where accounts and sessions are kept.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// `sqlite://` and the absolute path of the database.
    pub url: String,
    /// The same path.
    pub database: PathBuf,
    /// The file that the keys came from.
    pub master_key_file: PathBuf,
    /// The keys in it.
    pub keys: Arc<KeyRing>,
    /// How long live sessions go on while the store is away.
    pub outage_grace: Duration,
}

/// `[session]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionConfig {
    /// Ends a session that was not used for so long; `None`: off.
    pub idle: Option<Duration>,
    /// Ends every session after so long.
    pub lifetime: Duration,
    /// How long a download that runs when the window passes may go on.
    pub download_grace: Duration,
}

/// `[mfa]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaConfig {
    /// The name that authenticator apps show.
    pub issuer: String,
    /// The reauthorization window, 1 h to 30 d, until an admin sets another.
    pub reauth_window: Duration,
    /// How long an invitation or enrolment link lives.
    pub enrolment_window: Duration,
    /// What an unlocked account has to show.
    pub unlock: Unlock,
}

/// What an unlocked account has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlock {
    /// Password and code, or a recovery factor.
    Code,
    /// A recovery factor.
    Recovery,
}

/// `[password]`: what a new password must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordConfig {
    /// At least so many characters.
    pub min_length: usize,
    /// Which classes of characters must occur; none twice.
    pub classes: Vec<CharacterClass>,
}

/// A class of characters, ASCII only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CharacterClass {
    Lower,
    Upper,
    Digit,
    /// Neither letter nor digit.
    Special,
}

/// `[limits]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Requests without a live session.
    pub anonymous_per_client: Rate,
    /// Requests of one session.
    pub requests_per_session: Rate,
    /// Wrong passwords, codes, links.
    pub failures_per_client: Rate,
    /// Open connections of one client.
    pub connections_per_client: usize,
    /// Open connections of all clients.
    pub connections: usize,
    /// Whom the limits per client do not concern.
    pub exempt: Vec<IpNet>,
}

/// `[log]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// One record per request.
    pub access: bool,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON lines otherwise.
    Auto,
    /// Text.
    Text,
    /// JSON lines.
    Json,
}

/// `[telemetry]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelemetryConfig {
    /// Sends `Server-Timing`.
    pub server_timing: bool,
}

/// `[brand]`: how our own pages introduce themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandConfig {
    /// The name on top.
    pub name: String,
    /// The picture in its place.
    pub logo: Option<Logo>,
    /// The accent colour.
    pub accent: Colour,
    /// Plain text on every page; may be empty.
    pub help: String,
}

/// A picture, read when the configuration was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// The file it came from.
    pub file: PathBuf,
    /// Its media type, told by its content.
    pub media_type: &'static str,
    /// The content.
    pub content: Arc<[u8]>,
}

/// `[[portal]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalConfig {
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

/// What a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Require {
    /// No session.
    Nothing,
    /// A session whose last code is recent enough.
    Code,
    /// Refuses.
    Deny,
}
