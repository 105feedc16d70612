//! A development certificate: it makes TLS work, and vouches for nobody.

use zeroize::Zeroizing;

use super::super::exit::Failure;
use crate::clock::Clock;
use crate::net::tls::development_certificate;

/// Chain and private key as PEM, for this host and that of our own pages, good from yesterday (clocks differ) for a year.
pub(super) fn development(host: &str, pages: Option<&str>) -> Result<(String, Zeroizing<String>), Failure> {
    let mut names = vec![host.to_owned()];
    if host == "localhost" {
        names.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
    }
    names.extend(pages.map(str::to_owned));
    development_certificate(&names, Clock::system().now().wall)
        .map_err(|error| Failure::Failed(format!("no certificate could be made for {host}: {error}")))
}
