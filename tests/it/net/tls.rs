//! Versions, ALPN, key exchange, and certificates that change under open connections.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::NamedGroup;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use vestibule::net::tls::Loaded;

use super::{Gate, HOST, answer, body_of, certificate, get, say, soon, to_the_end};

#[tokio::test]
async fn the_protocol_is_what_alpn_says() {
    let gate = Gate::start();
    let (mut client, _connection) = gate.h2().await;
    let (status, body) = body_of(soon(client.send_request(get("/"))).await.unwrap()).await;
    assert_eq!((status.as_u16(), body.as_str()), (200, "https 127.0.0.1 Some(\"portal.example.com\") Http2"));
    for alpn in [&[b"http/1.1".as_slice()][..], &[]] {
        let mut stream = gate.connect(alpn).await;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert!(answer(&mut stream).await.ends_with("https 127.0.0.1 Some(\"portal.example.com\") Http1"), "{alpn:?}");
    }
    let both = gate.connect(&[b"http/1.1", b"h2"]).await;
    assert_eq!(both.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()), "ours first");
    let tcp = TcpStream::connect(gate.https).await.unwrap();
    assert!(gate.handshake(tcp, &[b"spdy/1"]).await.is_err());
    gate.metric_becomes("vestibule_tls_handshakes_total{result=\"ok\"}", 4.0).await;
    gate.metric_becomes("vestibule_tls_handshakes_total{result=\"failed\"}", 1.0).await;
}

#[tokio::test]
async fn http2_is_never_sniffed() {
    let gate = Gate::start();
    let answer = say(&gate, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    assert_eq!(answer, "");
    assert!(gate.stage.seen().is_empty());
    gate.metric_becomes("vestibule_malformed_total", 1.0).await;
    let mut tcp = TcpStream::connect(gate.http).await.unwrap();
    tcp.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    assert_eq!(to_the_end(&mut tcp).await, "", "nor without TLS");
}

#[tokio::test]
async fn both_versions_and_the_hybrid_key_exchange() {
    let gate = Gate::start();
    for version in [&TLS12, &TLS13] {
        let tcp = TcpStream::connect(gate.https).await.unwrap();
        let name = ServerName::try_from(HOST).unwrap();
        let mut stream = gate.client(&[b"http/1.1"], &[version]).connect(name, tcp).await.unwrap();
        let session = stream.get_ref().1;
        assert_eq!(session.protocol_version(), Some(version.version));
        if version == &TLS13 {
            let group = session.negotiated_key_exchange_group().unwrap().name();
            assert_eq!(group, NamedGroup::X25519MLKEM768);
        }
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

#[tokio::test]
async fn sessions_resume_after_a_certificate_was_replaced() {
    let gate = Gate::start();
    let connector = gate.client(&[b"http/1.1"], &[&TLS13]);
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let tcp = TcpStream::connect(gate.https).await.unwrap();
        let mut stream = connector.connect(ServerName::try_from(HOST).unwrap(), tcp).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        answer(&mut stream).await;
        kinds.push(format!("{:?}", stream.get_ref().1.handshake_kind().unwrap()));
        let (chain, key) = certificate(HOST);
        gate.certificates.install(Loaded::from_pem(chain.as_bytes(), key.as_bytes()).unwrap());
    }
    assert_eq!(kinds, ["Full", "Resumed"]);
}

#[tokio::test]
async fn a_certificate_is_replaced_under_open_connections_and_a_bad_one_is_not_taken() {
    let mut gate = Gate::start();
    let mut open = gate.h1().await;
    let (chain, key) = certificate(HOST);
    let (_, other) = certificate("other.example");
    let error = Loaded::from_pem(chain.as_bytes(), other.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("does not belong"), "{error}");
    drop(gate.h1().await);
    gate.certificates.install(Loaded::from_pem(chain.as_bytes(), key.as_bytes()).unwrap());
    let tcp = TcpStream::connect(gate.https).await.unwrap();
    assert!(gate.handshake(tcp, &[]).await.is_err(), "the old root does not know the new certificate");
    gate.root = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
    drop(gate.h1().await);
    open.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(answer(&mut open).await.starts_with("HTTP/1.1 200 OK\r\n"));
}

/// Writes byte by byte, so that every record and every message comes in pieces.
struct Trickle(TcpStream);

impl AsyncRead for Trickle {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Trickle {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf.get(..1).unwrap_or_default())
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn a_handshake_in_pieces() {
    let gate = Gate::start();
    let tcp = TcpStream::connect(gate.https).await.unwrap();
    tcp.set_nodelay(true).unwrap();
    let name = ServerName::try_from(HOST).unwrap();
    let connector = gate.client(&[b"http/1.1"], rustls::ALL_VERSIONS);
    let mut stream = connector.connect(name, Trickle(tcp)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    stream.flush().await.unwrap();
    assert!(answer(&mut stream).await.contains("Some(\"portal.example.com\")"));
}
