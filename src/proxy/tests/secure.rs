//! TLS to an upstream: verified, always.

use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::spawn_local;
use tokio_rustls::TlsAcceptor;

use super::stage::{Stage, run};
use super::wire::OK;

/// An upstream with a certificate for this name; where it listens, and whom to trust for it.
async fn upstream(name: &str) -> (u16, CertificateDer<'static>) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let root = authority.der().clone();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    spawn_local(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            spawn_local(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut head = vec![0; 4096];
                while stream.read(&mut head).await.is_ok_and(|read| read > 0) {
                    stream.write_all(OK.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (port, root)
}

#[test]
fn a_certificate_must_be_trusted_and_for_the_right_name() {
    run(async {
        let (port, root) = upstream("localhost").await;
        let trusting =
            Stage::set(&[&format!("https://localhost:{port}")], |settings| settings.extra_roots = vec![root.clone()]).await;
        assert!(trusting.get("/").await.ends_with("ok"));
        assert!(trusting.get("/").await.ends_with("ok"));
        assert_eq!(trusting.proxy.idle(), 1);
        let wrong_name = Stage::set(&[&format!("https://127.0.0.1:{port}")], |settings| settings.extra_roots = vec![root]).await;
        let answer = wrong_name.get("/").await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer} {:?}", wrong_name.failures);
        assert_eq!(wrong_name.failure(), "upstream-unreachable");
        let (_, other) = upstream("localhost").await;
        let distrusting =
            Stage::set(&[&format!("https://localhost:{port}")], |settings| settings.extra_roots = vec![other]).await;
        assert!(distrusting.get("/").await.starts_with("HTTP/1.1 502 "));
    });
}
