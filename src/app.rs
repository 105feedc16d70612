//! The composition root: makes the running gate out of a configuration. The only place that names every concrete type.
//!
//! ```text
//! Config ─► settings ─► App: control runtime (store, sync, pages, ops, probes) + workers (listeners, gateways)
//!                        │
//!                        └─ reload: new settings for all of them, or none
//! ```
mod admin;
pub mod demo;
pub mod explain;
pub mod ops;
pub mod reload;
pub mod settings;
mod told;
mod upkeep;

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use futures_util::FutureExt as _;
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinHandle;

use crate::access::target;
use crate::auth::authenticator::Authenticator;
use crate::auth::texts::Texts;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::model::CertificateSource;
use crate::gateway::live::Live;
use crate::gateway::own::OwnPages;
use crate::gateway::park::ParkDoor;
use crate::gateway::redirect::Redirect;
use crate::gateway::{Gateway, Shared};
use crate::net::tls::{CertificateError, Certificates, install_provider};
use crate::net::{Doors, WorkerContext, Workers};
use crate::notify::sender::{Post, Sender};
use crate::pages::{Brands, Pages, PagesState};
use crate::park::{self, Park};
use crate::ports::StoreError;
use crate::proxy::{Proxy, Upstreams, Worker};
use crate::session::log::Tally;
use crate::session::sync::Follower;
use crate::session::table::Table;
use crate::session::window::AdminWindow;
use crate::shutdown::Shutdown;
use crate::store::{self, Continuity, LockError, OpenError, ServeLock, Store};
use crate::telemetry::access_log::AccessLog;
use crate::telemetry::metrics;

/// Threads of the control runtime, besides its bounded pool for hashing.
const CONTROL_THREADS: usize = 2;

/// Why the gate did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error("the store cannot be opened")]
    Open(#[from] OpenError),
    /// The store cannot be read.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
    /// Another process serves it.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// An address cannot be listened on, a thread or runtime not be made.
    #[error("cannot listen")]
    Listen(#[source] std::io::Error),
    /// The certificate cannot be used.
    #[error("the certificate cannot be used")]
    Certificate(#[from] CertificateError),
    /// The configuration is good by itself, but does not fit together.
    #[error("{0}")]
    Settings(#[from] settings::SettingsError),
}

/// Reads the configuration again, for a reload. The text of an error lists every mistake.
pub type Reread = Arc<dyn Fn() -> Result<Config, String> + Send + Sync>;

/// What a start needs besides the configuration.
pub struct Options {
    /// The time.
    pub clock: Clock,
    /// How it ends.
    pub shutdown: Shutdown,
    /// How to reload; `None`: reloads change nothing.
    pub reread: Option<Reread>,
}

/// The running gate.
pub struct App {
    https: SocketAddr,
    http: Option<SocketAddr>,
    ops: Option<SocketAddr>,
    workers: Workers,
    admin: Option<Workers>,
    parts: Arc<AppParts>,
    shutdown: Shutdown,
    runtime: Runtime,
    following: JoinHandle<()>,
    lock: ServeLock,
}

/// What lives on the control runtime and what a reload reaches.
pub struct AppParts {
    /// The store.
    pub store: Store,
    /// Whether it is still the same one.
    pub continuity: Arc<Continuity>,
    /// The time.
    pub clock: Clock,
    /// The request path's view of the configuration.
    pub live: Arc<ArcSwap<Live>>,
    /// All live sessions.
    pub table: Arc<Table>,
    /// Keeps them in step with the store.
    pub follower: Arc<Follower>,
    /// The reauthorization window.
    pub window: Arc<AdminWindow>,
    /// Settings of the auth room.
    pub auth: Arc<ArcSwap<crate::auth::Settings>>,
    /// Settings of parked requests.
    pub park: Arc<ArcSwap<park::Settings>>,
    /// The look of our pages.
    pub brands: Arc<ArcSwap<Brands>>,
    /// The way of mails; none: they wait.
    pub post: Arc<ArcSwapOption<Post>>,
    /// The way of texts; none: nobody is asked for a mobile.
    pub texts: Arc<ArcSwapOption<Texts>>,
    /// The upstreams.
    pub upstreams: Arc<Upstreams>,
    /// The certificates.
    pub certificates: Arc<Certificates>,
    /// Where records of requests go.
    pub access_log: AccessLog,
    /// What holds until a restart, whatever a reload brings.
    pub fixed: reload::Fixed,
}

impl App {
    /// Starts everything, or nothing. Blocks; not to be called on a runtime.
    pub fn start(config: &Config, options: Options) -> Result<Self, StartError> {
        // In this order: no lock file beside nothing, and no change of what another process serves.
        store::must_be_at(&config.store.database)?;
        let lock = ServeLock::take(&config.store.database)?;
        Self::start_under(lock, config, options)
    }

    /// The same for whoever has locked the database of `config` already.
    pub fn start_under(lock: ServeLock, config: &Config, options: Options) -> Result<Self, StartError> {
        install_provider();
        metrics::install();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(CONTROL_THREADS)
            .thread_name("vestibule-control")
            .enable_all()
            .build()
            .map_err(StartError::Listen)?;
        // First of all: whoever waits for the rest, which takes its time, is told what goes on.
        let stage = Arc::new(ops::Stage::default());
        let ops = runtime.block_on(ops::start(config.listen.ops, &stage, &options.shutdown)).map_err(StartError::Listen)?;
        let parts = runtime.block_on(AppParts::make(config, &options, &lock, runtime.handle().clone(), stage.read()))?;
        let parts = Arc::new(parts);
        let pages = parts.pages(config);
        let shared = Arc::new(parts.shared(pages.clone(), runtime.handle().clone()));
        let workers = start_workers(config, &parts, &shared, &options.shutdown)?;
        let https = workers.https_addr().ok_or_else(|| StartError::Listen(std::io::Error::other("no https listener")))?;
        let admin = admin::start(config, &parts, pages, runtime.handle().clone(), &options.shutdown)?;
        let following = parts.spawn_background(&runtime, &options);
        stage.set(&parts);
        let http = workers.http_addr();
        let shown = |address: Option<SocketAddr>| address.map(tracing::field::display);
        let admin_addr = admin.as_ref().and_then(Workers::https_addr);
        tracing::info!(%https, http = shown(http), admin = shown(admin_addr), ops = shown(ops), "the gate is open");
        Ok(Self { https, http, ops, workers, admin, parts, shutdown: options.shutdown, runtime, following, lock })
    }

    /// Where TLS is served.
    pub fn https_addr(&self) -> SocketAddr {
        self.https
    }

    /// Where plain HTTP is redirected.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http
    }

    /// Where the admin pages are.
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(Workers::https_addr)
    }

    /// Where health, readiness and metrics are.
    pub fn ops_addr(&self) -> Option<SocketAddr> {
        self.ops
    }

    /// How many client connections to the portals are open, tunnels included.
    pub fn open_connections(&self) -> usize {
        self.workers.open_connections()
    }

    /// What lives inside, for tests and for the demo.
    pub fn parts(&self) -> &Arc<AppParts> {
        &self.parts
    }

    /// The control runtime.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Lets signals end and reload it: SIGTERM and SIGINT, SIGHUP.
    pub fn obey_signals(&self) -> Result<(), StartError> {
        let _in_runtime = self.runtime.enter();
        self.shutdown.listen_for_signals().map_err(StartError::Listen)
    }

    /// How it ends.
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Serves until a signal or [`Shutdown::request`] ends it; then drains. `false`: a worker died.
    pub fn wait(self) -> bool {
        let Self { workers, admin, parts, shutdown, runtime, following, lock, .. } = self;
        let clean = workers.join().is_ok();
        shutdown.soft().cancel();
        let clean = admin.is_none_or(|admin| admin.join().is_ok()) && clean;
        runtime.block_on(async {
            shutdown.tasks().close();
            // What runs there is told by the token; what does not listen is dropped with the runtime.
            let _ = tokio::time::timeout(Duration::from_secs(5), shutdown.tasks().wait()).await;
            following.abort();
            let _ = following.await;
            parts.follower.finish().await;
            if let Err(error) = parts.store.close().await {
                tracing::warn!(%error, "the store was not closed cleanly; nothing is lost");
            }
        });
        runtime.shutdown_timeout(Duration::from_secs(2));
        // Last of all: whoever takes over finds everything in its place.
        drop(lock);
        tracing::info!("the gate is closed");
        parts.access_log.finish(Duration::from_secs(1));
        clean
    }
}

fn start_workers(
    config: &Config,
    parts: &Arc<AppParts>,
    shared: &Arc<Shared>,
    shutdown: &Shutdown,
) -> Result<Workers, StartError> {
    let (shared, upstreams, clock) = (Arc::clone(shared), Arc::clone(&parts.upstreams), parts.clock.clone());
    let make = move |context: &WorkerContext| {
        let worker = Worker {
            clock: clock.clone(),
            pulse: Rc::clone(&context.pulse),
            drain: context.soft.clone(),
            tunnels: context.tasks.clone(),
        };
        let proxy = Proxy::new(Arc::clone(&upstreams), worker);
        Doors { https: Gateway::new(Arc::clone(&shared), proxy), http: Redirect::new(Arc::clone(&shared)) }
    };
    Workers::start(settings::net(config), Some(&parts.certificates), shutdown, make).map_err(StartError::Listen)
}

impl AppParts {
    async fn make(
        config: &Config,
        options: &Options,
        lock: &ServeLock,
        control: Handle,
        read: &Tally,
    ) -> Result<Self, StartError> {
        let clock = options.clock.clone();
        let store = store::open(&config.store.url, Arc::clone(&config.store.keys), false).await?;
        let continuity = Arc::new(Continuity::begin(lock, store.clone(), clock.now()).await?);
        let (table, window) = (Arc::new(Table::new()), Arc::new(AdminWindow::new(settings::configured(config))));
        let follower =
            Follower::start(store.session_log(), continuity.clone(), table.clone(), clock.clone(), window.clone(), read).await?;
        let access_log = settings::access_log(config).map_err(StartError::Listen)?;
        let brands = settings::brands(config)?;
        let live = settings::live(config, &window, follower.reading(), &brands, &access_log, None)?;
        let upstreams =
            Upstreams::new(settings::upstreams(config)?, clock.clone(), control).map_err(settings::SettingsError::UpstreamTls)?;
        let certificates = match &config.tls.certificate {
            CertificateSource::SelfSigned => Certificates::self_signed(&settings::host_names(config), clock.now().wall)?,
            CertificateSource::Files { certificate, private_key } => {
                Certificates::new(crate::net::tls::Loaded::from_files(certificate, private_key)?)
            }
        };
        let parts = Self {
            store,
            continuity,
            clock,
            live: Arc::new(ArcSwap::from_pointee(live)),
            table,
            follower: Arc::new(follower),
            window,
            auth: Arc::new(ArcSwap::from_pointee(settings::auth(config))),
            park: Arc::new(ArcSwap::from_pointee(settings::park(config))),
            brands: Arc::new(ArcSwap::new(brands)),
            post: Arc::new(ArcSwapOption::new(settings::post(config))),
            texts: Arc::new(ArcSwapOption::new(settings::texts(config)?)),
            upstreams,
            certificates,
            access_log,
            fixed: reload::Fixed::of(config),
        };
        settings::warn_about_certificate(config, &parts.certificates.facts(), parts.clock.now().wall);
        Ok(parts)
    }

    /// What all pages work with, the portals' and the admins'.
    fn pages(&self, config: &Config) -> PagesState {
        let keys = Arc::clone(&config.store.keys);
        let auth = Authenticator::new(self.store.credentials(), Arc::clone(&keys), Arc::clone(&self.auth));
        let (live, of_live) = (Arc::clone(&self.live), Arc::clone(&self.live));
        PagesState {
            auth: auth
                .with_tickets(self.store.tickets())
                .with_texts(self.store.mobiles(), Arc::clone(&self.texts))
                .with_handoffs(self.store.handoffs()),
            settings: Arc::clone(&self.auth),
            sessions: Arc::new(told::Told(Arc::clone(&self.follower))),
            brands: Arc::clone(&self.brands),
            park: Park::new(self.store.lot(), Arc::clone(&keys), Arc::clone(&self.park)),
            keys,
            canonical_to: Arc::new(target::destination),
            admin_window: Arc::clone(&self.window),
            window_for: Arc::new(move |portal, path| live.load().parts.policy.window_of(portal, path)),
            portals: Arc::new(move || of_live.load().parts.portals.all().to_vec()),
        }
    }

    fn shared(&self, pages: PagesState, control: Handle) -> Shared {
        let (auth, sessions) = (Arc::new(pages.auth.clone()), Arc::clone(&pages.sessions));
        Shared {
            clock: self.clock.clone(),
            table: Arc::clone(&self.table),
            live: Arc::clone(&self.live),
            park: ParkDoor::new(pages.park.clone(), Arc::clone(&auth), control.clone()),
            own: OwnPages::new(Pages::new(pages), control, auth, sessions, self.clock.clone()),
        }
    }

    /// What goes on by itself. Returns the one task that goes on while open requests drain.
    fn spawn_background(self: &Arc<Self>, runtime: &Runtime, options: &Options) -> JoinHandle<()> {
        let _in_runtime = runtime.enter();
        let soft = options.shutdown.soft().clone();
        let until_soft = |task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
            let soft = soft.clone();
            options.shutdown.tasks().spawn(async move {
                tokio::select! {
                    () = soft.cancelled() => {}
                    () = task => {}
                }
            });
        };
        // Beyond the soft token: while open requests drain, revocations still bite.
        let (follower, hard) = (Arc::clone(&self.follower), options.shutdown.hard().clone());
        let following = tokio::spawn(async move {
            // Without it nobody could be thrown out any more: rather no gate than one that has gone deaf.
            if AssertUnwindSafe(follower.follow()).catch_unwind().await.is_err() {
                tracing::error!("the task that follows the store died; stopping");
                hard.cancel();
            }
        });
        until_soft(Box::pin(Arc::clone(&self.upstreams).watch()));
        until_soft(Box::pin(upkeep::run(Arc::clone(self))));
        let sender = Sender { outbox: self.store.outbox(), clock: self.clock.clone(), post: Arc::clone(&self.post) };
        options.shutdown.tasks().spawn(sender.run(options.shutdown.soft().clone()));
        if let Some(reread) = options.reread.clone() {
            until_soft(Box::pin(reload::run(Arc::clone(self), reread, options.shutdown.reloads())));
        }
        following
    }
}
