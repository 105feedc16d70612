//! Our cookies: their names, reading them without ambiguity, writing them.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

use crate::ports::Token;

/// The session.
pub const SESSION: &str = "__Host-vestibule";
/// The pending login.
pub const PENDING: &str = "__Host-vestibule-pending";
/// The known browser.
pub const DEVICE: &str = "__Host-vestibule-device";
/// The grant.
pub const GRANT: &str = "__Host-vestibule-grant";
/// The ticket out of a mail: a new password, or *This was not me*.
pub const TICKET: &str = "__Host-vestibule-ticket";

/// What this browser has parked, or the ticket to send it.
pub const PARK: &str = "__Host-vestibule-park";
/// What a portal's host gives to a browser that it sends to the host of our own pages: whoever comes back brings it along.
pub const HANDOFF: &str = "__Host-vestibule-handoff";
/// The session on the admin pages. They have names of their own: cookies know no ports, and a portal may be on the same host.
pub const ADMIN_SESSION: &str = "__Host-vestibule-admin";
/// The pending login on the admin pages.
pub const ADMIN_PENDING: &str = "__Host-vestibule-admin-pending";
/// The known browser of the admin pages.
pub const ADMIN_DEVICE: &str = "__Host-vestibule-admin-device";

/// The language that was chosen.
pub const LANGUAGE: &str = "__Host-vestibule-language";

/// What stands between the semicolons of a `Cookie` line: as a rule a name, `=` and a value, with white space around them.
pub fn pairs(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest.take()?;
        let Some(end) = memchr::memchr(b';', line) else { return Some(line) };
        rest = line.get(end + 1..);
        line.get(..end)
    })
}

/// The value of the cookie `name`. Two of one name (perhaps one put in by a neighbour): none. Read byte by byte: cookies of the
/// portal, or of its scripts, may be in any letters, and must neither hide ours nor be taken for it (`\u{a0}__Host-…`).
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines.flat_map(|line| pairs(line.as_bytes()));
    // The name, then nothing or `=`, white space aside: no other name is looked at any further than where it differs.
    let mut ours = pairs.filter_map(|pair| {
        let rest = pair.trim_ascii_start().strip_prefix(name.as_bytes())?.trim_ascii_start();
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix(b"=").map(<[u8]>::trim_ascii) }
    });
    match (ours.next(), ours.next()) {
        (Some(only), None) => str::from_utf8(only).ok(),
        _ => None,
    }
}

/// The value of the cookie `name`, if it has exactly the form of a token.
pub fn token(headers: &HeaderMap, name: &str) -> Option<Token> {
    Token::parse(value(headers, name)?)
}

/// `Set-Cookie` for one of ours: `Secure; HttpOnly; SameSite=Lax; Path=/`. Without `max_age` it ends with the browser session.
pub fn set(name: &'static str, value: &str, max_age: Option<Duration>) -> HeaderValue {
    let mut cookie = Cookie::build((name, value)).secure(true).http_only(true).same_site(SameSite::Lax).path("/").build();
    if let Some(age) = max_age {
        cookie.set_max_age(cookie::time::Duration::seconds(i64::try_from(age.as_secs()).unwrap_or(i64::MAX)));
    }
    HeaderValue::from_str(&cookie.to_string()).unwrap_or_else(|_| clear(name))
}

/// The same for the one cookie that has to come with a form from another host of ours, be that of the same site or not. What
/// `SameSite` keeps away from others, the ticket does here: it is made for this very value.
pub fn set_for_handoff(value: &str, max_age: Duration) -> HeaderValue {
    let mut cookie = Cookie::build((HANDOFF, value)).secure(true).http_only(true).same_site(SameSite::None).path("/").build();
    cookie.set_max_age(cookie::time::Duration::seconds(i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX)));
    HeaderValue::from_str(&cookie.to_string()).unwrap_or_else(|_| clear(HANDOFF))
}

/// `Set-Cookie` that takes one of ours away.
pub fn clear(name: &'static str) -> HeaderValue {
    let mut cookie = Cookie::build((name, "")).secure(true).http_only(true).same_site(SameSite::Lax).path("/").build();
    cookie.set_max_age(cookie::time::Duration::ZERO);
    HeaderValue::from_str(&cookie.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// A `Set-Cookie` of ours as the admin pages send it: the same under the admin pages' name. The language is everybody's.
pub fn of_admin(cookie: &HeaderValue) -> HeaderValue {
    let text = cookie.to_str().unwrap_or_default();
    match text.strip_prefix(SESSION) {
        Some(rest) if !text.starts_with(LANGUAGE) => {
            HeaderValue::from_str(&format!("{ADMIN_SESSION}{rest}")).unwrap_or_else(|_| cookie.clone())
        }
        _ => cookie.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        value(&headers, SESSION).map(str::to_owned)
    }

    #[test]
    fn two_of_one_name_are_none() {
        assert_eq!(read(&[b"a=b; __Host-vestibule=x; c=d"]), Some("x".to_owned()));
        assert_eq!(read(&[b"a=b", b"__Host-vestibule=x"]), Some("x".to_owned()));
        assert_eq!(read(&[b"__Host-vestibule=x; __Host-vestibule=y"]), None);
        assert_eq!(read(&[b"__Host-vestibule=x", b"__Host-vestibule=x"]), None);
        assert_eq!(read(&["\u{a0}__Host-vestibule=x".as_bytes()]), None);
        assert_eq!(read(&["name=J\u{f6}rg; \u{a0}__Host-vestibule=y; __Host-vestibule=x".as_bytes()]), Some("x".to_owned()));
        assert_eq!(read(&[b"n=\xff;__Host-vestibule = x ;=__Host-vestibule=y"]), Some("x".to_owned()));
        assert_eq!(read(&[b"__Host-vestibule=\xff"]), None);
        assert_eq!(read(&[b"__Host-vestibule; a=b"]), Some(String::new()));
        assert_eq!(read(&[b"__Host-vestibule; __Host-vestibule=x"]), None);
        assert_eq!(read(&[b"__host-vestibule=x"]), None);
        assert_eq!(read(&[b"__Host-vestibule-pending=x"]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn pairs_stand_between_semicolons() {
        for line in ["", ";", "a=1", "a=1;", ";a=1", "a=1; b=2;c", ";;"] {
            assert!(pairs(line.as_bytes()).eq(line.as_bytes().split(|byte| *byte == b';')), "{line:?}");
        }
    }

    #[test]
    fn ours_are_written_with_all_their_attributes() {
        let text = set(SESSION, "abc", Some(Duration::from_hours(1)));
        assert_eq!(text, "__Host-vestibule=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600");
        assert!(of_admin(&set(SESSION, "abc", None)).to_str().unwrap().starts_with("__Host-vestibule-admin=abc; "));
        assert!(of_admin(&clear(PENDING)).to_str().unwrap().starts_with("__Host-vestibule-admin-pending=; "));
        assert_eq!(of_admin(&set(LANGUAGE, "de", None)), set(LANGUAGE, "de", None));
        assert_eq!(clear(GRANT), "__Host-vestibule-grant=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
    }
}
