//! The configuration as the rest of the program sees it: typed, checked, with every default filled in and every path resolved.

mod portal;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

pub use self::portal::{PortalConfig, Require, RuleConfig, UpstreamReuse};
pub use super::values::Rate;
pub use crate::access::portal::SignOn;
use crate::keys::KeyRing;
use crate::notify::mobile::CallingCodes;
use crate::notify::sms::Provider;
use crate::notify::smtp::Server;
use crate::pages::contrast::Rgb;

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
    /// `[mail]`; `None`: no mail is ever sent.
    pub mail: Option<MailConfig>,
    /// `[sms]`; `None`: no text is ever sent.
    pub sms: Option<SmsConfig>,
    /// `[park]`
    pub park: ParkConfig,
    /// `[pages]`
    pub pages: PagesConfig,
    /// `[admin]`
    pub admin: AdminConfig,
    /// `[log]`
    pub log: LogConfig,
    /// `[telemetry]`
    pub telemetry: TelemetryConfig,
    /// `[brand]`
    pub brand: BrandConfig,
    /// `[[portal]]`, at least one, in the order of the file.
    pub portals: Vec<PortalConfig>,
}

impl Config {
    /// Where the pages are that people of this portal sign in at.
    pub fn pages_at<'a>(&'a self, portal: &'a PortalConfig) -> &'a Url {
        self.pages.url.as_ref().unwrap_or(&portal.url)
    }
}

/// `[listen]`: where connections are accepted, and whom to believe about where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenConfig {
    /// The public listener; port 0: any free one.
    pub https: SocketAddr,
    /// Redirects to https; `None`: off.
    pub http: Option<SocketAddr>,
    /// The admin pages; `None`: off.
    pub admin: Option<SocketAddr>,
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

/// `[pages]`: where our own pages are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagesConfig {
    /// A host of their own. `None`: at each portal's own.
    pub url: Option<Url>,
}

/// `[admin]`: the origin of the admin pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminConfig {
    /// What admins type. `None`: the address that is listened on.
    pub url: Option<Url>,
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
    /// How long a recovery by text waits; zero: not at all.
    pub sms_recovery_delay: Duration,
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

/// `[mail]`
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The server that takes our mails.
    pub server: Server,
}

/// `[sms]`
#[derive(Clone, Debug)]
pub struct SmsConfig {
    /// What delivers texts.
    pub provider: Provider,
    /// The calling codes that they may be sent to; never empty.
    pub countries: CallingCodes,
    /// At most so many a day, to whomever.
    pub daily_limit: u32,
}

/// `[park]`: forms that meet a closed window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParkConfig {
    /// The longest body that is kept, in bytes; 0: nothing is.
    pub max_body: u64,
    /// For how long.
    pub keep: Duration,
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
    pub accent: Rgb,
    /// Plain text on every page; may be empty.
    pub help: String,
    /// Links below every page.
    pub links: Vec<BrandLink>,
}

/// A link below every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandLink {
    /// Its text.
    pub text: String,
    /// Where it leads: https.
    pub url: String,
}

/// A picture, read when the configuration was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// The file it came from.
    pub file: PathBuf,
    /// The content.
    pub content: Arc<[u8]>,
}
