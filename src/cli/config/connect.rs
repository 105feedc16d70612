//! `config check --connect`: whether what the configuration names can be reached from here.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt as _;
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::super::exit::{Failure, Outcome};
use super::super::output;
use crate::config::Config;
use crate::config::model::Upstream;
use crate::store;

/// Tries the database, every upstream and the mail server; complains about each that does not answer.
pub(super) async fn try_all(config: &Config) -> Outcome {
    let mut failed = 0_usize;
    let mut tell = |what: String, tried: Result<(), String>| match tried {
        Ok(()) => output::note(&format!("{what} answers")),
        Err(error) => {
            failed += 1;
            output::error(&format!("{what} does not answer: {error}"));
        }
    };
    let opened = store::open(&config.store.url, config.store.keys.clone(), false).await;
    tell(format!("database {}", config.store.database.display()), opened.map(drop).map_err(|error| error.to_string()));
    for portal in &config.portals {
        for upstream in &portal.upstreams {
            tell(format!("upstream {upstream}"), reach(upstream, portal.connect_timeout).await);
        }
    }
    if let Some(mail) = &config.mail {
        let hello = config.portals.first().and_then(|portal| portal.hosts.first()).map_or("localhost", String::as_str);
        tell(format!("mail server {:?}", mail.server), mail.server.try_out(hello).await);
    }
    match failed {
        0 => Ok(()),
        1 => Err(Failure::Unavailable("the configuration is right, but something it names does not answer".to_owned())),
        _ => Err(Failure::Unavailable(format!("the configuration is right, but {failed} things it names do not answer"))),
    }
}

async fn reach(upstream: &Upstream, patience: Duration) -> Result<(), String> {
    let tried = async {
        match upstream {
            Upstream::Unix(path) => UnixStream::connect(path).await.map(drop),
            Upstream::Http { host, port } => TcpStream::connect((host.as_str(), *port)).await.map(drop),
            Upstream::Https { host, port } => shake_hands(host, *port).await,
        }
    };
    match timeout(patience, tried).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err(format!("nothing came within {} s", patience.as_secs())),
    }
}

/// A TLS handshake with the certificate verified as the gate will verify it.
async fn shake_hands(host: &str, port: u16) -> io::Result<()> {
    // Whoever was first to install one: the same.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = ClientConfig::with_platform_verifier().map_err(io::Error::other)?;
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let stream = TcpStream::connect((host, port)).await?;
    TlsConnector::from(Arc::new(client)).connect(name, stream).await.map(drop)
}
