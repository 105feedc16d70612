//! `[tls]`: certificate and key are read, and have to belong together, before anything listens. And the files with certificates and
//! secrets that other sections name.

use std::path::Path;

use zeroize::Zeroizing;

use super::limits::{DAY, SECOND};
use super::reader::{Complaint, Reader};
use crate::config::model::{CertificateSource, TlsConfig};
use crate::config::secrets::{SecretError, read_private, read_public};
use crate::net::tls::{CertificateError, Loaded};
use crate::notify::smtp::holds_certificates;

pub(super) fn resolve(reader: &mut Reader<'_>) -> TlsConfig {
    let hsts = reader.duration_or_off("hsts", &(SECOND..=DAY * 3650));
    if reader.flag("self_signed") {
        for key in ["certificate", "private_key"] {
            if reader.table.is_set(key) {
                let right = "take this key out, or set self_signed = false";
                reader.complain(key, Complaint::new("and self_signed = true exclude each other", right));
            }
        }
        return TlsConfig { certificate: CertificateSource::SelfSigned, hsts: None };
    }
    let certificate = reader.path("certificate").unwrap_or_default();
    let private_key = reader.path("private_key").unwrap_or_default();
    let chain = chain(reader, &certificate);
    let key = private(reader, "private_key", &private_key);
    let bytes = |text: Option<&str>| text.unwrap_or_default().as_bytes().to_vec();
    let loaded = Loaded::from_pem(&bytes(chain.as_deref()), &Zeroizing::new(bytes(key.as_deref().map(String::as_str))));
    let own_issuer = loaded.as_ref().is_ok_and(|loaded| loaded.facts().self_signed);
    if let Err(error) = loaded {
        let (of, complaint) = complaint(&error);
        // One that could not be read has been complained about.
        let was_read = if of == "certificate" { chain.is_some() } else { key.is_some() };
        if was_read {
            reader.complain(of, complaint);
        }
    }
    TlsConfig { certificate: CertificateSource::Files { certificate, private_key }, hsts: hsts.filter(|_| !own_issuer) }
}

/// What is wrong with which of the two.
fn complaint(error: &CertificateError) -> (&'static str, Complaint) {
    let certificate =
        |wrong: String| ("certificate", Complaint::new(wrong, "give a PEM file with the portal's certificate first"));
    let key = |wrong: String, right: &str| ("private_key", Complaint::new(wrong, right));
    let unencrypted = "give a PEM file with an unencrypted PKCS#8, PKCS#1 or SEC1 key";
    match error {
        CertificateError::NoCertificate => certificate("holds no certificate".to_owned()),
        CertificateError::ChainPem(error) => certificate(format!("is no PEM file ({error})")),
        CertificateError::NoKey => key("holds no private key".to_owned(), unencrypted),
        CertificateError::EncryptedKey => key("is encrypted with a passphrase".to_owned(), unencrypted),
        CertificateError::KeyPem(error) => key(format!("is no PEM file ({error})"), unencrypted),
        CertificateError::UnsupportedKey(error) => {
            key(format!("is of a kind that cannot be used ({error})"), "give RSA from 2048 bits, ECDSA or Ed25519")
        }
        CertificateError::Mismatch => {
            key("does not belong to tls.certificate".to_owned(), "give the key that the certificate was made for")
        }
        other => certificate(format!("cannot be used ({other})")),
    }
}

fn chain(reader: &mut Reader<'_>, file: &Path) -> Option<String> {
    // An empty path has been complained about.
    if file.as_os_str().is_empty() {
        return None;
    }
    let right = "give a PEM file, or set self_signed = true";
    read_public(file).map_err(|error| reader.complain("certificate", unread(&error, file, right))).ok()
}

/// Reads a file that only its owner may read, and complains if it cannot or if others can.
pub(super) fn private(reader: &mut Reader<'_>, key: &str, file: &Path) -> Option<Zeroizing<String>> {
    // An empty path has been complained about.
    if file.as_os_str().is_empty() {
        return None;
    }
    let right = if key == "master_key_file" {
        "make one with `vestibule init`, or give the file that has it"
    } else {
        "give the file that has it"
    };
    read_private(file).map_err(|error| reader.complain(key, unread(&error, file, right))).ok()
}

/// `ca_file`: the only certificates that may vouch for `server`; none: those that the system trusts. The outer `None`: complained
/// about.
#[expect(clippy::option_option, reason = "not set, and set to something wrong, are two things")]
pub(super) fn authorities(reader: &mut Reader<'_>, server: &str) -> Option<Option<String>> {
    const KEY: &str = "ca_file";
    if !reader.is_written(KEY) {
        return Some(None);
    }
    let file = reader.path(KEY)?;
    let right = format!("give a PEM file with the certificate that the {server}'s was signed by");
    let complaint = match read_public(&file) {
        Ok(text) if holds_certificates(&text) => return Some(Some(text)),
        Ok(_) => Complaint::new("holds no certificate", right),
        Err(error) => Complaint::new(error.to_string(), right),
    };
    reader.complain(KEY, complaint);
    None
}

fn unread(error: &SecretError, file: &Path, right: &str) -> Complaint {
    match error {
        SecretError::Exposed { .. } => Complaint::new(error.to_string(), format!("run chmod 600 {}", file.display())),
        _ => Complaint::new(error.to_string(), right),
    }
}
