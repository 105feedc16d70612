//! Identity upstream is ours alone, whatever a client sends: for any set of headers, the upstream's headers whose letters and
//! digits equal a managed name are exactly those of the permit.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, Request};
use proptest::prelude::*;

use super::stage::{permit, portal, session};
use crate::access::portal::SignOn;
use crate::proxy::headers::request::build;
use crate::proxy::{ForwardContext, RequestBody};

/// Written down anew, on purpose: what the interface promises.
const MANAGED: [&str; 27] = [
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Access-Token",
    "Forwarded",
    "X-Real-IP",
    "X-Request-Id",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "Proxy",
    "CF-Connecting-IP",
    "True-Client-IP",
    "X-Accel-Redirect",
    "Remote-User",
    "Remote-Groups",
    "X-Remote-User",
    "X-Auth-Request-Email",
    "X-Authenticated-User",
    "X-WEBAUTH-USER",
    "X-User",
];

fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A managed name as somebody might spell it.
fn spelled() -> impl Strategy<Value = String> {
    (
        prop::sample::select(&MANAGED[..]),
        prop::collection::vec((prop::sample::select(&["-", "_", ".", "", "~", "--"][..]), any::<bool>()), 40),
    )
        .prop_map(|(name, how)| {
            let mut how = how.into_iter();
            name.chars()
                .map(|c| {
                    let (separator, upper) = how.next().unwrap_or(("-", false));
                    match c {
                        '-' => separator.to_owned(),
                        c if upper => c.to_ascii_uppercase().to_string(),
                        c => c.to_ascii_lowercase().to_string(),
                    }
                })
                .collect()
        })
}

fn line() -> impl Strategy<Value = (String, String)> {
    let listed = prop::collection::vec(prop_oneof![spelled(), Just("close".to_owned()), Just("Cookie".to_owned())], 1..4);
    prop_oneof![
        4 => (spelled(), "[a-z@.,]{0,12}"),
        2 => ("[A-Za-z][-A-Za-z0-9_.]{0,12}", "[ -~]{0,12}"),
        1 => (Just("Connection".to_owned()), listed.prop_map(|names| names.join(", "))),
        1 => (Just("Trailer".to_owned()), spelled()),
        1 => (Just("Cookie".to_owned()), "(a=1; )?__Host-vestibule(-device)?=[a-z]{0,4}(; b=2)?"),
    ]
}

proptest! {
    #[test]
    fn it_is_exactly_the_permits(
        lines in prop::collection::vec(line(), 0..20), signed_in in any::<bool>(), by_headers in any::<bool>(), trusted in any::<bool>(), agrees in any::<bool>()) {
        let path = if signed_in { "/a" } else { "/open/a" };
        let mut request = Request::get(path);
        for (name, value) in &lines {
            if !name.eq_ignore_ascii_case("host") {
                request = request.header(name, value);
            }
        }
        let head = request.header("host", "portal.example.com").body(()).unwrap().into_parts().0;
        let mut portal = portal();
        portal.sign_on = if by_headers { SignOn::Headers } else { SignOn::None };
        let permit = permit(&head, portal, Some(session(&"portal.example.com".into(), "anna@example.com")));
        let context = ForwardContext {
            client: [192, 0, 2, 7].into(),
            peer: [192, 0, 2, 8].into(),
            peer_is_trusted: trusted,
            forwarded_agrees: agrees,
            request_id: HeaderValue::from_static("id-1"),
            upgrade: None,
        };
        let headers = build(&head, &permit, &context, &RequestBody::Empty, false).unwrap();

        let mut expected = BTreeMap::new();
        if signed_in && by_headers {
            for (name, value) in [
                ("x-forwarded-user", "anna@example.com"),
                ("x-forwarded-email", "anna@example.com"),
                ("x-forwarded-groups", "it,ops"),
                ("x-forwarded-preferred-username", "Anna %C3%84"),
            ] {
                expected.insert(name, value);
            }
        }
        expected.insert("x-request-id", "id-1");
        if !trusted {
            for (name, value) in [
                ("x-forwarded-for", "192.0.2.7"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "portal.example.com"),
                ("forwarded", "for=192.0.2.7;host=\"portal.example.com\";proto=https"),
            ] {
                expected.insert(name, value);
            }
        }
        let managed: Vec<_> = MANAGED.iter().map(|name| fold(name)).collect();
        let about_where = ["xforwardedfor", "xforwardedproto", "xforwardedhost", "forwarded"];
        let ours = |name: &&HeaderName| {
            let folded = fold(name.as_str());
            managed.contains(&folded) && !(trusted && about_where.contains(&folded.as_str()))
        };
        let mut seen: Vec<_> = headers.keys().filter(ours).map(|name| (name.as_str(), headers.get_all(name).iter().collect::<Vec<_>>())).collect();
        seen.sort_by_key(|(name, _)| *name);
        let expected: Vec<_> = expected.into_iter().map(|(name, value)| (name, vec![HeaderValue::from_static(value)])).collect();
        let seen: Vec<_> = seen.into_iter().map(|(name, values)| (name, values.into_iter().cloned().collect::<Vec<_>>())).collect();
        prop_assert_eq!(seen, expected);
        if trusted {
            for name in ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"] {
                prop_assert_eq!(headers.get_all(name).iter().count(), 1);
            }
        }
        for value in headers.get_all("cookie") {
            prop_assert!(!value.to_str().unwrap().contains("vestibule"));
        }
        prop_assert!(!headers.contains_key("connection") && !headers.contains_key("trailer"));
    }
}
