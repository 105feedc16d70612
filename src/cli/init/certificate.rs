//! A development certificate: it makes TLS work, and vouches for nobody.

use std::net::IpAddr;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd};
use zeroize::Zeroizing;

use super::super::exit::Failure;
use crate::clock::{Clock, Timestamp};

/// Browsers of one family refuse certificates that are good for longer.
const LIFE: std::time::Duration = std::time::Duration::from_hours(398 * 24);
const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// Both as PEM.
pub(super) struct Made {
    pub chain: String,
    pub private_key: Zeroizing<String>,
}

/// A certificate for this host, good from yesterday (clocks differ) for about a year.
pub(super) fn development(host: &str) -> Result<Made, Failure> {
    let now = Clock::system().now().wall;
    let failed = |error: rcgen::Error| Failure::Failed(format!("no certificate could be made for {host}: {error}"));
    let mut names = vec![host.to_owned()];
    if host == "localhost" {
        names.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
    }
    let key = KeyPair::generate().map_err(failed)?;
    let mut params = CertificateParams::new(names).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, common_name(host));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let ((year, month, date), (last_year, last_month, last_date)) = (day(now - DAY), day(now + LIFE));
    params.not_before = date_time_ymd(year, month, date);
    params.not_after = date_time_ymd(last_year, last_month, last_date);
    let certificate = params.self_signed(&key).map_err(failed)?;
    Ok(Made { chain: certificate.pem(), private_key: Zeroizing::new(key.serialize_pem()) })
}

/// At most 64 characters fit (RFC 5280); the names that count stand elsewhere in it.
fn common_name(host: &str) -> &str {
    if host.len() <= 64 && host.parse::<IpAddr>().is_err() { host } else { "Vestibule development certificate" }
}

/// Year, month and day: what a certificate is dated by here.
fn day(time: Timestamp) -> (i32, u8, u8) {
    let date = jiff::Timestamp::from_second(time.secs()).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date();
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    (i32::from(date.year()), part(date.month()), part(date.day()))
}
