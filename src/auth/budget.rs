//! How many tries there are, as pure values: what is counted under which key, and how fast it comes back.
//!
//! | who tries a password | buckets charged |
//! |---|---|
//! | an unknown browser | the client, the account-and-client pair, the account (one bucket for all unknown browsers) |
//! | a known browser of that account | its own, nothing else |
//!
//! Strangers can empty every bucket in the first line, and none in the second: a known browser is never slowed by them. An
//! unknown browser shares the account's one try a minute with them for as long as they go on, and no longer: every wait is
//! bounded by one interval, and nothing stays locked behind a login id.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::auth::authenticator::Browser;
use crate::auth::credentials::{Charge, CodeBudget};
use crate::identity::Login;
use crate::keys::{KeyRing, Purpose};

const DAY: Duration = Duration::from_hours(24);

/// So many at once, then one per interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Time for one to come back.
    pub interval: Duration,
    /// How many at once.
    pub burst: u32,
}

impl Rate {
    /// `burst` at once, then one per `interval`.
    pub const fn new(burst: u32, interval: Duration) -> Self {
        Self { interval, burst }
    }

    fn charge(self, key: [u8; 32]) -> Charge {
        Charge { key, interval: self.interval, burst: self.burst }
    }
}

/// How fast tries come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Failures of one client, whatever it tries (`[limits] failures_per_client`).
    pub client: Rate,
    /// Passwords for one account from one client.
    pub pair: Rate,
    /// Passwords for one account from all unknown browsers.
    pub account: Rate,
    /// Passwords from one known browser for its own account.
    pub known: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            client: Rate::new(60, Duration::from_secs(2)),
            pair: Rate::new(5, Duration::from_secs(30)),
            account: Rate::new(20, Duration::from_mins(1)),
            known: Rate::new(10, Duration::from_secs(30)),
        }
    }
}

/// The budget of wrong codes: 5 in a pending login; for unknown browsers 10 in 24 hours and 30 in 30 days; for a known
/// browser 10 in 24 hours of its own.
pub fn code_budget() -> CodeBudget {
    CodeBudget { per_pending: 5, unknown: vec![(DAY, 10), (30 * DAY, 30)], known: (DAY, 10) }
}

/// What a password for this login id costs until it turns out right. The same whether or not there is such an account.
pub fn password_charges(keys: &KeyRing, rates: &Rates, login: &Login, client: Option<IpAddr>, browser: Browser) -> Vec<Charge> {
    let login = login.as_str().as_bytes();
    if let Browser::Known(device) = browser {
        return vec![rates.known.charge(keys.mac(Purpose::LoginName, &[b"known", login, device.0.as_bytes()]))];
    }
    let mut charges = vec![rates.account.charge(keys.mac(Purpose::LoginName, &[b"account", login]))];
    if let Some(client) = client {
        charges.push(rates.pair.charge(keys.mac(Purpose::LoginName, &[b"pair", login, &network(client)])));
        charges.push(client_charge(keys, rates, client));
    }
    charges
}

/// What a failure of any kind costs its client.
pub fn client_charge(keys: &KeyRing, rates: &Rates, client: IpAddr) -> Charge {
    rates.client.charge(keys.mac(Purpose::ClientName, &[b"failures", &network(client)]))
}

/// What asking for a mailed link costs a client: ten at once, then one every six minutes.
pub fn forgot_client_charge(keys: &KeyRing, client: IpAddr) -> Charge {
    Rate::new(10, Duration::from_mins(6)).charge(keys.mac(Purpose::ClientName, &[b"forgot", &network(client)]))
}

/// What it costs the login id it is asked for: three in an hour, so that nobody's mailbox is filled by strangers.
pub fn forgot_account_charge(keys: &KeyRing, login: &Login) -> Charge {
    Rate::new(3, Duration::from_mins(20)).charge(keys.mac(Purpose::LoginName, &[b"forgot", login.as_str().as_bytes()]))
}

/// What counts as one client: an IPv4 address, or the /64 that an IPv6 address is in (one subscriber has all of it).
fn network(client: IpAddr) -> Vec<u8> {
    match client.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::auth::credentials::DeviceId;

    fn keys() -> KeyRing {
        KeyRing::parse(&KeyRing::generate_file()).unwrap()
    }

    fn keys_of(charges: &[Charge]) -> Vec<[u8; 32]> {
        charges.iter().map(|charge| charge.key).collect()
    }

    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_64() {
        let (keys, rates) = (keys(), Rates::default());
        let key = |text: &str| client_charge(&keys, &rates, text.parse().unwrap()).key;
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff::9"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
    }

    #[test]
    fn no_bucket_of_a_known_browser_is_shared_with_a_stranger() {
        let (keys, rates) = (keys(), Rates::default());
        let login = Login::parse("anna@example.com").unwrap();
        let client = Some("192.0.2.1".parse().unwrap());
        let stranger = keys_of(&password_charges(&keys, &rates, &login, client, Browser::Unknown));
        let known = keys_of(&password_charges(&keys, &rates, &login, client, Browser::Known(DeviceId(Uuid::from_u128(7)))));
        assert_eq!((stranger.len(), known.len()), (3, 1));
        assert!(known.iter().all(|key| !stranger.contains(key)));
    }

    #[test]
    fn one_account_is_one_bucket_from_everywhere_and_each_pair_has_its_own() {
        let (keys, rates) = (keys(), Rates::default());
        let login = Login::parse("anna@example.com").unwrap();
        let from =
            |client: &str| keys_of(&password_charges(&keys, &rates, &login, Some(client.parse().unwrap()), Browser::Unknown));
        let (one, other) = (from("192.0.2.1"), from("192.0.2.2"));
        assert_eq!(one[0], other[0]);
        assert_ne!(one[1], other[1]);
        assert_ne!(one[2], other[2]);
        assert_eq!(password_charges(&keys, &rates, &login, None, Browser::Unknown).len(), 1, "an exempt client");
    }
}
