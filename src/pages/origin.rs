//! Who may post our forms: our own pages alone. The portal shares the origin; what tells its scripts apart is
//! [`Audience`](crate::http::audience::Audience).

use http::HeaderMap;
use http::header::ORIGIN;

use crate::http::audience::{Sent, single};

/// Whether another site has sent the browser here, as far as the browser tells.
pub fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    !matches!(single(headers, "sec-fetch-site"), Sent::Absent | Sent::Text("same-origin" | "none"))
}

/// Where a form was sent to, as origins say it.
#[derive(Clone, Copy, Debug)]
pub struct Home<'a> {
    /// The origin of the portal's own address.
    pub origin: &'a str,
    /// The host (and port) that the request names, which is one of the portal's: it may have further ones.
    pub host: &'a str,
}

impl Home<'_> {
    fn is(self, sent: &str) -> bool {
        sent == self.origin || sent.strip_prefix("https://").is_some_and(|host| host == self.host && !host.is_empty())
    }
}

/// Whether a form may be taken: `Sec-Fetch-Site: same-origin`, or, without that header, the exact `Origin`. With neither: no.
/// Where both are sent, they must not disagree; `null` does not, since browsers that tell nobody where a form comes from
/// (`Referrer-Policy: no-referrer`, or by their own settings) write that for our own pages too.
pub fn form_allowed(headers: &HeaderMap, home: Home<'_>) -> bool {
    match (single(headers, "sec-fetch-site"), single(headers, ORIGIN.as_str())) {
        (Sent::Text(site), Sent::Absent | Sent::Text("null")) => site == "same-origin",
        (Sent::Text(site), Sent::Text(sent)) => site == "same-origin" && home.is(sent),
        (Sent::Absent, Sent::Text(sent)) => home.is(sent),
        _ => false,
    }
}

/// Whether a person has sent a form from a page of this origin: `Sec-Fetch-Site: same-origin` and `Sec-Fetch-User: ?1`. Where a
/// browser does not send one of them, the exact `Origin` stands in for it.
pub fn sent_by_person(headers: &HeaderMap, home: Home<'_>) -> bool {
    let exact = || matches!(single(headers, ORIGIN.as_str()), Sent::Text(sent) if home.is(sent));
    match (single(headers, "sec-fetch-site"), single(headers, "sec-fetch-user")) {
        (Sent::Text("same-origin"), Sent::Text("?1")) => true,
        (Sent::Text("same-origin") | Sent::Absent, Sent::Absent) => exact(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "https://portal.example.com";

    #[test]
    fn a_form_is_taken_from_our_own_origin_only() {
        let allowed = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, value.parse().unwrap());
            }
            form_allowed(&headers, Home { origin: HOME, host: "other.example.com:8443" })
        };
        let same = ("sec-fetch-site", "same-origin");
        assert!(allowed(&[same]) && allowed(&[same, ("origin", HOME)]) && allowed(&[same, ("origin", "null")]));
        assert!(allowed(&[("origin", HOME)]));
        let further = ("origin", "https://other.example.com:8443");
        assert!(allowed(&[further]) && allowed(&[same, further]));
        assert!(!allowed(&[("origin", "https://other.example.com")]) && !allowed(&[("origin", "http://other.example.com:8443")]));
        assert!(!allowed(&[]));
        assert!(!allowed(&[("referer", HOME)]));
        for site in ["same-site", "cross-site", "none", "", "Same-Origin", "same-origin, same-origin"] {
            assert!(!allowed(&[("sec-fetch-site", site), ("origin", HOME)]), "{site}");
        }
        assert!(!allowed(&[same, same]));
        assert!(!allowed(&[("origin", "null")]));
        for origin in [
            "http://portal.example.com",
            "https://portal.example.com.evil",
            "https://portal.example.com/",
            "HTTPS://portal.example.com",
            "https://evil.example",
            "",
        ] {
            assert!(!allowed(&[("origin", origin)]), "{origin}");
            assert!(!allowed(&[same, ("origin", origin)]), "{origin}: the two disagree");
        }
        assert!(!allowed(&[("origin", HOME), ("origin", HOME)]));
        assert!(!allowed(&[same, ("origin", HOME), ("origin", HOME)]));
    }
}
