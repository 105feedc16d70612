//! The upstreams of all portals and how they are: shared by all workers, replaced at a reload.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use rustls::ClientConfig;
use rustls_pki_types::CertificateDer;
use tokio::runtime::Handle;

use crate::clock::{Clock, Timestamp};
use crate::proxy::addr::UpstreamAddr;
use crate::proxy::connect::{Resolved, client_config};
use crate::proxy::health::Health;
use crate::proxy::settings::Settings;

/// One upstream of one portal.
#[derive(Debug)]
pub(super) struct Upstream {
    pub(super) portal: Arc<str>,
    pub(super) addr: UpstreamAddr,
    /// `addr` as text: in logs, metrics and errors.
    pub(super) name: Arc<str>,
    /// As it stands in URLs of this upstream.
    pub(super) authority: Option<String>,
    /// Only for `https`.
    pub(super) tls: Option<Arc<ClientConfig>>,
    roots: Vec<CertificateDer<'static>>,
    pub(super) health: Health,
    pub(super) resolved: ArcSwapOption<Resolved>,
}

impl Upstream {
    fn new(portal: &Arc<str>, addr: &UpstreamAddr, settings: &Settings) -> Result<Self, UpstreamsError> {
        let name: Arc<str> = addr.to_string().into();
        let secure = matches!(addr, UpstreamAddr::Https(_));
        let tls = secure.then(|| client_config(&settings.extra_roots)).transpose();
        let tls = tls.map_err(|source| UpstreamsError { upstream: Arc::clone(&name), source })?;
        let upstream = Self {
            portal: Arc::clone(portal),
            authority: addr.authority(),
            addr: addr.clone(),
            name,
            tls,
            roots: settings.extra_roots.clone(),
            health: Health::default(),
            resolved: ArcSwapOption::empty(),
        };
        upstream.show(true);
        Ok(upstream)
    }

    /// Connecting failed.
    pub(super) fn failed(&self, now: Timestamp) {
        if self.health.failed(now) {
            tracing::warn!(portal = %self.portal, upstream = %self.name, "upstream is down");
            self.show(false);
        }
    }

    /// Connecting worked.
    pub(super) fn connected(&self, now: Timestamp) {
        if self.health.connected() {
            self.tell(now);
        }
    }

    /// What the health page said.
    pub(super) fn probed(&self, healthy: bool, now: Timestamp) {
        if self.health.probed(healthy) {
            self.tell(now);
        }
    }

    fn tell(&self, now: Timestamp) {
        let up = self.health.is_up(now);
        if up {
            tracing::info!(portal = %self.portal, upstream = %self.name, "upstream is up again");
        } else {
            tracing::warn!(portal = %self.portal, upstream = %self.name, "upstream is down");
        }
        self.show(up);
    }

    fn show(&self, up: bool) {
        metrics::gauge!("vestibule_upstream_up", "upstream" => Arc::clone(&self.name)).set(if up { 1.0 } else { 0.0 });
    }
}

/// What one portal's requests need.
#[derive(Debug)]
pub(super) struct PortalUpstreams {
    pub(super) name: Arc<str>,
    pub(super) settings: Settings,
    pub(super) upstreams: Vec<Arc<Upstream>>,
}

/// All portals in config order.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) portals: Vec<PortalUpstreams>,
}

impl Table {
    fn build(portals: impl IntoIterator<Item = (Arc<str>, Settings)>, previous: &Self) -> Result<Self, UpstreamsError> {
        let mut built = Vec::new();
        for (name, settings) in portals {
            let upstreams = settings.upstreams.iter().map(|addr| match previous.find(&name, addr, &settings) {
                Some(kept) => Ok(kept),
                None => Upstream::new(&name, addr, &settings).map(Arc::new),
            });
            let upstreams = upstreams.collect::<Result<_, _>>()?;
            built.push(PortalUpstreams { name, settings, upstreams });
        }
        Ok(Self { portals: built })
    }

    /// What stays keeps its health, and with it its connections in each worker's pool.
    fn find(&self, portal: &str, addr: &UpstreamAddr, settings: &Settings) -> Option<Arc<Upstream>> {
        let mut known = self.all().filter(|known| *known.portal == *portal && known.addr == *addr);
        known.find(|known| known.roots == settings.extra_roots).cloned()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Upstream>> {
        self.portals.iter().flat_map(|portal| &portal.upstreams)
    }
}

/// An upstream that does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReady {
    /// The portal's name.
    pub portal: Arc<str>,
    /// The upstream's address.
    pub upstream: Arc<str>,
}

/// TLS to an upstream cannot be set up: the system's or the given certificates cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("TLS to {upstream} cannot be set up")]
pub struct UpstreamsError {
    /// Which.
    pub upstream: Arc<str>,
    /// Why.
    pub source: rustls::Error,
}

/// The upstreams of all portals; one for the whole process.
#[derive(Debug)]
pub struct Upstreams {
    pub(super) table: ArcSwap<Table>,
    pub(super) clock: Clock,
    pub(super) control: Handle,
}

impl Upstreams {
    /// For these portals, by name, in config order. Names are looked up on `control`.
    pub fn new(
        portals: impl IntoIterator<Item = (Arc<str>, Settings)>,
        clock: Clock,
        control: Handle,
    ) -> Result<Arc<Self>, UpstreamsError> {
        let table = Table::build(portals, &Table::default())?;
        Ok(Arc::new(Self { table: ArcSwap::from_pointee(table), clock, control }))
    }

    /// Replaces them all at a reload; addresses that stay keep what is known of them. On an error nothing changes.
    pub fn replace(&self, portals: impl IntoIterator<Item = (Arc<str>, Settings)>) -> Result<(), UpstreamsError> {
        let table = Table::build(portals, &self.table.load())?;
        self.table.store(Arc::new(table));
        Ok(())
    }

    /// All upstreams: portal, address, and whether it answers as far as requests and probes have told.
    pub fn all(&self) -> Vec<(Arc<str>, Arc<str>, bool)> {
        let table = self.table.load();
        let told =
            |upstream: &Arc<Upstream>| (Arc::clone(&upstream.portal), Arc::clone(&upstream.name), !upstream.health.is_suspect());
        table.all().map(told).collect()
    }

    /// Which upstreams do not answer, as far as requests and probes have told; empty: all is well.
    pub fn ready(&self) -> Vec<NotReady> {
        let down = |upstream: &&Arc<Upstream>| upstream.health.is_suspect();
        let told =
            |upstream: &Arc<Upstream>| NotReady { portal: Arc::clone(&upstream.portal), upstream: Arc::clone(&upstream.name) };
        self.table.load().all().filter(down).map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portal(name: &str, upstreams: &[&str]) -> (Arc<str>, Settings) {
        (name.into(), Settings::new(upstreams.iter().map(|addr| addr.parse().unwrap()).collect()))
    }

    #[tokio::test]
    async fn a_reload_keeps_what_is_known_of_upstreams_that_stay() {
        let clock = Clock::system();
        let now = clock.now().secure;
        let portals = [portal("a", &["http://127.0.0.1:1", "http://127.0.0.1:2"]), portal("b", &["http://127.0.0.1:1"])];
        let upstreams = Upstreams::new(portals, clock, Handle::current()).unwrap();
        assert_eq!(upstreams.ready(), []);
        upstreams.table.load().portals[0].upstreams[0].failed(now);
        let down = NotReady { portal: "a".into(), upstream: "http://127.0.0.1:1".into() };
        assert_eq!(upstreams.ready(), std::slice::from_ref(&down));
        upstreams.replace([portal("c", &["http://127.0.0.1:1"]), portal("a", &["http://127.0.0.1:1"])]).unwrap();
        assert_eq!(upstreams.ready(), [down]);
        upstreams.replace([portal("a", &["http://127.0.0.1:3"])]).unwrap();
        assert_eq!(upstreams.ready(), []);
    }
}
