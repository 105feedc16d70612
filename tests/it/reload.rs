//! A reload takes over a changed configuration or certificate as a whole, or nothing of it, and nobody notices otherwise.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustix::process::Signal;

use crate::harness::browser::Kind;
use crate::harness::clock::Hands;
use crate::harness::process::{Served, json};
use crate::harness::{Browser, Gate, HOST, Person, Setup, Upstream, write_private};

fn plain(upstream: &Upstream) -> Setup {
    Setup::new(&[upstream.addr()])
}

/// Asks for a path until it gets this status.
async fn becomes(browser: &Browser, path: &str, status: StatusCode) {
    Gate::until(&format!("{path} becomes {status}"), || async {
        browser.clone().send(Method::GET, path, Kind::Bare, &[], Bytes::new()).await.status == status
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_seen_and_holds_for_sessions_that_are_open() {
    let upstream = Upstream::start();
    let gate = Gate::start(plain(&upstream)).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.hands.advance(Duration::from_hours(2));
    assert_eq!(anna.browser.get("/billing").await.status, StatusCode::OK);

    gate.rewrite(&plain(&upstream).portal("rule = [{ path = \"/billing\", require = \"deny\" }]"));
    becomes(&anna.browser, "/billing", StatusCode::FORBIDDEN).await;
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK);

    gate.rewrite(&plain(&upstream).section("mfa", "reauth_window = \"1h\"").section("brand", "name = \"Acme & Sons\""));
    becomes(&anna.browser, "/billing", StatusCode::UNAUTHORIZED).await;
    assert_eq!(anna.browser.get("/billing").await.location(), "/.vestibule/verify?to=/billing");
    assert!(gate.browser().get("/.vestibule/login").await.text().contains("Acme &#38; Sons"), "the new name");
    anna.confirm(&gate, "/billing").await;
    assert_eq!(anna.browser.get("/billing").await.status, StatusCode::OK);

    gate.rewrite(&plain(&upstream).section("limits", "requests_per_session = \"1/m burst 2\""));
    becomes(&anna.browser, "/x", StatusCode::TOO_MANY_REQUESTS).await;

    let other = Upstream::answering(|_| "the other one".to_owned());
    gate.rewrite(&plain(&other));
    Gate::until("the other upstream", || async { anna.browser.clone().get("/x").await.text() == "the other one" }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_has_set_outranks_the_file() {
    let upstream = Upstream::start();
    let gate = Gate::start(plain(&upstream)).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.told(&["settings", "set", "reauth-window", "12h"]);
    gate.rewrite(&plain(&upstream).section("mfa", "reauth_window = \"1h\"").section("brand", "name = \"Reloaded\""));
    Gate::until("the reload", || async { gate.browser().get("/.vestibule/login").await.text().contains("Reloaded") }).await;
    gate.hands.advance(Duration::from_hours(11));
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK);
    gate.hands.advance(Duration::from_hours(1));
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::SEE_OTHER);
}

/// A pair that a certificate authority of its own has signed, in place of the one that is there. Returns the authority.
fn certify(dir: &Path) -> String {
    let (ca_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "Test CA");
    let authority = ca.self_signed(&ca_key).unwrap().pem();
    let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, HOST);
    let certificate = params.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    // One after the other, as tools do it: in between they do not belong together.
    write_private(&dir.join("cert.pem"), &certificate.pem());
    write_private(&dir.join("cert.key"), &key.serialize_pem());
    authority
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_taken_and_a_real_one_brings_hsts() {
    let upstream = Upstream::start();
    let gate = Gate::start(plain(&upstream)).await;
    let anna = gate.signed_in("anna@example.com").await;
    let before = anna.browser.clone().get("/x").await;
    assert!(!before.headers.contains_key("strict-transport-security"), "never with a certificate that signed itself");
    let old = gate.browser();
    let authority = certify(gate.dir());
    let mut browser = Browser::new(gate.addr(), HOST, authority.as_bytes());
    browser.cookies.clone_from(&anna.browser.cookies);
    Gate::until("the new certificate", || browser.is_trusted()).await;
    for path in ["/x", "/.vestibule/account", "/.vestibule/nothing"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=15552000", "{path}");
    }
    assert!(!old.is_trusted().await, "the old one is shown to nobody any more");
    gate.rewrite(&plain(&upstream).section("tls", "hsts = \"off\""));
    Gate::until("no hsts", || async { !browser.clone().get("/x").await.headers.contains_key("strict-transport-security") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_reload_keeps_the_old_and_says_so() {
    let upstream = Upstream::start();
    let deny = "rule = [{ path = \"/secret/**\", require = \"deny\" }]";
    let gate = Gate::start_with(plain(&upstream).portal(deny), Hands::ago(Duration::from_hours(1))).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let dir = gate.close().await;
    let served = Served::start(dir.path());
    anna.browser = served.same(&anna.browser);
    let counted = async |result: &str| served.metric(&format!("vestibule_reloads_total{{result=\"{result}\"}}")).await;
    assert_eq!(anna.browser.get("/secret/x").await.status, StatusCode::FORBIDDEN);

    let good = std::fs::read_to_string(dir.path().join("vestibule.toml")).unwrap();
    // Mistakes of every kind, each of which would have opened the door.
    for bad in [
        "this is no TOML".to_owned(),
        good.replace(deny, "").replace("[log]", "[log]\ncolour = \"red\""),
        good.replace(deny, "rule = [{ path = \"/secret/**\" }, { path = \"/secret/**\", require = \"nothing\" }]"),
        good.replace(deny, "").replace("cert.key", "vestibule.key"),
    ] {
        let before = counted("refused").await.unwrap_or(0.0);
        std::fs::write(dir.path().join("vestibule.toml"), bad).unwrap();
        Gate::until("the refusal is counted", || async { counted("refused").await.unwrap_or(0.0) > before }).await;
        assert_eq!(anna.browser.get("/secret/x").await.status, StatusCode::FORBIDDEN);
    }
    let line = served.process.log.find("colour");
    assert!(line.contains("not reloaded, everything stays as it was") && line.contains("unknown key"), "{line}");
    assert_eq!(counted("done").await, Some(0.0));

    let changed = good.replace(deny, "").replace("workers = 2", "workers = 1").replace("access = false", "access = true");
    std::fs::write(dir.path().join("vestibule.toml"), changed).unwrap();
    Gate::until("a good one is taken", || async { counted("done").await > Some(0.0) }).await;
    assert_eq!(anna.browser.get("/secret/x").await.status, StatusCode::OK);
    let warning = served.process.log.find("takes effect after a restart");
    assert!(warning.contains("listen.workers, log.access") && warning.contains("WARN"), "{warning}");

    let done = counted("done").await.unwrap();
    served.process.signal(Signal::HUP);
    Gate::until("SIGHUP reloads", || async { counted("done").await.unwrap() > done }).await;
    served.process.log.find("SIGHUP: reloading");
    let trail = json(dir.path(), &["audit", "--format", "json"]);
    let recorded = |action: &str| trail.as_array().unwrap().iter().filter(|record| record["action"] == action).count();
    assert!(recorded("config.refuse") >= 4 && recorded("config.reload") >= 2, "{trail:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_under_load_fails_no_request_and_no_handshake() {
    let upstream = Upstream::start();
    let busy = || plain(&upstream).section("limits", "requests_per_session = \"100000/s burst 100000\"");
    let gate = Gate::start(busy()).await;
    let anna: Person = gate.signed_in("anna@example.com").await;
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..4)
        .map(|number| {
            let (mut browser, stop) = (anna.browser.clone(), Arc::clone(&stop));
            browser.http2 = number % 2 == 0;
            tokio::spawn(async move {
                let mut answered = 0;
                while !stop.load(Ordering::SeqCst) {
                    // A connection, a handshake and a request each time.
                    let answer = browser.get(&format!("/{number}/{answered}")).await;
                    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    for number in 0..8 {
        let brand = format!("name = \"Number {number}\"");
        gate.rewrite(&busy().section("brand", &brand).section("mfa", &format!("reauth_window = \"{}h\"", number + 1)));
        gate.app().shutdown().request_reload();
        let shown = format!("Number {number}");
        Gate::until("it is taken over", || async { gate.browser().get("/.vestibule/login").await.text().contains(&shown) }).await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut answered = 0;
    for task in load {
        answered += task.await.expect("no request failed");
    }
    assert!(answered > 20, "or there was no load: {answered}");
    assert_eq!(upstream.count(), answered);
}
