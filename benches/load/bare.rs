//! What the libraries cost without us: `bare PORT UPSTREAM CERT KEY` forwards over TLS by hyper alone, on one thread, and does nothing
//! else. No check, no log, no metrics, no deadlines, no clean headers: never to be used for anything but to be measured beside.

use std::cell::RefCell;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, Version, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt::Executor;
use hyper::server::conn as server;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, LocalOptions};
use tokio::task::spawn_local;
use tokio_rustls::TlsAcceptor;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Link = SendRequest<Incoming>;

/// Where requests go, and the connections that lie idle.
struct Upstream {
    address: SocketAddr,
    idle: RefCell<Vec<Link>>,
}

impl Upstream {
    fn pick(&self) -> Option<Link> {
        let mut idle = self.idle.borrow_mut();
        std::iter::from_fn(|| idle.pop()).find(|link| link.is_ready() && !link.is_closed())
    }

    async fn link(&self) -> anyhow::Result<Link> {
        if let Some(link) = self.pick() {
            return Ok(link);
        }
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (link, connection) = http1::handshake(TokioIo::new(stream)).await?;
        spawn_local(connection);
        Ok(link)
    }
}

/// An answer on its way; its connection is idle again at its end.
struct Answer {
    body: Incoming,
    lent: Option<(Link, Rc<Upstream>)>,
}

impl Answer {
    fn end(&mut self) {
        if let Some((link, upstream)) = self.lent.take() {
            upstream.idle.borrow_mut().push(link);
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.end();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

async fn forward(mut request: Request<Incoming>, upstream: Rc<Upstream>) -> anyhow::Result<Response<Answer>> {
    // HTTP/2 names the host in the address.
    if let Some(host) = request.uri().authority() {
        let host = HeaderValue::from_str(host.as_str())?;
        request.headers_mut().insert(header::HOST, host);
    }
    *request.uri_mut() = request.uri().path_and_query().cloned().map(Uri::from).context("no path")?;
    *request.version_mut() = Version::HTTP_11;
    let mut link = upstream.link().await?;
    let response = link.send_request(request).await?;
    Ok(response.map(|body| Answer { body, lent: Some((link, upstream)) }))
}

/// Tasks stay on their thread.
#[derive(Clone)]
struct Here;

impl<F: Future + 'static> Executor<F> for Here {
    fn execute(&self, future: F) {
        let mut future = Box::pin(future);
        spawn_local(async move { poll_fn(|cx| future.as_mut().poll(cx).map(drop)).await });
    }
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, upstream: Rc<Upstream>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let stream = acceptor.accept(stream).await?;
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let service = service_fn(move |request| forward(request, Rc::clone(&upstream)));
    if http2 {
        server::http2::Builder::new(Here).serve_connection(TokioIo::new(stream), service).await?;
    } else {
        server::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await?;
    }
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, upstream, certificate, key] = &arguments[..] else { anyhow::bail!("bare PORT UPSTREAM CERT KEY") };
    let certificates = CertificateDer::pem_file_iter(certificate)?.collect::<Result<_, _>>()?;
    let mut config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(certificates, PrivateKeyDer::from_pem_file(key)?)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address: SocketAddr = upstream.parse()?;
    let upstream = Rc::new(Upstream { address, idle: RefCell::default() });
    let at = SocketAddr::from(([127, 0, 0, 1], port.parse()?));
    Builder::new_current_thread().enable_io().build_local(LocalOptions::default())?.block_on(async {
        let listener = TcpListener::bind(at).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            // How a connection ends is nobody's concern here.
            spawn_local(serve(stream, acceptor.clone(), Rc::clone(&upstream)));
        }
    })
}
