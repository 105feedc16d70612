//! TLS towards clients: versions, protocols, tickets, and certificates that can be replaced while connections are open.

mod certificates;
mod facts;
mod generate;

use std::sync::{Arc, OnceLock};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::server::{NoServerSessionStorage, ProducesTickets};
use rustls::version::{TLS12, TLS13};

pub use certificates::{CertificateError, Certificates, Loaded};
pub use facts::Facts;
pub use generate::development_certificate;

/// Makes aws-lc-rs the cryptography of every TLS library in the process. Call it first in `main` and in tests; again is
/// harmless. Without it, libraries guess by the features that happen to be compiled in, and panic where they cannot.
pub fn install_provider() {
    // An error means that one is installed already.
    let _ = default_provider().install_default();
}

/// The configuration of a TLS listener: TLS 1.2 and 1.3, X25519MLKEM768 preferred, ALPN `h2` then `http/1.1`, no early
/// data (a replay of it could be a replay of a form), tickets instead of a session store.
///
/// # Errors
/// When the system's generator gives no key for tickets.
pub(super) fn server_config(certificates: &Arc<Certificates>) -> Result<Arc<ServerConfig>, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(certificates.clone());
    config.alpn_protocols = vec![H2.to_vec(), HTTP1.to_vec()];
    config.max_early_data_size = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = ticketer()?;
    Ok(Arc::new(config))
}

/// The ALPN name of HTTP/2 over TLS (RFC 9113).
pub(super) const H2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(default_provider())).clone()
}

/// One for the process, so that tickets survive a reload and fit on every worker. It changes its keys by itself.
fn ticketer() -> Result<Arc<dyn ProducesTickets>, rustls::Error> {
    static TICKETER: OnceLock<Arc<dyn ProducesTickets>> = OnceLock::new();
    if let Some(ticketer) = TICKETER.get() {
        return Ok(ticketer.clone());
    }
    let made = Ticketer::new()?;
    Ok(TICKETER.get_or_init(|| made).clone())
}
