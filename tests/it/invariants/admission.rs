//! Nothing reaches an upstream unless its rule asks for nothing, or somebody who may has entered a code recently enough.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use vestibule::session::log::Which;

use crate::harness::browser::Kind;
use crate::harness::wire::{Wire, websocket};
use crate::harness::{Browser, Gate, HOST, Person, Setup, Upstream};

const OTHER: &str = "other.example.com";
const MINUTE: Duration = Duration::from_mins(1);
/// How many requests are tried in each of the twelve places in time.
const CASES: usize = 60;

const RULES: &str = r#"
groups = ["staff"]
[[portal.rule]]
path = "/open/**"
require = "nothing"
[[portal.rule]]
path = "/shut/**"
require = "deny"
[[portal.rule]]
path = "/api/**"
methods = ["GET"]
require = "nothing"
[[portal.rule]]
path = "/billing/**"
reauth = "10m"
groups = ["billing"]
[[portal.rule]]
path = "/office/**"
networks = ["203.0.113.0/24"]
"#;

/// How far a browser has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Never here.
    Stranger,
    /// Password entered.
    Pending,
    /// Signed in, in all groups.
    Member,
    /// Signed in, in `staff` alone.
    Plain,
    /// Signed in, in no group of this portal.
    Outsider,
    /// The session was ended.
    Ended,
    /// The account was disabled.
    Disabled,
    /// A member's cookie with one letter changed.
    Forged,
    /// A member's cookie twice.
    Doubled,
}

const STAGES: [Stage; 9] = [
    Stage::Stranger,
    Stage::Pending,
    Stage::Member,
    Stage::Plain,
    Stage::Outsider,
    Stage::Ended,
    Stage::Disabled,
    Stage::Forged,
    Stage::Doubled,
];

/// One request.
#[derive(Clone, Copy, Debug)]
struct Try {
    stage: Stage,
    path: &'static str,
    method: &'static str,
    kind: Kind,
    /// 0: ours; 1: the other portal's; 2: nobody's.
    host: usize,
    http2: bool,
    websocket: bool,
}

fn tries() -> impl Strategy<Value = Try> {
    let path = prop::sample::select(vec!["/x", "/open/x", "/shut/x", "/api/x", "/billing/x", "/office/x", "/.vestibule/x"]);
    let method = prop::sample::select(vec!["GET", "HEAD", "POST", "PUT", "PURGE"]);
    let kind = prop::sample::select(vec![Kind::Navigation, Kind::Fetch, Kind::Bare]);
    let host = prop::sample::select(vec![0_usize, 0, 0, 0, 1, 2]);
    (prop::sample::select(STAGES.to_vec()), path, method, kind, host, any::<bool>(), prop::bool::weighted(0.1))
        .prop_map(|(stage, path, method, kind, host, http2, websocket)| Try { stage, path, method, kind, host, http2, websocket })
}

/// The model: may it pass, so long after the last code?
fn may_pass(tried: &Try, since_code: Duration, window: Duration) -> bool {
    if tried.host != 0 {
        // The other portal is not one that anybody here has signed in to.
        return false;
    }
    let method = if tried.websocket { "GET" } else { tried.method };
    let signed_in = matches!(tried.stage, Stage::Member | Stage::Plain | Stage::Outsider);
    let fresh = signed_in && since_code < window;
    let staff = matches!(tried.stage, Stage::Member | Stage::Plain);
    match tried.path {
        "/open/x" => true,
        "/api/x" if matches!(method, "GET" | "HEAD") => true,
        "/x" | "/api/x" => fresh && staff,
        "/billing/x" => fresh && tried.stage == Stage::Member && since_code < MINUTE * 10,
        // Nobody here is in the office; what is shut is shut, and ours is never forwarded.
        _ => false,
    }
}

struct House {
    gate: Gate,
    upstream: Upstream,
    browsers: Vec<(Stage, Browser)>,
}

impl House {
    async fn build() -> Self {
        let upstream = Upstream::start();
        let more = format!(
            "[[portal]]\nurl = \"https://{OTHER}\"\nupstreams = [\"http://{}\"]\ngroups = [\"staff\"]\n",
            upstream.addr()
        );
        let setup = Setup::new(&[upstream.addr()]).portal(RULES).more(&more).section("mfa", "reauth_window = \"1h\"");
        let gate = Gate::start(setup).await;
        let log = gate.open_store(false).await.session_log();
        let ended = gate.signed_in_with("ended@example.com", &["staff", "billing"]).await;
        log.end(Which::Of(gate.id_of("ended@example.com").await), gate.event("session.end")).await.unwrap();
        let disabled = gate.signed_in_with("disabled@example.com", &["staff", "billing"]).await;
        let id = gate.id_of("disabled@example.com").await;
        gate.desk().await.disable(id).await.unwrap();
        let outsider = gate.signed_in_with("outsider@example.com", &["elsewhere"]).await;
        let plain = gate.signed_in_with("plain@example.com", &["staff"]).await;
        let member = gate.signed_in_with("member@example.com", &["billing", "staff"]).await;
        let mut pending = Person { browser: gate.browser(), ..member.clone() };
        pending.log_in("/").await.location();
        let mut forged = member.browser.clone();
        let token = forged.cookies.get_mut("__Host-vestibule").unwrap();
        *token = token.chars().rev().collect();
        let browsers = vec![
            (Stage::Stranger, gate.browser()),
            (Stage::Pending, pending.browser),
            (Stage::Member, member.browser.clone()),
            (Stage::Plain, plain.browser),
            (Stage::Outsider, outsider.browser),
            (Stage::Ended, ended.browser),
            (Stage::Disabled, disabled.browser),
            (Stage::Forged, forged),
            (Stage::Doubled, member.browser),
        ];
        let house = Self { gate, upstream, browsers };
        for stage in [Stage::Ended, Stage::Disabled] {
            let browser = house.browser(stage);
            Gate::soon("what was taken away is gone", || async {
                browser.clone().fetch("/.vestibule/state").await.status == StatusCode::UNAUTHORIZED
            })
            .await;
        }
        house
    }

    fn browser(&self, stage: Stage) -> Browser {
        self.browsers.iter().find(|(of, _)| *of == stage).unwrap().1.clone()
    }

    /// Sends one, and says how the model and the upstream agree.
    async fn check(&self, tried: &Try, since_code: Duration) {
        let mut browser = self.browser(tried.stage);
        browser.http2 = tried.http2;
        [HOST, OTHER, "localhost"][tried.host].clone_into(&mut browser.host);
        let before = self.upstream.count();
        let status = if tried.websocket {
            let mut wire = Wire::to(&browser).await;
            let doubled =
                format!("Cookie: __Host-vestibule={}\r\n\r\n", browser.cookies.get("__Host-vestibule").map_or("", |value| value));
            let request = websocket(&browser, tried.path);
            let request = if tried.stage == Stage::Doubled { request.replace("\r\n\r\n", "\r\n") + &doubled } else { request };
            wire.send(request).await;
            wire.status().await
        } else {
            let method: Method = tried.method.parse().unwrap();
            let mut request = browser.request(&method, tried.path, tried.kind, &[], Bytes::new());
            if tried.stage == Stage::Doubled {
                let again = format!("__Host-vestibule={}", browser.cookies["__Host-vestibule"]);
                request.headers_mut().append("cookie", again.parse().unwrap());
            }
            browser.exchange(request).await.status.as_u16()
        };
        let passed = self.upstream.count() - before;
        let expected = may_pass(tried, since_code, MINUTE * 60);
        assert_eq!(
            (passed, status == 200),
            (usize::from(expected), expected),
            "{tried:?} {since_code:?} after the code: {status}"
        );
        if passed == 0 {
            let known = [303, 401, 403, 404, 405, 421];
            assert!(known.contains(&status), "{tried:?}: {status}");
            return;
        }
        let received = self.upstream.last();
        let user = received.all("x-forwarded-user");
        match tried.stage {
            Stage::Member if tried.path == "/x" => assert_eq!(user, ["member@example.com"]),
            Stage::Plain if tried.path == "/x" => assert_eq!(user, ["plain@example.com"]),
            _ if tried.path == "/open/x" => assert!(user.is_empty(), "{user:?}"),
            _ => {}
        }
        assert!(!received.head.contains("__Host-vestibule"), "{}", received.head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_passes_that_may_not_and_everything_that_may() {
    let house = House::build().await;
    let member = house.gate.code_at(&house.browser(Stage::Member));
    // Who signed in first is judged by the same clock: half a minute and a little earlier each.
    let mut runner = TestRunner::deterministic();
    let strategy = tries();
    for minutes in [1, 5, 8, 11, 20, 40, 57, 61, 62, 100, 1000, 50_000] {
        house.gate.move_to(member + MINUTE * minutes);
        for _ in 0..CASES {
            let tried = strategy.new_tree(&mut runner).unwrap().current();
            house.check(&tried, MINUTE * minutes).await;
        }
    }
}
