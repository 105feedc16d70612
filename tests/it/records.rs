//! One record for every request, also for those that nobody waited for, that a fault ended, or that came in plain text.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::harness::browser::Kind;
use crate::harness::process::Served;
use crate::harness::stage::Stage;
use crate::harness::wire::Wire;
use crate::harness::{Gate, HOST, Setup, Upstream, raw};

const OPEN: &str =
    "max_body = \"1KiB\"\nrule = [{ path = \"/no\", require = \"deny\" }, { path = \"/**\", require = \"nothing\" }]";

async fn served(upstream: &Upstream, format: &str) -> (Served, tempfile::TempDir) {
    let setup = Setup::new(&[upstream.addr()])
        .section("log", &format!("access = true\nformat = \"{format}\""))
        .section("listen", "http = \"127.0.0.1:0\"")
        .portal(OPEN);
    let dir = Gate::start(setup).await.close().await;
    (Served::start(dir.path()), dir)
}

/// The one record of a request.
async fn record(served: &Served, of: impl Fn(&Value) -> bool) -> Value {
    let found = || -> Vec<Value> {
        let lines = served.process.log.all().into_iter().filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        lines.filter(|line| line["kind"] == "access" && of(line)).collect()
    };
    Gate::until("the record", || async { !found().is_empty() }).await;
    let mut found = found();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_before_the_answer_is_recorded() {
    let stage = Stage::start();
    let (served, _dir) = served(&stage.upstream, "json").await;
    let mut wire = Wire::to(&served.browser()).await;
    wire.send(format!("GET /poll HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
    Gate::until("it waits upstream", || async { stage.upstream.count() == 1 }).await;
    drop(wire);
    let gone = record(&served, |record| record["path"] == "/poll").await;
    assert_eq!((&gone["status"], &gone["cause"]), (&499.into(), &"client-gone".into()), "{gone}");
    assert_eq!((&gone["decision"], &gone["rule"], &gone["portal"]), (&"forward".into(), &2.into(), &HOST.into()), "{gone}");
    assert_eq!(stage.upstream.last().all("x-request-id"), [gone["request_id"].as_str().unwrap()]);
    assert_eq!(served.process.log.count("no answer from upstream"), 0, "nothing is wrong with the portal");
    // So is somebody who stops in the middle of a form of ours.
    let mut wire = Wire::to(&served.browser()).await;
    wire.send(format!("POST /.vestibule/login HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 99\r\n\r\nlogin=")).await;
    let waits = async || served.metric("vestibule_connections").await == Some(1.0);
    Gate::until("it is there", waits).await;
    drop(wire);
    let gone = record(&served, |record| record["path"] == "/.vestibule/login").await;
    assert!(gone["status"] == 499 || gone["status"] == 400, "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_clients_own_doing_is_no_warning_about_the_portal() {
    let upstream = Upstream::start();
    let (served, _dir) = served(&upstream, "json").await;
    let mut browser = served.browser();
    let answer = browser.send(Method::POST, "/large", Kind::Bare, &[], Bytes::from(vec![b'x'; 2048])).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let large = record(&served, |record| record["path"] == "/large").await;
    assert_eq!((&large["cause"], &large["status"]), (&"body-too-large".into(), &413.into()));
    assert_eq!(served.process.log.count("no answer from upstream"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rim_refuses_has_an_id_and_a_record() {
    let upstream = Upstream::start();
    let (served, _dir) = served(&upstream, "json").await;
    let many: Vec<(String, String)> = (0..120).map(|number| (format!("x-{number}"), String::new())).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut browser = served.browser().over_http2();
    let answer = browser.send(Method::GET, "/crowded", Kind::Fetch, &many, Bytes::new()).await;
    assert_eq!(answer.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let id = answer.header("x-request-id").to_owned();
    assert_eq!((id.len(), answer.text().contains(&id)), (32, true));
    let record = record(&served, |record| record["request_id"] == id).await;
    assert_eq!((&record["status"], &record["path"]), (&431.into(), &"/crowded".into()), "{record}");
    assert_eq!((&record["decision"], &record["cause"]), (&"refuse".into(), &"too-many-headers".into()), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plain_listener_writes_records_too() {
    let upstream = Upstream::start();
    let (served, _dir) = served(&upstream, "json").await;
    let opened: Value = serde_json::from_str(&served.process.log.find("the gate is open")).unwrap();
    let plain = opened["http"].as_str().unwrap().parse().unwrap();
    for (path, host, status, decision, shown) in [
        ("/old?token=SECRET", HOST, 308, "redirect", "/old"),
        ("/.vestibule/register/SECRET", HOST, 308, "redirect", "/:refused"),
        ("/lost", "evil.example", 421, "refuse", "/lost"),
    ] {
        let head = raw::plain_head(plain, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap_or_else(|| panic!("{head}"));
        let record = record(&served, |record| record["request_id"] == id).await;
        assert_eq!((&record["status"], &record["decision"]), (&status.into(), &decision.into()), "{record}");
        assert_eq!((&record["path"], &record["client"]), (&shown.into(), &"127.0.0.1".into()), "{record}");
    }
    assert!(served.process.log.all().iter().all(|line| !line.contains("SECRET")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_record_says_what_a_json_record_says() {
    let upstream = Upstream::start();
    let (served, _dir) = served(&upstream, "text").await;
    let mut browser = served.browser();
    assert_eq!(browser.get("/no").await.status, StatusCode::FORBIDDEN);
    let line = served.process.log.find(" /no ");
    assert!(line.contains(" 403 deny cause=\"rule\" rule=1 check=") && line.contains(" id="), "{line}");
    assert_eq!(browser.get("/yes").await.status, StatusCode::OK);
    let line = served.process.log.find(" /yes ");
    assert!(line.contains(" 200 forward rule=2 check="), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_path_cannot_write_into_the_log() {
    let upstream = Upstream::start();
    for format in ["json", "text"] {
        let (served, _dir) = served(&upstream, format).await;
        let target = "/a%2fb\u{9b}31m\u{202e}gpj\"\\x";
        let answer = raw::exchange(&served.browser(), format!("GET {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n").as_bytes()).await;
        assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 400 "));
        let line = served.process.log.find("/a%2fb");
        assert!(line.contains("/a%2fb%C2%9B31m%E2%80%AEgpj") && line.is_ascii(), "{line}");
    }
}
