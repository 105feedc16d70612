//! An upstream that is down, hangs, talks nonsense or breaks off: what people and programs are told, and what not.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::harness::browser::Kind;
use crate::harness::{Answer, Gate, Person, Setup, Upstream};

/// Where nobody listens.
fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Nothing that only the log may say.
#[track_caller]
fn tells_nothing(answer: &Answer, upstream: SocketAddr) {
    let all = format!("{:?}\n{}", answer.headers, answer.text());
    for leak in [&upstream.port().to_string(), "127.0.0.1", "refused", "hyper", "os error", "upstream"] {
        assert!(!all.contains(leak), "{leak} in {all}");
    }
}

/// Asks as a person and as a program, and expects this of both.
async fn both(anna: &mut Person, path: &str, status: StatusCode, upstream: SocketAddr) {
    let page = anna.browser.get(path).await;
    assert_eq!(page.status, status, "{path}: {}", page.text());
    assert!(page.header("content-type").starts_with("text/html"), "{path}: {:?}", page.headers);
    assert!(page.text().contains(page.header("x-request-id")), "{path}: the id to ask for help with");
    tells_nothing(&page, upstream);
    let problem = anna.browser.send(Method::GET, path, Kind::Bare, &[], Bytes::new()).await;
    assert_eq!(problem.status, status, "{path}");
    assert_eq!(problem.header("content-type"), "application/problem+json", "{path}");
    let body: serde_json::Value = serde_json::from_str(&problem.text()).unwrap();
    assert_eq!(
        (body["status"].as_u64(), body["request_id"].as_str()),
        (Some(status.as_u16().into()), Some(problem.header("x-request-id")))
    );
    tells_nothing(&problem, upstream);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_upstream_does_people_get_a_page_and_programs_a_problem_document() {
    let upstream = Upstream::scripted(|received, stream| {
        let path = received.line().split(' ').nth(1).unwrap();
        match path {
            "/hang" => {
                std::thread::sleep(Duration::from_secs(20));
                false
            }
            "/garbage" => stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n\r\n").is_ok(),
            "/two-lengths" => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
                false
            }
            "/close" => false,
            "/half" => {
                let _ = stream.write_all(b"HTTP/1.1 200 O");
                false
            }
            _ => {
                for piece in ["HTTP/1.1 200 OK\r\n", "Content-", "Length: 4\r\n\r\n", "sl", "ow"] {
                    stream.write_all(piece.as_bytes()).unwrap();
                    stream.flush().unwrap();
                    std::thread::sleep(Duration::from_millis(50));
                }
                true
            }
        }
    });
    let setup = Setup::new(&[upstream.addr()]).portal("response_timeout = \"1s\"");
    let gate = Gate::start(setup).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    for path in ["/garbage", "/two-lengths", "/close", "/half"] {
        both(&mut anna, path, StatusCode::BAD_GATEWAY, upstream.addr()).await;
    }
    both(&mut anna, "/hang", StatusCode::GATEWAY_TIMEOUT, upstream.addr()).await;
    let slow = anna.browser.get("/slow").await;
    assert_eq!((slow.status, slow.text().as_str()), (StatusCode::OK, "slow"));
    assert_eq!(gate.ops("/readyz").await.0, 200, "one that answers at all is up");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_is_down_is_named_to_the_operator_alone_and_comes_back() {
    let addr = closed();
    let gate = Gate::start(Setup::new(&[addr])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    both(&mut anna, "/x", StatusCode::BAD_GATEWAY, addr).await;
    let (status, told) = gate.ops("/readyz").await;
    assert_eq!(status, 503);
    assert!(told.contains(&format!("upstream: http://{addr} of portal portal.example.com does not answer")), "{told}");
    let listener = TcpListener::bind(addr).unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nback");
        }
    });
    assert_eq!(anna.browser.get("/x").await.text(), "back", "the only one is tried however it is");
    assert_eq!(gate.ops("/readyz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_upstream_takes_over() {
    let (dead, alive) = (closed(), Upstream::start());
    let gate = Gate::start(Setup::new(&[dead, alive.addr()])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    for number in 0..6 {
        assert_eq!(anna.browser.get(&format!("/{number}")).await.status, StatusCode::OK);
        let posted = anna.browser.post("/form", &[("a", "b")]).await;
        assert_eq!(posted.status, StatusCode::OK, "what was sent nowhere may be sent elsewhere");
    }
    assert_eq!(alive.count(), 12);
    let (status, told) = gate.ops("/readyz").await;
    assert!(told.contains(&dead.to_string()) && !told.contains(&alive.addr().to_string()), "{told}");
    assert!(status == 200 && told.contains("\"ready\":true"), "the portal is served: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_portal_needs_an_upstream_and_a_shared_one_is_told_once_and_no_longer_than_it_is_there() {
    let (dead, alive) = (closed(), Upstream::start());
    let other = |upstream: SocketAddr| {
        format!("[[portal]]\nurl = \"https://other.example.com\"\nupstreams = [\"http://{upstream}\"]\ngroups = [\"x\"]\n")
    };
    let open = "groups = [\"x\"]\nrule = [{ path = \"/**\", require = \"nothing\" }]";
    let setup = |first: &[SocketAddr], second| Setup::new(first).portal(open).more(&other(second));
    let gate = Gate::start(setup(&[dead, alive.addr()], dead)).await;
    let series = async || {
        let (_, text) = gate.ops("/metrics").await;
        let mut found: Vec<_> =
            text.lines().filter(|line| line.starts_with("vestibule_upstream_up{")).map(str::to_owned).collect();
        found.sort();
        found
    };
    let up = |upstream: SocketAddr, up: u8| format!("vestibule_upstream_up{{upstream=\"http://{upstream}\"}} {up}");
    let mut expected = vec![up(dead, 1), up(alive.addr(), 1)];
    expected.sort();
    assert_eq!(series().await, expected, "two portals, one address: one series");
    // The first portal finds out, and goes on; so does the address, which may answer the other one.
    for _ in 0..2 {
        assert_eq!(gate.browser().get("/x").await.status, StatusCode::OK);
    }
    let (status, told) = gate.ops("/readyz").await;
    assert!(status == 200 && told.contains(&format!("http://{dead} of portal portal.example.com")), "{status} {told}");
    assert_eq!(series().await, expected);
    // The other portal has nothing else.
    gate.rewrite(&setup(&[dead, alive.addr()], dead).more("rule = [{ path = \"/**\", require = \"nothing\" }]\n"));
    let mut stranger = gate.browser();
    stranger.host = "other.example.com".to_owned();
    Gate::until("it is asked", || async { stranger.clone().get("/x").await.status == StatusCode::BAD_GATEWAY }).await;
    let (status, told) = gate.ops("/readyz").await;
    assert!(status == 503 && told.contains(&format!("http://{dead} of portal other.example.com")), "{status} {told}");
    let mut expected = vec![up(dead, 0), up(alive.addr(), 1)];
    expected.sort();
    assert_eq!(series().await, expected);
    // What a reload takes out is told no longer.
    gate.rewrite(&setup(&[alive.addr()], alive.addr()));
    Gate::until("the series is gone", || async { series().await == [up(alive.addr(), 1)] }).await;
    assert_eq!(gate.ops("/readyz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_page_says_who_gets_requests() {
    let well = Arc::new(AtomicBool::new(false));
    let says = Arc::clone(&well);
    let ill = Upstream::scripted(move |received, stream| {
        let healthy = !received.line().contains("/health") || says.load(Ordering::SeqCst);
        let status = if healthy { "200 OK" } else { "500 Oops" };
        stream.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).is_ok()
    });
    let good = Upstream::start();
    let setup = Setup::new(&[ill.addr(), good.addr()]).portal("health_path = \"/health\"");
    let gate = Gate::start(setup).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let named = async |named: bool| gate.ops("/readyz").await.1.contains(&ill.addr().to_string()) == named;
    Gate::until("the ill one is named", || named(true)).await;
    let (status, told) = gate.ops("/readyz").await;
    assert!(status == 200 && !told.contains(&good.addr().to_string()), "{told}");
    for _ in 0..4 {
        assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK);
    }
    let asked = |upstream: &Upstream| upstream.received().iter().filter(|one| one.line().starts_with("GET /x ")).count();
    assert_eq!((asked(&ill), asked(&good)), (0, 4));
    let probe = ill.received().into_iter().find(|one| one.line() == "GET /health HTTP/1.1").expect("a probe");
    assert_eq!(probe.all("user-agent"), ["vestibule-health"]);
    assert_eq!(probe.all("x-forwarded-user"), Vec::<&str>::new());
    well.store(true, Ordering::SeqCst);
    // Asked every ten seconds, of real time.
    let back = async {
        while !named(false).await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back).await.expect("it is well again");
}

/// Answers the first request on each connection, and closes at the second instead of answering it.
fn forgetful(seconds: &Arc<AtomicUsize>) -> Upstream {
    let seconds = Arc::clone(seconds);
    let seen = std::sync::Mutex::new(std::collections::HashSet::new());
    Upstream::scripted(move |_, stream| {
        if !seen.lock().unwrap().insert(stream.peer_addr().unwrap()) {
            seconds.fetch_add(1, Ordering::SeqCst);
            return false;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_ok()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_idle_connection_lost_is_sent_again_only_if_that_is_harmless() {
    let lost = Arc::new(AtomicUsize::new(0));
    let upstream = forgetful(&lost);
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("listen", "workers = 1")).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    assert_eq!(anna.browser.get("/1").await.status, StatusCode::OK);
    assert_eq!(anna.browser.get("/2").await.status, StatusCode::OK, "asked again on a fresh connection");
    assert_eq!((lost.load(Ordering::SeqCst), upstream.count()), (1, 3), "1, 2 lost, 2 again");
    let posted = anna.browser.post("/3", &[("pay", "100")]).await;
    assert_eq!(posted.status, StatusCode::BAD_GATEWAY, "it may have been done");
    assert_eq!((lost.load(Ordering::SeqCst), upstream.count()), (2, 4), "once, and never again");
    assert_eq!(anna.browser.post("/4", &[("pay", "1")]).await.status, StatusCode::OK, "and the next one works");
}
