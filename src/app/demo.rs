//! The demo: a sample portal behind the real gate, with nothing to configure. What it makes it makes like `init`, and what it
//! runs is what `serve` runs.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::runtime::Runtime;

use crate::app::{App, Options};
use crate::audit::{Actor, Event};
use crate::auth::credentials::{LinkKind, NewAccount};
use crate::auth::texts::Texts;
use crate::auth::{grant, qr};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::identity::{AccountId, Login};
use crate::keys::{self, KeyRing};
use crate::notify::mobile::CallingCodes;
use crate::notify::outlet::Outlet;
use crate::notify::sender::{Carrier, Post};
use crate::sample;
use crate::shutdown::Shutdown;
use crate::store::{self, LockError, ServeLock};

/// Who is invited.
const ADMIN: &str = "admin@example.com";
/// Where the demo's texts may go to, as far as they go anywhere.
const COUNTRIES: [u16; 12] = [1, 31, 33, 34, 39, 41, 43, 44, 49, 52, 55, 351];
/// Its database, in its folder.
const DATABASE: &str = "vestibule.db";

/// The running demo.
pub struct Demo {
    app: App,
    _portal: sample::Running,
    _portal_runtime: Runtime,
    /// Removed at the end, if the demo made it.
    _folder: Option<Fresh>,
    /// Where the portal is.
    pub portal: String,
    /// Where the admin pages are.
    pub admin: String,
    /// Where its first person registers; `None`: somebody has, in this folder, in an earlier run.
    pub registration: Option<String>,
}

/// A temporary folder that goes when the demo ends.
struct Fresh(PathBuf);

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "the demo's folder could not be removed");
        }
    }
}

impl Demo {
    /// Starts it on this port of loopback (0: any), with its data in this folder or a fresh one, and perhaps with a reauthorization
    /// window that is over while one looks on. Texts and mails go to the outlet.
    pub fn start(
        port: u16,
        data: Option<PathBuf>,
        window: Option<Duration>,
        clock: Clock,
        shutdown: Shutdown,
        outlet: Outlet,
    ) -> anyhow::Result<Self> {
        let fresh = if data.is_some() { None } else { Some(fresh_folder()?) };
        let folder = data.or_else(|| fresh.as_ref().map(|fresh| fresh.0.clone())).ok_or_else(|| anyhow!("no folder"))?;
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        // Before anything is written: another demo may be at work in there.
        let database = folder.join(DATABASE);
        let lock = ServeLock::take(&database).map_err(|error| match error {
            LockError::Held(_) => anyhow!("a demo is running on {} already: name another folder with --data", folder.display()),
            LockError::Io { .. } => anyhow!(error),
        })?;
        if !database.exists() {
            // One is made now. What an earlier one has left beside it is not about this one.
            lock.forget()?;
        }
        let portal_runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let portal = portal_runtime.block_on(sample::start()).context("the sample portal does not start")?;
        let ports = free_ports(port)?;
        let mut config = configure(&folder, ports, portal.address)?;
        // Not in the file: shorter than any that people could work with.
        config.mfa.reauth_window = window.unwrap_or(config.mfa.reauth_window);
        let registration = portal_runtime.block_on(invite(&config, &clock))?;
        let url = config.portals.first().map(|portal| portal.url.to_string()).unwrap_or_default();
        let app =
            App::start_under(lock, &config, Options { clock, shutdown, reread: None }).context("the gate does not start")?;
        show_instead_of_sending(&app, &config, outlet);
        let registration = registration.map(|path| format!("{}{path}", url.trim_end_matches('/')));
        let admin = format!("https://127.0.0.1:{}/.vestibule/admin", ports.1);
        Ok(Self { app, admin, _portal: portal, _portal_runtime: portal_runtime, _folder: fresh, portal: url, registration })
    }

    /// The running gate.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The registration link as a QR code for a terminal.
    pub fn qr(&self) -> Option<String> {
        self.registration.as_ref().and_then(|link| qr::terminal(link).ok())
    }

    /// Serves until a signal ends it. `false`: a worker died.
    pub fn wait(self) -> bool {
        self.app.wait()
    }
}

fn fresh_folder() -> anyhow::Result<Fresh> {
    let mut name = "vestibule-demo-".to_owned();
    for byte in keys::random::<8>() {
        write!(name, "{byte:02x}")?;
    }
    let path = std::env::temp_dir().join(name);
    std::fs::DirBuilder::new().mode(0o700).create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    Ok(Fresh(path))
}

/// Nothing leaves this machine: whoever has started the demo sees what people would be sent.
fn show_instead_of_sending(app: &App, config: &Config, outlet: Outlet) {
    let parts = app.parts();
    let mut auth = (*parts.auth.load_full()).clone();
    auth.mail = true;
    let texts = Texts { gateway: Box::new(outlet.clone()), countries: CallingCodes::new(COUNTRIES.to_vec()), daily_limit: 1000 };
    parts.texts.store(Some(Arc::new(texts)));
    let places = super::settings::places(config);
    parts.post.store(Some(Arc::new(Post { carrier: Carrier::Outlet(outlet), places })));
    parts.auth.store(Arc::new(auth));
}

/// The address in links must be the one that is served, so that "any" is decided before the configuration is written: for the
/// portal, and for the admin pages.
fn free_ports(port: u16) -> anyhow::Result<(u16, u16)> {
    let asked = SocketAddr::from(([127, 0, 0, 1], port));
    let portal = std::net::TcpListener::bind(asked)
        .with_context(|| format!("port {port} is taken; choose another with --port, or --port 0 for any free one"))?;
    // While the first one is held, so that it is another.
    let admin = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    Ok((portal.local_addr()?.port(), admin.local_addr()?.port()))
}

fn configure(folder: &Path, (port, admin): (u16, u16), upstream: SocketAddr) -> anyhow::Result<Config> {
    let key = folder.join("vestibule.key");
    if !key.exists() {
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key)?;
        file.write_all(KeyRing::generate_file().as_bytes())?;
    }
    let file = folder.join("vestibule.toml");
    let text = format!(
        r#"# Written by `vestibule demo` at each start.
[listen]
https = "127.0.0.1:{port}"
admin = "127.0.0.1:{admin}"
ops = "off"

[tls]
self_signed = true

[store]
url = "sqlite://{DATABASE}"
master_key_file = "vestibule.key"

[mfa]
issuer = "Vestibule demo"

[brand]
name = "Vestibule demo"
help = "This is a demonstration on your own machine. Nothing leaves it."

[[portal]]
url = "https://localhost:{port}"
hosts = ["127.0.0.1"]
upstreams = ["http://{upstream}"]
"#
    );
    std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    // Nothing of the environment: it may be about another gate.
    let loaded = config::load(&file, std::iter::empty());
    loaded.map(|loaded| loaded.config).map_err(|report| anyhow!(report.mistake_lines().collect::<Vec<_>>().join("\n")))
}

/// The path of a registration link, unless the first person is through with it.
async fn invite(config: &Config, clock: &Clock) -> anyhow::Result<Option<String>> {
    let store = store::open(&config.store.url, Arc::clone(&config.store.keys), true).await?;
    let (now, login) = (clock.now(), Login::parse(ADMIN)?);
    let credentials = store.credentials();
    let (link, token) = grant::new_link(LinkKind::Invitation, &super::settings::auth(config), now.secure);
    let id = AccountId(keys::new_id(now.wall));
    let event = |id| Event::new(now.wall, Actor::System, "user.invite").about(id, &login);
    let account = NewAccount {
        id,
        login: login.clone(),
        name: "Ada Admin".to_owned(),
        groups: vec!["demo".to_owned()],
        admin: true,
        password: None,
        created: now.wall,
    };
    let issued = match credentials.account_by_login(&login).await? {
        None => credentials.create_account(account, link, event(id)).await?,
        Some(known) => credentials.issue_link(known.id, link, event(known.id)).await?,
    };
    store.close().await?;
    Ok(issued.then(|| grant::link_path(LinkKind::Invitation, &token)))
}
