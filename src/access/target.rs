//! The canonical request target: method, portal, host, path and query, parsed once. Rules are matched on it and the upstream
//! request is built from it, so that nobody can mean two things by one request.

use std::borrow::Cow;
use std::sync::Arc;

use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Uri, Version};

use crate::access::Portal;
use crate::access::canon::{self, CanonError};
use crate::access::host::SentHost;
pub use crate::access::portals::{Portals, Via};

/// First segment of everything that is ours.
const OURS: &[u8] = b".vestibule";
/// The longest target that is read.
const MAX_TARGET: usize = 16 * 1024;

/// What a request asks for, in one spelling. Shares the bytes of the request where those are canonical already, so that most
/// targets are made, and copied, without allocating.
#[derive(Clone, Debug)]
pub struct Target {
    /// The method: upper-case token.
    pub method: Method,
    /// The portal that its host names.
    pub portal: Arc<Portal>,
    /// The host (and port) as the client sent it: what the upstream gets.
    pub host: SentHost,
    path_and_query: PathAndQuery,
}

/// Why a request has no target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// No host, two hosts, hosts that disagree, or one that is none.
    #[error("the request names no host, or more than one, or something that is no host name")]
    BadHost,
    /// Not one of ours; also a host of another portal than the TLS handshake asked for.
    #[error("no portal of this gate has that name")]
    UnknownHost,
    /// A port that is neither that of the portal's address nor the one that the client has reached.
    #[error("the request names a port at which its portal is not")]
    ForeignPort,
    /// `http://` in an absolute-form target, or something else than `https`.
    #[error("the request target has another scheme than https")]
    BadScheme,
    /// CONNECT, TRACE, TRACK: never forwarded.
    #[error("this method is not forwarded")]
    MethodRefused,
    /// Not an upper-case token.
    #[error("the method is not written in upper-case letters")]
    UnknownMethod,
    /// The path or query.
    #[error("{0}")]
    Path(#[from] CanonError),
    /// Longer than 16 KiB.
    #[error("the request target is longer than 16 KiB")]
    TooLong,
}

impl Target {
    /// Parses what a request asks for, once, before anything is decided on it.
    pub fn parse(
        method: &Method,
        uri: &Uri,
        version: Version,
        headers: &HeaderMap,
        via: Via<'_>,
        portals: &Portals,
    ) -> Result<Self, TargetError> {
        // First of all: what comes after a CONNECT may be meant for its tunnel, whatever host it names, and so the connection ends.
        check_method(method)?;
        let (portal, host) = portals.of_request(uri, headers, via)?;
        Self::within(portal, host, method, uri, version)
    }

    fn within(portal: Arc<Portal>, host: SentHost, method: &Method, uri: &Uri, version: Version) -> Result<Self, TargetError> {
        check_method(method)?;
        // HTTP/2 always carries a scheme; in HTTP/1.1 it stands in the absolute form alone.
        match uri.scheme_str() {
            Some("https") => {}
            None if version < Version::HTTP_2 => {}
            _ => return Err(TargetError::BadScheme),
        }
        // `?x` alone has a path for the `http` crate, but none for anybody else.
        let raw = uri.path_and_query().filter(|raw| !raw.as_str().starts_with('?')).ok_or(CanonError::NotAbsolute)?;
        if raw.as_str().len() > MAX_TARGET {
            return Err(TargetError::TooLong);
        }
        let path_and_query = canonical(raw, &portal)?;
        Ok(Self { method: method.clone(), portal, host, path_and_query })
    }

    /// The canonical path, percent-encoded; begins with `/`.
    pub fn path(&self) -> &str {
        self.path_and_query.path()
    }

    /// Path and query as they go upstream.
    pub fn path_and_query(&self) -> &PathAndQuery {
        &self.path_and_query
    }

    /// Whether it is ours: below `/.vestibule`, in any case, on a segment boundary.
    pub fn is_ours(&self) -> bool {
        is_ours(self.path())
    }

    /// Whether the path is one of these canonical paths, as the portal compares them.
    pub fn is_one_of(&self, paths: &[String]) -> bool {
        paths.iter().any(|path| canon::same_path(path, self.path(), self.portal.case_insensitive_paths))
    }
}

/// In canonical spelling; what is spelled so already is not copied.
fn canonical(raw: &PathAndQuery, portal: &Portal) -> Result<PathAndQuery, CanonError> {
    let path = canon::portal_path(raw.path(), portal.path_params, portal.case_insensitive_paths)?;
    let query = raw.query().map(canon::query).transpose()?;
    // An address without a path (`https://host#x`) is one to the `http` crate, too, until it is written: then there is nothing.
    if path == "/" && query.is_none() {
        return Ok(PathAndQuery::from_static("/"));
    }
    if let (Cow::Borrowed(_), None | Some(Cow::Borrowed(_))) = (&path, &query) {
        return Ok(raw.clone());
    }
    let text = match query {
        Some(query) => format!("{path}?{query}"),
        None => path.into_owned(),
    };
    // Cannot fail: what is canonical has no character that may not stand there, and is at most three times as long as what came.
    PathAndQuery::from_maybe_shared(text).map_err(|_| CanonError::Control)
}

fn is_ours(path: &str) -> bool {
    // Nearly every path shows by its first letter that its first segment is another one.
    let other = path.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric);
    !other && canon::segments(path).next().is_some_and(|first| first.eq_ignore_ascii_case(OURS))
}

fn check_method(method: &Method) -> Result<(), TargetError> {
    match method.as_str() {
        "CONNECT" | "TRACE" | "TRACK" => Err(TargetError::MethodRefused),
        text if text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-' || byte == b'_') && text.len() <= 32 => Ok(()),
        _ => Err(TargetError::UnknownMethod),
    }
}

/// The destination after a sign-in: a path and query of this portal in canonical form, not ours, not a login or logout path,
/// at most 2 KiB; anything else is `/`.
pub fn destination(portal: &Portal, to: &str) -> String {
    const ROOT: &str = "/";
    // As it stands in a page of ours, and once more when it comes back from there.
    const LONGEST: usize = 2048;
    if to.len() > LONGEST || !to.starts_with('/') || to.starts_with("//") {
        return ROOT.to_owned();
    }
    let (path, query) = to.split_once('?').map_or((to, None), |(path, query)| (path, Some(query)));
    let Ok(canonical) = canon::portal_path(path, portal.path_params, portal.case_insensitive_paths) else {
        return ROOT.to_owned();
    };
    let same = |known: &String| canon::same_path(known, &canonical, portal.case_insensitive_paths);
    if is_ours(&canonical) || portal.login_paths.iter().chain(&portal.logout_paths).any(same) {
        return ROOT.to_owned();
    }
    let found = match query.map(canon::query) {
        None => canonical.into_owned(),
        Some(Ok(query)) => format!("{canonical}?{query}"),
        Some(Err(_)) => return ROOT.to_owned(),
    };
    if found.len() > LONGEST { ROOT.to_owned() } else { found }
}

#[cfg(test)]
pub(crate) mod tests {
    use http::header;

    use super::*;
    use crate::access::portal::SignOn;

    pub(crate) fn portal(hosts: &[&str]) -> Arc<Portal> {
        let url = url::Url::parse(&format!("https://{}/", hosts[0])).unwrap();
        Arc::new(Portal {
            index: 0,
            name: Arc::from(hosts[0]),
            origin: url.origin().ascii_serialization(),
            url,
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            sign_on: SignOn::Headers,
            groups: vec![],
            login_paths: vec!["/login".to_owned()],
            logout_paths: vec!["/logout".to_owned()],
            case_insensitive_paths: false,
            path_params: false,
            service_workers: false,
        })
    }

    fn parse(method: &str, uri: &str, hosts: &[&str], sni: Option<&str>) -> Result<Target, TargetError> {
        let portals = Portals::new(vec![portal(&["portal.example.com"]), {
            let mut other = (*portal(&["other.example.com"])).clone();
            other.index = 1;
            Arc::new(other)
        }]);
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        Target::parse(
            &method.parse().unwrap(),
            &uri.parse().unwrap(),
            Version::HTTP_11,
            &headers,
            Via { sni, port: 8443 },
            &portals,
        )
    }

    #[test]
    fn hosts_are_compared_in_one_form() {
        for host in [
            "portal.example.com",
            "PORTAL.Example.com",
            "portal.example.com.",
            "portal.example.com:443",
            "portal.example.com:8443",
        ] {
            let target = parse("GET", "/x", &[host], Some("portal.example.com")).unwrap();
            assert_eq!((&*target.portal.name, target.host.as_str()), ("portal.example.com", host));
        }
        for (hosts, error) in [
            (&[][..], TargetError::BadHost),
            (&["portal.example.com", "portal.example.com"], TargetError::BadHost),
            (&["a@portal.example.com"], TargetError::BadHost),
            (&["portal.example.com,x"], TargetError::BadHost),
            (&["portal.example.com/x"], TargetError::BadHost),
            (&["portal.example.com:0"], TargetError::BadHost),
            (&["portal.example.com:0443"], TargetError::BadHost),
            (&["portal.example.com:65536"], TargetError::BadHost),
            (&["portal.example.com:"], TargetError::BadHost),
            (&["portal.example.com:8444"], TargetError::ForeignPort),
            (&["portal.example.com:4:4"], TargetError::BadHost),
            (&["portal.example.com.."], TargetError::BadHost),
            (&["[::1"], TargetError::BadHost),
            (&["localhost"], TargetError::UnknownHost),
            (&["[::1]:443"], TargetError::UnknownHost),
            (&["other.example.com"], TargetError::UnknownHost),
        ] {
            assert_eq!(parse("GET", "/", hosts, Some("portal.example.com")).unwrap_err(), error, "{hosts:?}");
        }
    }

    #[test]
    fn an_address_without_a_path_asks_for_the_root() {
        for uri in ["https://portal.example.com", "https://portal.example.com/", "https://portal.example.com#/y?z"] {
            let target = parse("GET", uri, &["portal.example.com"], None).unwrap();
            // As it is written into a request line.
            assert_eq!(Uri::from(target.path_and_query().clone()).to_string(), "/", "{uri}");
        }
    }

    #[test]
    fn an_absolute_target_must_agree_with_the_host() {
        let host = &["portal.example.com"][..];
        assert!(parse("GET", "https://portal.example.com/x", host, None).is_ok());
        assert_eq!(parse("GET", "https://other.example.com/x", host, None).unwrap_err(), TargetError::BadHost);
        assert_eq!(parse("GET", "http://portal.example.com/x", host, None).unwrap_err(), TargetError::BadScheme);
        assert_eq!(parse("OPTIONS", "*", host, None).unwrap_err(), TargetError::Path(CanonError::NotAbsolute));
        for (method, error) in [
            ("CONNECT", TargetError::MethodRefused),
            ("TRACE", TargetError::MethodRefused),
            ("get", TargetError::UnknownMethod),
            ("GE!T", TargetError::UnknownMethod),
        ] {
            assert_eq!(parse(method, "/", host, None).unwrap_err(), error, "{method}");
        }
        assert!(parse("PROPFIND", "/", host, None).is_ok());
    }

    #[test]
    fn ours_is_ours_in_every_spelling_and_nothing_else_is() {
        for path in [
            "/.vestibule",
            "/.vestibule/",
            "/.VESTIBULE/x",
            "/%2evestibule/x",
            "/%2E%76estibule/x",
            "//.vestibule/x",
            "/x/../.vestibule",
        ] {
            assert!(parse("GET", path, &["portal.example.com"], None).unwrap().is_ours(), "{path}");
        }
        for path in ["/.vestibulex", "/x/.vestibule", "/vestibule", "/"] {
            assert!(!parse("GET", path, &["portal.example.com"], None).unwrap().is_ours(), "{path}");
        }
    }

    #[test]
    fn a_destination_is_a_path_of_this_portal_or_the_root() {
        let portal = portal(&["portal.example.com"]);
        for to in ["/", "/a/b?c=d", "/x?u=https://elsewhere"] {
            assert_eq!(destination(&portal, to), to);
        }
        assert_eq!(destination(&portal, "/a/./b"), "/a/b");
        for to in [
            "",
            "//evil",
            "/\\evil",
            "/%09/evil",
            "https:evil",
            "https://portal@evil",
            "/.vestibule/logout",
            "/%2evestibule/x",
            "/login",
            "/logout",
            "/a\r\nSet-Cookie: x",
            "javascript:alert(1)",
            "/a%0d%0ab",
            "/%2f/evil",
            "/..//evil",
        ] {
            assert_eq!(destination(&portal, to), "/", "{to}");
        }
        assert_eq!(destination(&portal, &format!("/{}", "a".repeat(2048))), "/");
        // In its canonical spelling three times as long: what one page takes, the next one must take, too.
        for long in ["ä".repeat(400), format!("x?q={}", "ä".repeat(400))] {
            assert_eq!(destination(&portal, &format!("/{long}")), "/");
        }
    }
}
