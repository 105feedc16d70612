//! A browser for tests: keeps cookies, speaks HTTP/1.1 or HTTP/2 over TLS, sends Fetch metadata as Chromium does, follows
//! nothing by itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::harness::front::Front;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Asserts a redirect and gives its place.
    #[track_caller]
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.header("location")
    }

    /// The value of a hidden field.
    pub fn field(&self, name: &str) -> Option<String> {
        let text = self.text();
        let at = text.find(&format!("name=\"{name}\""))?;
        let start = text[..at].rfind('<')?;
        let tag = &text[start..start + text[start..].find('>')?];
        let value = tag.split("value=\"").nth(1)?;
        Some(value[..value.find('"')?].to_owned())
    }
}

/// Forms that belong to a link.
pub const OF_LINKS: [&str; 4] = ["/.vestibule/register", "/.vestibule/reset", "/.vestibule/not-me", "/.vestibule/recover/mail"];

/// What a request pretends to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page is opened.
    Navigation,
    /// A script fetches.
    Fetch,
    /// Neither says anything: curl.
    Bare,
}

/// The browser.
#[derive(Clone)]
pub struct Browser {
    /// Where it connects to: the gate has another port after a restart.
    pub addr: SocketAddr,
    /// The host that it asks for.
    pub host: String,
    /// The port that it writes behind the host; 0: the usual one.
    pub port: u16,
    tls: Arc<ClientConfig>,
    /// Its cookies.
    pub cookies: BTreeMap<String, String>,
    /// Speaks HTTP/2.
    pub http2: bool,
    /// Headers that go with every request.
    pub extra: Vec<(String, String)>,
    /// What stands between it and the gate.
    pub front: Front,
}

impl Browser {
    /// One that trusts this certificate alone.
    pub fn new(addr: SocketAddr, host: &str, certificate: &[u8]) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(certificate).unwrap()).unwrap();
        let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Self {
            addr,
            host: host.to_owned(),
            port: 0,
            tls: Arc::new(tls),
            cookies: BTreeMap::new(),
            http2: false,
            extra: Vec::new(),
            front: Front::Direct,
        }
    }

    /// The same browser, HTTP/2 from now on.
    pub fn over_http2(mut self) -> Self {
        self.http2 = true;
        self
    }

    /// The same browser, behind a proxy that says that it comes from this address.
    pub fn seen_from(mut self, address: &str) -> Self {
        self.extra.push(("x-forwarded-for".to_owned(), address.to_owned()));
        self
    }

    /// The same browser behind something.
    pub fn behind(mut self, front: Front) -> Self {
        self.front = front;
        self.extra.extend(front.header().map(|(name, value)| (name.to_owned(), value.to_owned())));
        self
    }

    /// A TLS connection, with the protocol that this browser speaks.
    pub async fn connect(&self) -> TlsStream<TcpStream> {
        let mut tls = (*self.tls).clone();
        tls.alpn_protocols = self.protocols();
        self.greet(tls, b"").await.unwrap()
    }

    /// The same, behind a proxy that says this first.
    pub async fn connect_saying(&self, first: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
        self.greet((*self.tls).clone(), first).await
    }

    /// Whether the gate shows a certificate that this browser trusts.
    pub async fn is_trusted(&self) -> bool {
        self.greet((*self.tls).clone(), b"").await.is_ok()
    }

    fn protocols(&self) -> Vec<Vec<u8>> {
        vec![if self.http2 { b"h2".to_vec() } else { b"http/1.1".to_vec() }]
    }

    async fn greet(&self, tls: ClientConfig, first: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
        let mut socket = self.front.connect(self.addr).await?;
        socket.set_nodelay(true)?;
        socket.write_all(first).await?;
        let name = ServerName::try_from(self.host.split(':').next().unwrap().to_owned()).unwrap();
        TlsConnector::from(Arc::new(tls)).connect(name, socket).await
    }

    /// `https://HOST`.
    pub fn origin(&self) -> String {
        format!("https://{}", self.authority())
    }

    /// `HOST`, or `HOST:PORT`.
    fn authority(&self) -> String {
        if self.port == 0 { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, Kind::Navigation, &[], Bytes::new()).await
    }

    /// Fetches by script.
    pub async fn fetch(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, Kind::Fetch, &[], Bytes::new()).await
    }

    /// Sends a form, as from a page of this origin.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = self.filled_in(path, fields).await;
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, Kind::Navigation, &kind, body.into()).await
    }

    /// A body with these fields. Forms with a token of their own are sent from their page, as people send them; an attack gives
    /// its own `form_token`, or an empty one.
    async fn filled_in(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let mut token = None;
        let has_page = OF_LINKS.contains(&path) || (path == "/.vestibule/login" && self.cookies.contains_key("__Host-vestibule"));
        if has_page && fields.iter().all(|(name, _)| *name != "form_token") {
            let request = self.request(&Method::GET, path, Kind::Navigation, &[], Bytes::new());
            token = self.attempt(request).await.ok().and_then(|page| page.field("form_token"));
        }
        let token = token.iter().map(|token| ("form_token", token.as_str()));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).extend_pairs(token).finish()
    }

    /// Sends a form to a gate that may go away meanwhile. `None`: it did.
    pub async fn try_post(&mut self, path: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let body = self.filled_in(path, fields).await;
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let answer = self.attempt(self.request(&Method::POST, path, Kind::Navigation, &kind, body.into())).await.ok()?;
        self.keep(&answer.headers);
        Some(answer)
    }

    /// Sends a form with headers of its own, which win over a browser's.
    pub async fn post_with(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [&[("content-type", "application/x-www-form-urlencoded")], headers].concat();
        self.send(Method::POST, path, Kind::Navigation, &headers, body.into()).await
    }

    /// Sends anything and keeps the cookies of the answer.
    pub async fn send(&mut self, method: Method, path: &str, kind: Kind, headers: &[(&str, &str)], body: Bytes) -> Answer {
        let request = self.request(&method, path, kind, headers, body);
        let answer = self.exchange(request).await;
        self.keep(&answer.headers);
        answer
    }

    /// The request that [`Self::send`] would send.
    pub fn request(
        &self,
        method: &Method,
        path: &str,
        kind: Kind,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Request<Full<Bytes>> {
        let uri = if self.http2 { format!("{}{path}", self.origin()) } else { path.to_owned() };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri.parse().unwrap();
        let map = request.headers_mut();
        if !self.http2 {
            map.insert(header::HOST, self.authority().parse().unwrap());
        }
        let words: &[(&'static str, &str)] = match kind {
            Kind::Navigation => &[
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
                ("sec-fetch-user", "?1"),
                ("accept", "text/html"),
            ],
            Kind::Fetch => &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty"), ("accept", "*/*")],
            Kind::Bare => &[],
        };
        for (name, value) in words {
            map.insert(*name, value.parse().unwrap());
        }
        if kind != Kind::Bare {
            map.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
        }
        if *method == Method::POST && kind != Kind::Bare {
            map.insert(header::ORIGIN, self.origin().parse().unwrap());
        }
        if !self.cookies.is_empty() {
            let all: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            map.insert(header::COOKIE, all.join("; ").parse().unwrap());
        }
        let extra = self.extra.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in extra.chain(headers.iter().copied()) {
            map.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        request
    }

    /// One request on a connection of its own; at most 20 seconds.
    pub async fn exchange(&self, request: Request<Full<Bytes>>) -> Answer {
        self.attempt(request).await.expect("an answer")
    }

    /// The same where the gate may go away meanwhile.
    pub async fn attempt(&self, request: Request<Full<Bytes>>) -> Result<Answer, Box<dyn Error + Send + Sync>> {
        let all = async {
            let (parts, body) = self.try_open(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Answer { status: parts.status, headers: parts.headers, body })
        };
        tokio::time::timeout(Duration::from_secs(20), all).await?
    }

    /// The same with any body, up to the head of the answer: for what stays open.
    pub async fn open<B>(&self, request: Request<B>) -> Response<Incoming>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        self.try_open(request).await.expect("an answer")
    }

    async fn try_open<B>(&self, request: Request<B>) -> Result<Response<Incoming>, Box<dyn Error + Send + Sync>>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let mut tls = (*self.tls).clone();
        tls.alpn_protocols = self.protocols();
        let io = TokioIo::new(self.greet(tls, b"").await?);
        Ok(if self.http2 {
            let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await?;
            tokio::spawn(connection);
            sender.send_request(request).await?
        } else {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
            tokio::spawn(connection.with_upgrades());
            sender.send_request(request).await?
        })
    }

    /// Does with `Set-Cookie` what browsers do, as far as the gate's own cookies need it.
    pub fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
