//! What was decided is what the upstream parses: never two readings of one path.

use std::sync::{Arc, LazyLock};

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use url::Url;
use vestibule::access::portal::SignOn;
use vestibule::access::rule::{PathPattern, Require, Rule, Rules};
use vestibule::access::target::{Portals, Via, destination};
use vestibule::access::{Portal, Target, canon};

use super::decode;

const HOST: &str = "portal.example.com";
const PATTERNS: [&str; 6] = ["/**", "/open/**", "/a/*/c", "/**/x", "/admin", "/dir/"];

/// A portal that allows path parameters, or does not tell case apart.
pub(super) fn portal(path_params: bool, case_insensitive_paths: bool) -> Arc<Portal> {
    let url = Url::parse(&format!("https://{HOST}/")).unwrap();
    Arc::new(Portal {
        index: 0,
        name: Arc::from(HOST),
        origin: url.origin().ascii_serialization(),
        url,
        hosts: vec![HOST.to_owned()],
        sign_on: SignOn::Headers,
        groups: vec![],
        login_paths: vec!["/login".to_owned()],
        logout_paths: vec!["/logout".to_owned()],
        case_insensitive_paths,
        path_params,
        service_workers: false,
    })
}

static PORTALS: LazyLock<[Portals; 4]> = LazyLock::new(|| {
    [(false, false), (true, false), (false, true), (true, true)].map(|(params, fold)| Portals::new(vec![portal(params, fold)]))
});

static RULES: LazyLock<[(&str, Rules); PATTERNS.len()]> = LazyLock::new(|| PATTERNS.map(|pattern| (pattern, rules(pattern))));

fn rules(pattern: &str) -> Rules {
    let path = PathPattern::parse(pattern, false).unwrap();
    let rule = Rule { path, methods: vec![], groups: vec![], networks: vec![], require: Require::Nothing, reauth: None };
    Rules::new(vec![rule], false).unwrap()
}

/// The target of a GET request, or nothing where it is refused.
fn parse(raw: &[u8], portals: &Portals) -> Option<Target> {
    let uri = Uri::try_from(raw).ok()?;
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static(HOST));
    let via = Via { sni: None, port: 443 };
    Target::parse(&Method::GET, &uri, Version::HTTP_11, &headers, via, portals).ok()
}

/// The first byte chooses the portal; the rest is a request target.
pub fn target(data: &[u8]) {
    let Some((first, raw)) = data.split_first() else { return };
    let portals = &PORTALS[usize::from(first & 3)];
    let portal = &portals.all()[0];
    if let Some(target) = parse(raw, portals) {
        is_one_spelling(&target, portals);
        is_read_alike(&target);
        means_what_was_asked(raw, &target);
        is_matched_as_it_is_read(&target, portal.case_insensitive_paths);
    }
    leads_nowhere_else(raw, portal);
}

fn is_one_spelling(target: &Target, portals: &Portals) {
    let sent = target.path_and_query().as_str();
    let again = parse(sent.as_bytes(), portals).unwrap_or_else(|| panic!("{sent:?} would be refused"));
    assert_eq!((again.path_and_query().as_str(), again.path()), (sent, target.path()), "not a fixed point");
    // What hyper writes in the request line is this string, and nothing in it ends the line early.
    assert_eq!(PathAndQuery::try_from(sent).unwrap().as_str(), sent);
    assert!(sent.starts_with('/') && sent.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) && !sent.contains('#'), "{sent:?}");
    assert_eq!(sent.split('?').next(), Some(target.path()), "{sent:?}");
}

/// By a browser's parser, by one that decodes first, by one that decodes twice, and by one that knows path parameters.
fn is_read_alike(target: &Target) {
    let path = target.path();
    let url = Url::parse(&format!("http://upstream{}", target.path_and_query())).unwrap();
    assert_eq!((url.path(), url.host_str(), url.fragment()), (path, Some("upstream"), None), "by the URL standard");
    let judged: Vec<Vec<u8>> = canon::segments(path).map(std::borrow::Cow::into_owned).collect();
    let without = decode::names_without_parameters(path.as_bytes());
    assert_eq!(without.as_ref(), Some(&judged), "{path:?} judged and as read by a server with path parameters");
    if !path.contains(';') {
        assert_eq!(
            decode::names(path.as_bytes()).as_ref(),
            Some(&judged),
            "{path:?} judged and as read when it is decoded first"
        );
    }
    let mut twice = Vec::new();
    for name in &judged {
        // Decoding again must not make a delimiter, a dot segment or a control character of what was none.
        let again = decode::percent(name);
        let bad = |byte: &u8| matches!(byte, b'/' | b'\\' | 0..0x20 | 0x7f);
        assert!(!again.iter().any(bad) && again != b"." && again != b"..", "{path:?} decoded twice: {again:?}");
        twice.push(again);
    }
    assert_eq!(decode::names(&twice.join(&b'/')).map(|names| names.len()), Some(judged.len()), "{path:?} decoded twice");
}

/// What is sent names the same as what the client wrote.
fn means_what_was_asked(raw: &[u8], target: &Target) {
    // In the absolute form the path begins behind the host; a fragment is nobody's.
    let raw = raw.split(|byte| *byte == b'#').next().unwrap_or_default();
    let raw = match raw.windows(3).position(|part| part == b"://") {
        Some(at) if !raw.starts_with(b"/") => {
            raw[at + 3..].iter().position(|byte| b"/?".contains(byte)).map_or(&b""[..], |slash| &raw[at + 3 + slash..])
        }
        _ => raw,
    };
    let (path, query) = raw.iter().position(|byte| *byte == b'?').map_or((raw, None), |at| (&raw[..at], Some(&raw[at + 1..])));
    assert_eq!(decode::names(path), decode::names(target.path().as_bytes()), "{:?}", String::from_utf8_lossy(raw));
    let sent = target.path_and_query().as_str().split_once('?').map(|(_, query)| query);
    assert_eq!(query.map(decode::percent), sent.map(|query| decode::percent(query.as_bytes())), "the query");
}

fn is_matched_as_it_is_read(target: &Target, fold: bool) {
    let (path, names) = (target.path(), decode::names_without_parameters(target.path().as_bytes()).unwrap());
    let directory = path.rsplit('/').next().is_some_and(|last| last.split(';').next() == Some(""));
    for (pattern, rules) in RULES.iter() {
        let words: Vec<&str> = pattern.split('/').filter(|word| !word.is_empty()).collect();
        let same_end = pattern.ends_with("**") || pattern.ends_with('/') == directory;
        let expected = same_end && decode::glob(&words, &names);
        assert_eq!(rules.select(&Method::GET, path, false).is_some(), expected, "{pattern} on {path}");
        // Who does not tell case apart matches at least as much.
        assert!(!expected || rules.select(&Method::GET, path, true).is_some(), "{pattern} on {path}, case folded");
    }
    let ours = names.first().is_some_and(|first| first.eq_ignore_ascii_case(b".vestibule"));
    assert_eq!(target.is_ours(), ours, "{path}");
    assert!(canon::same_path(path, path, fold));
}

/// Where people are sent after a sign-in is a path of this portal, by a browser's reading too.
fn leads_nowhere_else(raw: &[u8], portal: &Portal) {
    let to = destination(portal, &String::from_utf8_lossy(raw));
    let url = portal.url.join(&to).unwrap();
    assert_eq!(url.origin(), portal.url.origin(), "{to:?}");
    assert!(!url.path().to_ascii_lowercase().starts_with("/.vestibule/"), "{to:?}");
    assert_eq!(destination(portal, &to), to, "not a fixed point");
}
