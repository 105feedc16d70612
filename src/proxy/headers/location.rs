//! Redirects that name the upstream's own address, which no browser can reach, are pointed at the portal.

use http::HeaderValue;

/// The addresses that a redirect may name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own<'a> {
    /// The upstream's host and port, its scheme's own port left out; `None`: it has none.
    pub(crate) upstream: Option<&'a str>,
    /// The upstream's port.
    pub(crate) port: Option<u16>,
    /// The portal's `scheme://host[:port]`.
    pub(crate) origin: &'a str,
    /// The host (and port) that the client asked for and the upstream was told.
    pub(crate) host: &'a str,
}

/// What a `Location` must read instead; `None`: it may stay.
pub(super) fn rewrite(value: &HeaderValue, own: Own<'_>) -> Option<HeaderValue> {
    let target = moved(value.to_str().ok()?, own)?;
    HeaderValue::from_maybe_shared(bytes::Bytes::from(target)).ok()
}

/// What a `Refresh` (`5; url=http://...`) must read instead; `None`: it may stay.
pub(super) fn rewrite_refresh(value: &HeaderValue, own: Own<'_>) -> Option<HeaderValue> {
    let text = value.to_str().ok()?;
    let at = text.to_ascii_lowercase().find("url=")? + "url=".len();
    let (before, url) = text.split_at_checked(at)?;
    let (quote, url) = match url.strip_prefix(['"', '\'']) {
        Some(rest) => (url.get(..1)?, rest),
        None => ("", url),
    };
    let target = moved(url, own)?;
    HeaderValue::from_maybe_shared(bytes::Bytes::from(format!("{before}{quote}{target}"))).ok()
}

fn moved(url: &str, own: Own<'_>) -> Option<String> {
    let (scheme, rest) = split_scheme(url)?;
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let authority = match scheme {
        Some("http") => authority.strip_suffix(":80").unwrap_or(authority),
        Some("https") => authority.strip_suffix(":443").unwrap_or(authority),
        _ => authority,
    };
    if own.upstream.is_some_and(|upstream| upstream.eq_ignore_ascii_case(authority)) {
        return Some(format!("{}{path}", own.origin));
    }
    // The upstream speaks plain HTTP and knows nothing of our port: so it redirects to the right name in a wrong way.
    if scheme == Some("http") && is_host(authority, own) {
        return Some(format!("https://{}{path}", own.host));
    }
    None
}

fn is_host(authority: &str, own: Own<'_>) -> bool {
    let (name, port) = split_port(authority);
    let (host, _) = split_port(own.host);
    authority.eq_ignore_ascii_case(own.host)
        || name.eq_ignore_ascii_case(host) && port.is_none_or(|port| port.parse().ok() == own.port && own.port.is_some())
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (authority, None),
    }
}

/// The scheme, in lower case, of a URL with a host, and what follows `//`; `None`: a URL without a host.
fn split_scheme(url: &str) -> Option<(Option<&'static str>, &str)> {
    if let Some(rest) = url.strip_prefix("//") {
        return Some((None, rest));
    }
    let (scheme, rest) = url.split_once("://")?;
    match scheme {
        _ if scheme.eq_ignore_ascii_case("http") => Some((Some("http"), rest)),
        _ if scheme.eq_ignore_ascii_case("https") => Some((Some("https"), rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Own<'static> = Own {
        upstream: Some("10.0.0.7:8081"),
        port: Some(8081),
        origin: "https://portal.example.com",
        host: "alias.example.com:8443",
    };

    fn rewritten(location: &'static str) -> Option<String> {
        rewrite(&HeaderValue::from_static(location), OWN).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_upstreams_own_address_becomes_the_portals() {
        for (location, target) in [
            ("http://10.0.0.7:8081/a?b#c", "https://portal.example.com/a?b#c"),
            ("HTTP://10.0.0.7:8081", "https://portal.example.com"),
            ("https://10.0.0.7:8081/", "https://portal.example.com/"),
            ("//10.0.0.7:8081/a", "https://portal.example.com/a"),
            ("http://alias.example.com:8443/a", "https://alias.example.com:8443/a"),
            ("http://alias.example.com/a", "https://alias.example.com:8443/a"),
            ("http://alias.example.com:80/a", "https://alias.example.com:8443/a"),
            ("http://alias.example.com:8081/a", "https://alias.example.com:8443/a"),
        ] {
            assert_eq!(rewritten(location).as_deref(), Some(target), "{location}");
        }
    }

    #[test]
    fn all_other_redirects_stay() {
        for location in [
            "/a",
            "a",
            "?a=http://10.0.0.7:8081/",
            "https://alias.example.com:8443/a",
            "https://alias.example.com/a",
            "http://alias.example.com:9999/",
            "http://10.0.0.7/",
            "http://10.0.0.7:8081.evil.example/",
            "http://me@10.0.0.7:8081/",
            "ftp://10.0.0.7:8081/",
            "//alias.example.com/",
        ] {
            assert_eq!(rewritten(location), None, "{location}");
        }
    }

    #[test]
    fn a_refresh_is_a_redirect_too() {
        let refresh = |text: &'static str| {
            rewrite_refresh(&HeaderValue::from_static(text), OWN).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(refresh("5; URL=http://10.0.0.7:8081/a").as_deref(), Some("5; URL=https://portal.example.com/a"));
        assert_eq!(refresh("0;url='http://10.0.0.7:8081/a'").as_deref(), Some("0;url='https://portal.example.com/a'"));
        assert_eq!(refresh("5"), None);
        assert_eq!(refresh("5; url=/a"), None);
    }
}
