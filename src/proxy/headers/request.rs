//! The headers of the upstream request: what the client sent without what is not the client's to say, then what we say.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::IpAddr;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::percent_decode;

use crate::access::Permit;
use crate::access::host::canonical_host;
use crate::portal;
use crate::proxy::forward::ForwardContext;
use crate::proxy::headers::cookies;
use crate::proxy::headers::names::{Fate, fate};
use crate::proxy::outbound::RequestBody;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Builds them. The order is the security property: what belongs to the hop goes first, then every name that is ours in every
/// spelling, then our cookies; only then is ours put in, so that nothing the client sent, not even a `Connection` that names
/// one of our headers, can take it away or stand beside it.
pub fn build(
    head: &Parts,
    permit: &Permit,
    context: &ForwardContext,
    body: &RequestBody,
    tunnel: bool,
) -> Result<HeaderMap, http::Error> {
    let sent = &head.headers;
    let mut headers = HeaderMap::with_capacity(sent.len() + 12);
    let host = permit.target().host.header()?;
    headers.insert(header::HOST, host.clone());
    let listed = Listed::of(sent);
    let (mut cookies, mut referred) = (false, false);
    for (name, value) in sent {
        match fate(name) {
            Fate::Keep if !listed.names(name) => {
                referred |= *name == header::REFERER;
                headers.append(name.clone(), value.clone());
            }
            Fate::Cookie => cookies = true,
            Fate::Keep | Fate::Drop => {}
        }
    }
    // An address of ours may hold the token of a link.
    if referred && headers.get_all(header::REFERER).iter().any(names_ours) {
        headers.remove(header::REFERER);
    }
    if cookies && let Some(cookies) = cookies::without_ours(sent) {
        headers.insert(header::COOKIE, cookies);
    }
    frame(&mut headers, &permit.target().method, body, tunnel);
    tell_forwarded(&mut headers, sent, (permit, context), host)?;
    headers.insert(X_REQUEST_ID, context.request_id.clone());
    portal::apply(permit.target().portal.sign_on, permit, &mut headers);
    Ok(headers)
}

/// What the upstream would be told about a request in headers of ours, for somebody who asks.
pub fn told(permit: &Permit, client: IpAddr, request_id: HeaderValue) -> Vec<(String, String)> {
    let mut head = http::Request::new(()).into_parts().0;
    head.method = permit.target().method.clone();
    let context =
        ForwardContext { client, peer: client, peer_is_trusted: false, forwarded_agrees: false, request_id, upgrade: None };
    let headers = build(&head, permit, &context, &RequestBody::Empty, false).unwrap_or_default();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .filter(|(name, _)| **name != header::CONTENT_LENGTH)
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

/// Whether an address leads to a page of ours, also where it is written in another way.
fn names_ours(address: &HeaderValue) -> bool {
    const OURS: &[u8] = b"/.vestibule";
    let address: Cow<'_, [u8]> = percent_decode(address.as_bytes()).into();
    address.windows(OURS.len()).any(|part| part.eq_ignore_ascii_case(OURS))
}

/// How the body is framed; what hyper does not do by itself.
fn frame(headers: &mut HeaderMap, method: &Method, body: &RequestBody, tunnel: bool) {
    if tunnel {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    } else if body.is_empty() {
        // Servers may insist on a length where a body is usual (RFC 9110, section 8.6).
        if matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
    } else if body.size_hint().exact().is_none() {
        // Said aloud, since hyper takes a GET without a length for one without a body.
        headers.insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
}

/// `X-Forwarded-*` and `Forwarded` (RFC 7239): appended to what a trusted proxy says, in place of what anybody else says.
fn tell_forwarded(
    headers: &mut HeaderMap,
    sent: &HeaderMap,
    (permit, context): (&Permit, &ForwardContext),
    host: HeaderValue,
) -> Result<(), http::Error> {
    if context.peer_is_trusted {
        return append_forwarded(headers, sent, (permit, context), host);
    }
    let mut line = Line::default();
    line.put_address(context.client.to_canonical());
    let from = line.value()?;
    line.clear();
    put_for(&mut line, from.as_bytes());
    put_host(&mut line, &host);
    headers.insert(X_FORWARDED_FOR, from);
    headers.insert(header::FORWARDED, line.value()?);
    headers.insert(X_FORWARDED_HOST, host);
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static("https"));
    Ok(())
}

/// The same behind a trusted proxy. One that sets only some of these headers hands on what a client wrote into the others, and a
/// portal may make addresses of them: so a host is told only if it is one of this portal's, and a scheme only if it is one.
fn append_forwarded(
    headers: &mut HeaderMap,
    sent: &HeaderMap,
    (permit, context): (&Permit, &ForwardContext),
    host: HeaderValue,
) -> Result<(), http::Error> {
    // Whoever is trusted to say where a request came from is a hop itself.
    let from = context.peer.to_canonical();
    let first = |name: &HeaderName| sent.get(name).cloned();
    // One that the proxy did not write is told as the other one says.
    let client = Some(context.client.to_canonical()).filter(|client| *client != from);

    let mut line = Line::default();
    match client.filter(|_| !sent.contains_key(X_FORWARDED_FOR)) {
        Some(client) => {
            line.put_address(client);
            line.put(b", ");
        }
        None => join(&mut line, sent.get_all(X_FORWARDED_FOR).iter()),
    }
    line.put_address(from);
    headers.insert(X_FORWARDED_FOR, line.value()?);

    line.clear();
    if context.forwarded_agrees {
        join(&mut line, sent.get_all(header::FORWARDED).iter());
    } else if let Some(client) = client {
        put_for(&mut line, client.to_string().as_bytes());
        line.put(b", ");
    }
    put_for(&mut line, from.to_string().as_bytes());
    put_host(&mut line, &host);
    headers.insert(header::FORWARDED, line.value()?);

    let hosts = &permit.target().portal.hosts;
    headers.insert(X_FORWARDED_HOST, first(&X_FORWARDED_HOST).filter(|told| is_one_of(hosts, told)).unwrap_or(host));
    let proto = first(&X_FORWARDED_PROTO).filter(|told| matches!(told.as_bytes(), b"http" | b"https"));
    headers.insert(X_FORWARDED_PROTO, proto.unwrap_or(HeaderValue::from_static("https")));
    Ok(())
}

fn is_one_of(hosts: &[String], told: &HeaderValue) -> bool {
    told.to_str().ok().and_then(|told| canonical_host(told).ok()).is_some_and(|told| hosts.contains(&told))
}

fn put_for(line: &mut Line, address: &[u8]) {
    // An IPv6 address (RFC 7239, section 6).
    let bracketed = address.contains(&b':');
    line.put(if bracketed { b"for=\"[" } else { b"for=" });
    line.put(address);
    line.put(if bracketed { b"]\"" } else { b"" });
}

fn put_host(line: &mut Line, host: &HeaderValue) {
    line.put(b";host=\"");
    line.put(host.as_bytes());
    line.put(b"\";proto=https");
}

fn join<'a>(line: &mut Line, values: impl Iterator<Item = &'a HeaderValue>) {
    for value in values.filter(|value| !value.is_empty()) {
        line.put(value.as_bytes());
        line.put(b", ");
    }
}

/// A value while it is written: one buffer for all of them, and one allocation of the right size for each that is made.
struct Line(Vec<u8>);

impl Default for Line {
    fn default() -> Self {
        Self(Vec::with_capacity(128))
    }
}

impl Line {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn put_address(&mut self, address: IpAddr) {
        match address {
            // By far the most: not worth a formatter each time.
            IpAddr::V4(address) => {
                for (number, octet) in address.octets().into_iter().enumerate() {
                    self.put(if number == 0 { b"" } else { b"." });
                    self.put(itoa::Buffer::new().format(octet).as_bytes());
                }
            }
            // Writing to a buffer that grows cannot fail.
            IpAddr::V6(address) => drop(write!(self, "{address}")),
        }
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    fn value(&self) -> Result<HeaderValue, http::Error> {
        Ok(HeaderValue::from_bytes(&self.0)?)
    }
}

impl std::fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

/// What the client's `Connection` names, to be taken off at this hop (RFC 9110, section 7.6.1). Ours come later and are out
/// of its reach.
struct Listed<'a>(Vec<&'a [u8]>);

impl<'a> Listed<'a> {
    fn of(sent: &'a HeaderMap) -> Self {
        let lines = sent.get_all(header::CONNECTION).iter();
        let tokens = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        // What everybody sends there is dropped anyway.
        let usual = |token: &[u8]| {
            [&b""[..], b"close", b"keep-alive", b"upgrade", b"te"].iter().any(|usual| token.eq_ignore_ascii_case(usual))
        };
        Self(tokens.map(<[u8]>::trim_ascii).filter(|token| !usual(token)).collect())
    }

    fn names(&self, name: &HeaderName) -> bool {
        self.0.iter().any(|token| token.eq_ignore_ascii_case(name.as_str().as_bytes()))
    }
}
