//! A fault of ours in the middle of a request: the client gets 500, it is counted, and nobody else notices.
//!
//! Nothing in the gate can be made to panic from outside. So a second set of workers stands on the same parts, with the real gateway
//! and pages in it, and two of the things that those are given break when they are used.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use vestibule::app::{AppParts, settings};
use vestibule::auth::authenticator::Authenticator;
use vestibule::clock::{Clock, TimeSource, Timestamp};
use vestibule::gateway::own::OwnPages;
use vestibule::gateway::park::ParkDoor;
use vestibule::gateway::redirect::Redirect;
use vestibule::gateway::{Gateway, Shared};
use vestibule::net::{Doors, Workers};
use vestibule::pages::{Pages, PagesState, Sessions};
use vestibule::park::Park;
use vestibule::proxy::{Proxy, Worker};
use vestibule::shutdown::Shutdown;

use super::ANNA;
use crate::harness::browser::Kind;
use crate::harness::{Gate, Setup, Upstream};

/// A clock that breaks whoever reads it once it has been put up.
#[derive(Default)]
struct Broken(AtomicBool);

impl TimeSource for Broken {
    fn wall(&self) -> Timestamp {
        assert!(!self.0.load(Ordering::Relaxed), "on purpose: no time");
        Timestamp::default()
    }
    fn boot(&self) -> Duration {
        Duration::ZERO
    }
}

struct Nobody;

#[async_trait::async_trait]
impl Sessions for Nobody {
    async fn signed_in(&self, _: uuid::Uuid) {}
    async fn confirmed(&self, _: uuid::Uuid) {}
    async fn ended(&self, _: uuid::Uuid) {}
    async fn acted(&self) {}
}

/// The gateway on these parts. Whoever signs out at the portal reads the broken clock; a page that judges `/boom` breaks.
fn shared(gate: &Gate, parts: &AppParts) -> Shared {
    let (config, control) = (gate.config(), tokio::runtime::Handle::current());
    let keys = Arc::clone(&config.store.keys);
    let auth = Arc::new(Authenticator::new(parts.store.credentials(), Arc::clone(&keys), Arc::clone(&parts.auth)));
    let park = Park::new(parts.store.lot(), Arc::clone(&keys), Arc::clone(&parts.park));
    let sessions: Arc<dyn Sessions> = Arc::new(Nobody);
    let pages = PagesState {
        auth: (*auth).clone(),
        settings: Arc::clone(&parts.auth),
        sessions: Arc::clone(&sessions),
        brands: Arc::clone(&parts.brands),
        park: park.clone(),
        keys,
        canonical_to: Arc::new(|_, to| if to == "/boom" { panic!("on purpose: {to}") } else { to.to_owned() }),
        admin_window: Arc::clone(&parts.window),
        window_for: Arc::new(|_, _| Duration::from_hours(1)),
        portals: Arc::new(Vec::new),
    };
    let source = Arc::new(Broken::default());
    let broken = Clock::with_source(source.clone());
    source.0.store(true, Ordering::Relaxed);
    Shared {
        clock: parts.clock.clone(),
        table: Arc::clone(&parts.table),
        live: Arc::clone(&parts.live),
        park: ParkDoor::new(park, Arc::clone(&auth), control.clone()),
        own: OwnPages::new(Pages::new(pages), control, auth, sessions, broken),
    }
}

fn workers(gate: &Gate, shutdown: &Shutdown) -> Workers {
    let (parts, config) = (gate.app().parts(), gate.config());
    let (shared, upstreams, clock) = (Arc::new(shared(gate, parts)), Arc::clone(&parts.upstreams), parts.clock.clone());
    // One worker: if it died, nobody would answer any more.
    let settings = vestibule::net::Settings { workers: 1, ..settings::net(&config) };
    let make = move |context: &vestibule::net::WorkerContext| {
        let worker = Worker {
            clock: clock.clone(),
            pulse: Rc::clone(&context.pulse),
            drain: context.soft.clone(),
            tunnels: context.tasks.clone(),
        };
        let proxy = Proxy::new(Arc::clone(&upstreams), worker);
        Doors { https: Gateway::new(Arc::clone(&shared), proxy), http: Redirect::new(Arc::clone(&shared)) }
    };
    Workers::start(settings, Some(&parts.certificates), shutdown, make).unwrap()
}

async fn panics(gate: &Gate) -> f64 {
    let (_, text) = gate.ops("/metrics").await;
    let line = text.lines().find(|line| line.starts_with("vestibule_panics_total ")).expect("it is there from the start");
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_the_gateway_or_in_a_page_is_a_500_and_nothing_else() {
    let log = crate::canaries::log();
    let (go, told) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let upstream = Upstream::scripted(move |received, stream| {
        if received.line().contains("/slow") {
            let _ = told.lock().unwrap().recv();
        }
        std::io::Write::write_all(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").is_ok()
    });
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("logout_paths = [\"/logout\"]")).await;
    let anna = gate.signed_in(ANNA).await;
    let shutdown = Shutdown::new();
    let workers = workers(&gate, &shutdown);
    let mut browser = anna.browser.clone().over_http2();
    browser.addr = workers.https_addr().unwrap();
    let before = panics(&gate).await;

    // One connection with several requests on it: none is the worse for the panic of another.
    let (sender, connection) =
        http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), TokioIo::new(browser.connect().await)).await.unwrap();
    tokio::spawn(connection);
    let ask = async |path: &str| {
        let mut sender = sender.clone();
        sender.ready().await.unwrap();
        let request = browser.request(&http::Method::GET, path, Kind::Navigation, &[], Bytes::new());
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        (head, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
    };
    let slow = async {
        let answer = ask("/slow").await;
        assert_eq!((answer.0.status.as_u16(), answer.1.as_str()), (200, "done"));
    };
    let meanwhile = async {
        Gate::until("the slow one is under way", || async { upstream.count() > 0 }).await;
        for (path, number) in [("/logout", 1.0), ("/.vestibule/login?why=recovery&to=/boom", 2.0)] {
            let (head, text) = ask(path).await;
            let id = head.headers["x-request-id"].to_str().unwrap().to_owned();
            assert!(head.status == 500 && !id.is_empty() && text.contains(&id), "{path}: {} {text}", head.status);
            assert!(!text.contains("on purpose"), "{path}: {text}");
            Gate::until("it is counted", || async { panics(&gate).await >= before + number }).await;
            assert_eq!(ask("/x").await.0.status.as_u16(), 200, "on the same connection");
        }
        go.send(()).unwrap();
    };
    tokio::join!(slow, meanwhile);
    assert!(!log.text().contains("on purpose"), "what was said is left to the panic hook");
    drop(sender);
    shutdown.hard().cancel();
    tokio::task::spawn_blocking(move || workers.join()).await.unwrap().expect("no worker has died");
}
