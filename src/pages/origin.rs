//! Who may see our pages and post our forms: a person who navigates, from our own origin. The portal shares the origin, so its
//! scripts and frames are told apart by the fetch metadata that browsers send (W3C Fetch Metadata).

use http::HeaderMap;
use http::header::ORIGIN;

/// How a request came to be, as far as the browser tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A person navigates a window; also whatever sends no fetch metadata.
    Navigation,
    /// A frame, object or embed of another page.
    Frame,
    /// A script, a style sheet, an image, anything else.
    Script,
}

/// How this request came to be. A header that is there twice or is no plain text counts as a script's.
pub fn way(headers: &HeaderMap) -> Way {
    match (single(headers, "sec-fetch-mode"), single(headers, "sec-fetch-dest")) {
        (Sent::Text("navigate") | Sent::Absent, Sent::Text("document") | Sent::Absent) => Way::Navigation,
        (_, Sent::Text("iframe" | "frame" | "fencedframe" | "embed" | "object")) => Way::Frame,
        _ => Way::Script,
    }
}

/// Whether HTML of ours may be the answer: a navigation of a window, where the headers are sent.
pub fn is_navigation(headers: &HeaderMap) -> bool {
    way(headers) == Way::Navigation
}

/// Whether a form may be taken: `Sec-Fetch-Site: same-origin`, or, without that header, the exact `Origin`. With neither: no.
pub fn form_allowed(headers: &HeaderMap, origin: &str) -> bool {
    match single(headers, "sec-fetch-site") {
        Sent::Text(site) => site == "same-origin",
        Sent::Absent => matches!(single(headers, ORIGIN.as_str()), Sent::Text(sent) if sent == origin),
        Sent::Unclear => false,
    }
}

/// Whether a person has sent a form from a page of this origin: `Sec-Fetch-Site: same-origin` and `Sec-Fetch-User: ?1`. Where a
/// browser does not send one of them, the exact `Origin` stands in for it.
pub fn sent_by_person(headers: &HeaderMap, origin: &str) -> bool {
    let exact = || matches!(single(headers, ORIGIN.as_str()), Sent::Text(sent) if sent == origin);
    match (single(headers, "sec-fetch-site"), single(headers, "sec-fetch-user")) {
        (Sent::Text("same-origin"), Sent::Text("?1")) => true,
        (Sent::Text("same-origin") | Sent::Absent, Sent::Absent) => exact(),
        _ => false,
    }
}

enum Sent<'a> {
    Absent,
    Text(&'a str),
    Unclear,
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Sent<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(http::HeaderValue::to_str), values.next()) {
        (None, _) => Sent::Absent,
        (Some(Ok(text)), None) => Sent::Text(text),
        _ => Sent::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "https://portal.example.com";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_form_is_taken_from_our_own_origin_only() {
        let allowed = |pairs: &[(&'static str, &str)]| form_allowed(&headers(pairs), HOME);
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("origin", HOME)]));
        assert!(!allowed(&[]));
        assert!(!allowed(&[("referer", HOME)]));
        for site in ["same-site", "cross-site", "none", "", "Same-Origin", "same-origin, same-origin"] {
            assert!(!allowed(&[("sec-fetch-site", site), ("origin", HOME)]), "{site}");
        }
        assert!(!allowed(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")]));
        for origin in [
            "null",
            "http://portal.example.com",
            "https://portal.example.com.evil",
            "https://portal.example.com/",
            "HTTPS://portal.example.com",
        ] {
            assert!(!allowed(&[("origin", origin)]), "{origin}");
        }
        assert!(!allowed(&[("origin", HOME), ("origin", HOME)]));
    }

    #[test]
    fn pages_go_to_windows_only() {
        let of = |pairs: &[(&'static str, &str)]| way(&headers(pairs));
        assert_eq!(of(&[]), Way::Navigation);
        assert_eq!(of(&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]), Way::Navigation);
        for frame in ["iframe", "frame", "fencedframe", "embed", "object"] {
            assert_eq!(of(&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", frame)]), Way::Frame);
        }
        for (mode, dest) in
            [("cors", "empty"), ("same-origin", "empty"), ("no-cors", "image"), ("navigate", "empty"), ("cors", "document")]
        {
            assert_eq!(of(&[("sec-fetch-mode", mode), ("sec-fetch-dest", dest)]), Way::Script, "{mode} {dest}");
        }
        assert_eq!(of(&[("sec-fetch-mode", "navigate"), ("sec-fetch-mode", "navigate")]), Way::Script);
    }
}
