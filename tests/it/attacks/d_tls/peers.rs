//! Servers that the gate itself connects to: each must be who it should be, or nothing is said to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::certificates::Authority;
use crate::attacks::arena::ways;
use crate::attacks::coming;
use crate::harness::process::{Served, command, run};
use crate::harness::{Gate, Hands, Person, PostOffice, Setup, Upstream, write_private};
use crate::mobile::{NUMBER, SETUP_MOBILE, number_is};

/// An HTTPS server with a certificate for this name; counts the requests that it was told.
struct Peer {
    port: u16,
    heard: Arc<AtomicUsize>,
}

impl Peer {
    async fn named(authority: &Authority, name: &str) -> Self {
        let (certificate, key) = authority.sign(&[name]);
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&heard);
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, counted) = (acceptor.clone(), Arc::clone(&counted));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut some = vec![0; 8192];
                    while stream.read(&mut some).await.is_ok_and(|read| read > 0) {
                        counted.fetch_add(1, Ordering::SeqCst);
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
                        let _ = stream.flush().await;
                    }
                });
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d05_an_upstream_with_a_wrong_name_hears_nothing() {
    let (authority, nobody) = (Authority::new(), Authority::new());
    // All three are reached as `localhost`.
    let right = Peer::named(&authority, "localhost").await;
    let wrong = Peer::named(&authority, "portal.example.com").await;
    let untrusted = Peer::named(&nobody, "localhost").await;
    let dir = tempfile::tempdir().unwrap();
    write_private(&dir.path().join("roots.pem"), &authority.pem());
    for (what, peer, status) in [("right", &right, 200), ("wrong name", &wrong, 502), ("untrusted", &untrusted, 502)] {
        let upstream: SocketAddr = ([127, 0, 0, 1], peer.port).into();
        let open = "[[portal.rule]]\npath = \"/**\"\nrequire = \"nothing\"";
        let gate = Gate::start_with(Setup::new(&[upstream]).portal(open), Hands::ago(Duration::from_hours(1))).await;
        let folder = gate.close().await;
        let file = folder.path().join("vestibule.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace(&format!("http://{upstream}"), &format!("https://localhost:{}", peer.port))).unwrap();
        let mut program = command(folder.path(), &["serve"]);
        program.env("SSL_CERT_FILE", dir.path().join("roots.pem"));
        let served = Served::with(folder.path(), program);
        for way in ways().filter(|way| way.front == crate::harness::Front::Direct) {
            let answer = coming(served.browser(), way).get("/x").await;
            assert_eq!(answer.status.as_u16(), status, "{what} {way:?}: {}", answer.text());
        }
    }
    assert!(right.heard() >= 2, "or nothing was proved");
    assert_eq!((wrong.heard(), untrusted.heard()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn d05_a_mail_server_with_a_wrong_name_hears_nothing() {
    let (office, right) = (PostOffice::open().await, PostOffice::open().await);
    // Its certificate is trusted, and for 127.0.0.1; here it is asked for by another name.
    let misnamed = office.section().replacen("@127.0.0.1:", "@localhost:", 1);
    for (section, arrives) in [(misnamed, false), (right.section(), true)] {
        let gate = Gate::start(Setup::new(&[Upstream::start().addr()]).section("mail", &section)).await;
        gate.signed_in("anna@example.com").await;
        assert_eq!(gate.browser().post("/.vestibule/forgot", &[("login", "anna@example.com")]).await.status, StatusCode::OK);
        if arrives {
            right.expect(1).await;
        } else {
            Gate::until("it was tried", || async {
                let unsent = gate.open_store(false).await.outbox().unsent(10).await.unwrap();
                unsent.iter().any(|mail| mail.tries > 0 && !mail.error.is_empty())
            })
            .await;
        }
    }
    assert_eq!((office.tries(), office.arrived().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn d05_an_sms_gateway_with_a_wrong_name_hears_nothing() {
    let (authority, nobody) = (Authority::new(), Authority::new());
    let right = Peer::named(&authority, "localhost").await;
    let wrong = Peer::named(&authority, "sms.example.com").await;
    let untrusted = Peer::named(&nobody, "localhost").await;
    let dir = tempfile::tempdir().unwrap();
    let roots = dir.path().join("roots.pem");
    write_private(&roots, &authority.pem());
    for (what, peer, status) in [("right", &right, 200), ("wrong name", &wrong, 502), ("untrusted", &untrusted, 502)] {
        let sms = format!(
            "provider = \"webhook\"\ncountries = [\"1\"]\nurl = \"https://localhost:{}/send\"\nbody = \"{{to}} {{text}}\"\n\
             content_type = \"text/plain\"\nca_file = \"{}\"\n",
            peer.port,
            roots.display()
        );
        let office = PostOffice::open().await;
        let setup = Setup::new(&[Upstream::start().addr()]).section("sms", &sms).section("mail", &office.section());
        let gate = Gate::start(setup).await;
        let link = gate.invite("anna@example.com", &[]).await;
        let mut anna = Person::new("anna@example.com", gate.browser());
        anna.register(&link).await;
        assert_eq!(anna.log_in("/").await.location(), "/.vestibule/setup");
        anna.set_up_to(&gate, SETUP_MOBILE).await;
        let answer = number_is(&mut anna.browser, NUMBER).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text());
    }
    assert_eq!((right.heard() > 0, wrong.heard(), untrusted.heard()), (true, 0, 0));
}

#[test]
fn d05_verification_has_no_switch() {
    for (section, line) in [
        ("mail", "danger_accept_invalid_certs = true"),
        ("mail", "verify = false"),
        ("sms", "verify_tls = false"),
        ("sms", "danger_accept_invalid_hostnames = true"),
        ("tls", "insecure_skip_verify = true"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let setup = Setup::new(&["127.0.0.1:9".parse().unwrap()]).section(section, line);
        setup.furnish(dir.path(), vestibule::clock::Clock::system().now().wall);
        let output = run(dir.path(), &["serve"]);
        assert!(
            !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("unknown key"),
            "{line}: {output:?}"
        );
    }
}
