//! What one configuration makes of the request path: replaced as a whole at a reload, so that no request sees half of two.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use ipnet::IpNet;

use crate::access::Policy;
use crate::access::target::Portals;
use crate::limit::Limits;
use crate::pages::brand::Brands;
use crate::telemetry::access_log::AccessLog;
use crate::telemetry::metrics::PortalHandles;

/// Everything that a reload may change about the request path.
pub struct Parts {
    /// All portals.
    pub portals: Portals,
    /// What may pass.
    pub policy: Policy,
    /// Rates per client and session.
    pub limits: Arc<Limits>,
    /// Whose `X-Forwarded-*` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `Strict-Transport-Security` for so long.
    pub hsts: Option<Duration>,
    /// How long live sessions go on while the store is away.
    pub outage_grace: Duration,
    /// Whether answers carry `Server-Timing`.
    pub server_timing: bool,
    /// How our own pages look.
    pub brands: Arc<Brands>,
    /// Where records of requests go.
    pub access_log: AccessLog,
}

/// The same, with what is prepared from it once.
pub struct Live {
    /// As configured.
    pub parts: Parts,
    /// `Strict-Transport-Security`.
    pub hsts: Option<HeaderValue>,
    handles: Vec<PortalHandles>,
    nobody: PortalHandles,
}

impl Live {
    /// Prepares header values, and what is counted per portal.
    pub fn new(parts: Parts) -> Self {
        let hsts = parts.hsts.and_then(|age| HeaderValue::from_str(&format!("max-age={}", age.as_secs())).ok());
        let handles = parts.portals.all().iter().map(|portal| PortalHandles::new(&portal.name)).collect();
        Self { parts, hsts, handles, nobody: PortalHandles::new("") }
    }

    /// The metrics of a portal by its place; of requests that name none.
    pub fn handles(&self, portal: Option<usize>) -> &PortalHandles {
        portal.and_then(|index| self.handles.get(index)).unwrap_or(&self.nobody)
    }
}
