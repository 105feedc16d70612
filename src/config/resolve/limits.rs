//! The sections about spans and numbers: `[session]`, `[mfa]`, `[password]`, `[limits]`, `[park]`, `[log]`, `[telemetry]`.

use std::time::Duration;

use super::reader::{Complaint, Reader, one_of};
use super::texts;
use crate::config::model::{
    CharacterClass, LimitsConfig, LogConfig, LogFormat, MfaConfig, ParkConfig, PasswordConfig, SessionConfig, TelemetryConfig,
    Unlock,
};
use crate::config::values::{Rate, duration_text, rate, size};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_mins(1);
pub(super) const HOUR: Duration = Duration::from_hours(1);
pub(super) const DAY: Duration = Duration::from_hours(24);

pub(super) fn session(reader: &mut Reader<'_>) -> SessionConfig {
    SessionConfig {
        idle: reader.duration_or_off("idle", &(SECOND..=DAY * 365)),
        lifetime: reader.duration("lifetime", &(MINUTE..=DAY * 3650)),
        download_grace: reader.duration("download_grace", &(Duration::ZERO..=DAY)),
    }
}

/// A session that ends with its window never gets to confirm: hardly what was meant.
pub(super) fn warn_of_short_lifetime(reader: &mut Reader<'_>, lifetime: Duration, window: Duration) {
    if lifetime <= window && !lifetime.is_zero() {
        let wrong =
            format!("is not longer than mfa.reauth_window ({}), so people sign in anew and never confirm", duration_text(window));
        reader.warn("lifetime", Complaint::new(wrong, "give a longer lifetime, or a shorter window"));
    }
}

pub(super) fn mfa(reader: &mut Reader<'_>) -> MfaConfig {
    let issuer = reader.parse("issuer", |text| match text {
        _ if text.contains(':') => {
            Err(Complaint::new("has a colon, which authenticator apps take for a separator", "write it without"))
        }
        _ => texts::line(text, 64),
    });
    MfaConfig {
        issuer: issuer.unwrap_or_default(),
        reauth_window: reader.duration("reauth_window", &(HOUR..=DAY * 30)),
        enrolment_window: reader.duration("enrolment_window", &(MINUTE * 10..=DAY * 90)),
        unlock: reader.word("unlock", &[("code", Unlock::Code), ("recovery", Unlock::Recovery)]).unwrap_or(Unlock::Code),
        sms_recovery_delay: reader.duration_or_off("sms_recovery_delay", &(MINUTE..=DAY * 7)).unwrap_or_default(),
    }
}

pub(super) fn password(reader: &mut Reader<'_>) -> PasswordConfig {
    const CLASSES: [(&str, CharacterClass); 4] = [
        ("lower", CharacterClass::Lower),
        ("upper", CharacterClass::Upper),
        ("digit", CharacterClass::Digit),
        ("special", CharacterClass::Special),
    ];
    let mut classes: Vec<CharacterClass> = Vec::new();
    for class in reader.list("classes", |text| one_of(text, &CLASSES)) {
        if !classes.contains(&class) {
            classes.push(class);
        }
    }
    PasswordConfig { min_length: reader.number("min_length", &(8..=128)), classes }
}

pub(super) fn limits(reader: &mut Reader<'_>) -> LimitsConfig {
    let connections = reader.number("connections", &(1..=10_000_000));
    let per_client = reader.number("connections_per_client", &(1..=10_000_000));
    LimitsConfig {
        anonymous_per_client: read_rate(reader, "anonymous_per_client"),
        requests_per_session: read_rate(reader, "requests_per_session"),
        failures_per_client: read_rate(reader, "failures_per_client"),
        connections_per_client: per_client,
        connections,
        exempt: texts::networks(reader, "exempt"),
    }
}

/// Whoever has used all of a rate up has it back within this time: what takes longer is a mistake, and at some point more than a limiter
/// can count.
const ALL_BACK: Duration = Duration::from_hours(24 * 365);

fn read_rate(reader: &mut Reader<'_>, key: &str) -> Rate {
    let read = reader.parse(key, |text| match rate(text) {
        Some(rate) if rate.per.saturating_mul(rate.burst) / rate.count <= ALL_BACK => Ok(rate),
        Some(_) => {
            Err(Complaint::new("takes more than a year until all of the burst is back", "give a smaller burst, or more per span"))
        }
        None => {
            Err(Complaint::new("is no rate", "write how many per s, m, h or d, and how many at once, like \"200/s burst 400\""))
        }
    });
    read.unwrap_or(Rate { count: 1, per: SECOND, burst: 1 })
}

/// Each account may fill so much of the store twice.
const MAX_PARKED: u64 = 16 << 20;

pub(super) fn park(reader: &mut Reader<'_>) -> ParkConfig {
    let max_body = reader.parse("max_body", |text| match size(text) {
        _ if text == "0" || text == "off" => Ok(0),
        Some(bytes) if bytes <= MAX_PARKED => Ok(bytes),
        Some(_) => Err(Complaint::new("is more than 16MiB", "give a size up to 16MiB, or \"off\" to keep nothing")),
        None => Err(Complaint::new("is no size", "give a number with B, KiB, MiB or GiB, like 1MiB")),
    });
    ParkConfig { max_body: max_body.unwrap_or_default(), keep: reader.duration("keep", &(MINUTE..=HOUR)) }
}

pub(super) fn log(reader: &mut Reader<'_>) -> LogConfig {
    let formats = [("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)];
    LogConfig { format: reader.word("format", &formats).unwrap_or(LogFormat::Auto), access: reader.flag("access") }
}

pub(super) fn telemetry(reader: &Reader<'_>) -> TelemetryConfig {
    TelemetryConfig { server_timing: reader.flag("server_timing") }
}
