//! What the tests have in common: a gate without gates around the proxy.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;
use uuid::Uuid;

use crate::access::policy::{Decision, Policy};
use crate::access::portal::SignOn;
use crate::access::rule::Rules;
use crate::access::target::{Portals, Via};
use crate::access::{Permit, Portal, Target};
use crate::clock::{Clock, TimeSource, Timestamp};
use crate::identity::{AccountId, Login};
use crate::ports::TokenHash;
use crate::proxy::tests::wire::{Upstream, Wire};
use crate::proxy::{Failure, ForwardContext, ForwardedBody, Proxy, RequestBody, Settings, Upstreams, Worker};
use crate::session::health::{Health, Trust};
use crate::session::log::{AccountRow, SessionRow};
use crate::session::record::{AccountCell, Session};
use crate::session::table::Found;
use crate::session::window::{AdminWindow, Configured};

/// The window of the tests; sessions begin with a code at this time.
pub(super) const WINDOW: Duration = Duration::from_hours(1);
/// Just before it has passed.
pub(super) const NEARLY: Duration = Duration::from_millis(3_599_999);
const START: i64 = 1_700_000_000;

/// Runs a test on one worker; one that hangs fails.
pub(super) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limited = async { tokio::time::timeout(Duration::from_secs(30), test).await.expect("it hangs") };
    LocalSet::new().block_on(&runtime, limited);
}

#[derive(Default)]
struct Hands(AtomicI64);

impl TimeSource for Hands {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(START * 1000 + self.0.load(Ordering::Relaxed))
    }
    fn boot(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed).try_into().unwrap())
    }
}

/// Everything around the proxy.
pub(super) struct Stage {
    hands: Arc<Hands>,
    notify: Rc<Notify>,
    pub(super) proxy: Proxy,
    pub(super) upstreams: Arc<Upstreams>,
    pub(super) session: Arc<Session>,
    pub(super) drain: CancellationToken,
    pub(super) tunnels: TaskTracker,
    pub(super) failures: Rc<RefCell<Vec<Failure>>>,
    front: SocketAddr,
}

pub(super) fn session(portal: &Arc<str>, login: &str) -> Arc<Session> {
    let account = AccountId(Uuid::from_u128(7));
    let row = SessionRow {
        id: Uuid::from_u128(login.len() as u128),
        token: TokenHash([0; 32]),
        previous: None,
        account,
        portal: portal.to_string(),
        epoch: 1,
        created: Timestamp::from_secs(START),
        code_at: Timestamp::from_secs(START),
        code_step: 0,
        last_seen: Timestamp::from_secs(START),
        expires: Timestamp::from_secs(START * 2),
        client: [192, 0, 2, 1].into(),
        agent: String::new(),
        shared: false,
        parent: None,
    };
    let account = AccountRow {
        id: account,
        login: Login::parse(login).unwrap(),
        name: "Anna Ä".to_owned(),
        groups: vec!["it".to_owned(), "ops".to_owned()],
        admin: false,
        disabled: false,
        epoch: 1,
    };
    Arc::new(Session::new(&row, Arc::new(AccountCell::new(account)), Arc::clone(portal)))
}

pub(super) fn portal() -> Portal {
    Portal {
        index: 0,
        name: "portal.example.com".into(),
        url: Url::parse("https://portal.example.com").unwrap(),
        origin: "https://portal.example.com".to_owned(),
        hosts: vec!["portal.example.com".to_owned()],
        sign_on: SignOn::Headers,
        groups: Vec::new(),
        login_paths: Vec::new(),
        logout_paths: Vec::new(),
        case_insensitive_paths: false,
        path_params: false,
        service_workers: false,
    }
}

/// A permit as the policy makes it.
pub(super) fn permit(head: &http::request::Parts, portal: Portal, session: Option<Arc<Session>>) -> Permit {
    let portals = Portals::new(vec![Arc::new(portal)]);
    let target = Target::parse(&head.method, &head.uri, head.version, &head.headers, Via::default(), &portals).unwrap();
    let found = session.map(|session| Found { code_at: session.code_at(), session });
    let open = crate::access::rule::Rule {
        path: crate::access::rule::PathPattern::parse("/open/**", false).unwrap(),
        methods: Vec::new(),
        groups: Vec::new(),
        networks: Vec::new(),
        require: crate::access::rule::Require::Nothing,
        reauth: None,
    };
    let rules = Rules::new(vec![open], false).unwrap();
    let trust = Arc::new(Trust::new(Arc::new(Health::new(Timestamp::from_secs(START), Duration::MAX)), Duration::MAX));
    let policy = Policy::new(vec![rules], Arc::new(AdminWindow::new(Configured::window(WINDOW))), trust);
    let judged = policy.decide(target, found.as_ref(), [192, 0, 2, 1].into(), Timestamp::from_secs(START));
    match judged.decision {
        Decision::Forward(permit) => permit,
        other => panic!("{other:?}"),
    }
}

type Answered = Response<Either<ForwardedBody, Full<Bytes>>>;

impl Stage {
    /// A proxy for these upstreams.
    pub(super) async fn set(addresses: &[&str], change: impl FnOnce(&mut Settings)) -> Self {
        let hands = Arc::new(Hands::default());
        let clock = Clock::with_source(hands.clone());
        let mut settings = Settings::new(addresses.iter().map(|addr| addr.parse().unwrap()).collect());
        change(&mut settings);
        let upstreams = Upstreams::new([(portal().name, settings)], clock.clone(), Handle::current()).unwrap();
        let (notify, drain, tunnels) = (Rc::new(Notify::new()), CancellationToken::new(), TaskTracker::new());
        let worker = Worker { clock, pulse: Rc::clone(&notify), drain: drain.clone(), tunnels: tunnels.clone() };
        let proxy = Proxy::new(Arc::clone(&upstreams), worker);
        let session = session(&portal().name, "anna@example.com");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = listener.local_addr().unwrap();
        let failures = Rc::new(RefCell::new(Vec::new()));
        let gate = Gate { proxy: proxy.clone(), session: Arc::clone(&session), failures: Rc::clone(&failures) };
        spawn_local(serve(listener, gate));
        Self { hands, notify, proxy, upstreams, session, drain, tunnels, failures, front }
    }

    /// A proxy for one upstream.
    pub(super) async fn before(upstream: &Upstream, change: impl FnOnce(&mut Settings)) -> Self {
        Self::set(&[&upstream.url], change).await
    }

    /// A connection to the proxy.
    pub(super) async fn client(&self) -> Wire {
        Wire::new(TcpStream::connect(self.front).await.unwrap())
    }

    /// Sends a request on a connection of its own, and returns all that comes back.
    pub(super) async fn ask(&self, request: &str) -> String {
        let mut client = self.client().await;
        client.write(request).await;
        client.rest().await
    }

    /// A GET of `path`, as a browser's last request on a connection.
    pub(super) async fn get(&self, path: &str) -> String {
        self.ask(&get(path)).await
    }

    /// Moves the clock and lets the pulse beat.
    pub(super) async fn beat(&self, later: Duration) {
        self.hands.0.fetch_add(later.as_millis().try_into().unwrap(), Ordering::Relaxed);
        self.notify.notify_waiters();
        settle().await;
    }

    /// Lets so much time pass, beat by beat.
    pub(super) async fn pass(&self, span: Duration) {
        for _ in 0..span.as_millis().div_ceil(2000) {
            self.beat(Duration::from_secs(2)).await;
        }
    }

    /// Why the last request failed.
    pub(super) fn failure(&self) -> &'static str {
        self.failures.borrow().last().map_or("none", Failure::cause)
    }
}

/// Lets all tasks run that can.
pub(super) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

pub(super) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: portal.example.com\r\nConnection: close\r\n\r\n")
}

#[derive(Clone)]
struct Gate {
    proxy: Proxy,
    session: Arc<Session>,
    failures: Rc<RefCell<Vec<Failure>>>,
}

impl Gate {
    async fn pass(self, mut request: Request<Incoming>, peer: SocketAddr) -> Result<Answered, Infallible> {
        let upgrade = request.extensions_mut().remove();
        let (head, body) = request.into_parts();
        let who = head.headers.get("test-login").map(|login| session(&portal().name, login.to_str().unwrap()));
        let session = who.unwrap_or(self.session);
        let context = ForwardContext {
            client: peer.ip(),
            peer: peer.ip(),
            peer_is_trusted: head.headers.contains_key("test-trusted"),
            forwarded_agrees: head.headers.contains_key("test-trusted"),
            request_id: HeaderValue::from_static("id-1"),
            upgrade,
        };
        let permit = permit(&head, portal(), (!head.uri.path().starts_with("/open/")).then_some(session));
        Ok(match self.proxy.forward(permit, &head, RequestBody::from(body), context).await {
            Ok(response) => response.map(Either::Left),
            Err(failure) => {
                let status = failure.status();
                self.failures.borrow_mut().push(failure);
                Response::builder().status(status).body(Either::Right(Full::default())).unwrap()
            }
        })
    }
}

async fn serve(listener: TcpListener, gate: Gate) {
    loop {
        let (stream, peer) = listener.accept().await.unwrap();
        let gate = gate.clone();
        let service = service_fn(move |request| gate.clone().pass(request, peer));
        let io = TokioIo::new(stream);
        spawn_local(hyper::server::conn::http1::Builder::new().serve_connection(io, service).with_upgrades());
    }
}
