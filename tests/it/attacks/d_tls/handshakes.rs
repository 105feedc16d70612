//! Handshakes in pieces, with early data, that never end; and what is not spoken at all.

use std::io::{Read as _, Write as _};
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::StatusCode;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::attacks::arena::ways;
use crate::attacks::coming;
use crate::harness::frames::{END_HEADERS, block, frame, kind, request};
use crate::harness::process::run;
use crate::harness::wire::Wire;
use crate::harness::{Frames, Front, Gate, HOST, Setup, Upstream};

/// Handshake records (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

async fn gate(upstream: &Upstream) -> Gate {
    let limits = "anonymous_per_client = \"100000/s burst 100000\"";
    Gate::start(Setup::new(&[upstream.addr()]).section("listen", Front::LISTEN).section("limits", limits)).await
}

/// A client's settings that trust the gate.
fn trusting(gate: &Gate, alpn: &[&[u8]]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&std::fs::read(gate.dir().join("cert.pem")).unwrap()).unwrap()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    config
}

async fn innocent(gate: &Gate, after: &str) {
    for way in ways() {
        let answer = coming(gate.browser(), way).get("/.vestibule/login").await;
        assert_eq!(answer.status, StatusCode::OK, "{after}: {way:?}");
    }
}

/// One request after a handshake whose hello comes in records of `piece` bytes, each written by itself, and in writes of `bite`
/// bytes.
async fn in_pieces(gate: &Gate, front: Front, piece: usize, bite: usize, host: &str) -> String {
    let socket = front.connect(gate.addr()).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let mut socket = socket.into_std().unwrap();
    socket.set_nonblocking(false).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let config = Arc::new(trusting(gate, &[b"http/1.1"]));
    let ask = format!("GET /.vestibule/login HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{}\r\n", front.line());
    tokio::task::spawn_blocking(move || {
        let mut client = ClientConnection::new(config, ServerName::try_from(HOST).unwrap()).unwrap();
        let mut hello = Vec::new();
        client.write_tls(&mut hello).unwrap();
        let (head, body) = hello.split_at(5);
        assert_eq!((head[0], usize::from(u16::from_be_bytes([head[3], head[4]]))), (HANDSHAKE, body.len()), "one record");
        let records: Vec<u8> = body
            .chunks(piece)
            .flat_map(|piece| [&head[..3], &u16::try_from(piece.len()).unwrap().to_be_bytes(), piece].concat())
            .collect();
        for bite in records.chunks(bite) {
            socket.write_all(bite).unwrap();
        }
        let mut stream = rustls::Stream::new(&mut client, &mut socket);
        let mut answer = Vec::new();
        // A gate that refuses closes: what it said until then is the answer.
        if stream.write_all(ask.as_bytes()).is_ok() {
            let _ = stream.read_to_end(&mut answer);
        }
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn d02_a_client_hello_in_pieces_is_a_client_hello() {
    let gate = gate(&Upstream::start()).await;
    for front in Front::ALL {
        // Byte by byte; a record for each byte; both; and whole records in odd bites.
        for (piece, bite) in [(16_384, 1), (1, 1_000_000), (1, 1), (5, 3), (100, 64)] {
            let answer = in_pieces(&gate, front, piece, bite, HOST).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{front:?} {piece} {bite}: {answer}");
            // No other set of rules for whoever comes in pieces: the name in the handshake still holds.
            let answer = in_pieces(&gate, front, piece, bite, "other.example.com").await;
            assert!(answer.starts_with("HTTP/1.1 421 "), "{front:?} {piece} {bite}: {answer}");
        }
    }
    innocent(&gate, "pieces").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn d02_what_is_no_client_hello_is_an_end() {
    let upstream = Upstream::start();
    let gate = gate(&upstream).await;
    let record = |kind: u8, length: u16, body: &[u8]| [&[kind, 3, 1], &length.to_be_bytes()[..], body].concat();
    let hello = |length: u32, body: &[u8]| [&[1], &length.to_be_bytes()[1..], body].concat();
    for (what, bytes) in [
        ("plain HTTP", b"GET /open HTTP/1.1\r\nHost: portal.example.com\r\n\r\n".to_vec()),
        ("HTTP/2 without TLS", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("SSL 2", b"\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10\x01\0\x80".to_vec()),
        ("an empty record", record(HANDSHAKE, 0, b"").repeat(2000)),
        ("a record of 64 KiB", record(HANDSHAKE, 0xffff, &[0; 4096])),
        ("a hello of 16 MiB", record(HANDSHAKE, 4, &hello(0x00ff_ffff, b"")).repeat(3)),
        ("a hello that is empty", record(HANDSHAKE, 4, &hello(0, b""))),
        ("an alert", record(21, 2, b"\x02\x28")),
        ("data first", record(23, 4, b"data")),
        ("a change of ciphers first", record(20, 1, b"\x01").repeat(500)),
        ("a finished first", record(HANDSHAKE, 4, b"\x14\0\0\0")),
        ("noise", (0..=255).cycle().take(5000).collect()),
    ] {
        for front in Front::ALL {
            let mut socket = front.connect(gate.addr()).await.unwrap();
            let _ = socket.write_all(&bytes).await;
            let mut said = Vec::new();
            let _ = tokio::time::timeout(Duration::from_secs(20), socket.read_to_end(&mut said)).await.expect(what);
            // At most an alert of TLS.
            assert!(said.len() < 64 && said.first().is_none_or(|kind| *kind == 21), "{what} {front:?}: {said:?}");
        }
    }
    innocent(&gate, "no client hello").await;
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn d04_early_data_is_never_offered_and_never_taken() {
    let gate = gate(&Upstream::start()).await;
    for alpn in [b"http/1.1".as_slice(), b"h2"] {
        let mut config = trusting(&gate, &[alpn]);
        config.enable_early_data = true;
        let config = Arc::new(config);
        let addr = gate.addr();
        tokio::task::spawn_blocking(move || {
            for turn in 0..3 {
                let mut socket = std::net::TcpStream::connect(addr).unwrap();
                socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                let mut client = ClientConnection::new(Arc::clone(&config), ServerName::try_from(HOST).unwrap()).unwrap();
                assert!(client.early_data().is_none(), "turn {turn}: a ticket allows early data");
                let mut stream = rustls::Stream::new(&mut client, &mut socket);
                // Something comes back, and with it the tickets.
                let hello: &[u8] = if alpn == b"h2" {
                    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"
                } else {
                    b"GET / HTTP/1.1\r\nHost: portal.example.com\r\n\r\n"
                };
                stream.write_all(hello).unwrap();
                assert!(stream.read(&mut [0; 16]).unwrap() > 0);
                assert!(!client.is_early_data_accepted());
                let resumed = client.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
                assert_eq!(resumed, turn > 0, "turn {turn}: only a ticket could carry early data");
            }
        })
        .await
        .unwrap();
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a connection lasts is what is measured here")]
fn stopwatch() -> Instant {
    Instant::now()
}

/// How long until the other side closes, and what it said until then.
async fn lasts(mut stream: impl tokio::io::AsyncRead + Unpin) -> (Duration, Vec<u8>) {
    let begun = stopwatch();
    let mut said = Vec::new();
    // Well beyond every deadline, on a busy machine too.
    let _ = tokio::time::timeout(Duration::from_mins(1), stream.read_to_end(&mut said)).await.expect("an end");
    (begun.elapsed(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn d06_every_phase_ends_by_itself() {
    let upstream = Upstream::start();
    let gate = gate(&upstream).await;
    let form = "POST /.vestibule/login HTTP/1.1\r\nHost: portal.example.com\r\nOrigin: https://portal.example.com\r\n\
                Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nlogin=";
    let raw = |front: Front, bytes: &'static [u8]| {
        let addr = gate.addr();
        async move {
            let mut socket = front.connect(addr).await.unwrap();
            socket.write_all(bytes).await.unwrap();
            lasts(socket).await
        }
    };
    let inside = |front: Front, bytes: String| {
        let browser = gate.browser().behind(front);
        async move {
            let mut stream = browser.connect().await;
            stream.write_all(bytes.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            lasts(stream).await
        }
    };
    let trickle = async {
        let (reader, mut writer) = tokio::io::split(gate.browser().connect().await);
        let drip = tokio::spawn(async move {
            writer.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
            // Bytes alone move no deadline.
            while writer.write_all(b"A: b\r\n").await.is_ok() && writer.flush().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        let lasted = lasts(reader).await;
        drip.abort();
        lasted
    };
    let nameless = async {
        // From the balancer's address, without a word of who the client is.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut socket = socket.connect(gate.addr()).await.unwrap();
        socket.write_all(b"PROXY TCP4 192.0.2.1 ").await.unwrap();
        lasts(socket).await
    };
    let h2 = async {
        let mut frames = Frames::to(&gate.browser()).await;
        let mut fields = request("POST", HOST, "/.vestibule/login");
        fields.push((b"origin", b"https://portal.example.com"));
        fields.push((b"content-type", b"application/x-www-form-urlencoded"));
        let stream = frames.stream();
        frames.send(frame(kind::HEADERS, END_HEADERS, stream, &block(&fields))).await;
        frames.send(frame(kind::DATA, 0, stream, b"login=")).await;
        tokio::time::sleep(Duration::from_secs(8)).await;
        frames.outcome(stream).await
    };
    let (silent, half, balanced, unasked, slow, late, nameless, trickled, stream) = tokio::join!(
        raw(Front::Direct, b""),
        raw(Front::Proxy, b"\x16\x03\x01\x02\0\x01"),
        raw(Front::Balancer, b"\x16\x03\x01\x02\0\x01"),
        inside(Front::Balancer, String::new()),
        inside(Front::Proxy, "GET / HTTP/1.1\r\nHost: por".to_owned()),
        inside(Front::Direct, form.to_owned()),
        nameless,
        trickle,
        h2,
    );
    for (what, (lasted, said)) in [
        ("silent", &silent),
        ("half a hello", &half),
        ("half a hello behind a balancer", &balanced),
        ("half a PROXY line", &nameless),
    ] {
        assert!(*lasted >= Duration::from_secs(8) && *lasted < Duration::from_secs(30), "{what}: {lasted:?}");
        assert!(said.is_empty(), "{what}");
    }
    for (what, (lasted, said)) in [("no request", &unasked), ("half a head", &slow), ("a head in drops", &trickled)] {
        assert!(*lasted >= Duration::from_secs(12) && *lasted < Duration::from_secs(40), "{what}: {lasted:?}");
        assert!(said.is_empty(), "{what}: {}", String::from_utf8_lossy(said));
    }
    assert!(String::from_utf8_lossy(&late.1).starts_with("HTTP/1.1 408 "), "half a form: {}", String::from_utf8_lossy(&late.1));
    assert_eq!(stream.status, Some(408), "half a form on a stream");
    // A protocol of certificate authorities is not spoken here, so that it cannot be without a deadline.
    let connector = tokio_rustls::TlsConnector::from(Arc::new(trusting(&gate, &[b"acme-tls/1"])));
    let socket = TcpStream::connect(gate.addr()).await.unwrap();
    assert!(connector.connect(ServerName::try_from(HOST).unwrap(), socket).await.is_err());
    innocent(&gate, "all those").await;
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn d08_there_is_no_quic_and_no_list_of_revoked_certificates() {
    let gate = gate(&Upstream::start()).await;
    // Nobody listens there for datagrams, and nobody is told to try.
    drop(UdpSocket::bind(gate.addr()).expect("the port is free for datagrams"));
    for way in ways() {
        let answer = coming(gate.browser(), way).get("/.vestibule/login").await;
        assert!(!answer.headers.contains_key("alt-svc"), "{way:?}");
    }
    for (section, line) in [("listen", "quic = \"127.0.0.1:0\""), ("listen", "http3 = true"), ("tls", "crl = \"crl.pem\"")] {
        let dir = tempfile::tempdir().unwrap();
        let setup = Setup::new(&["127.0.0.1:9".parse().unwrap()]).section(section, line);
        setup.furnish(dir.path(), gate.now().wall);
        let output = run(dir.path(), &["serve"]);
        assert!(
            !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("unknown key"),
            "{line}: {output:?}"
        );
    }
    let mut wire = Wire::to(&gate.browser()).await;
    wire.send(format!("GET /.vestibule/login HTTP/3.0\r\nHost: {HOST}\r\n\r\n")).await;
    assert!(matches!(wire.status().await, 0 | 400 | 505));
}
