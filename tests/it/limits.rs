//! Rates of requests: strangers by address, sessions by themselves, and the words of a refusal.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use sqlx::Connection as _;

use crate::harness::browser::Kind;
use crate::harness::{Answer, Browser, Gate, Setup, Upstream};

const TOO_MANY: StatusCode = StatusCode::TOO_MANY_REQUESTS;
/// What one stranger may ask at once; nothing worth mentioning comes back during a test.
const BURST: usize = 12;

async fn gate(upstream: &Upstream, more: &str) -> Gate {
    let limits = format!("anonymous_per_client = \"1/h burst {BURST}\"\nrequests_per_session = \"1/h burst {BURST}\"\n{more}");
    Gate::start(
        Setup::new(&[upstream.addr()]).section("listen", "trusted_proxies = [\"127.0.0.1/32\"]").section("limits", &limits),
    )
    .await
}

/// How many of so many requests passed.
async fn passed(browser: &mut Browser, path: &str, requests: usize) -> usize {
    let mut passed = 0;
    for _ in 0..requests {
        passed += usize::from(browser.fetch(path).await.status != TOO_MANY);
    }
    passed
}

fn explains_itself(answer: &Answer) {
    assert_eq!(answer.status, TOO_MANY);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");
    assert!(answer.header("ratelimit").ends_with(&format!(";r=0;t={wait}")), "{:?}", answer.headers);
    assert!(answer.header("ratelimit-policy").contains(&format!("q={BURST}")), "{:?}", answer.headers);
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_has_a_burst_whatever_is_asked_for() {
    let upstream = Upstream::start();
    let gate = gate(&upstream, "").await;
    let mut stranger = gate.browser().seen_from("192.0.2.1");
    // 401, 303, 404, 403, 421 and 400: nothing is free.
    for (path, headers) in [
        ("/x", &[][..]),
        ("/.vestibule/", &[]),
        ("/.vestibule/login", &[]),
        ("/.vestibule/nothing", &[]),
        ("/.vestibule/assets/none", &[]),
        ("/.vestibule/state", &[]),
        ("/x", &[("host", "elsewhere.example.com")]),
        ("/%00", &[]),
        ("/a%2fb", &[]),
        ("/x", &[("service-worker", "script")]),
    ] {
        let answer = stranger.send(Method::GET, path, Kind::Navigation, headers, Bytes::new()).await;
        assert_ne!(answer.status, TOO_MANY, "{path}");
    }
    assert_eq!(passed(&mut stranger, "/x", 5).await, BURST - 10);
    let page = stranger.get("/.vestibule/login").await;
    explains_itself(&page);
    assert!(page.header("content-type").starts_with("text/html") && page.text().contains("too much at once"));
    let problem = stranger.fetch("/x").await;
    explains_itself(&problem);
    assert_eq!(problem.header("content-type"), "application/problem+json");
    // Another one, also over HTTP/2, does not feel it; a spoofed header of an untrusted hop changes nothing.
    let mut other = gate.browser().seen_from("192.0.2.2").over_http2();
    assert_eq!(passed(&mut other, "/x", BURST + 3).await, BURST);
    let mut forger = gate.browser().seen_from("203.0.113.99, 192.0.2.1");
    explains_itself(&forger.fetch("/x").await);
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_ipv6_client_is_a_slash_64() {
    let gate = gate(&Upstream::start(), "").await;
    let mut all = 0;
    for number in 0..BURST + 4 {
        let mut browser = gate.browser().seen_from(&format!("2001:db8:1:1:{number:x}::{number:x}"));
        all += passed(&mut browser, "/x", 1).await;
    }
    assert_eq!(all, BURST);
    let mut neighbour = gate.browser().seen_from("2001:db8:1:2::1");
    assert_eq!(passed(&mut neighbour, "/x", 1).await, 1);
    let mut mapped = gate.browser().seen_from("::ffff:192.0.2.44");
    let mut plain = gate.browser().seen_from("192.0.2.44");
    assert_eq!(passed(&mut mapped, "/x", 8).await + passed(&mut plain, "/x", 8).await, BURST, "one client in two spellings");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_has_a_bucket_of_its_own() {
    let upstream = Upstream::start();
    let gate = gate(&upstream, "exempt = [\"127.0.0.1/32\"]").await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut bert = gate.signed_in("bert@example.com").await;
    anna.browser = anna.browser.clone().seen_from("192.0.2.1");
    bert.browser = bert.browser.clone().seen_from("192.0.2.1");
    let mut stranger = gate.browser().seen_from("192.0.2.1");
    assert_eq!(passed(&mut stranger, "/x", BURST + 2).await, BURST);
    assert_eq!(passed(&mut anna.browser, "/x", BURST + 2).await, BURST, "a stranger at the same address takes nothing of hers");
    assert_eq!(upstream.count(), BURST);
    explains_itself(&anna.browser.get("/x").await);
    assert!(anna.browser.get("/x").await.header("ratelimit").contains("requests_per_session"));
    anna.browser.extra.clear();
    assert_eq!(anna.browser.get("/x").await.status, TOO_MANY, "at whatever address");
    assert_eq!(passed(&mut bert.browser, "/x", BURST).await, BURST, "and she takes nothing of his");
    // A cookie that leads nowhere is a stranger's.
    let mut liar = gate.browser().seen_from("192.0.2.1");
    liar.cookies.insert("__Host-vestibule".to_owned(), "A".repeat(43));
    explains_itself(&liar.fetch("/x").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exempt_are_not_limited() {
    let gate = gate(&Upstream::start(), "exempt = [\"192.0.2.0/24\", \"2001:db8:7::/48\"]").await;
    for address in ["192.0.2.200", "2001:db8:7:1::1", "::ffff:192.0.2.9"] {
        let mut office = gate.browser().seen_from(address);
        assert_eq!(passed(&mut office, "/x", 3 * BURST).await, 3 * BURST, "{address}");
    }
    let mut outside = gate.browser().seen_from("192.0.3.1");
    assert_eq!(passed(&mut outside, "/x", BURST + 1).await, BURST);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_cost_their_client_across_accounts_and_kinds() {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()])
        .section("listen", "trusted_proxies = [\"127.0.0.1/32\"]")
        .section("limits", "failures_per_client = \"1/h burst 6\"");
    let gate = Gate::start(setup).await;
    let anna = gate.signed_in("anna@example.com").await;
    let at = "192.0.2.1";
    let mut stranger = gate.browser().seen_from(at);
    for number in 0..3 {
        let login = format!("nobody{number}@example.com");
        let fields = [("login", login.as_str()), ("password", "Wrong-Horse-7-Battery")];
        assert_eq!(stranger.post("/.vestibule/login", &fields).await.status, 422);
    }
    assert_eq!(stranger.get("/.vestibule/register/x").await.status, StatusCode::GONE);
    // Two are left. A right password costs nothing.
    let mut there = anna.seen_from(&gate, at);
    there.reach_page_two().await;
    there.reach_page_two().await;
    for _ in 0..2 {
        assert_eq!(there.enter(&there.wrong_code(&gate)).await.status, 422);
    }
    let code = there.next_code(&gate);
    let slowed = there.enter(&code).await;
    assert_eq!(slowed.status, TOO_MANY);
    let wait = slowed.header("retry-after").parse::<u64>().unwrap();
    assert!(wait > 60 && slowed.text().contains("Please wait a little"));
    assert_eq!(slowed.header("ratelimit"), format!("\"failures_per_client\";r=0;t={wait}"), "one and the same number");
    assert_eq!(slowed.header("ratelimit-policy"), "\"failures_per_client\";q=6;w=21600");
    let passwords = there.log_in("/").await;
    assert_eq!(passwords.status, TOO_MANY, "passwords too");
    assert!(passwords.header("ratelimit").starts_with("\"passwords\";r=0;t="), "{:?}", passwords.headers);
    let mut elsewhere = anna.seen_from(&gate, "192.0.2.2");
    elsewhere.reach_page_two().await;
    assert_eq!(elsewhere.enter(&code).await.location(), "/", "the code was not spent by that");
    // A known browser at the stormy address goes on.
    let mut known = anna.clone();
    known.browser = known.browser.clone().seen_from(at);
    known.browser.cookies.retain(|name, _| name == "__Host-vestibule-device");
    assert_eq!(known.sign_in(&gate, "/").await.location(), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_does_not_take_all_slots_of_our_pages() {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()])
        .section("listen", "trusted_proxies = [\"127.0.0.1/32\"]")
        .section("limits", "anonymous_per_client = \"100000/s burst 100000\"");
    let gate = Gate::start(setup).await;
    gate.without_rates();
    // Nobody can write: whoever tries a password waits for that, and keeps a slot meanwhile.
    let url = format!("sqlite://{}", gate.dir().join("vestibule.db").display());
    let mut blocker = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut blocker).await.unwrap();
    let tasks: Vec<_> = (0..560)
        .map(|_| {
            let mut greedy = gate.browser().seen_from("192.0.2.1");
            let form = [("login", "anna@example.com"), ("password", "wrong")];
            tokio::spawn(async move { greedy.try_post("/.vestibule/login", &form).await.map(|answer| answer.status.as_u16()) })
        })
        .collect();
    let storm = async {
        for number in 2..=255_u8 {
            let mut other = gate.browser().seen_from(&format!("192.0.2.{number}"));
            assert_eq!(other.get("/.vestibule/login").await.status, StatusCode::OK, "{number}");
            // At once, or after it has waited for its share.
            let mut greedy = gate.browser().seen_from("192.0.2.1");
            if greedy.get("/.vestibule/login").await.status == StatusCode::SERVICE_UNAVAILABLE {
                assert_eq!(other.get("/.vestibule/login").await.status, StatusCode::OK, "{number}");
                return;
            }
        }
        panic!("one client has all the slots that it wants");
    };
    tokio::time::timeout(Duration::from_mins(1), storm).await.unwrap();
    sqlx::query("ROLLBACK").execute(&mut blocker).await.unwrap();
    for task in tasks {
        task.abort();
    }
}
