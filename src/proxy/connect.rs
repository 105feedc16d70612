//! A connection to an upstream: look-up, TCP or Unix socket, TLS, all within one deadline.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::Handle;
use tokio_rustls::TlsConnector;

use crate::clock::Timestamp;
use crate::proxy::addr::{Authority, HostName, UpstreamAddr};
use crate::proxy::failure::ConnectError;
use crate::proxy::io::Socket;
use crate::proxy::upstreams::Upstream;

/// How long looked-up addresses are used again. Short, since containers move; not zero, since without reuse of connections
/// each request would ask.
const LOOKUP_TTL: Duration = Duration::from_secs(5);

/// Addresses of a name.
#[derive(Debug)]
pub(super) struct Resolved {
    addresses: Vec<SocketAddr>,
    at: Timestamp,
}

/// What it takes to speak TLS to an upstream: the system's roots and those given; verification cannot be turned off.
pub(super) fn client_config(roots: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots.iter().cloned(), Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous() // The method's name for any verifier that is not rustls's own; this one verifies.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Connects within `limit`. Names are looked up on `control`, so that a slow resolver never holds up a worker.
pub(super) async fn connect(
    upstream: &Upstream,
    control: &Handle,
    limit: Duration,
    now: Timestamp,
) -> Result<Socket, ConnectError> {
    let connecting = async {
        match &upstream.addr {
            UpstreamAddr::Unix(path) => UnixStream::connect(path).await.map(Socket::Unix).map_err(ConnectError::Socket),
            UpstreamAddr::Http(at) => tcp(upstream, at, control, now).await.map(Socket::Tcp),
            UpstreamAddr::Https(at) => {
                let stream = tcp(upstream, at, control, now).await?;
                tls(upstream, at, stream).await
            }
        }
    };
    tokio::time::timeout(limit, connecting).await.unwrap_or(Err(ConnectError::Timeout))
}

async fn tcp(upstream: &Upstream, at: &Authority, control: &Handle, now: Timestamp) -> Result<TcpStream, ConnectError> {
    let name = match &at.host {
        HostName::Ip(ip) => return open(SocketAddr::new(*ip, at.port)).await.map_err(ConnectError::Socket),
        HostName::Name(name) => name,
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in &look_up(upstream, name, at.port, control, now).await?.addresses {
        match open(*address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(ConnectError::Socket(last))
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    // So that a tunnel to a host that has gone without a word ends some time.
    SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(Duration::from_mins(1)))?;
    Ok(stream)
}

async fn look_up(
    upstream: &Upstream,
    name: &str,
    port: u16,
    control: &Handle,
    now: Timestamp,
) -> Result<Arc<Resolved>, ConnectError> {
    let known = upstream.resolved.load_full();
    if let Some(known) = &known
        && now.since(known.at) < LOOKUP_TTL
    {
        return Ok(Arc::clone(known));
    }
    let name = name.to_owned();
    let asked = control.spawn(async move { tokio::net::lookup_host((name, port)).await.map(Iterator::collect::<Vec<_>>) });
    match (asked.await.unwrap_or_else(|error| Err(io::Error::other(error))), known) {
        (Ok(addresses), _) => {
            let resolved = Arc::new(Resolved { addresses, at: now });
            upstream.resolved.store(Some(Arc::clone(&resolved)));
            Ok(resolved)
        }
        // A resolver that is away for a moment is no reason to forget where the upstream was.
        (Err(_), Some(known)) => Ok(known),
        (Err(error), None) => Err(ConnectError::Lookup(error)),
    }
}

async fn tls(upstream: &Upstream, at: &Authority, stream: TcpStream) -> Result<Socket, ConnectError> {
    let name = match &at.host {
        HostName::Ip(ip) => ServerName::from(*ip),
        HostName::Name(name) => ServerName::try_from(name.clone()).map_err(|error| ConnectError::Tls(io::Error::other(error)))?,
    };
    let Some(config) = &upstream.tls else {
        return Err(ConnectError::Tls(io::Error::other("no TLS settings")));
    };
    let connected = TlsConnector::from(Arc::clone(config)).connect(name, stream).await;
    connected.map(|stream| Socket::Tls(Box::new(stream))).map_err(ConnectError::Tls)
}
