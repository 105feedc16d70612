//! Any SMS gateway that is one HTTP request away. Address and body are templates of the operator's with two gaps, `{to}` and
//! `{text}`; what goes into a gap is encoded for the place where it stands.

use std::fmt;

use async_trait::async_trait;
use http::{HeaderMap, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::notify::mobile::Mobile;
use crate::notify::sms::{Answer, Gateway, TextError, ask, client};

/// How a value is written into a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// As a string of JSON (RFC 8259), with its quotes.
    Json,
    /// Percent-encoded: a form or an address.
    Percent,
    /// As it is.
    Plain,
}

/// A text with gaps.
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    encoding: Encoding,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A gap that nothing is known for.
    #[error("has a gap {{{0}}} that nothing belongs into")]
    UnknownGap(String),
    /// In JSON a gap brings its own quotes.
    #[error("has quotes around {{{0}}}, which brings its own in JSON")]
    Quoted(String),
}

impl Template {
    /// An address: what goes in is percent-encoded.
    pub fn address(text: &str) -> Result<Self, TemplateError> {
        Self::new(text, Encoding::Percent)
    }

    /// A body of this media type.
    pub fn body(text: &str, media_type: &str) -> Result<Self, TemplateError> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let encoding = match essence.as_str() {
            "application/x-www-form-urlencoded" => Encoding::Percent,
            json if json == "application/json" || json.ends_with("+json") => Encoding::Json,
            _ => Encoding::Plain,
        };
        Self::new(text, encoding)
    }

    fn new(text: &str, encoding: Encoding) -> Result<Self, TemplateError> {
        for gap in gaps(text) {
            if !matches!(gap, "to" | "text") {
                return Err(TemplateError::UnknownGap(gap.to_owned()));
            }
            if encoding == Encoding::Json && text.contains(&format!("\"{{{gap}}}\"")) {
                return Err(TemplateError::Quoted(gap.to_owned()));
            }
        }
        Ok(Self { text: text.to_owned(), encoding })
    }

    /// Whether the number goes in somewhere.
    pub fn has(&self, gap: &str) -> bool {
        gaps(&self.text).any(|found| found == gap)
    }

    /// With the gaps filled in, in one pass: what was filled in is not looked at again.
    pub fn fill(&self, to: &str, text: &str) -> String {
        let mut filled = String::with_capacity(self.text.len() + text.len() * 3);
        let mut rest = self.text.as_str();
        while let Some((before, gap, after)) = next_gap(rest) {
            filled.push_str(before);
            filled.push_str(&self.encoded(if gap == "to" { to } else { text }));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn encoded(&self, value: &str) -> String {
        match self.encoding {
            Encoding::Json => serde_json::Value::from(value).to_string(),
            Encoding::Percent => utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
            Encoding::Plain => value.to_owned(),
        }
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may have a key of the gateway's in it.
        write!(f, "Template({:?}, {} characters)", self.encoding, self.text.chars().count())
    }
}

/// What stands before the next `{word}`, the word, and what stands after it.
fn next_gap(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(open) = text.get(from..)?.find('{').map(|at| from + at) {
        let inside = text.get(open + 1..)?;
        let length = inside.bytes().take_while(|byte| byte.is_ascii_lowercase() || *byte == b'_').count();
        if length > 0 && inside.as_bytes().get(length) == Some(&b'}') {
            return Some((text.get(..open)?, inside.get(..length)?, inside.get(length + 1..)?));
        }
        from = open + 1;
    }
    None
}

fn gaps(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, gap, after) = next_gap(rest)?;
        rest = after;
        Some(gap)
    })
}

/// A gateway's request, and how its answer is read.
#[derive(Clone)]
pub struct Webhook {
    /// GET, POST or PUT.
    pub method: Method,
    /// Where to. Its host has no gap.
    pub url: Template,
    /// Sent with it, `Content-Type` among them; may hold a key.
    pub headers: HeaderMap,
    /// What is sent; `None`: nothing.
    pub body: Option<Template>,
    /// Must stand in the answer for the text to count as sent, beside a status of 2xx; empty: the status is enough.
    pub success: String,
    /// PEM: the only certificates that may vouch for the server; `None`: those that the system trusts.
    pub authorities: Option<String>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().collect();
        let mut shown = f.debug_struct("Webhook");
        shown.field("method", &self.method).field("url", &self.url).field("headers", &headers).field("body", &self.body);
        shown.finish_non_exhaustive()
    }
}

impl Webhook {
    pub(super) fn gateway(self) -> Result<impl Gateway, String> {
        Ok(Ready { client: client(self.authorities.as_deref())?, webhook: self })
    }

    fn judge(&self, answer: &Answer) -> Result<(), TextError> {
        let status = answer.status;
        if !(200..300).contains(&status) {
            return Err(TextError::Away(format!("the gateway answered {status}")));
        }
        if !answer.body.contains(&self.success) {
            return Err(TextError::Away(format!("the gateway answered {status}, without the text that means success")));
        }
        Ok(())
    }
}

struct Ready {
    client: reqwest::Client,
    webhook: Webhook,
}

#[async_trait]
impl Gateway for Ready {
    async fn send(&self, to: &Mobile, text: &str) -> Result<(), TextError> {
        let Webhook { method, url, headers, body, .. } = &self.webhook;
        let to = to.as_e164();
        let mut request = self.client.request(method.clone(), url.fill(to, text)).headers(headers.clone());
        if let Some(body) = body {
            request = request.body(body.fill(to, text));
        }
        self.webhook.judge(&ask(request).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_is_encoded_for_its_place_and_not_looked_at_again() {
        let (to, text) = ("+12035550123", "\"{to}\" & 5% of ü\n");
        let json = Template::body(r#"{"to": {to}, "m": {text}}"#, "application/json; charset=utf-8").unwrap();
        let read: serde_json::Value = serde_json::from_str(&json.fill(to, text)).unwrap();
        assert_eq!((read["to"].as_str(), read["m"].as_str()), (Some(to), Some(text)));
        let form = Template::body("to={to}&text={text}", "application/x-www-form-urlencoded").unwrap();
        let read: Vec<_> = url::form_urlencoded::parse(form.fill(to, text).as_bytes()).into_owned().collect();
        assert_eq!(read, [("to".to_owned(), to.to_owned()), ("text".to_owned(), text.to_owned())]);
        let address = Template::address("https://sms.example.com/send?to={to}&m={text}").unwrap();
        let read = url::Url::parse(&address.fill(to, text)).unwrap();
        assert_eq!(read.query_pairs().count(), 2);
        assert_eq!(Template::body("{text}", "text/plain").unwrap().fill(to, text), text);
    }

    #[test]
    fn a_gap_that_nothing_belongs_into_is_a_mistake() {
        assert_eq!(Template::address("https://x/{number}"), Err(TemplateError::UnknownGap("number".to_owned())));
        assert_eq!(Template::body(r#"{"a": "{to}"}"#, "application/json"), Err(TemplateError::Quoted("to".to_owned())));
        let none = Template::body(r#"{"a": {"b": {} } }"#, "application/json").unwrap();
        assert!(!none.has("to") && !none.has("text"));
        assert_eq!(none.fill("x", "y"), r#"{"a": {"b": {} } }"#);
    }

    #[test]
    fn success_is_2xx_and_the_right_words() {
        let webhook = Webhook {
            method: Method::GET,
            url: Template::address("https://sms.example.com/").unwrap(),
            headers: HeaderMap::new(),
            body: None,
            success: "OK".to_owned(),
            authorities: None,
        };
        let judge = |status, body: &str| webhook.judge(&Answer { status, body: body.to_owned() });
        assert_eq!(judge(202, "OK 1"), Ok(()));
        for (status, body) in [(200, "ERR 5"), (302, "OK"), (400, "OK"), (500, "")] {
            assert!(judge(status, body).is_err(), "{status} {body}");
        }
    }
}
