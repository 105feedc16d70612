//! `[tls]`: certificate and key are read, and have to belong together, before anything listens.

use std::path::Path;

use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::limits::{DAY, SECOND};
use super::reader::{Complaint, Reader};
use crate::config::model::{CertificateSource, TlsConfig};
use crate::config::secrets::{SecretError, read_private, read_public};

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
    let key = private(reader, "private_key", &private_key).and_then(|text| key(reader, &text));
    let own_issuer = chain.as_ref().and_then(|chain| chain.first()).is_some_and(is_self_signed);
    if let (Some(chain), Some(key)) = (chain, key)
        && let Err(error) = CertifiedKey::from_der(chain, key, &rustls::crypto::aws_lc_rs::default_provider())
    {
        let wrong = format!("does not belong to tls.certificate ({error})");
        reader.complain("private_key", Complaint::new(wrong, "give the key that the certificate was made for"));
    }
    TlsConfig { certificate: CertificateSource::Files { certificate, private_key }, hsts: hsts.filter(|_| !own_issuer) }
}

fn chain(reader: &mut Reader<'_>, file: &Path) -> Option<Vec<CertificateDer<'static>>> {
    // An empty path has been complained about.
    if file.as_os_str().is_empty() {
        return None;
    }
    let complaint = match read_public(file) {
        Ok(text) => match CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>() {
            Ok(chain) if !chain.is_empty() => return Some(chain),
            Ok(_) => Complaint::new("holds no certificate", "give a PEM file with the portal's certificate first"),
            Err(error) => {
                Complaint::new(format!("is no PEM file ({error})"), "give a PEM file with the portal's certificate first")
            }
        },
        Err(error) => unread(&error, file, "give a PEM file, or set self_signed = true"),
    };
    reader.complain("certificate", complaint);
    None
}

fn key(reader: &mut Reader<'_>, text: &str) -> Option<PrivateKeyDer<'static>> {
    let key = PrivateKeyDer::from_pem_slice(text.as_bytes());
    let right = "give a PEM file with an unencrypted PKCS#8, PKCS#1 or SEC1 key";
    key.map_err(|_| reader.complain("private_key", Complaint::new("holds no private key", right))).ok()
}

/// Reads a file that only its owner may read, and complains if it cannot or if others can.
pub(super) fn private(reader: &mut Reader<'_>, key: &str, file: &Path) -> Option<zeroize::Zeroizing<String>> {
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

fn unread(error: &SecretError, file: &Path, right: &str) -> Complaint {
    match error {
        SecretError::Exposed { .. } => Complaint::new(error.to_string(), format!("run chmod 600 {}", file.display())),
        _ => Complaint::new(error.to_string(), right),
    }
}

fn is_self_signed(certificate: &CertificateDer<'static>) -> bool {
    X509Certificate::from_der(certificate).is_ok_and(|(_, parsed)| parsed.subject() == parsed.issuer())
}
