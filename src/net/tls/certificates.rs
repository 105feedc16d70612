//! The certificate in use: replaced as a whole or not at all, without touching open connections.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::{Facts, development_certificate, provider};
use crate::clock::Timestamp;

/// Holds the certificate that handshakes use from now on.
pub struct Certificates {
    current: ArcSwap<Loaded>,
}

/// A certificate chain with its key, checked against each other.
pub struct Loaded {
    key: Arc<CertifiedKey>,
    facts: Facts,
}

/// Why a pair cannot be used. Each says what would have to be put right, and where.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The two files were read, but make no pair.
    #[error("{} with {}", certificate.display(), key.display())]
    Pair {
        /// The file of the chain.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
        /// What is wrong with them.
        source: Box<CertificateError>,
    },
    /// The chain's PEM is damaged.
    #[error("the certificate file is damaged")]
    ChainPem(#[source] pem::Error),
    /// The chain's PEM has no certificate.
    #[error("the certificate file has no certificate (a block that begins -----BEGIN CERTIFICATE-----)")]
    NoCertificate,
    /// The first certificate cannot be understood.
    #[error("the first certificate of the certificate file cannot be understood")]
    Unreadable,
    /// The key's PEM is damaged.
    #[error("the private key file is damaged")]
    KeyPem(#[source] pem::Error),
    /// The key's PEM has no private key.
    #[error("the private key file has no private key (a block that begins -----BEGIN PRIVATE KEY-----)")]
    NoKey,
    /// The key is protected with a passphrase.
    #[error("the private key is encrypted with a passphrase; give it without one, in a file that only we can read")]
    EncryptedKey,
    /// The key is of a kind that is not supported.
    #[error("the private key is of a kind that cannot be used (RSA from 2048 bits, ECDSA P-256, P-384, P-521, Ed25519 can)")]
    UnsupportedKey(#[source] rustls::Error),
    /// The key is another certificate's.
    #[error("the private key does not belong to the first certificate of the certificate file")]
    Mismatch,
    /// No certificate could be made for these names.
    #[error("cannot make a self-signed certificate")]
    Generate(#[from] rcgen::Error),
}

impl Loaded {
    /// Parses and checks a PEM chain (own certificate first) and the PEM private key that belongs to it.
    ///
    /// # Errors
    /// What is wrong with which of the two.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(CertificateError::ChainPem)?;
        let first = chain.first().ok_or(CertificateError::NoCertificate)?;
        let facts = Facts::read(first).ok_or(CertificateError::Unreadable)?;
        let key = CertifiedKey::from_der(chain, private_key(key)?, &provider()).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => CertificateError::Mismatch,
            rustls::Error::InvalidCertificate(_) => CertificateError::Unreadable,
            other => CertificateError::UnsupportedKey(other),
        })?;
        Ok(Self { key: Arc::new(key), facts })
    }

    /// The same from two files.
    ///
    /// # Errors
    /// Likewise, with the files' names.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        let read = |path: &Path| std::fs::read(path).map_err(|source| CertificateError::Read { path: path.to_owned(), source });
        let (chain, secret) = (read(certificate)?, Zeroizing::new(read(key)?));
        Self::from_pem(&chain, &secret).map_err(|source| CertificateError::Pair {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            source: Box::new(source),
        })
    }

    /// Names and validity.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }
}

fn private_key(pem: &[u8]) -> Result<PrivateKeyDer<'static>, CertificateError> {
    PrivateKeyDer::from_pem_slice(pem).map_err(|error| match error {
        pem::Error::NoItemsFound if String::from_utf8_lossy(pem).contains("BEGIN ENCRYPTED") => CertificateError::EncryptedKey,
        pem::Error::NoItemsFound => CertificateError::NoKey,
        other => CertificateError::KeyPem(other),
    })
}

impl Certificates {
    /// Begins with this one.
    pub fn new(loaded: Loaded) -> Arc<Self> {
        Arc::new(Self { current: ArcSwap::from_pointee(loaded) })
    }

    /// Begins with a self-signed one for these names.
    ///
    /// # Errors
    /// When a name cannot stand in a certificate.
    pub fn self_signed(names: &[String], now: Timestamp) -> Result<Arc<Self>, CertificateError> {
        let (chain, key) = development_certificate(names, now)?;
        Ok(Self::new(Loaded::from_pem(chain.as_bytes(), key.as_bytes())?))
    }

    /// Uses this pair for every handshake from now on; it was checked before, say together with the rest of a new configuration.
    /// Open connections keep what they have.
    pub fn install(&self, loaded: Loaded) {
        self.current.store(Arc::new(loaded));
    }

    /// Names and validity of the one in use.
    pub fn facts(&self) -> Facts {
        self.current.load().facts.clone()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load().key.clone())
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Certificates").field(&self.current.load().facts).finish()
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Loaded").field(&self.facts).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn pair(name: &str) -> (String, Zeroizing<String>) {
        development_certificate(&[name.to_owned(), "127.0.0.1".to_owned()], NOW).unwrap()
    }

    #[test]
    fn a_development_certificate_says_what_was_asked_for() {
        let (chain, key) = pair("Portal.Example.com");
        let facts = Loaded::from_pem(chain.as_bytes(), key.as_bytes()).unwrap().facts().clone();
        assert_eq!(facts.names, ["portal.example.com", "127.0.0.1"]);
        assert!(facts.self_signed && facts.is_valid_at(NOW) && facts.covers("portal.example.com"));
        let days = facts.not_after.since(NOW).as_secs() / 86_400;
        assert!((364..=365).contains(&days), "{days}");
    }

    #[test]
    fn a_bad_pair_says_what_is_wrong_and_a_good_one_takes_its_place() {
        let (chain, key) = pair("one.example");
        let (_, other) = pair("two.example");
        let certificates = Certificates::new(Loaded::from_pem(chain.as_bytes(), key.as_bytes()).unwrap());
        let replace = |chain: &str, key: &str| Loaded::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err().to_string();
        assert!(replace("", &key).contains("has no certificate"));
        assert!(replace(&key, &key).contains("has no certificate"));
        assert!(replace(&chain, "").contains("has no private key"));
        assert!(replace(&chain, &chain).contains("has no private key"));
        assert!(replace(&chain, &other).contains("does not belong"));
        assert!(replace(&chain[..200], &key).contains("certificate file"), "cut off");
        let encrypted = key.replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE").replace("END PRIVATE", "END ENCRYPTED PRIVATE");
        assert!(replace(&chain, &encrypted).contains("passphrase"));
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(replace(garbage, &key).contains("cannot be understood"));
        assert_eq!(certificates.facts().names[0], "one.example");
        let (chain, key) = pair("three.example");
        certificates.install(Loaded::from_pem(chain.as_bytes(), key.as_bytes()).unwrap());
        assert_eq!(certificates.facts().names[0], "three.example");
    }

    #[test]
    fn files_are_named() {
        let directory = tempfile::tempdir().unwrap();
        let (certificate, key) = (directory.path().join("portal.pem"), directory.path().join("portal.key"));
        let (chain, secret) = pair("one.example");
        let error = |result: Result<Loaded, CertificateError>| result.unwrap_err().to_string();
        assert!(error(Loaded::from_files(&certificate, &key)).contains("portal.pem"));
        std::fs::write(&certificate, chain).unwrap();
        assert!(error(Loaded::from_files(&certificate, &key)).contains("portal.key"));
        std::fs::write(&key, "").unwrap();
        let both = error(Loaded::from_files(&certificate, &key));
        assert!(both.contains("portal.pem") && both.contains("portal.key"), "{both}");
        std::fs::write(&key, secret.as_bytes()).unwrap();
        Loaded::from_files(&certificate, &key).unwrap();
    }
}
