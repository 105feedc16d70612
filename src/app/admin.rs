//! The admin listener: TLS with the same certificates, one thread that carries its connections, and pages on the control runtime.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use url::Url;

use crate::access::Portal;
use crate::access::target::Portals;
use crate::app::{AppParts, StartError, settings};
use crate::config::Config;
use crate::gateway::admin::{AdminDoor, AdminShared};
use crate::net::{self, Doors, Misdirected, Workers};
use crate::pages::admin::{self, AdminPages, AdminState, Sights};
use crate::pages::{Inside, PagesState};
use crate::session::table::Found;
use crate::shutdown::Shutdown;
use crate::telemetry::latency;

/// Connections at the same time: admins are few.
const CONNECTIONS: usize = 256;

/// Starts it, if an address is given.
pub fn start(
    config: &Config,
    parts: &Arc<AppParts>,
    pages: PagesState,
    control: Handle,
    shutdown: &Shutdown,
) -> Result<Option<Workers>, StartError> {
    let Some(address) = config.listen.admin else { return Ok(None) };
    let names: Arc<OnceLock<Portals>> = Arc::default();
    let auth = Arc::new(pages.auth.clone());
    let shared = Arc::new(AdminShared {
        clock: parts.clock.clone(),
        table: Arc::clone(&parts.table),
        live: Arc::clone(&parts.live),
        window: Arc::clone(&parts.window),
        names: Arc::clone(&names),
        pages: AdminPages::new(state(parts, pages)),
        auth,
        control,
    });
    let settings = net::Settings {
        name: "vestibule-admin",
        https: Some(address),
        http: None,
        workers: 1,
        connections: CONNECTIONS,
        drain: config.listen.drain.min(Duration::from_secs(5)),
        ..settings::net(config)
    };
    let make = move |_: &net::WorkerContext| Doors { https: AdminDoor::new(Arc::clone(&shared)), http: Misdirected };
    let workers = Workers::start(settings, Some(&parts.certificates), shutdown, make).map_err(StartError::Listen)?;
    let bound = workers.https_addr().unwrap_or(address);
    // Requests that came before this found no name, and were refused.
    let _ = names.set(Portals::new(origins(config.admin.url.as_ref(), bound)));
    Ok(Some(workers))
}

fn state(parts: &Arc<AppParts>, pages: PagesState) -> AdminState {
    let (seen, window) = (Arc::clone(parts), Arc::clone(&parts.window));
    let pages = PagesState {
        canonical_to: Arc::new(admin::destination),
        window_for: Arc::new(move |_, _| admin::terms(&window).window),
        ..pages
    };
    let sights = move || Sights {
        sessions: seen.table.len(),
        checks: latency::checks(),
        upstreams: seen
            .upstreams
            .states()
            .into_iter()
            .map(|state| (state.portal.to_string(), state.upstream.to_string(), state.answers))
            .collect(),
    };
    let judged = Arc::clone(parts);
    let standing = move |inside: &Inside, now| {
        let found = Found { session: Arc::clone(&inside.session), code_at: inside.code_at };
        judged.live.load().parts.policy.standing_by(&found, admin::terms(&judged.window), now)
    };
    AdminState {
        pages,
        office: parts.store.office(),
        outbox: parts.store.outbox(),
        log: parts.store.session_log(),
        window: Arc::clone(&parts.window),
        sights: Arc::new(sights),
        clock: parts.clock.clone(),
        standing: Arc::new(standing),
        files: Arc::new(Semaphore::new(admin::FILES)),
    }
}

/// The names under which admins come here: the configured one alone, or those of this very machine.
fn origins(url: Option<&Url>, bound: SocketAddr) -> Vec<Arc<Portal>> {
    let made = |url: Url| Arc::new(Portal::of_ours(0, admin::PORTAL, url));
    if let Some(url) = url {
        return vec![made(url.clone())];
    }
    let hosts = [format!("https://{bound}"), format!("https://localhost:{}", bound.port())];
    hosts.iter().filter_map(|text| Url::parse(text).ok()).map(made).collect()
}
