//! The net room over real sockets: a gate with a handler for tests behind it, and clients that can misbehave.

mod actor;
mod caps;
mod deadlines;
mod drain;
mod floods;
mod framing;
mod proxy_protocol;
mod tls;
mod tunnel;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vestibule::clock::Clock;
use vestibule::net::tls::{Certificates, Loaded, development_certificate, install_provider};
use vestibule::net::{Deadlines, Doors, Settings, Workers};
use vestibule::shutdown::Shutdown;

use self::actor::{Actor, Stage};

pub const HOST: &str = "portal.example.com";

/// Running workers, ended when dropped.
pub struct Gate {
    pub https: SocketAddr,
    pub http: SocketAddr,
    pub stage: Stage,
    pub shutdown: Shutdown,
    pub certificates: Arc<Certificates>,
    pub root: CertificateDer<'static>,
    metrics: PrometheusHandle,
    workers: Option<Workers>,
}

pub fn settings() -> Settings {
    let local = Some("127.0.0.1:0".parse().unwrap());
    Settings { https: local, http: local, workers: 1, ..Settings::default() }
}

/// Deadlines so short that a test can wait for them.
pub fn impatient() -> Settings {
    let deadlines = Deadlines {
        handshake: Duration::from_secs(1),
        head: Duration::from_millis(500),
        idle: Duration::from_millis(1500),
        stall: Duration::from_millis(500),
        linger: Duration::from_millis(200),
        ..Deadlines::default()
    };
    Settings { deadlines, ..settings() }
}

pub fn certificate(name: &str) -> (String, String) {
    let (chain, key) = development_certificate(&[name.to_owned()], Clock::system().now().wall).unwrap();
    (chain, key.to_string())
}

impl Gate {
    pub fn start() -> Self {
        Self::with(settings())
    }

    pub fn with(settings: Settings) -> Self {
        install_provider();
        let (chain, key) = certificate(HOST);
        let certificates = Certificates::new(Loaded::from_pem(chain.as_bytes(), key.as_bytes()).unwrap());
        let (stage, shutdown) = (Stage::default(), Shutdown::new());
        let recorder: &'static PrometheusRecorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        let (metrics, actors) = (recorder.handle(), stage.clone());
        let workers = Workers::start(settings, Some(&certificates), &shutdown, move |context| {
            // For the rest of the worker's life.
            std::mem::forget(metrics::set_default_local_recorder(recorder));
            let actor = |name| Actor { stage: actors.clone(), context: context.clone(), name };
            Doors { https: actor("https"), http: actor("http") }
        })
        .unwrap();
        let (https, http) = (workers.https_addr().unwrap(), workers.http_addr().unwrap());
        let root = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
        Self { https, http, stage, shutdown, certificates, root, metrics, workers: Some(workers) }
    }

    /// The value of a metric, by its line in the exposition; 0 if it is not there.
    pub fn metric(&self, line: &str) -> f64 {
        let found = self.metrics.render().lines().find_map(|shown| shown.strip_prefix(line)?.trim().parse().ok());
        found.unwrap_or(0.0)
    }

    /// Waits until a metric has that value.
    pub async fn metric_becomes(&self, line: &str, value: f64) {
        let reached = async {
            while (self.metric(line) - value).abs() > 0.1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let reached = tokio::time::timeout(Duration::from_secs(10), reached).await;
        assert!(reached.is_ok(), "{line} is {} and not {value}\n{}", self.metric(line), self.metrics.render());
    }

    pub fn join(mut self) {
        self.workers.take().unwrap().join().unwrap();
    }

    pub fn client(&self, alpn: &[&[u8]], versions: &[&'static SupportedProtocolVersion]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let mut config =
            ClientConfig::builder_with_protocol_versions(versions).with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|&name| name.to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }

    pub async fn connect(&self, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
        let tcp = TcpStream::connect(self.https).await.unwrap();
        self.handshake(tcp, alpn).await.unwrap()
    }

    pub async fn handshake(&self, tcp: TcpStream, alpn: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
        self.client(alpn, rustls::ALL_VERSIONS).connect(ServerName::try_from(HOST).unwrap(), tcp).await
    }

    pub async fn h1(&self) -> TlsStream<TcpStream> {
        self.connect(&[b"http/1.1"]).await
    }

    /// An HTTP/2 client and the task that ends with its connection.
    pub async fn h2(&self) -> (http2::SendRequest<Full<Bytes>>, tokio::task::JoinHandle<hyper::Result<()>>) {
        let stream = self.connect(&[b"h2"]).await;
        let (client, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        (client, tokio::spawn(connection))
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.shutdown.hard().cancel();
        if let Some(workers) = self.workers.take() {
            let ended = workers.join();
            assert!(ended.is_ok() || std::thread::panicking());
        }
    }
}

/// No test waits for ever.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("within ten seconds")
}

/// Everything until the other side closes, whether it does so properly or not.
pub async fn to_the_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut all = Vec::new();
    // A reset is an end, too.
    let _ = soon(stream.read_to_end(&mut all)).await;
    String::from_utf8_lossy(&all).into_owned()
}

/// Sends bytes over HTTP/1 and returns what comes until the gate closes.
pub async fn say(gate: &Gate, bytes: &[u8]) -> String {
    let mut stream = gate.h1().await;
    stream.write_all(bytes).await.unwrap();
    to_the_end(&mut stream).await
}

/// One answer with a length, from a connection that stays open.
pub async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut got = Vec::new();
    soon(async {
        loop {
            let shown = String::from_utf8_lossy(&got).into_owned();
            if let Some((head, body)) = shown.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= length.unwrap_or(0) {
                    return shown;
                }
            }
            let mut byte = [0];
            assert_eq!(stream.read(&mut byte).await.unwrap(), 1, "closed after {shown:?}");
            got.extend(byte);
        }
    })
    .await
}

pub fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(format!("https://{HOST}{path}")).body(Full::default()).unwrap()
}

pub async fn body_of(response: Response<Incoming>) -> (StatusCode, String) {
    let (head, body) = response.into_parts();
    let bytes = soon(body.collect()).await.unwrap().to_bytes();
    (head.status, String::from_utf8_lossy(&bytes).into_owned())
}
