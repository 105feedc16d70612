//! Where attacks are tried: the real gate with one worker, in front of an upstream that keeps every byte, reachable in every way
//! that a client can come; and somebody innocent who must get their own answer after each attempt.
//!
//! The ways are {HTTP/1.1, HTTP/2} × {direct, behind a load balancer with PROXY lines, behind a proxy that is believed}. There is
//! no such axis on the other side: the gate speaks nothing but HTTP/1.1 to upstreams, of its own making.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::harness::browser::Kind;
use crate::harness::upstream::{Received, Upstream};
use crate::harness::wire::Wire;
use crate::harness::{Answer, Browser, Frames, Front, Gate, HOST, Person, Setup};

/// Stands in every attack, and must never be seen by anybody innocent.
pub const MARK: &str = "attack-7f3a";

/// Who attacks.
pub const ATTACKER: &str = "mallory@example.com";
/// Who must not notice.
const INNOCENT: &str = "innocent@example.com";

/// What no rule asks a session for.
pub const OPEN: &str = "[[portal.rule]]\npath = \"/open/**\"\nrequire = \"nothing\"";

/// No attack here is stopped by how often it is tried.
const LIMITS: &str = "anonymous_per_client = \"100000/s burst 100000\"\nrequests_per_session = \"100000/s burst 100000\"";

/// The protocol of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// A way in which a client comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// What it speaks.
    pub speaks: Speaks,
    /// What it is behind.
    pub front: Front,
}

/// All six.
pub fn ways() -> impl Iterator<Item = Way> {
    let both = [Speaks::Http1, Speaks::Http2].into_iter();
    both.flat_map(|speaks| Front::ALL.into_iter().map(move |front| Way { speaks, front }))
}

/// The arena.
pub struct Arena {
    /// The gate: one worker, so that everybody shares its upstream connections.
    pub gate: Gate,
    /// What stands behind it.
    pub upstream: Upstream,
    /// Somebody with a good session and bad intentions.
    pub attacker: Person,
    innocent: Person,
    asked: AtomicUsize,
}

impl Arena {
    /// `/open/**` for everybody, the rest for people with a session, and an upstream that answers everything with a small page.
    pub async fn open() -> Self {
        Self::with(|setup| setup).await
    }

    /// The same with further settings.
    pub async fn with(change: impl FnOnce(Setup) -> Setup) -> Self {
        Self::before(Upstream::scripted(|received, stream| answer(received, stream)), change).await
    }

    /// The same before an upstream that does what the script says to everybody but the innocent; `false` closes.
    pub async fn scripted(
        script: impl Fn(&Received, &mut std::net::TcpStream) -> bool + Send + Sync + 'static,
        change: impl FnOnce(Setup) -> Setup,
    ) -> Self {
        let upstream = Upstream::scripted(move |received, stream| {
            if received.line().contains(" /innocent/") { answer(received, stream) } else { script(received, stream) }
        });
        Self::before(upstream, change).await
    }

    /// The same before this upstream.
    pub async fn before(upstream: Upstream, change: impl FnOnce(Setup) -> Setup) -> Self {
        let setup = Setup::new(&[upstream.addr()]);
        let setup = setup.section("listen", Front::LISTEN).section("listen", "workers = 1").section("limits", LIMITS);
        // Keys of the portal come before its rules.
        let gate = Gate::start(change(setup).portal(OPEN)).await;
        let attacker = gate.signed_in(ATTACKER).await;
        let innocent = gate.signed_in(INNOCENT).await;
        Self { gate, upstream, attacker, innocent, asked: AtomicUsize::new(0) }
    }

    /// A browser without a session that comes this way.
    pub fn stranger(&self, way: Way) -> Browser {
        self.come(self.gate.browser(), way)
    }

    /// The attacker's browser, coming this way.
    pub fn attacking(&self, way: Way) -> Browser {
        self.come(self.attacker.browser.clone(), way)
    }

    fn come(&self, browser: Browser, way: Way) -> Browser {
        let browser = browser.behind(way.front);
        if way.speaks == Speaks::Http2 { browser.over_http2() } else { browser }
    }

    /// A connection for bytes of HTTP/1.1.
    pub async fn wire(&self, front: Front) -> Wire {
        Wire::to(&self.stranger(Way { speaks: Speaks::Http1, front })).await
    }

    /// A connection for frames of HTTP/2.
    pub async fn frames(&self, front: Front) -> Frames {
        Frames::to(&self.stranger(Way { speaks: Speaks::Http2, front })).await
    }

    /// The value of the attacker's `Cookie`.
    pub fn cookie(&self) -> String {
        let cookies: Vec<String> = self.attacker.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    /// What came for the attack: everything but what the innocent asked for.
    pub fn received(&self) -> Vec<Received> {
        self.upstream.received().into_iter().filter(|received| !received.line().contains(" /innocent/")).collect()
    }

    /// Nothing came.
    #[track_caller]
    pub fn nothing_came(&self, after: &str) {
        let received = self.received();
        assert!(received.is_empty(), "{after}: {received:#?}");
    }

    /// After an attack whose connections are closed: somebody innocent is served, with their own answer and nothing of the
    /// attack in it; no worker has panicked; no connection is still counted.
    pub async fn innocent(&self, after: &str) {
        self.served(after).await;
        let all_left = || async { self.gate.app().open_connections() == 0 };
        Gate::until(&format!("{after}: no connection is counted any more"), all_left).await;
    }

    /// The same while connections of the attack are open.
    pub async fn served(&self, after: &str) {
        for speaks in [Speaks::Http1, Speaks::Http2] {
            let browser = self.come(self.innocent.browser.clone(), Way { speaks, front: Front::Direct });
            // As many at a time as there are connections to the upstream: none of them may hold anything of somebody else's.
            let asking = (0..self.upstream.open().clamp(1, 8)).map(|_| self.ask(&browser, after));
            futures_util::future::join_all(asking).await;
        }
        let (status, metrics) = self.gate.ops("/metrics").await;
        assert_eq!(status, 200, "{after}");
        assert!(metrics.contains("\nvestibule_panics_total 0\n"), "{after}: a request handler panicked");
    }

    async fn ask(&self, browser: &Browser, after: &str) {
        let path = format!("/innocent/{}", self.asked.fetch_add(1, Ordering::Relaxed));
        let request = browser.request(&Method::GET, &path, Kind::Fetch, &[], Bytes::new());
        let Answer { status, headers, body } = browser.exchange(request).await;
        let body = String::from_utf8_lossy(&body);
        assert_eq!(status, StatusCode::OK, "{after}: {body}");
        assert_eq!(body, page(&format!("GET {path} HTTP/1.1"), INNOCENT), "{after}");
        let seen = format!("{headers:?}{body}");
        assert!(!seen.contains(MARK) && !seen.contains(ATTACKER), "{after}: {seen}");
        let received = self.upstream.received();
        let mine: Vec<_> = received.iter().filter(|received| received.line().split(' ').nth(1) == Some(&path)).collect();
        assert_eq!(mine.len(), 1, "{after}: {mine:#?}");
        assert!(!mine[0].head.contains(MARK) && mine[0].body.is_empty(), "{after}: {mine:#?}");
        assert_eq!((mine[0].all("host"), mine[0].all("x-forwarded-user")), (vec![HOST], vec![INNOCENT]), "{after}");
    }
}

fn page(line: &str, user: &str) -> String {
    format!("{line} for {user}")
}

/// What the upstream says: which request it got, and whose.
pub fn answer(received: &Received, stream: &mut std::net::TcpStream) -> bool {
    use std::io::Write as _;
    let body = page(received.line(), received.all("x-forwarded-user").first().unwrap_or(&"nobody"));
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", body.len());
    let body = if received.line().starts_with("HEAD ") { String::new() } else { body };
    stream.write_all((head + &body).as_bytes()).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_comes_in_every_way_and_the_upstream_learns_from_where() {
    use crate::harness::frames;
    let arena = Arena::open().await;
    for way in ways() {
        let mut browser = arena.attacking(way);
        let answer = browser.fetch("/inside").await;
        assert_eq!(answer.text(), format!("GET /inside HTTP/1.1 for {ATTACKER}"), "{way:?}");
        let told = arena.upstream.last();
        let chain = told.all("x-forwarded-for").join(",");
        let first = chain.split(',').next().unwrap().trim();
        assert_eq!(first, way.front.client(), "{way:?}: {chain}");
        assert_eq!(arena.stranger(way).fetch("/inside").await.status, StatusCode::UNAUTHORIZED, "{way:?}");
        arena.innocent(&format!("{way:?}")).await;
    }
    for front in Front::ALL {
        let mut wire = arena.wire(front).await;
        wire.send(format!("GET /open/raw HTTP/1.1\r\nHost: {HOST}\r\n{}\r\n", front.line())).await;
        assert_eq!(wire.status().await, 200);
        let mut frames = arena.frames(front).await;
        let stream = frames.ask(&frames::request("GET", HOST, "/open/raw")).await;
        let outcome = frames.outcome(stream).await;
        assert_eq!((outcome.status, outcome.body.as_slice()), (Some(200), &b"GET /open/raw HTTP/1.1 for nobody"[..]));
        let stream = frames.ask(&frames::request("GET", HOST, "/inside")).await;
        assert_eq!(frames.outcome(stream).await.status, Some(401));
        drop((wire, frames));
        arena.innocent("raw requests").await;
    }
}
