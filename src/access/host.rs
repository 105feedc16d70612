//! The host that a request names: as it was sent, and in the one form in which hosts are compared.

use std::borrow::Cow;

use http::header::InvalidHeaderValue;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri, header};

use crate::access::target::TargetError;

/// The host (and port) that a request names, as it was sent.
#[derive(Clone, Debug)]
pub enum SentHost {
    /// In `Host`; visible ASCII.
    Header(HeaderValue),
    /// In `:authority` or an absolute target, and nowhere else.
    Authority(Authority),
}

impl SentHost {
    /// As text.
    pub fn as_str(&self) -> &str {
        match self {
            // Nothing but ASCII gets in here, see `host_of`.
            Self::Header(value) => value.to_str().unwrap_or(""),
            Self::Authority(authority) => authority.as_str(),
        }
    }

    /// As a `Host` header.
    pub fn header(&self) -> Result<HeaderValue, InvalidHeaderValue> {
        match self {
            Self::Header(value) => Ok(value.clone()),
            Self::Authority(authority) => HeaderValue::from_str(authority.as_str()),
        }
    }
}

/// The one host that a request names. HTTP/1.1 must have exactly one `Host`; an absolute-form target or `:authority` must
/// agree with it (RFC 9112, section 3.2; RFC 9113, section 8.3.1).
pub(super) fn host_of(uri: &Uri, headers: &HeaderMap) -> Result<SentHost, TargetError> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (header, None) = (hosts.next(), hosts.next()) else { return Err(TargetError::BadHost) };
    match (header, uri.authority()) {
        (Some(header), authority) => {
            let text = header.to_str().map_err(|_| TargetError::BadHost)?;
            if authority.is_some_and(|authority| !text.eq_ignore_ascii_case(authority.as_str())) {
                return Err(TargetError::BadHost);
            }
            Ok(SentHost::Header(header.clone()))
        }
        (None, Some(authority)) => Ok(SentHost::Authority(authority.clone())),
        (None, None) => Err(TargetError::BadHost),
    }
}

/// Lower case, without port and trailing dot. Refuses what is no host name or address (RFC 3986, section 3.2.2).
pub fn canonical_host(sent: &str) -> Result<String, TargetError> {
    host_and_port(sent).map(|(host, _)| host.into_owned())
}

/// Lower case, and the port if there is one.
pub(super) fn host_and_port(sent: &str) -> Result<(Cow<'_, str>, Option<u16>), TargetError> {
    let (host, port) = split_port(sent)?;
    let port = port.map(|port| port.parse().map_err(|_| TargetError::BadHost)).transpose()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let upper = host.bytes().any(|byte| byte.is_ascii_uppercase());
    let host = if upper { Cow::Owned(host.to_ascii_lowercase()) } else { Cow::Borrowed(host) };
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let valid = match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.len() <= 253
                && host.split('.').all(|label| {
                    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
                })
        }
    };
    if valid { Ok((host, port)) } else { Err(TargetError::BadHost) }
}

fn split_port(sent: &str) -> Result<(&str, Option<&str>), TargetError> {
    let after_address = sent.rfind(']').map_or(0, |at| at + 1);
    match sent.get(after_address..).and_then(|rest| rest.find(':')) {
        None => Ok((sent, None)),
        Some(colon) => {
            let (host, port) = sent.split_at_checked(after_address + colon).ok_or(TargetError::BadHost)?;
            let port = port.get(1..).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
            // One spelling: `0443` is nobody's.
            let port = port.filter(|port| !port.is_empty() && !port.starts_with('0'));
            Ok((host, Some(port.ok_or(TargetError::BadHost)?)))
        }
    }
}
