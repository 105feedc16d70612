//! How many connections there may be, over all workers: globally and per client.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use ipnet::IpNet;

use super::{Settings, descriptors};
use crate::limit::narrow;

/// The counters, shared by all workers.
#[derive(Debug)]
pub(super) struct Caps {
    limit: usize,
    limit_per_client: u32,
    exempt: Vec<IpNet>,
    open: AtomicUsize,
    /// Only clients with an open connection are in here, so it is bounded by `limit`.
    clients: DashMap<IpAddr, u32>,
}

/// Which cap a connection ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// Too many altogether.
    Everywhere,
    /// Too many of this client.
    Client,
}

impl Full {
    /// Its name in `vestibule_rate_limited_total{limit}`, which is that of the setting.
    pub(super) const fn limit(self) -> &'static str {
        match self {
            Self::Everywhere => "connections",
            Self::Client => "connections_per_client",
        }
    }
}

/// The right to be open. Lives in the socket itself, so that a tunnel counts for as long as it lasts.
#[derive(Debug)]
pub(super) struct Slot {
    caps: Arc<Caps>,
    client: Option<IpAddr>,
}

impl Caps {
    pub(super) fn new(settings: &Settings) -> Arc<Self> {
        Arc::new(Self {
            limit: descriptors::connections(settings.connections),
            limit_per_client: settings.connections_per_client.max(1),
            exempt: settings.exempt.clone(),
            open: AtomicUsize::new(0),
            clients: DashMap::new(),
        })
    }

    /// Counts a connection whose client may not be known yet.
    pub(super) fn enter(self: &Arc<Self>) -> Result<Slot, Full> {
        if self.open.fetch_add(1, Ordering::Relaxed) >= self.limit {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return Err(Full::Everywhere);
        }
        metrics::gauge!("vestibule_connections").increment(1.0);
        Ok(Slot { caps: self.clone(), client: None })
    }

    /// How many are open now.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    fn leave(&self, client: IpAddr) {
        if let Entry::Occupied(mut count) = self.clients.entry(client) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

impl Slot {
    /// Counts it for the client, once that is known.
    pub(super) fn claim(&mut self, address: IpAddr) -> Result<(), Full> {
        let address = address.to_canonical();
        if self.client.is_some() || self.caps.exempt.iter().any(|net| net.contains(&address)) {
            return Ok(());
        }
        let client = narrow(address);
        let mut count = self.caps.clients.entry(client).or_insert(0);
        if *count >= self.caps.limit_per_client {
            return Err(Full::Client);
        }
        *count += 1;
        self.client = Some(client);
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(client) = self.client {
            self.caps.leave(client);
        }
        self.caps.open.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("vestibule_connections").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(connections: usize, per_client: u32, exempt: &str) -> Arc<Caps> {
        let exempt = exempt.parse().into_iter().collect();
        Caps::new(&Settings { connections, connections_per_client: per_client, exempt, ..Settings::default() })
    }

    fn open(caps: &Arc<Caps>, address: &str) -> Result<Slot, Full> {
        let mut slot = caps.enter()?;
        slot.claim(address.parse().unwrap())?;
        Ok(slot)
    }

    #[test]
    fn the_global_cap_holds_and_frees() {
        let caps = caps(2, 9, "");
        let first = open(&caps, "192.0.2.1").unwrap();
        let _second = open(&caps, "192.0.2.2").unwrap();
        assert_eq!(open(&caps, "192.0.2.3").unwrap_err(), Full::Everywhere);
        drop(first);
        assert!(open(&caps, "192.0.2.3").is_ok());
    }

    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_network() {
        let caps = caps(99, 1, "198.51.100.0/24");
        let _v4 = open(&caps, "192.0.2.1").unwrap();
        assert_eq!(open(&caps, "::ffff:192.0.2.1").unwrap_err(), Full::Client);
        let _other = open(&caps, "192.0.2.2").unwrap();
        let _v6 = open(&caps, "2001:db8:1:2:3::1").unwrap();
        assert_eq!(open(&caps, "2001:db8:1:2:ffff::9").unwrap_err(), Full::Client);
        let _next = open(&caps, "2001:db8:1:3::1").unwrap();
        let _office = (open(&caps, "198.51.100.7").unwrap(), open(&caps, "198.51.100.7").unwrap());
    }

    #[test]
    fn nothing_is_kept_of_those_who_left() {
        let caps = caps(9, 1, "");
        drop(open(&caps, "192.0.2.1").unwrap());
        let held = open(&caps, "192.0.2.2").unwrap();
        assert!(open(&caps, "192.0.2.2").is_err(), "a refused one must not keep its place");
        drop(held);
        assert!(caps.clients.is_empty());
        assert_eq!(caps.open(), 0);
    }
}
