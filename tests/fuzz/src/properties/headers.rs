//! Identity upstream is ours alone, whatever the client writes, and so is where the request comes from.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Version, header};
use ipnet::IpNet;
use vestibule::access::rule::{PathPattern, Require, Rule, Rules};
use vestibule::access::target::{Portals, Via};
use vestibule::access::{Decision, Permit, Policy, Target};
use vestibule::clock::Timestamp;
use vestibule::http::client_ip::{Origin, origin};
use vestibule::proxy::{ForwardContext, RequestBody, upstream_headers};
use vestibule::session::health::{Health, Trust};
use vestibule::session::window::{AdminWindow, Configured};

use super::target::portal;

const NOW: Timestamp = Timestamp::from_secs(4_000_000_000);
const HOST: &str = "portal.example.com";
/// What we write, and nobody else.
const OURS: [&str; 5] = ["xforwardedfor", "xforwardedhost", "xforwardedproto", "forwarded", "xrequestid"];

/// What no rule asks a session for: a permit without a name on it.
static OPEN: LazyLock<(Portals, Policy)> = LazyLock::new(|| {
    let path = PathPattern::parse("/**", false).unwrap();
    let rule = Rule { path, methods: vec![], groups: vec![], networks: vec![], require: Require::Nothing, reauth: None };
    let window = Arc::new(AdminWindow::new(Configured::window(Duration::from_hours(1))));
    let trust = Arc::new(Trust::new(Arc::new(Health::new(NOW, Duration::MAX)), Duration::MAX));
    (Portals::new(vec![portal(false, false)]), Policy::new(vec![Rules::new(vec![rule], false).unwrap()], window, trust))
});

fn permit(head: &Parts) -> Permit {
    let (portals, policy) = &*OPEN;
    let via = Via { sni: None, port: 443 };
    let target = Target::parse(&Method::GET, &head.uri, Version::HTTP_11, &head.headers, via, portals).unwrap();
    let Decision::Forward(permit) = policy.decide(target, None, IpAddr::from([192, 0, 2, 1]), NOW).decision else {
        panic!("a rule opens this")
    };
    permit
}

/// What a client sent: the lines of `text` that can be header lines, and a host.
pub(super) fn sent(text: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in text.split(|byte| *byte == b'\n').take(100) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().and_then(|name| HeaderName::from_bytes(name).ok());
        let value = parts.next().and_then(|value| HeaderValue::from_bytes(value.trim_ascii()).ok());
        if let (Some(name), Some(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers.insert(header::HOST, HeaderValue::from_static(HOST));
    headers
}

/// What goes upstream when a peer sends this, and whose it is taken for.
pub(super) fn passed(sent: HeaderMap, peer: SocketAddr, trusted: &[IpNet]) -> (HeaderMap, Origin) {
    let of = origin(peer, &sent, trusted);
    let mut head = Request::new(()).into_parts().0;
    head.headers = sent;
    let context = ForwardContext {
        client: of.client,
        peer: peer.ip(),
        peer_is_trusted: of.through_proxy,
        forwarded_agrees: of.forwarded_agrees,
        request_id: HeaderValue::from_static("fuzz"),
        upgrade: None,
    };
    (upstream_headers(&head, &permit(&head), &context, &RequestBody::Empty, false).unwrap(), of)
}

/// As CGI, PHP and WSGI see a name.
fn folded(name: &HeaderName) -> String {
    name.as_str().chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Lines of headers as a stranger sends them.
pub fn headers(data: &[u8]) {
    let peer: SocketAddr = "203.0.113.7:4000".parse().unwrap();
    let before = sent(data);
    let (after, _) = passed(before.clone(), peer, &[]);
    for name in after.keys() {
        let folded = folded(name);
        let managed = ["xforwarded", "forwarded", "proxy", "vestibule"].iter().any(|family| folded.starts_with(family))
            || ["xrealip", "remoteuser", "xrequestid", "xauthuser"].contains(&folded.as_str());
        assert!(!managed || OURS.contains(&folded.as_str()), "{name} went upstream");
        let hop = ["connection", "keepalive", "te", "trailer", "transferencoding", "upgrade", "expect", "contentlength"];
        assert!(!hop.contains(&folded.as_str()), "{name} went upstream");
    }
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-host", HOST),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=203.0.113.7;host=\"portal.example.com\";proto=https"),
        ("x-request-id", "fuzz"),
        ("host", HOST),
    ] {
        let twins: Vec<_> = after.iter().filter(|(twin, _)| folded(twin) == name.replace('-', "")).collect();
        assert_eq!(twins.len(), 1, "{name}: {twins:?}");
        assert_eq!(twins[0].1.as_bytes(), value.as_bytes(), "{name}");
    }
    // Nobody can write a header by being the one who asks for it to be dropped: what is left was there.
    for (name, value) in after.iter().filter(|(name, _)| !OURS.contains(&folded(name).as_str()) && *name != header::COOKIE) {
        assert!(before.get_all(name).iter().any(|known| known == value), "{name}: {value:?} came from nowhere");
    }
}
