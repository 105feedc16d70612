//! The headers of the response: what would take from the gate what only the gate may say is left out.

use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::proxy::headers::cookies;
use crate::proxy::headers::location::{self, Own};
use crate::proxy::headers::names;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// What is wrong with the framing of a response, if anything: one that two readers could cut at two places is passed on by
/// none (RFC 9112, section 6.3).
pub(crate) fn misframed(method: &Method, status: StatusCode, headers: &HeaderMap) -> Option<&'static str> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let length = lengths.next();
    if lengths.next().is_some() || length.is_some_and(|length| !length.as_bytes().iter().all(u8::is_ascii_digit)) {
        return Some("more than one Content-Length, or none that is a number");
    }
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let coding = codings.next();
    if length.is_some() && coding.is_some() {
        return Some("both Content-Length and Transfer-Encoding");
    }
    if codings.next().is_some() || coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        return Some("a Transfer-Encoding other than chunked");
    }
    let bodiless = status == StatusCode::NO_CONTENT && *method != Method::HEAD;
    if bodiless && (coding.is_some() || length.is_some_and(|length| length.as_bytes() != b"0")) {
        return Some("204 with a body");
    }
    None
}

/// Cleans a response's head. `tunnel`: it is the 101 that opens one.
pub(crate) fn clean(head: &mut Parts, own: Own<'_>, tunnel: bool) {
    let headers = &mut head.headers;
    let seen = Seen::among(headers);
    if seen.connection {
        remove_listed(headers);
    }
    if seen.dropped {
        while let Some(name) = headers.keys().find(|name| is_dropped(name)).cloned() {
            headers.remove(name);
        }
    }
    if seen.cookies {
        keep_our_cookies(headers);
    }
    if seen.about_us {
        keep_about_us(headers);
    }
    if seen.addresses {
        rewrite_addresses(headers, own);
    }
    if tunnel {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    if tunnel || head.status == StatusCode::NO_CONTENT {
        headers.remove(header::CONTENT_LENGTH);
    }
}

/// Which of the names that concern us are there at all: found in one walk, since to ask the map for each of them costs as much again,
/// and most responses have none.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for one step of the cleaning")]
struct Seen {
    connection: bool,
    dropped: bool,
    cookies: bool,
    about_us: bool,
    addresses: bool,
}

impl Seen {
    fn among(headers: &HeaderMap) -> Self {
        let mut seen = Self::default();
        for name in headers.keys() {
            match name.as_str() {
                "connection" => (seen.connection, seen.dropped) = (true, true),
                "set-cookie" => seen.cookies = true,
                "clear-site-data" | "cross-origin-opener-policy" => seen.about_us = true,
                "location" | "content-location" | "refresh" => seen.addresses = true,
                _ => seen.dropped |= is_dropped(name),
            }
        }
        seen
    }
}

/// What says something of the origin as a whole, of which we are a part.
fn keep_about_us(headers: &mut HeaderMap) {
    if headers.get_all(CLEAR_SITE_DATA).iter().any(clears_too_much) {
        headers.remove(CLEAR_SITE_DATA);
    }
    keep_apart(headers);
}

fn rewrite_addresses(headers: &mut HeaderMap, own: Own<'_>) {
    for name in [header::LOCATION, header::CONTENT_LOCATION] {
        if let Some(target) = headers.get(&name).and_then(|value| location::rewrite(value, own)) {
            headers.insert(name, target);
        }
    }
    if let Some(target) = headers.get(header::REFRESH).and_then(|value| location::rewrite_refresh(value, own)) {
        headers.insert(header::REFRESH, target);
    }
}

/// Cleans what comes after the body: no framing, no cookies, nothing that a header may not say either.
pub(crate) fn clean_trailers(trailers: &mut HeaderMap) {
    let bad = |name: &&HeaderName| {
        is_dropped(name)
            || names::is_managed(name.as_str())
            || [header::SET_COOKIE, header::CONTENT_LENGTH, header::TRAILER, header::LOCATION].contains(name)
            || **name == CLEAR_SITE_DATA
    };
    while let Some(name) = trailers.keys().find(bad).cloned() {
        trailers.remove(name);
    }
}

/// What the upstream's `Connection` names belongs to its hop.
fn remove_listed(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::CONNECTION);
    let tokens = lines.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    // What nearly every upstream says there is dropped by its own name anyway.
    let tokens = tokens.map(<[u8]>::trim_ascii).filter(|token| !token.eq_ignore_ascii_case(b"keep-alive"));
    let listed: Vec<_> = tokens.filter_map(|token| HeaderName::from_bytes(token).ok()).collect();
    for name in listed {
        // Framing is ours whatever is said of it, and a response that loses its cookies helps nobody.
        if name != header::CONTENT_LENGTH && name != header::SET_COOKIE {
            headers.remove(name);
        }
    }
}

/// Names that never pass: of the hop, or about the origin as a whole, which is ours.
fn is_dropped(name: &HeaderName) -> bool {
    let text = name.as_str();
    match text.as_bytes().first() {
        Some(b'a') => text == "alt-svc",
        Some(b'c') => text == "connection",
        Some(b'k') => text == "keep-alive",
        Some(b'n') => text == "nel",
        Some(b'p') => text.starts_with("proxy-"),
        Some(b'r') => {
            matches!(text, "report-to" | "reporting-endpoints" | "remote-user" | "remote-groups" | "remote-name" | "remote-email")
        }
        // A session that is bound to a device is the browser's for the whole origin: it would hold up our requests, too.
        Some(b's') => {
            matches!(text, "strict-transport-security" | "service-worker-allowed")
                || ["sec-session-", "secure-session-"].iter().any(|family| text.starts_with(family))
        }
        Some(b't') => matches!(text, "te" | "transfer-encoding"),
        Some(b'u') => text == "upgrade",
        Some(b'v') => text.starts_with("vestibule-"),
        Some(b'x') => text == "x-request-id" || FOR_PROXIES.iter().any(|family| text.starts_with(family)),
        _ => false,
    }
}

/// What a server in front of us may obey (send this file, ask there again) or take for our word on who was there.
const FOR_PROXIES: [&str; 9] = [
    "x-accel-",
    "x-sendfile",
    "x-lighttpd-",
    "x-reproxy-",
    "x-forwarded-",
    "x-remote-",
    "x-auth-request-",
    "x-authenticated-",
    "x-webauth-",
];

fn keep_our_cookies(headers: &mut HeaderMap) {
    if !headers.get_all(header::SET_COOKIE).iter().any(cookies::sets_ours) {
        return;
    }
    let others: Vec<_> = headers.get_all(header::SET_COOKIE).iter().filter(|line| !cookies::sets_ours(line)).cloned().collect();
    headers.remove(header::SET_COOKIE);
    for line in others {
        headers.append(header::SET_COOKIE, line);
    }
}

/// Keeps windows of the portal apart from ours. A page of the portal with the very policy that our pages have would be of one group
/// with them, since it is of the same origin (HTML, section 7.1.3): its scripts could open a page of ours and read it. The nearest
/// policy that is not ours takes its place.
fn keep_apart(headers: &mut HeaderMap) {
    const APART: &str = "same-origin-allow-popups";
    if headers.get_all(OPENER_POLICY).iter().any(|value| value != APART && value != "unsafe-none") {
        headers.insert(OPENER_POLICY, HeaderValue::from_static(APART));
    }
}

/// Whether a `Clear-Site-Data` reaches further than caches. It works on the whole origin, and cookies on the whole site: it
/// would sign people out of the gate, make a known browser an unknown one, and be a way to log somebody out by a link.
fn clears_too_much(value: &HeaderValue) -> bool {
    const HARMLESS: [&[u8]; 4] = [b"\"cache\"", b"\"prefetchCache\"", b"\"prerenderCache\"", b"\"clientHints\""];
    let mut directives = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    !directives.all(|directive| HARMLESS.iter().any(|harmless| directive.eq_ignore_ascii_case(harmless)))
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    const OWN: Own<'static> =
        Own { upstream: Some("10.0.0.7"), port: Some(80), origin: "https://portal.example.com", host: "portal.example.com" };

    fn head(status: u16, headers: &[(&'static str, &'static str)]) -> Parts {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        response.body(()).unwrap().into_parts().0
    }

    fn cleaned(headers: &[(&'static str, &'static str)]) -> Vec<(String, String)> {
        let mut head = head(200, headers);
        clean(&mut head, OWN, false);
        let text = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
        head.headers.iter().map(text).collect()
    }

    #[test]
    fn what_is_not_the_portals_to_say_is_left_out() {
        for (name, value) in [
            ("connection", "keep-alive"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("nel", "{}"),
            ("report-to", "{}"),
            ("reporting-endpoints", "a=\"https://x\""),
            ("strict-transport-security", "max-age=0"),
            ("alt-svc", "h3=\":443\""),
            ("service-worker-allowed", "/"),
            ("sec-session-registration", "(ES256);path=\"/r\""),
            ("secure-session-registration", "(ES256);path=\"/r\""),
            ("vestibule-required", "code"),
            ("x-request-id", "1"),
            ("x-accel-redirect", "/secret"),
            ("x-sendfile", "/etc/passwd"),
            ("x-forwarded-user", "root"),
            ("remote-user", "root"),
            ("x-auth-request-groups", "root"),
            ("x-reproxy-url", "http://10.0.0.1/"),
            ("proxy-authenticate", "Basic"),
            ("set-cookie", "__Host-vestibule=x; Path=/; Secure"),
            ("set-cookie", " __host-vestibule-device=; Max-Age=0"),
            ("clear-site-data", "\"cache\", \"cookies\""),
            ("clear-site-data", "*"),
            ("clear-site-data", "\"storage\""),
        ] {
            assert_eq!(cleaned(&[(name, value)]), [], "{name}: {value}");
        }
    }

    #[test]
    fn everything_else_passes_as_it_is() {
        let passes = [
            ("set-cookie", "a=1"),
            ("set-cookie", "b=__Host-vestibule"),
            ("clear-site-data", "\"cache\""),
            ("content-security-policy", "default-src 'self'"),
            ("www-authenticate", "Basic"),
            ("location", "/next"),
            ("trailer", "x-checksum"),
            ("x-frame-options", "DENY"),
        ];
        let texts: Vec<_> = passes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(cleaned(&passes), texts);
        let mixed = [("set-cookie", "a=1"), ("set-cookie", "__Host-vestibule=x"), ("set-cookie", "b=2")];
        assert_eq!(cleaned(&mixed), [("set-cookie".into(), "a=1".into()), ("set-cookie".into(), "b=2".into())]);
        let listed = [("connection", "x-hop, set-cookie"), ("x-hop", "1"), ("set-cookie", "a=1")];
        assert_eq!(cleaned(&listed), [("set-cookie".into(), "a=1".into())]);
        for (name, theirs, ours) in [
            ("location", "http://10.0.0.7/a", "https://portal.example.com/a"),
            ("content-location", "http://10.0.0.7/a", "https://portal.example.com/a"),
            ("refresh", "0;url=http://10.0.0.7/a", "0;url=https://portal.example.com/a"),
        ] {
            assert_eq!(cleaned(&[(name, theirs)]), [(name.to_owned(), ours.to_owned())]);
        }
    }

    #[test]
    fn no_page_of_the_portal_has_the_opener_policy_of_ours() {
        let name = "cross-origin-opener-policy";
        for (values, left) in [
            (&["same-origin"][..], "same-origin-allow-popups"),
            (&["same-origin; report-to=\"x\""], "same-origin-allow-popups"),
            (&[" same-origin"], "same-origin-allow-popups"),
            (&["noopener-allow-popups"], "same-origin-allow-popups"),
            (&["unsafe-none", "same-origin"], "same-origin-allow-popups"),
            (&["same-origin-allow-popups"], "same-origin-allow-popups"),
            (&["unsafe-none"], "unsafe-none"),
        ] {
            let lines: Vec<_> = values.iter().map(|value| (name, *value)).collect();
            assert_eq!(cleaned(&lines), [(name.to_owned(), left.to_owned())], "{values:?}");
        }
        assert_eq!(cleaned(&[]), []);
    }

    #[test]
    fn a_response_that_could_be_cut_in_two_ways_is_refused() {
        let bad = |status, headers: &[(&'static str, &'static str)]| {
            misframed(&Method::GET, StatusCode::from_u16(status).unwrap(), &head(status, headers).headers).is_some()
        };
        assert!(bad(200, &[("content-length", "1"), ("content-length", "1")]));
        assert!(bad(200, &[("content-length", "1, 1")]));
        assert!(bad(200, &[("content-length", "+1")]));
        assert!(bad(200, &[("content-length", "1"), ("transfer-encoding", "chunked")]));
        assert!(bad(200, &[("transfer-encoding", "gzip, chunked")]));
        assert!(bad(200, &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")]));
        assert!(bad(204, &[("content-length", "3")]));
        assert!(!bad(204, &[("content-length", "0")]) && !bad(304, &[("content-length", "3")]));
        assert!(!bad(200, &[("content-length", "1")]) && !bad(200, &[("transfer-encoding", "Chunked")]) && !bad(200, &[]));
    }

    #[test]
    fn trailers_say_nothing_that_headers_may_not() {
        let mut trailers = head(
            200,
            &[("x-checksum", "1"), ("set-cookie", "a=1"), ("x-forwarded-user", "root"), ("remote_user", "root"), ("nel", "{}")],
        )
        .headers;
        clean_trailers(&mut trailers);
        assert_eq!(trailers.keys().collect::<Vec<_>>(), ["x-checksum"]);
    }
}
