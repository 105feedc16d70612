//! What a certificate says about itself, for warnings and metrics.

use std::net::IpAddr;

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::clock::Timestamp;

/// Names and validity of a server's own certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The DNS names and addresses it is for, in lower case, as in its subject alternative names.
    pub names: Vec<String>,
    /// From when it is good.
    pub not_before: Timestamp,
    /// Until when it is good.
    pub not_after: Timestamp,
    /// Whether it signed itself.
    pub self_signed: bool,
}

impl Facts {
    /// Reads a certificate in DER. `None`: it cannot be read.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let names = certificate.subject_alternative_name().ok()?.map(|extension| &extension.value.general_names);
        let validity = certificate.validity();
        Some(Self {
            names: names.into_iter().flatten().filter_map(name).collect(),
            not_before: Timestamp::from_secs(validity.not_before.timestamp()),
            not_after: Timestamp::from_secs(validity.not_after.timestamp()),
            self_signed: certificate.subject() == certificate.issuer(),
        })
    }

    /// Whether browsers will take it for this host (RFC 9525: a wildcard stands for exactly one leftmost label).
    pub fn covers(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let parent = host.parse::<IpAddr>().is_err().then(|| host.split_once('.')).flatten().map(|(_, parent)| parent);
        self.names.iter().any(|name| {
            *name == host || name.strip_prefix("*.").is_some_and(|suffix| parent.is_some_and(|parent| parent == suffix))
        })
    }

    /// Whether it is good at that time.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            16 => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(names: &[&str]) -> Facts {
        Facts {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            not_before: Timestamp::from_secs(100),
            not_after: Timestamp::from_secs(200),
            self_signed: false,
        }
    }

    #[test]
    fn a_wildcard_covers_one_label() {
        let facts = facts(&["portal.example.com", "*.example.org", "127.0.0.1", "::1"]);
        for host in ["portal.example.com", "PORTAL.example.com", "a.example.org", "127.0.0.1", "[::1]"] {
            assert!(facts.covers(host), "{host}");
        }
        for host in ["example.com", "a.portal.example.com", "example.org", "a.b.example.org", "127.0.0.2"] {
            assert!(!facts.covers(host), "{host}");
        }
    }

    #[test]
    fn validity_has_two_ends() {
        let facts = facts(&[]);
        let valid = |secs| facts.is_valid_at(Timestamp::from_secs(secs));
        assert!(!valid(99) && valid(100) && valid(200) && !valid(201));
    }
}
