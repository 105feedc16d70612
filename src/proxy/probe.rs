//! Asks upstreams how they are, on the control runtime: those with a health page always, the others only while they are down.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, header};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;

use crate::clock::Timestamp;
use crate::proxy::connect::connect;
use crate::proxy::failure::ConnectError;
use crate::proxy::io::{Gauge, Io};
use crate::proxy::settings::Settings;
use crate::proxy::upstreams::{Upstream, Upstreams};

const EVERY: Duration = Duration::from_secs(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// What asking an upstream brought.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It cannot be reached.
    #[error("not reachable")]
    Connect(#[from] ConnectError),
    /// It said something other than 2xx or 3xx.
    #[error("its health page answers {0}")]
    Status(http::StatusCode),
    /// It did not say anything in time.
    #[error("its health page does not answer")]
    Silent,
    /// It broke off, or does not speak HTTP.
    #[error("its health page breaks off")]
    Broken(#[source] hyper::Error),
}

/// The answer of one upstream.
#[derive(Debug)]
pub struct Probed {
    /// The portal's name.
    pub portal: Arc<str>,
    /// The upstream's address.
    pub upstream: Arc<str>,
    /// What it said.
    pub result: Result<(), ProbeError>,
}

impl Upstreams {
    /// Watches them for as long as it is polled: spawn it on the control runtime.
    pub async fn watch(self: Arc<Self>) {
        let mut interval = tokio::time::interval(EVERY);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            self.ask(|upstream, settings| settings.health_path.is_some() || upstream.health.is_suspect()).await;
        }
    }

    /// Asks all of them now, for `config check --connect`.
    pub async fn ask_all(&self) -> Vec<Probed> {
        self.ask(|_, _| true).await
    }

    async fn ask(&self, whom: impl Fn(&Upstream, &Settings) -> bool) -> Vec<Probed> {
        let table = self.table.load_full();
        let now = self.clock.now().secure;
        let pairs = table.portals.iter().flat_map(|portal| portal.upstreams.iter().map(move |one| (one, &portal.settings)));
        let asked = pairs.filter(|(upstream, settings)| whom(upstream, settings));
        join_all(asked.map(|(upstream, settings)| probe(upstream, settings, &self.control, now))).await
    }
}

async fn probe(upstream: &Upstream, settings: &Settings, control: &Handle, now: Timestamp) -> Probed {
    let result = visit(upstream, settings, control, now).await;
    if settings.health_path.is_some() {
        upstream.probed(result.is_ok(), now);
    }
    match &result {
        Err(ProbeError::Connect(_)) => upstream.failed(now),
        _ => upstream.connected(now),
    }
    Probed { portal: Arc::clone(&upstream.portal), upstream: Arc::clone(&upstream.name), result }
}

async fn visit(upstream: &Upstream, settings: &Settings, control: &Handle, now: Timestamp) -> Result<(), ProbeError> {
    let socket = connect(upstream, control, settings.connect_timeout, now).await?;
    let Some(path) = &settings.health_path else { return Ok(()) };
    let gauge = Arc::new(Gauge::default());
    gauge.begin(true);
    let (mut sender, connection) = http1::handshake(TokioIo::new(Io::new(socket, gauge))).await.map_err(ProbeError::Broken)?;
    let host = upstream.addr.authority().unwrap_or_else(|| "localhost".to_owned());
    let request = Request::get(path.as_str())
        .header(header::HOST, host)
        .header(header::USER_AGENT, "vestibule-health")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new());
    // Both parts were checked when they were configured.
    let Ok(request) = request else { return Err(ProbeError::Silent) };
    // It may end as soon as the response is there; whatever it ends with, the request knows of it.
    let driver = async {
        let _ = connection.await;
        std::future::pending().await
    };
    let asked = async {
        tokio::select! {
            response = sender.send_request(request) => response.map_err(ProbeError::Broken),
            never = driver => never,
        }
    };
    let response = tokio::time::timeout(ANSWER_WITHIN, asked).await.unwrap_or(Err(ProbeError::Silent))?;
    let status = response.status();
    if status.is_success() || status.is_redirection() { Ok(()) } else { Err(ProbeError::Status(status)) }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::clock::Clock;

    async fn asked(answer: &'static str, path: Option<&str>) -> Vec<Probed> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 1024];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        });
        let mut settings = Settings::new(vec![addr.parse().unwrap()]);
        settings.health_path = path.map(|path| path.parse().unwrap());
        let upstreams = Upstreams::new([("portal".into(), settings)], Clock::system(), Handle::current()).unwrap();
        let probed = upstreams.ask_all().await;
        assert_eq!(upstreams.states().iter().all(|one| one.answers), probed.iter().all(|one| one.result.is_ok()));
        probed
    }

    #[tokio::test]
    async fn a_health_page_says_how_an_upstream_is() {
        assert!(matches!(asked("HTTP/1.1 200 OK\r\n\r\n", Some("/h")).await[..], [Probed { result: Ok(()), .. }]));
        assert!(matches!(asked("HTTP/1.1 302 Found\r\n\r\n", Some("/h")).await[..], [Probed { result: Ok(()), .. }]));
        let ill = asked("HTTP/1.1 500 Oh\r\n\r\n", Some("/h")).await;
        assert!(matches!(ill[..], [Probed { result: Err(ProbeError::Status(_)), .. }]));
        assert!(asked("", Some("/h")).await[0].result.is_err());
        assert!(asked("", None).await[0].result.is_ok(), "without a page, an open door is enough");
    }
}
