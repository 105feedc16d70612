//! What operators see and set: the plain listener, health, metrics, the access log, who a client is, running out of descriptors.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use rustix::process::{Resource, Rlimit, getrlimit, prlimit};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vestibule::clock::Clock;
use vestibule::net::tls::development_certificate;

use crate::harness::browser::Kind;
use crate::harness::clock::Hands;
use crate::harness::person::{PASSWORD, code_at};
use crate::harness::process::{PROGRAM, Served, now, result};
use crate::harness::wire::Wire;
use crate::harness::{Gate, HOST, Person, Setup, Upstream, raw, write_private};

/// A head over plain HTTP, and the head that comes back.
async fn plain(addr: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_listener_leads_to_https_and_nowhere_else() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("listen", "http = \"127.0.0.1:0\"")).await;
    let addr = gate.app().http_addr().unwrap();
    for (head, status, location) in [
        (
            "GET /a%20b//c;d?x=1&y=%2F HTTP/1.1\r\nHost: portal.example.com",
            308,
            "https://portal.example.com/a%20b//c;d?x=1&y=%2F",
        ),
        ("POST / HTTP/1.1\r\nHost: PORTAL.example.com:80\r\nContent-Length: 0", 308, "https://portal.example.com/"),
        ("GET http://portal.example.com/x HTTP/1.1\r\nHost: portal.example.com", 308, "https://portal.example.com/x"),
        ("GET //evil.example/x HTTP/1.1\r\nHost: portal.example.com", 308, "https://portal.example.com//evil.example/x"),
        ("GET / HTTP/1.1\r\nHost: evil.example", 421, ""),
        ("GET / HTTP/1.1\r\nHost: portal.example.com\r\nHost: evil.example", 421, ""),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1", 421, ""),
    ] {
        let answer = plain(addr, head).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {answer}");
        let found = answer.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
        assert_eq!(found, location, "{head}");
        assert!(!answer.contains("set-cookie") && !answer.contains("strict-transport-security"), "{answer}");
    }
    assert_eq!(upstream.count(), 0);
}

/// A folder with a database and nobody in it.
async fn folder(setup: Setup) -> tempfile::TempDir {
    Gate::start(setup).await.close().await
}

/// From a fresh invitation to a session, in real time.
async fn all_the_way(served: &Served) -> (Person, Vec<String>) {
    let link = result(&served.dir, &["user", "invite", "anna@example.com", "--group", "staff"]);
    let path = link.trim().strip_prefix("https://portal.example.com").unwrap().to_owned();
    let mut anna = Person::new("anna@example.com", served.browser());
    anna.register(&path).await;
    assert_eq!(anna.log_in("/start").await.location(), "/.vestibule/setup");
    anna.set_up_at(now).await;
    // The one after the code that has just been used: good for half a minute yet.
    let code = code_at(&anna.secret, now() + 30);
    let passed = anna.browser.post("/.vestibule/verify", &[("code", &code)]).await;
    assert_eq!(passed.location(), "/start");
    let token = path.rsplit('/').next().unwrap().to_owned();
    let mut secrets = vec![token, code, PASSWORD.to_owned(), anna.secret.clone()];
    secrets.extend(anna.recovery.clone());
    secrets.extend(anna.browser.cookies.values().cloned());
    (anna, secrets)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_one_record_and_no_secret_stands_in_any() {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()])
        .section("log", "access = true")
        // Said aloud, so that nothing but records is written.
        .portal("case_insensitive_paths = false\nrule = [{ path = \"/open/**\", require = \"nothing\" }, { path = \"/no/**\", require = \"deny\" }]");
    let dir = folder(setup).await;
    let mut served = Served::start(dir.path());
    let (mut anna, mut secrets) = all_the_way(&served).await;
    let passed = anna.browser.get("/tickets/7?token=QUERYSECRET").await;
    let refused =
        anna.browser.send(Method::GET, "/no", Kind::Bare, &[("authorization", "Basic HEADERSECRET")], Bytes::new()).await;
    anna.browser.post("/form", &[("field", "BODYSECRET")]).await;
    served.browser().get("/.vestibule/register/LINKSECRET").await;
    served.browser().get("/.vestibule/UNKNOWNSECRET?x=QUERYSECRET").await;
    served.browser().get("/open/x").await;
    served.browser().get("/.%76estibule%2fSECRETPATH").await;
    secrets.extend(["QUERYSECRET", "HEADERSECRET", "BODYSECRET", "LINKSECRET", "UNKNOWNSECRET", "SECRETPATH"].map(str::to_owned));
    served.process.signal(rustix::process::Signal::TERM);
    assert_eq!(served.process.code(), 0);

    let log = served.process.log.all();
    for line in &log {
        for secret in &secrets {
            assert!(!line.contains(secret.as_str()), "{secret} in {line}");
        }
    }
    let lines: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let records: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "access").collect();
    let one = |id: &str| {
        let found: Vec<_> = records.iter().filter(|record| record["request_id"] == id).collect();
        assert_eq!(found.len(), 1, "{id}");
        (*found[0]).clone()
    };
    let record = one(passed.header("x-request-id"));
    assert_eq!((&record["method"], &record["path"]), (&"GET".into(), &"/tickets/7".into()));
    assert_eq!((&record["portal"], &record["decision"], &record["status"]), (&HOST.into(), &"forward".into(), &200.into()));
    assert_eq!(record["client"], "127.0.0.1");
    assert!(record["account"].is_string() && record["session"].is_string() && record["rule"].is_null(), "{record}");
    assert!(record["check_us"].as_f64().unwrap() > 0.0 && record["total_ms"].as_f64().unwrap() > 0.0, "{record}");
    let time: Vec<&str> = record["time"].as_str().unwrap().split('T').collect();
    assert!(time[0].len() == 10 && time[1].ends_with('Z'), "{record}");
    let record = one(refused.header("x-request-id"));
    assert_eq!((&record["decision"], &record["status"], &record["rule"]), (&"deny".into(), &403.into(), &2.into()));
    assert_eq!(record["cause"], "rule");
    let paths: Vec<&str> = records.iter().map(|record| record["path"].as_str().unwrap()).collect();
    for template in ["/.vestibule/register/:token", "/.vestibule/:unknown", "/.vestibule/login", "/.vestibule/setup", "/open/x"] {
        assert!(paths.contains(&template), "{template} in {paths:?}");
    }
    // Everything else that is said says where it comes from and how bad it is.
    for line in lines.iter().filter(|line| line["kind"] != "access") {
        assert!(line["level"].is_string() && line["timestamp"].is_string() && line["message"].is_string(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_text_reads_well() {
    let upstream = Upstream::start();
    let dir = folder(Setup::new(&[upstream.addr()]).section("log", "access = true\nformat = \"text\"")).await;
    // Ends in ten days, so that there is something to warn about.
    let then = Clock::system().now().wall - Duration::from_hours(355 * 24);
    let (certificate, key) = development_certificate(&[HOST.to_owned()], then).unwrap();
    write_private(&dir.path().join("cert.pem"), &certificate);
    write_private(&dir.path().join("cert.key"), &key);
    let served = Served::start(dir.path());
    let answer = served.browser().get("/x?y=z").await;
    let line = served.process.log.find("/x");
    let id = answer.header("x-request-id");
    let parts: Vec<&str> = line.split(' ').collect();
    assert_eq!(&parts[1..7], ["127.0.0.1", HOST, "GET", "/x", "303", "login"], "{line}");
    assert!(line.ends_with(&format!(" id={id}")) && line.contains("ms id="), "{line}");
    let warning = served.process.log.find("the certificate is good for a few days only");
    assert!(warning.contains("WARN") && warning.contains("days=9"), "{warning}");
    assert_eq!(served.process.log.count("\u{1b}["), 0, "no colours where no terminal is");
    let left = served.metric("vestibule_certificate_expires_seconds").await.unwrap();
    assert!((9.0 * 86_400.0..=10.0 * 86_400.0).contains(&left), "{left}");
    assert_eq!(served.ops("/readyz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_there_after_some_traffic() {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).section("limits", "anonymous_per_client = \"1/s burst 20\"");
    let dir = folder(setup).await;
    let served = Served::start(dir.path());
    let (mut anna, _) = all_the_way(&served).await;
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK);
    let mut limited = None;
    for _ in 0..40 {
        let answer = served.browser().get("/x").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("the limit is hit");
    for name in ["retry-after", "ratelimit", "ratelimit-policy"] {
        assert!(limited.headers.contains_key(name), "{name}: {:?}", limited.headers);
    }
    raw::exchange(&served.browser(), b"NONSENSE\r\n\r\n").await;
    assert_eq!(served.ops("/healthz").await, (200, "ok\n".to_owned()));
    let seen = async || served.metric("vestibule_sessions").await == Some(1.0);
    Gate::until("the session is counted", seen).await;
    let (status, text) = served.ops("/metrics").await;
    assert_eq!(status, 200);
    for (name, kind) in [
        ("vestibule_requests_total", "counter"),
        ("vestibule_check_seconds", "histogram"),
        ("vestibule_request_seconds", "histogram"),
        ("vestibule_upstream_seconds", "histogram"),
        ("vestibule_sessions", "gauge"),
        ("vestibule_logins_total", "counter"),
        ("vestibule_rate_limited_total", "counter"),
        ("vestibule_connections", "gauge"),
        ("vestibule_tls_handshakes_total", "counter"),
        ("vestibule_malformed_total", "counter"),
        ("vestibule_upstream_up", "gauge"),
        ("vestibule_log_lines_lost_total", "counter"),
        ("vestibule_certificate_expires_seconds", "gauge"),
        ("vestibule_clock_drift_seconds", "gauge"),
    ] {
        assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name}");
        assert!(text.contains(&format!("# HELP {name} ")), "{name} is explained");
    }
    for sample in [
        "vestibule_requests_total{portal=\"portal.example.com\",decision=\"forward\"} ",
        "vestibule_requests_total{portal=\"portal.example.com\",decision=\"login\"} ",
        "vestibule_requests_total{portal=\"portal.example.com\",decision=\"page\"} ",
        "vestibule_logins_total{result=\"signed_in\"} 1",
        "vestibule_rate_limited_total{limit=\"anonymous_per_client\"} ",
        "vestibule_tls_handshakes_total{result=\"ok\"} ",
        "vestibule_malformed_total 1",
        "vestibule_check_seconds_bucket{le=\"0.000001\"} ",
        "vestibule_check_seconds_bucket{le=\"0.000002\"} ",
    ] {
        assert!(text.lines().any(|line| line.starts_with(sample)), "{sample} in\n{text}");
    }
    let forwarded = served.metric("vestibule_upstream_seconds_count").await.unwrap();
    assert!((forwarded - 1.0).abs() < 0.5, "only what went upstream counts there: {forwarded}");
    let up = format!("vestibule_upstream_up{{upstream=\"http://{}\"}}", upstream.addr());
    assert_eq!(served.metric(&up).await, Some(1.0));
    assert_eq!(served.ops("/nothing").await.0, 404);
    // A web page that has made its own name point here reads nothing.
    let mut stream = TcpStream::connect(served.ops_addr()).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 421") && !answer.contains("vestibule_"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_counted_is_there_before_it_happens() {
    let dir = folder(Setup::new(&[Upstream::start().addr()])).await;
    let served = Served::start(dir.path());
    for series in [
        "vestibule_logins_total{result=\"signed_in\"}",
        "vestibule_logins_total{result=\"locked\"}",
        "vestibule_rate_limited_total{limit=\"connections\"}",
        "vestibule_rate_limited_total{limit=\"failures_per_client\"}",
        "vestibule_tls_handshakes_total{result=\"failed\"}",
        "vestibule_reloads_total{result=\"refused\"}",
        "vestibule_malformed_total",
        "vestibule_panics_total",
        "vestibule_log_lines_lost_total",
        "vestibule_requests_total{portal=\"portal.example.com\",decision=\"limit\"}",
    ] {
        assert_eq!(served.metric(&format!("{series} ")).await, Some(0.0), "{series}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_timing_is_told_where_it_is_wanted() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("telemetry", "server_timing = true")).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    for path in ["/x", "/.vestibule/account"] {
        let timing = anna.browser.get(path).await.header("server-timing").to_owned();
        let spent: f64 = timing.strip_prefix("check;dur=").unwrap_or_else(|| panic!("{timing}")).parse().unwrap();
        assert!(spent > 0.0 && spent < 1000.0, "{timing}");
    }
    let gate = Gate::before(&upstream).await;
    assert!(!gate.browser().get("/x").await.headers.contains_key("server-timing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_descriptors_it_waits_and_comes_back() {
    let upstream = Upstream::start();
    let dir = folder(Setup::new(&[upstream.addr()])).await;
    let mut served = Served::start(dir.path());
    assert_eq!(served.browser().get("/x").await.status, StatusCode::SEE_OTHER);
    let pid = served.process.pid();
    let open = std::fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())).unwrap().count();
    let limit = Rlimit { current: Some(open as u64 + 8), ..getrlimit(Resource::Nofile) };
    prlimit(Some(pid), Resource::Nofile, limit).unwrap();
    let mut crowd = Vec::new();
    for _ in 0..40 {
        crowd.push(TcpStream::connect(served.https).await.unwrap());
    }
    let line = served.process.log.find("cannot accept connections");
    assert!(line.contains("ERROR"), "{line}");
    assert!(served.process.runs());
    drop(crowd);
    assert_eq!(served.browser().get("/x").await.status, StatusCode::SEE_OTHER, "as soon as there is room again");
    assert!(served.process.log.count("cannot accept connections") < 20, "the log is not flooded");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_only_connect_leave_descriptors_for_people_inside() {
    let upstream = Upstream::start();
    let gate = Gate::start_with(Setup::new(&[upstream.addr()]), Hands::ago(Duration::from_hours(1))).await;
    let anna = gate.signed_in("anna@example.com").await;
    let dir = gate.close().await;
    let mut command = Command::new("/bin/sh");
    // Less is asked for than may be had; what may be had is less than the configured connections need.
    command.args(["-c", "ulimit -S -n 200; ulimit -H -n 300; exec \"$0\" serve", PROGRAM]).current_dir(dir.path()).env_clear();
    let served = Served::with(dir.path(), command);
    let line = served.process.log.find("fewer file descriptors than limits.connections needs");
    assert!(line.contains("300") && line.contains("86"), "{line}");
    let mut inside = Wire::to(&served.same(&anna.browser)).await;
    let mut crowd = Vec::new();
    for _ in 0..400 {
        crowd.push(TcpStream::connect(served.https).await.unwrap());
    }
    Gate::until("the caps are met", || async {
        served.metric("vestibule_rate_limited_total{limit=\"connections\"}").await.unwrap_or(0.0) >= 300.0
    })
    .await;
    let cookie = &anna.browser.cookies["__Host-vestibule"];
    inside.send(format!("GET /x HTTP/1.1\r\nHost: {HOST}\r\nCookie: __Host-vestibule={cookie}\r\n\r\n")).await;
    assert_eq!(inside.status().await, 200, "although it needs another one to the portal");
    assert_eq!(served.ops("/readyz").await.0, 200, "and so does the operator");
    assert_eq!(served.process.log.count("cannot accept connections"), 0);
    drop(crowd);
}
