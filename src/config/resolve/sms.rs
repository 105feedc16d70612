//! `[sms]`: which gateway delivers texts, and to which countries. Left out, no text is ever sent and nobody is asked for a mobile.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use secrecy::SecretString;
use url::{Host, Url};

use super::reader::{Complaint, Reader, one_of};
use super::tls::{authorities, private};
use crate::config::model::SmsConfig;
use crate::config::schema::{Standard, find, section};
use crate::notify::mobile::{CallingCodes, is_calling_code};
use crate::notify::sms::{Provider, Sender, Template, Twilio, Webhook};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Off,
    Twilio,
    Webhook,
    Log,
}

/// The keys that only one provider has a use for.
const OF_TWILIO: [&str; 4] = ["account", "token_file", "from", "api"];
const OF_WEBHOOK: [&str; 7] = ["url", "method", "headers", "headers_file", "content_type", "body", "success"];

/// `None`: there is none, or something has been complained about. `alone`: nobody but this machine reaches the gate.
pub(super) fn resolve(reader: &mut Reader<'_>, alone: bool) -> Option<SmsConfig> {
    let words = [("off", Kind::Off), ("twilio", Kind::Twilio), ("webhook", Kind::Webhook), ("log", Kind::Log)];
    let kind = reader.word("provider", &words)?;
    foreign_keys(reader, kind);
    let countries = reader.list("countries", calling_code);
    let daily_limit = u32::try_from(reader.number("daily_limit", &(1..=1_000_000))).unwrap_or(u32::MAX);
    let provider = match kind {
        Kind::Off => return None,
        Kind::Twilio => twilio(reader).map(Provider::Twilio),
        Kind::Webhook => webhook(reader).map(Provider::Webhook),
        Kind::Log => log(reader, alone).then_some(Provider::Log),
    };
    if countries.is_empty() {
        let right = "write countries = [\"1\", \"44\"], the calling codes that texts may be sent to";
        reader.complain("countries", Complaint::new("names no country", right));
        return None;
    }
    Some(SmsConfig { provider: provider?, countries: CallingCodes::new(countries), daily_limit })
}

fn foreign_keys(reader: &mut Reader<'_>, kind: Kind) {
    let lists: &[&[&str]] = match kind {
        Kind::Off | Kind::Log => &[&OF_TWILIO, &OF_WEBHOOK],
        Kind::Twilio => &[&OF_WEBHOOK],
        Kind::Webhook => &[&OF_TWILIO],
    };
    for key in lists.iter().copied().flatten() {
        if is_written(reader, key) {
            reader.complain(
                key,
                Complaint::new("is nothing that this provider has", "take it out, or choose the provider that it belongs to"),
            );
        }
    }
}

/// Whether somebody wrote something else than what holds anyway.
fn is_written(reader: &Reader<'_>, key: &str) -> bool {
    let standard = section("sms").and_then(|keys| find(keys, key));
    match reader.table.find(key).map(|value| &value.kind) {
        Some(config::ValueKind::String(text)) => !matches!(standard, Some(Standard::Text(same)) if same == text),
        Some(config::ValueKind::Array(items)) => !items.is_empty(),
        _ => false,
    }
}

fn calling_code(text: &str) -> Result<u16, Complaint> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits
        .parse()
        .ok()
        .filter(|code| plain && is_calling_code(*code))
        .ok_or_else(|| Complaint::new("is no calling code", "give the digits after the plus, like \"1\" or \"44\""))
}

/// A code in a log opens accounts to whoever reads it.
fn log(reader: &mut Reader<'_>, alone: bool) -> bool {
    if !alone {
        let right = "use twilio or webhook; \"log\" is for trying things out with listen.https on 127.0.0.1";
        reader.complain("provider", Complaint::new("writes codes that open accounts into the log", right));
    }
    alone
}

fn twilio(reader: &mut Reader<'_>) -> Option<Twilio> {
    let base = reader.parse("api", |text| address(text, "https://api.twilio.com"));
    let account = given(reader, "account", "\"AC…\", as Twilio's console shows it", |text| sid(text, "AC"));
    let sender = given(reader, "from", "\"+12035550100\", or a messaging service \"MG…\"", sender);
    let token = secret(reader, "token_file", "the file with the account's auth token");
    let authorities = authorities(reader, "gateway")?;
    Some(Twilio { base: base?, account: account?, token: token?, sender: sender?, authorities })
}

fn sid(text: &str, prefix: &str) -> Result<String, Complaint> {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    let fits = rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| text.to_owned())
        .ok_or_else(|| Complaint::new("is no id of Twilio's", format!("give {prefix} and 32 hexadecimal digits")))
}

fn sender(text: &str) -> Result<Sender, Complaint> {
    if text.starts_with("MG") && text.len() > 11 {
        return sid(text, "MG").map(Sender::Service);
    }
    let number = text
        .strip_prefix('+')
        .is_some_and(|rest| rest.len() > 4 && rest.len() < 16 && rest.bytes().all(|byte| byte.is_ascii_digit()));
    let name = (1..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    let short_code = (3..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if number || name || short_code {
        return Ok(Sender::From(text.to_owned()));
    }
    Err(Complaint::new(
        "is nobody that texts come from",
        "give a number like \"+12035550100\", a name of up to 11 letters, or a messaging service \"MG…\"",
    ))
}

fn webhook(reader: &mut Reader<'_>) -> Option<Webhook> {
    let method = reader.parse("method", |text| one_of(text, &[("POST", 0), ("PUT", 1), ("GET", 2)])).map(|at| match at {
        0 => Method::POST,
        1 => Method::PUT,
        _ => Method::GET,
    });
    let url = given(reader, "url", "\"https://sms.example.com/send\"", webhook_address);
    let media_type = reader.parse("content_type", |text| {
        HeaderValue::from_str(text).map_err(|_| Complaint::new("is no media type", "give one like \"application/json\""))
    });
    let media = media_type.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body = reader.parse("body", |text| match text {
        "" => Ok(None),
        _ => Template::body(text, &media).map(Some).map_err(|error| gap(&error)),
    });
    let success = reader.parse("success", |text| Ok(text.to_owned()));
    let headers = headers(reader, media_type);
    let authorities = authorities(reader, "gateway")?;
    let (url, body) = (url?, body?);
    let says = |gap: &str| url.has(gap) || body.as_ref().is_some_and(|body| body.has(gap));
    if let Some(missing) = ["to", "text"].into_iter().find(|gap| !says(gap)) {
        let right = format!("write {{{missing}}} where it belongs, in url or in body");
        reader.complain("body", Complaint::new(format!("and url leave out {{{missing}}}"), right));
        return None;
    }
    Some(Webhook { method: method?, url, headers: headers?, body, success: success?, authorities })
}

/// An address whose gaps stand behind its host.
fn webhook_address(text: &str) -> Result<Template, Complaint> {
    let filled = Template::address(text).map_err(|error| gap(&error))?;
    let one = address(&filled.fill("1", "1"), "https://sms.example.com/send")?;
    let other = address(&filled.fill("2", "2"), "https://sms.example.com/send")?;
    if one.origin() != other.origin() || !one.username().is_empty() {
        return Err(Complaint::new(
            "has a gap in its host, or a user",
            "put the gaps into path or query, and a user into a header",
        ));
    }
    Ok(filled)
}

fn gap(error: &crate::notify::sms::TemplateError) -> Complaint {
    Complaint::new(error.to_string(), "the gaps are {to} and {text}; in JSON they bring their own quotes")
}

/// Where codes are sent to: verified TLS, or this machine.
fn address(text: &str, example: &str) -> Result<Url, Complaint> {
    let right = format!("give an address like {example}");
    let url = Url::parse(text).map_err(|error| Complaint::new(format!("is no address ({error})"), right.clone()))?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(Complaint::new("names no host", right)),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if here => Ok(url),
        "http" => Err(Complaint::new("sends codes unencrypted to another machine", "write https://")),
        _ => Err(Complaint::new("is reached by something else than https", right)),
    }
}

/// `Name: value` each, here or in a file that only we may read.
fn headers(reader: &mut Reader<'_>, media_type: Option<HeaderValue>) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    let mut lines = reader.list("headers", header);
    let listed = matches!(reader.table.find("headers").map(|value| &value.kind), Some(config::ValueKind::Array(all)) if all.len() == lines.len());
    if is_written(reader, "headers_file") {
        let file = reader.path("headers_file")?;
        let text = private(reader, "headers_file", &file)?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match header(line) {
                Ok(found) => lines.push(found),
                Err(complaint) => {
                    reader.complain("headers_file", complaint);
                    return None;
                }
            }
        }
    }
    map.insert(http::header::CONTENT_TYPE, media_type?);
    for (name, mut value) in lines {
        value.set_sensitive(true);
        map.append(name, value);
    }
    listed.then_some(map)
}

fn header(line: &str) -> Result<(HeaderName, HeaderValue), Complaint> {
    let complaint = || Complaint::new("is no header", "write \"Name: value\"");
    let (name, value) = line.split_once(':').ok_or_else(complaint)?;
    let name: HeaderName = name.trim().parse().map_err(|_| complaint())?;
    if matches!(name.as_str(), "content-type" | "content-length" | "host" | "transfer-encoding" | "connection") {
        return Err(Complaint::new("is a header that is made here", "take it out; the media type is sms.content_type"));
    }
    Ok((name, HeaderValue::from_str(value.trim()).map_err(|_| complaint())?))
}

fn given<T>(reader: &mut Reader<'_>, key: &str, example: &str, make: impl FnOnce(&str) -> Result<T, Complaint>) -> Option<T> {
    if !is_written(reader, key) {
        let right = format!("write {key} = {example}");
        reader.complain("provider", Complaint::new(format!("needs {key}"), right));
        return None;
    }
    reader.parse(key, make)
}

fn secret(reader: &mut Reader<'_>, key: &str, what: &str) -> Option<SecretString> {
    if !is_written(reader, key) {
        reader.complain("provider", Complaint::new(format!("needs {key}"), format!("name {what}, readable by its owner alone")));
        return None;
    }
    let file = reader.path(key)?;
    let text = private(reader, key, &file)?;
    let line = text.trim();
    if line.is_empty() || line.contains(char::is_control) {
        reader.complain(key, Complaint::new("holds no single line", format!("write nothing but {what} holds into it")));
        return None;
    }
    Some(SecretString::from(line))
}
