//! How many tries there are, as pure values: what is counted under which key, and how fast it comes back.
//!
//! | who tries a password | buckets charged |
//! |---|---|
//! | an unknown browser | its client, the account-and-client pair, and the account (one bucket for all unknown browsers) |
//! | an unknown browser of an exempt client | the account, in a bucket that all exempt clients share |
//! | a known browser of that account, or one that holds its grant | its own, nothing else |
//!
//! An IPv6 client is charged twice, as its /64 and as the /48 around it: one subscriber may have all of that.
//!
//! All buckets have room or none is charged, so what a pair has no room for takes nothing from the account. And the account's
//! refill is faster than that of any pair: one client, or one /48, never empties it, however long it goes on. Many networks
//! together do; then unknown browsers share the account's tries with them. Nobody else notices, and nothing stays locked behind
//! a login id: the bucket refills as soon as they stop.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::auth::authenticator::Browser;
use crate::auth::credentials::{Charge, CodeBudget, DeviceId};
use crate::identity::{AccountId, Login};
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

    /// So many times as much.
    fn times(self, number: u32) -> Self {
        Self { interval: self.interval / number.max(1), burst: self.burst.saturating_mul(number) }
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
    /// Passwords from one known browser, or under one grant, for its own account.
    pub known: Rate,
}

/// What a /48 may do, in clients: as for requests.
const CLIENT_WIDE: u32 = 8;
/// The same for one account. Little, so that it stays below what the account has.
const PAIR_WIDE: u32 = 2;

impl Default for Rates {
    fn default() -> Self {
        Self {
            client: Rate::new(60, Duration::from_secs(2)),
            pair: Rate::new(5, Duration::from_secs(30)),
            // More than a pair has, also in its wider form: see above.
            account: Rate::new(30, Duration::from_secs(10)),
            known: Rate::new(10, Duration::from_secs(30)),
        }
    }
}

/// The budget of wrong codes: 5 in a pending login; for unknown browsers 10 in 24 hours and 30 in 30 days; for a known
/// browser 10 in 24 hours of its own.
pub fn code_budget() -> CodeBudget {
    CodeBudget { per_pending: 5, unknown: vec![(DAY, 10), (30 * DAY, 30)], known: (DAY, 10) }
}

/// What a password for this login id costs until it turns out right. The same whether or not there is such an account. `client`:
/// none if it is exempt.
pub fn password_charges(keys: &KeyRing, rates: &Rates, login: &Login, client: Option<IpAddr>, browser: Browser) -> Vec<Charge> {
    let login = login.as_str().as_bytes();
    let key = |parts: &[&[u8]]| keys.mac(Purpose::LoginName, parts);
    match (browser, client) {
        (Browser::Known(device), _) => vec![rates.known.charge(key(&[b"known", login, device.0.as_bytes()]))],
        (Browser::Invited(link), _) => vec![rates.known.charge(key(&[b"invited", login, link.0.as_bytes()]))],
        (Browser::Unknown, None) => vec![rates.account.charge(key(&[b"account, exempt", login]))],
        (Browser::Unknown, Some(client)) => {
            let mut charges = vec![rates.account.charge(key(&[b"account", login]))];
            charges.push(rates.pair.charge(key(&[b"pair", login, &narrow(client)])));
            charges.extend(wide(client).map(|net| rates.pair.times(PAIR_WIDE).charge(key(&[b"pair /48", login, &net]))));
            charges.extend(client_charges(keys, rates, client));
            charges
        }
    }
}

/// What a failure of any kind costs its client.
pub fn client_charges(keys: &KeyRing, rates: &Rates, client: IpAddr) -> Vec<Charge> {
    let key = |parts: &[&[u8]]| keys.mac(Purpose::ClientName, parts);
    let narrow = rates.client.charge(key(&[b"failures", &narrow(client)]));
    let wide = wide(client).map(|net| rates.client.times(CLIENT_WIDE).charge(key(&[b"failures /48", &net])));
    std::iter::once(narrow).chain(wide).collect()
}

/// What asking for a mailed link costs a client: ten at once, then one every six minutes.
pub fn forgot_client_charges(keys: &KeyRing, client: IpAddr) -> Vec<Charge> {
    let (rate, key) = (Rate::new(10, Duration::from_mins(6)), |parts: &[&[u8]]| keys.mac(Purpose::ClientName, parts));
    let wide = wide(client).map(|net| rate.times(CLIENT_WIDE).charge(key(&[b"forgot /48", &net])));
    std::iter::once(rate.charge(key(&[b"forgot", &narrow(client)]))).chain(wide).collect()
}

/// What it costs the login id it is asked for: three in an hour, so that nobody's mailbox is filled by strangers.
pub fn forgot_account_charge(keys: &KeyRing, login: &Login) -> Charge {
    Rate::new(3, Duration::from_mins(20)).charge(keys.mac(Purpose::LoginName, &[b"forgot", login.as_str().as_bytes()]))
}

/// Whose texts they are: what a stranger asks for takes nothing from a browser that is known, or from a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextAsker {
    /// Between the doors, in a browser that is not known.
    Unknown,
    /// The same in one that is.
    Known(DeviceId),
    /// In a session, or in the wizard.
    Owner,
}

/// What asking for a text costs: for the account three at once and never more than ten a day, for the client ten, then one every
/// six minutes. The same whether or not there is a mobile. `client`: none if it is exempt.
pub fn text_asker_charges(keys: &KeyRing, account: AccountId, asker: TextAsker, client: Option<IpAddr>) -> Vec<Charge> {
    let account = account.0.as_bytes();
    let key = |span: &[u8]| match &asker {
        TextAsker::Unknown => keys.mac(Purpose::MobileName, &[b"unknown", span, account]),
        TextAsker::Known(device) => keys.mac(Purpose::MobileName, &[b"known", span, account, device.0.as_bytes()]),
        TextAsker::Owner => keys.mac(Purpose::MobileName, &[b"owner", span, account]),
    };
    let mut charges = vec![Rate::new(3, Duration::from_mins(20)).charge(key(b"hour")), daily(10).charge(key(b"day"))];
    if let Some(client) = client {
        let rate = Rate::new(10, Duration::from_mins(6));
        charges.push(rate.charge(keys.mac(Purpose::ClientName, &[b"texts", &narrow(client)])));
        let wide = wide(client).map(|net| keys.mac(Purpose::ClientName, &[b"texts /48", &net]));
        charges.extend(wide.map(|key| rate.times(PAIR_WIDE).charge(key)));
    }
    charges
}

/// What a text costs the number that it goes to: five a day.
pub fn text_number_charge(keys: &KeyRing, number: &str) -> Charge {
    daily(5).charge(keys.mac(Purpose::MobileName, &[b"number", number.as_bytes()]))
}

/// What a text costs everybody together (`[sms] daily_limit`).
pub fn text_daily_charge(keys: &KeyRing, limit: u32) -> Charge {
    daily(limit).charge(keys.mac(Purpose::MobileName, &[b"all"]))
}

/// Never more than `number` in any 24 hours: half of them at once, the others over the day.
fn daily(number: u32) -> Rate {
    let burst = number.div_ceil(2).max(1);
    // In whole milliseconds, as it is stored, and rather too long than too short.
    let interval = DAY.as_secs().saturating_mul(1000).div_ceil(u64::from((number - burst).max(1)));
    Rate::new(burst, Duration::from_millis(interval))
}

/// What counts as one client: an IPv4 address, or the /64 that an IPv6 address is in (one subscriber has all of it).
fn narrow(client: IpAddr) -> Vec<u8> {
    match client.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => masked(address, 64),
    }
}

/// The /48 around an IPv6 client: a site, as networks are handed out (RFC 6177).
fn wide(client: IpAddr) -> Option<Vec<u8>> {
    match client.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(masked(address, 48)),
    }
}

fn masked(address: Ipv6Addr, bits: u32) -> Vec<u8> {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - bits))).octets().to_vec()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::auth::credentials::LinkId;

    fn keys() -> KeyRing {
        KeyRing::parse(&KeyRing::generate_file()).unwrap()
    }

    fn keys_of(charges: &[Charge]) -> Vec<[u8; 32]> {
        charges.iter().map(|charge| charge.key).collect()
    }

    #[test]
    fn a_client_is_an_ipv4_address_or_an_ipv6_64() {
        let (keys, rates) = (keys(), Rates::default());
        let key = |text: &str| client_charges(&keys, &rates, text.parse().unwrap())[0].key;
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff::9"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
    }

    #[test]
    fn a_slash_48_is_charged_as_a_whole_too() {
        let (keys, rates) = (keys(), Rates::default());
        let charges = |text: &str| client_charges(&keys, &rates, text.parse().unwrap());
        assert_eq!((charges("192.0.2.1").len(), charges("2001:db8::1").len()), (1, 2));
        assert_eq!(charges("2001:db8:0:1::1")[1].key, charges("2001:db8:0:2::1")[1].key);
        assert_ne!(charges("2001:db8:0:1::1")[1].key, charges("2001:db8:1:1::1")[1].key);
        assert_ne!(charges("2001:db8::1")[0].key, charges("2001:db8::1")[1].key);
        assert_eq!(charges("2001:db8::1")[1].burst, 480);
    }

    #[test]
    fn no_pair_refills_as_fast_as_the_account() {
        let rates = Rates::default();
        for pair in [rates.pair, rates.pair.times(PAIR_WIDE)] {
            assert!(pair.interval > rates.account.interval && pair.burst < rates.account.burst);
        }
    }

    #[test]
    fn a_day_never_has_more_than_it_should() {
        for number in [1, 2, 5, 10, 500, 1_000_000] {
            let Rate { interval, burst } = daily(number);
            // What comes back within a day, after all that there is at once.
            let back = u32::try_from(DAY.as_millis() / interval.as_millis()).unwrap();
            assert!(burst + back <= number.max(2), "{number}: {burst} and {back}");
            assert!(burst >= number / 2);
        }
    }

    #[test]
    fn no_bucket_of_a_known_browser_is_shared_with_a_stranger() {
        let (keys, rates) = (keys(), Rates::default());
        let login = Login::parse("anna@example.com").unwrap();
        let client = Some("192.0.2.1".parse().unwrap());
        let stranger = keys_of(&password_charges(&keys, &rates, &login, client, Browser::Unknown));
        let id = Uuid::from_u128(7);
        for browser in [Browser::Known(DeviceId(id)), Browser::Invited(LinkId(id))] {
            let known = keys_of(&password_charges(&keys, &rates, &login, client, browser));
            assert_eq!((stranger.len(), known.len()), (3, 1));
            assert!(known.iter().all(|key| !stranger.contains(key)));
        }
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
        let exempt = keys_of(&password_charges(&keys, &rates, &login, None, Browser::Unknown));
        assert!(exempt.len() == 1 && exempt[0] != one[0], "an exempt client takes nothing from others");
    }
}
