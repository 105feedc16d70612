//! Rates that are fast and per process: requests without a session per client, requests per session. What must survive a
//! restart (wrong passwords and codes) is durable and stands in `auth`.

mod bucket;

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;

pub use self::bucket::Bucket;

/// How many per second, and how many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time in which one comes back.
    pub interval: Duration,
    /// How many at once.
    pub burst: NonZeroU32,
}

impl Rate {
    fn quota(self) -> Quota {
        let interval = self.interval.max(Duration::from_nanos(1));
        Quota::with_period(interval).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(self.burst)
    }

    /// For `RateLimit-Policy`: how many at once, and the seconds in which they all come back.
    pub fn policy(self) -> (u32, u64) {
        let window = self.interval.saturating_mul(self.burst.get());
        (self.burst.get(), window.as_secs().max(1))
    }
}

/// What limits need to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Requests without a live session, per client.
    pub anonymous_per_client: Rate,
    /// Requests of one session.
    pub requests_per_session: Rate,
    /// Clients that are never limited.
    pub exempt: Vec<IpNet>,
}

/// More different keys than this are not kept; further ones share wider buckets.
const MAX_KEYS: usize = 200_000;
/// A network of many clients may do so many times what one client may.
const WIDE: u32 = 8;

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// The limits of this process.
pub struct Limits {
    settings: Settings,
    clients: Keyed<IpAddr>,
    /// IPv6 /48, always; and, when too many clients are known, IPv4 /16 and IPv6 /32 for all of them.
    networks: Keyed<IpAddr>,
    clock: DefaultClock,
    crowded: AtomicBool,
}

/// The limit that was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Its name, for metrics and headers.
    pub name: &'static str,
    /// Try again after that.
    pub wait: Duration,
    /// How many at once, and the seconds in which they come back.
    pub policy: (u32, u64),
}

impl Limits {
    /// With empty buckets taken as full.
    pub fn new(settings: Settings) -> Self {
        let anonymous = settings.anonymous_per_client;
        let wide = Rate {
            interval: anonymous.interval / WIDE,
            burst: anonymous.burst.saturating_mul(NonZeroU32::MIN.saturating_add(WIDE - 1)),
        };
        Self {
            clients: RateLimiter::keyed(anonymous.quota()),
            networks: RateLimiter::keyed(wide.quota()),
            clock: DefaultClock::default(),
            crowded: AtomicBool::new(false),
            settings,
        }
    }

    /// What they were made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One request of a live session, by the bucket that it keeps.
    pub fn session(&self, bucket: &Bucket) -> Result<(), Limited> {
        let rate = self.settings.requests_per_session;
        bucket.take(rate).map_err(|wait| Limited { name: "requests_per_session", wait, policy: rate.policy() })
    }

    /// Whether this client is never limited.
    pub fn is_exempt(&self, client: IpAddr) -> bool {
        self.settings.exempt.iter().any(|net| net.contains(&client))
    }

    /// One request without a live session.
    pub fn anonymous(&self, client: IpAddr) -> Result<(), Limited> {
        if self.is_exempt(client) {
            return Ok(());
        }
        let rate = self.settings.anonymous_per_client;
        if self.crowded.load(Ordering::Relaxed) {
            return self.check(&self.networks, &wider(client), "anonymous_per_client", rate);
        }
        self.check(&self.clients, &narrow(client), "anonymous_per_client", rate)?;
        match client {
            IpAddr::V6(address) => self.check(&self.networks, &masked(address, 48), "anonymous_per_client", rate),
            IpAddr::V4(_) => Ok(()),
        }
    }

    /// Forgets clients whose buckets are full again, and notices a crowd. Call it every second or so.
    pub fn sweep(&self) {
        self.clients.retain_recent();
        self.networks.retain_recent();
        self.crowded.store(self.clients.len() > MAX_KEYS, Ordering::Relaxed);
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &Keyed<K>, key: &K, name: &'static str, rate: Rate) -> Result<(), Limited> {
        limiter.check_key(key).map_err(|until| Limited {
            name,
            wait: until.wait_time_from(self.clock.now()),
            policy: rate.policy(),
        })
    }
}

/// The key of one client, for every limit there is: an IPv4 address in one spelling, or the /64 that one IPv6 subscriber has for
/// itself.
pub fn narrow(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => masked(address, 64),
    }
}

fn wider(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            IpAddr::from([a, b, 0, 0])
        }
        IpAddr::V6(address) => masked(address, 32),
    }
}

fn masked(address: Ipv6Addr, bits: u32) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - bits))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(exempt: &str) -> Limits {
        let rate = Rate { interval: Duration::from_hours(1), burst: NonZeroU32::new(2).unwrap() };
        let exempt = if exempt.is_empty() { vec![] } else { vec![exempt.parse().unwrap()] };
        Limits::new(Settings { anonymous_per_client: rate, requests_per_session: rate, exempt })
    }

    #[test]
    fn a_client_is_an_address_or_a_slash_64() {
        let limits = limits("198.51.100.0/24");
        let ask = |client: &str| limits.anonymous(client.parse().unwrap()).is_ok();
        assert_eq!([ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.2")], [true, true, false, true]);
        assert_eq!(
            [ask("2001:db8::1"), ask("2001:db8::2"), ask("2001:db8::3"), ask("2001:db8:0:1::1")],
            [true, true, false, true]
        );
        assert!((0..10).all(|_| ask("198.51.100.7")));
        let limited = limits.anonymous("192.0.2.1".parse().unwrap()).unwrap_err();
        assert_eq!((limited.name, limited.policy), ("anonymous_per_client", (2, 7200)));
        assert!(limited.wait > Duration::from_mins(59));
    }

    #[test]
    fn one_slash_48_is_limited_as_a_whole() {
        let limits = limits("");
        let passed =
            (0..100_u16).filter(|net| limits.anonymous(IpAddr::from([0x2001, 0xdb8, 0, *net, 0, 0, 0, 1])).is_ok()).count();
        assert_eq!(passed, 16);
    }

    #[test]
    fn a_session_has_a_bucket_of_its_own() {
        let limits = limits("");
        let (one, other) = (Bucket::default(), Bucket::default());
        assert!(limits.session(&one).is_ok() && limits.session(&one).is_ok());
        let limited = limits.session(&one).unwrap_err();
        assert_eq!((limited.name, limited.policy), ("requests_per_session", (2, 7200)));
        assert!(limited.wait > Duration::from_mins(59) && limited.wait <= Duration::from_hours(1), "{:?}", limited.wait);
        assert!(limits.session(&other).is_ok());
    }

    #[test]
    fn clients_whose_buckets_are_full_again_are_forgotten() {
        let at = |interval| {
            let rate = Rate { interval, burst: NonZeroU32::new(2).unwrap() };
            Limits::new(Settings { anonymous_per_client: rate, requests_per_session: rate, exempt: vec![] })
        };
        for (interval, left) in [(Duration::from_hours(1), 1), (Duration::from_nanos(1), 0)] {
            let limits = at(interval);
            limits.anonymous("192.0.2.1".parse().unwrap()).unwrap();
            limits.sweep();
            assert_eq!(limits.clients.len(), left, "{interval:?}");
        }
    }
}
