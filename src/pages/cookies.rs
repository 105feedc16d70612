//! Our cookies: names, attributes, and how they are set and cleared. All carry the `__Host-` prefix (RFC 6265bis), so that no
//! other host and no plain connection can set them.

use std::time::Duration;

use http::HeaderValue;

/// The session.
pub const SESSION: &str = "__Host-vestibule";
/// A pending login: the password was right, the code is missing.
pub const PENDING: &str = "__Host-vestibule-pending";
/// A known browser.
pub const DEVICE: &str = "__Host-vestibule-device";
/// The right to enrol.
pub const GRANT: &str = "__Host-vestibule-grant";

/// How long a browser is asked to keep a device cookie: the longest that browsers accept.
pub const DEVICE_AGE: Duration = Duration::from_hours(400 * 24);

/// A `Set-Cookie` value. Without an age the cookie lasts until the browser is closed.
pub fn set(name: &str, value: &str, age: Option<Duration>) -> Option<HeaderValue> {
    let fit = value.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\'));
    let age = age.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}");
    let mut header = HeaderValue::from_str(&text).ok().filter(|_| fit)?;
    header.set_sensitive(true);
    Some(header)
}

/// A `Set-Cookie` value that makes the browser forget it.
pub fn clear(name: &str) -> Option<HeaderValue> {
    set(name, "", Some(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_bound_to_the_host_and_out_of_reach_of_scripts() {
        let text = |value: Option<HeaderValue>| value.unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            text(set(SESSION, "abc", Some(Duration::from_mins(1)))),
            "__Host-vestibule=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60"
        );
        assert_eq!(text(set(SESSION, "abc", None)), "__Host-vestibule=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
        assert!(text(clear(GRANT)).ends_with("; Max-Age=0"));
        assert!(set(SESSION, "a; Domain=evil", None).is_none());
        assert!(set(SESSION, "a\r\nb", None).is_none());
    }
}
