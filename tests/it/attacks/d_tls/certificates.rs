//! Certificates of the gate's own: missing, damaged, swapped under load.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::attacks::arena::ways;
use crate::attacks::coming;
use crate::harness::process::{PROGRAM, Served, run};
use crate::harness::wire::Wire;
use crate::harness::{Browser, Front, Gate, HOST, Hands, Setup, Upstream, write_private};

/// An authority that signs as many certificates as a test likes.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test CA");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for these names, and its key.
    pub fn sign(&self, names: &[&str]) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "leaf");
        (params.signed_by(&key, &self.0).unwrap(), key)
    }

    /// Another pair for the gate. One file after the other, as tools do it: in between they do not belong together.
    fn certify(&self, dir: &Path) -> Vec<u8> {
        let (certificate, key) = self.sign(&[HOST, "other.example.com"]);
        write_private(&dir.join("cert.pem"), &certificate.pem());
        write_private(&dir.join("cert.key"), &key.serialize_pem());
        certificate.der().to_vec()
    }
}

/// What is wrong, with which file, and how it comes about.
type Damage = (&'static str, &'static str, fn(&Path));

/// What can be wrong with the files that TLS stands on.
const DAMAGE: [Damage; 7] = [
    ("no certificate", "cert.pem", |file| std::fs::remove_file(file).unwrap()),
    ("no key", "cert.key", |file| std::fs::remove_file(file).unwrap()),
    ("an empty certificate", "cert.pem", |file| write_private(file, "")),
    ("a damaged certificate", "cert.pem", |file| {
        write_private(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    }),
    ("a damaged key", "cert.key", |file| write_private(file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")),
    ("somebody else's key", "cert.key", |file| write_private(file, &KeyPair::generate().unwrap().serialize_pem())),
    // What cannot be read, whoever runs the test.
    ("a folder", "cert.pem", |file| {
        std::fs::remove_file(file).unwrap();
        std::fs::create_dir(file).unwrap();
    }),
];

#[test]
fn d01_damaged_certificates_keep_the_gate_shut() {
    for (what, name, damage) in DAMAGE {
        let dir = tempfile::tempdir().unwrap();
        Setup::new(&["127.0.0.1:9".parse().unwrap()]).furnish(dir.path(), vestibule::clock::Clock::system().now().wall);
        damage(&dir.path().join(name));
        let output = run(dir.path(), &["serve"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && !said.contains("the gate is open"), "{PROGRAM} with {what}: {said}");
        assert!(said.contains("cert.") || said.contains("tls."), "{what}: it is not said which file: {said}");
    }
    // There are no certificates of clients, so no authority for them can be missing: the keys for it are refused, not passed over.
    for key in ["client_ca = \"ca.pem\"", "client_auth = \"optional\"", "crl_file = \"x\"", "verify_clients = false"] {
        let dir = tempfile::tempdir().unwrap();
        let setup = Setup::new(&["127.0.0.1:9".parse().unwrap()]).section("tls", key);
        setup.furnish(dir.path(), vestibule::clock::Clock::system().now().wall);
        let output = run(dir.path(), &["serve"]);
        assert!(!output.status.success(), "{key}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("unknown key"), "{key}: {output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d01_damaged_certificates_at_a_reload_leave_the_old_one() {
    let setup = Setup::new(&[Upstream::start().addr()]).section("listen", Front::LISTEN);
    let dir = Gate::start_with(setup, Hands::ago(Duration::from_hours(1))).await.close().await;
    let served = Served::start(dir.path());
    let browser = served.browser();
    let refused = async || served.metric("vestibule_reloads_total{result=\"refused\"}").await.unwrap_or(0.0);
    for (what, name, damage) in DAMAGE {
        let file = dir.path().join(name);
        let good = std::fs::read_to_string(&file).unwrap();
        let before = refused().await;
        damage(&file);
        served.process.signal(rustix::process::Signal::HUP);
        Gate::until(&format!("{what} is refused"), || async { refused().await > before }).await;
        for way in ways() {
            let answer = coming(browser.clone(), way).get("/.vestibule/login").await;
            assert_eq!(answer.status, StatusCode::OK, "{what} {way:?}");
        }
        let _ = std::fs::remove_dir(&file);
        write_private(&file, &good);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d09_certificates_swapped_under_load_fail_no_handshake() {
    let upstream = Upstream::start();
    let limits = "requests_per_session = \"100000/s burst 100000\"";
    let setup = Setup::new(&[upstream.addr()]).section("listen", Front::LISTEN).section("limits", limits);
    let gate = Gate::start(setup).await;
    let anna = gate.signed_in("anna@example.com").await;
    let authority = Authority::new();
    let mut trusting = Browser::new(gate.addr(), HOST, authority.pem().as_bytes());
    trusting.cookies.clone_from(&anna.browser.cookies);
    authority.certify(gate.dir());
    Gate::until("the first of them", || trusting.is_trusted()).await;

    let mut open = Wire::to(&trusting).await;
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = ways()
        .map(|way| {
            let (stop, (addr, pem, cookies)) = (Arc::clone(&stop), (gate.addr(), authority.pem(), anna.browser.cookies.clone()));
            tokio::spawn(async move {
                let mut answered = 0;
                while !stop.load(Ordering::SeqCst) {
                    // A whole handshake each time: nobody remembers an earlier one.
                    let mut browser = coming(Browser::new(addr, HOST, pem.as_bytes()), way);
                    browser.cookies.clone_from(&cookies);
                    let answer = browser.get("/under-load").await;
                    assert_eq!(answer.status, StatusCode::OK, "{way:?}: {}", answer.text());
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    for round in 0..6 {
        if round % 2 == 1 {
            write_private(&gate.dir().join("cert.pem"), "-----BEGIN CERTIFICATE-----\n");
            gate.app().shutdown().request_reload();
        }
        let newest = authority.certify(gate.dir());
        let fresh = || Browser::new(gate.addr(), HOST, authority.pem().as_bytes());
        Gate::until("the newest is shown", || async { shown(&fresh()).await == newest }).await;
        open.send(format!("GET /open HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
        assert!(open.until("\r\n\r\n").await.starts_with("HTTP/1.1 401"), "an open connection goes on, round {round}");
        open.until("}").await;
    }
    stop.store(true, Ordering::SeqCst);
    for task in load {
        assert!(task.await.expect("no handshake failed") > 0);
    }
}

/// The certificate that a handshake shows.
async fn shown(browser: &Browser) -> Vec<u8> {
    let stream = browser.connect().await;
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}
