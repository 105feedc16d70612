//! Who is asking, as far as a browser tells, and so who is answered with HTML: decided here, for the gate's own refusals and for
//! every page of ours. The portal shares our origin, so its scripts and frames are told apart from a person in front of a
//! window by the fetch metadata that browsers send (W3C Fetch Metadata).

use http::{HeaderMap, HeaderValue, header};

/// Who is asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A person navigates a window: gets HTML.
    Window,
    /// A frame, object or embed of another page navigates: HTML for a window would not even be shown there.
    Frame,
    /// A script, a style sheet, an image, a socket, anything else that a page asks for.
    Script,
    /// Sends no fetch metadata and does not ask for HTML by name: an API client, a tool.
    Tool,
}

impl Audience {
    /// By fetch metadata; without any, whoever accepts HTML by name is a person. A header that is there twice or is no plain
    /// text counts as a script's.
    pub fn of(headers: &HeaderMap) -> Self {
        if headers.contains_key(header::UPGRADE) {
            return Self::Script;
        }
        match (single(headers, "sec-fetch-mode"), single(headers, "sec-fetch-dest")) {
            (_, Sent::Text("iframe" | "frame" | "fencedframe" | "embed" | "object")) => Self::Frame,
            (Sent::Text("navigate"), Sent::Text("document") | Sent::Absent) | (Sent::Absent, Sent::Text("document")) => {
                Self::Window
            }
            (Sent::Absent, Sent::Absent) if accepts_html(headers) => Self::Window,
            (Sent::Absent, Sent::Absent) => Self::Tool,
            _ => Self::Script,
        }
    }

    /// Whether a person has gone somewhere, be it in a window or in a frame.
    pub fn navigates(self) -> bool {
        matches!(self, Self::Window | Self::Frame)
    }
}

/// A header of which there must not be two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent<'a> {
    /// Not there.
    Absent,
    /// There once.
    Text(&'a str),
    /// There twice, or no plain text.
    Unclear,
}

/// What a client sent under this name.
pub fn single<'a>(headers: &'a HeaderMap, name: &str) -> Sent<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => Sent::Absent,
        (Some(Ok(text)), None) => Sent::Text(text),
        _ => Sent::Unclear,
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|accept| accept.to_str().is_ok_and(names_html))
}

fn names_html(accept: &str) -> bool {
    accept.split(',').any(|part| part.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&'static str, &str)]) -> Audience {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        Audience::of(&headers)
    }

    #[test]
    fn html_goes_to_windows_only() {
        assert_eq!(of(&[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]), Audience::Window);
        assert_eq!(of(&[("sec-fetch-mode", "navigate")]), Audience::Window);
        assert_eq!(of(&[("accept", "application/xml;q=0.9, Text/HTML;q=0.1")]), Audience::Window, "before fetch metadata");
        for frame in ["iframe", "frame", "fencedframe", "embed", "object"] {
            let sent = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", frame), ("accept", "text/html")];
            assert_eq!(of(&sent), Audience::Frame);
        }
        for (mode, dest) in
            [("cors", "empty"), ("same-origin", "empty"), ("no-cors", "image"), ("navigate", "empty"), ("cors", "document")]
        {
            let sent = [("sec-fetch-mode", mode), ("sec-fetch-dest", dest), ("accept", "text/html")];
            assert_eq!(of(&sent), Audience::Script, "{mode} {dest}");
        }
        assert_eq!(of(&[("sec-fetch-mode", "navigate"), ("sec-fetch-mode", "navigate")]), Audience::Script);
        assert_eq!(of(&[("sec-fetch-mode", "navigate"), ("upgrade", "websocket")]), Audience::Script);
        for tool in [&[][..], &[("accept", "*/*")], &[("accept", "text/htmlx")]] {
            assert_eq!(of(tool), Audience::Tool, "{tool:?}");
        }
    }
}
