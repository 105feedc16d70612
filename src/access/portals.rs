//! All portals by host name, and the host of our own pages beside them: which of them a request names.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, Uri};
use url::Url;

use crate::access::Portal;
use crate::access::host::{SentHost, host_and_port, host_of};
use crate::access::target::TargetError;

/// Over which connection a request came, as far as its host is judged by that.
#[derive(Clone, Copy, Debug, Default)]
pub struct Via<'a> {
    /// The name in the TLS handshake.
    pub sni: Option<&'a str>,
    /// The port that the client reached.
    pub port: u16,
}

/// All portals by host name.
#[derive(Clone, Debug, Default)]
pub struct Portals {
    list: Vec<Arc<Portal>>,
    pages: Option<Arc<Portal>>,
    by_host: HashMap<String, Arc<Portal>>,
}

impl Portals {
    /// In config order.
    pub fn new(list: Vec<Arc<Portal>>) -> Self {
        let by_host = list.iter().flat_map(|portal| portal.hosts.iter().map(|host| (host.clone(), Arc::clone(portal)))).collect();
        Self { list, pages: None, by_host }
    }

    /// The same with a host for our own pages.
    #[must_use]
    pub fn with_pages(mut self, url: Url) -> Self {
        let pages = Arc::new(Portal::of_pages(self.list.len(), url));
        for host in &pages.hosts {
            // A portal's host stays the portal's.
            self.by_host.entry(host.clone()).or_insert_with(|| Arc::clone(&pages));
        }
        self.pages = Some(pages);
        self
    }

    /// The host of our own pages, if they have one.
    pub fn pages(&self) -> Option<&Arc<Portal>> {
        self.pages.as_ref()
    }

    /// In config order.
    pub fn all(&self) -> &[Arc<Portal>] {
        &self.list
    }

    /// The portal with this canonical host name.
    pub fn by_host(&self, host: &str) -> Option<&Arc<Portal>> {
        self.by_host.get(host)
    }

    /// The portal that `Host` (or `:authority`) names, with the text as sent.
    pub fn of_request(&self, uri: &Uri, headers: &HeaderMap, via: Via<'_>) -> Result<(Arc<Portal>, SentHost), TargetError> {
        let sent = host_of(uri, headers)?;
        // Nearly always it stands there as we know it: then there is nothing to parse, and no port.
        let known = self.by_host.get_key_value(sent.as_str()).map(|(host, portal)| (host.as_str(), portal));
        let (host, portal) = match known {
            Some((host, portal)) => (Cow::Borrowed(host), portal),
            None => self.of_other_spelling(sent.as_str(), via.port)?,
        };
        // A browser may reuse a connection for every name in the certificate (RFC 9113, section 9.1.1); what was
        // negotiated for one portal is not used for another.
        let other_sni = |sni: &str| self.by_host.get(sni.trim_end_matches('.')).is_none_or(|named| named.index != portal.index);
        if via.sni.is_some_and(|sni| *sni != *host && other_sni(sni)) {
            return Err(TargetError::UnknownHost);
        }
        let portal = Arc::clone(portal);
        drop(host);
        Ok((portal, sent))
    }

    /// With a port, in capitals, with a dot at its end; or one that names nobody.
    fn of_other_spelling<'a>(&self, sent: &'a str, port: u16) -> Result<(Cow<'a, str>, &Arc<Portal>), TargetError> {
        let (host, named) = host_and_port(sent)?;
        let portal = self.by_host.get(&*host).ok_or(TargetError::UnknownHost)?;
        // The upstream gets the host as it was sent, and may make addresses of it. Behind a mapping of ports, people name the
        // port of `url`, and checks from inside the one that we listen on; nobody has a reason to name another one.
        if named.is_some_and(|named| named != port && Some(named) != portal.url.port_or_known_default()) {
            return Err(TargetError::ForeignPort);
        }
        Ok((host, portal))
    }
}
