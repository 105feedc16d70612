//! How single values are written: durations, sizes, rates, networks. Each has one grammar, and says what it expected.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

/// Seconds in `m`, `h`, `d`. A day is 24 hours: no calendar is asked.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A rate: so many per span, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many come back in `per`.
    pub count: u32,
    /// The span.
    pub per: Duration,
    /// How many at once.
    pub burst: u32,
}

/// `30s`, `15m`, `1h`, `30d`, and several of them from large to small: `1h30m`. `None`: not of that form, or beyond u64.
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0_u64;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit = tail.chars().next()?;
        // `units` only moves forward, so that `1m1h` and `1h1h` are refused.
        let (_, seconds) = units.find(|(name, _)| *name == unit)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*seconds)?)?;
        rest = tail.get(1..)?;
    }
    (!text.is_empty()).then(|| Duration::from_secs(total))
}

/// A duration in the largest units that write it exactly: `1h30m`. Parts of a second are dropped.
pub fn duration_text(span: Duration) -> String {
    let mut rest = span.as_secs();
    let mut text = String::new();
    for (name, seconds) in UNITS {
        let number = rest / seconds;
        if number > 0 {
            text.push_str(&number.to_string());
            text.push(name);
            rest %= seconds;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// `512B`, `64KiB`, `100MiB`, `1GiB`: bytes in powers of 1024.
pub fn size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit.trim_start() {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// `200/s burst 400`: how many come back per `s`, `m`, `h` or `d`, and how many there may be at once.
pub fn rate(text: &str) -> Option<Rate> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [speed, "burst", burst] = words.as_slice() else { return None };
    let (count, unit) = speed.split_once('/')?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| unit == name.to_string())?;
    let rate = Rate { count: positive(count)?, per: Duration::from_secs(*seconds), burst: positive(burst)? };
    Some(rate)
}

fn positive(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| plain && *number > 0)
}

/// `10.0.0.0/8`, `2001:db8::/32`, or a bare address, which is a network of one. Bits beyond the prefix are kept: whoever
/// wants to complain about them can.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in
            [("30s", 30), ("15m", 900), ("1h", 3600), ("30d", 2_592_000), ("1h30m", 5400), ("1d2h3m4s", 93_784)]
        {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
            assert_eq!(duration_text(Duration::from_secs(seconds)), text);
        }
        assert_eq!(duration("90m"), Some(Duration::from_mins(90)));
        assert_eq!(duration("0s"), Some(Duration::ZERO));
        assert_eq!(duration_text(Duration::ZERO), "0s");
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "30",
            "s",
            "30 s",
            "30m1h",
            "1h1h",
            "-1h",
            "1.5h",
            "1w",
            "1H",
            "+1h",
            "1h ",
            "1h30",
            "99999999999999999999s",
            "18446744073709551615d",
            "١h",
            "1µs",
            "½h",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        assert_eq!(size("512B"), Some(512));
        assert_eq!(size("64KiB"), Some(65_536));
        assert_eq!(size("100 MiB"), Some(104_857_600));
        assert_eq!(size("1GiB"), Some(1 << 30));
        for text in ["", "64", "64kb", "64KB", "64K", "-1KiB", "KiB", "1.5MiB", "99999999999GiB", "1 TiB"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn rates_name_a_burst() {
        let read = |text| rate(text).map(|rate| (rate.count, rate.per.as_secs(), rate.burst));
        assert_eq!(read("200/s burst 400"), Some((200, 1, 400)));
        assert_eq!(read("30/m  burst 60"), Some((30, 60, 60)));
        for text in ["", "200/s", "200 burst 400", "0/s burst 1", "1/s burst 0", "1/w burst 2", "-1/s burst 2", "+1/s burst 2"] {
            assert_eq!(rate(text), None, "{text}");
        }
        assert_eq!(rate("1/s burst 5000000000"), None);
    }

    #[test]
    fn networks_may_be_bare_addresses() {
        for (text, net) in [("10.0.0.0/8", "10.0.0.0/8"), ("127.0.0.1", "127.0.0.1/32"), ("::1", "::1/128")] {
            assert_eq!(network(text).map(|net| net.to_string()).as_deref(), Some(net));
        }
        for text in ["", "10.0.0.0/33", "10.0.0", "localhost", "[::1]", "10.0.0.0/-1"] {
            assert_eq!(network(text), None, "{text}");
        }
    }
}
