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
    /// The same by worker.
    on: Box<[AtomicUsize]>,
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
    worker: usize,
    client: Option<IpAddr>,
}

impl Caps {
    pub(super) fn new(settings: &Settings) -> Arc<Self> {
        Arc::new(Self {
            limit: descriptors::connections(settings.connections),
            limit_per_client: settings.connections_per_client.max(1),
            exempt: settings.exempt.clone(),
            open: AtomicUsize::new(0),
            on: (0..settings.threads()).map(|_| AtomicUsize::new(0)).collect(),
            clients: DashMap::new(),
        })
    }

    /// Counts a connection that has come to worker `here`, and whose client may not be known yet.
    pub(super) fn enter(self: &Arc<Self>, here: usize) -> Result<Slot, Full> {
        if self.open.fetch_add(1, Ordering::Relaxed) >= self.limit {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return Err(Full::Everywhere);
        }
        metrics::gauge!("vestibule_connections").increment(1.0);
        let worker = self.least_busy(here);
        if let Some(on) = self.on.get(worker) {
            on.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Slot { caps: self.clone(), worker, client: None })
    }

    /// Where a connection is to be served that has come to worker `here`. It stays unless another one has clearly less to do: where
    /// there are many, chance has dealt them well enough, and to move one costs more than a small difference. Idle ones count, too:
    /// whoever opens and closes on purpose can draw others to a worker, within what the caps leave to one client.
    fn least_busy(&self, here: usize) -> usize {
        let loads = self.on.iter().map(|on| on.load(Ordering::Relaxed)).enumerate();
        let (least, load) = loads.min_by_key(|(_, load)| *load).unwrap_or((here, 0));
        let own = self.on.get(here).map_or(0, |on| on.load(Ordering::Relaxed));
        if own > load + load / 8 { least } else { here }
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
    /// The worker that is to serve it.
    pub(super) fn worker(&self) -> usize {
        self.worker
    }

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
        if let Some(on) = self.caps.on.get(self.worker) {
            on.fetch_sub(1, Ordering::Relaxed);
        }
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
        let mut slot = caps.enter(0)?;
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
    fn few_connections_are_dealt_evenly_and_many_are_left_where_they_come() {
        let caps = Caps::new(&Settings { workers: 3, ..Settings::default() });
        let workers = |count: usize| -> Vec<Slot> { (0..count).map(|_| caps.enter(1).unwrap()).collect() };
        let few = workers(6);
        let mut dealt: Vec<usize> = few.iter().map(Slot::worker).collect();
        dealt.sort_unstable();
        assert_eq!(dealt, [0, 0, 1, 1, 2, 2]);
        let mut many: Vec<Slot> = (0..297).map(|number| caps.enter(number % 3).unwrap()).collect();
        assert!((0..10).all(|_| {
            many.push(caps.enter(1).unwrap());
            many.last().unwrap().worker() == 1
        }));
        drop((few, many));
        assert!(caps.on.iter().all(|on| on.load(Ordering::Relaxed) == 0));
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
