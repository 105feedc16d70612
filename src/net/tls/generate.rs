//! Certificates for trying things out: self-signed, which no browser trusts without being told to.

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd};
use zeroize::Zeroizing;

use crate::clock::Timestamp;

const DAY: i64 = 86_400;

/// A self-signed certificate for `names` (host names and addresses) and its key, both PEM: ECDSA on P-256, from the day
/// before `now` for one year.
///
/// # Errors
/// When a name cannot stand in a certificate.
pub fn development_certificate(names: &[String], now: Timestamp) -> Result<(String, Zeroizing<String>), rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Vestibule development certificate");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // The day before: clocks of clients may be behind.
    let (from, to) = (date(now.secs().saturating_sub(DAY)), date(now.secs().saturating_add(365 * DAY)));
    params.not_before = date_time_ymd(from.0, from.1, from.2);
    params.not_after = date_time_ymd(to.0, to.1, to.2);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), Zeroizing::new(key.serialize_pem())))
}

/// Year, month and day in UTC.
fn date(secs: i64) -> (i32, u8, u8) {
    let date = jiff::Timestamp::from_second(secs).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC).date();
    (i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs())
}
