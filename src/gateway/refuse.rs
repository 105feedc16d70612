//! The refusals of the request path: each cause gets its answer in one place, in the form that fits who asks.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::access::Target;
use crate::access::target::{TargetError, destination};
use crate::gateway::body::Body;
use crate::gateway::live::Live;
use crate::gateway::note::Note;
use crate::gateway::{Admission, refusal_of};
use crate::http::reject::{self, Audience, Refusal, Required};
use crate::language::{Language, say};
use crate::limit::Limited;
use crate::pages;
use crate::pages::error::Action;
use crate::proxy::Failure;
use crate::session::record::Standing;

/// What need not be encoded in a query value.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// So often a path is decoded to see what was meant.
const LAYERS: usize = 4;

/// A limit was hit.
pub(super) fn limited(limited: Limited, note: &mut Note) -> Admission {
    Admission::Refuse(limited_by(limited, note))
}

/// The refusal of whoever hit a limit.
pub(super) fn limited_by(limited: Limited, note: &mut Note) -> Refusal {
    note.decision("limit", None);
    note.cause(limited.name);
    metrics::counter!("vestibule_rate_limited_total", "limit" => limited.name).increment(1);
    let (quota, window) = limited.policy;
    Refusal { retry_after: Some(limited.wait), limit: Some((limited.name, quota, window)), ..Refusal::TOO_MANY }
}

/// The request asks for nothing that could be meant in one way only.
pub(super) fn no_target(error: TargetError, head: &Parts, note: &mut Note) -> Admission {
    note.path(if may_be_ours(head.uri.path()) { "/:refused" } else { head.uri.path() });
    note.cause(error.to_string());
    Admission::Refuse(refusal_of(error))
}

/// Whether a path that was refused may have been meant as one of ours, however often it was encoded: then a token of a link may
/// stand in it.
fn may_be_ours(path: &str) -> bool {
    let mut plain = path.to_ascii_lowercase();
    for _ in 0..LAYERS {
        if plain.contains("vestibule") {
            return true;
        }
        let decoded = percent_decode_str(&plain).decode_utf8_lossy().to_ascii_lowercase();
        if decoded == plain {
            return false;
        }
        plain = decoded;
    }
    // Nobody does this in good faith, and each layer costs another look.
    true
}

/// Sign in, or enter a code, first.
pub(super) fn required(required: Required, target: &Target, head: &Parts, note: &Note) -> Response<Body> {
    let page = match required {
        Required::Login => "login",
        Required::Code => "verify",
    };
    let response = if Audience::of(&head.headers) == Audience::Person {
        let to = utf8_percent_encode(&way_back(target, &head.headers), QUERY_VALUE).to_string();
        reject::see_other(&format!("/.vestibule/{page}?to={to}"))
    } else {
        reject::unauthorized(required, &format!("/.vestibule/{page}"), &note.request_id)
    };
    with_body_unread(response.map(Body::from), head)
}

/// Where the person goes afterwards: where they wanted to, or, if that was to send something, the page they sent it from.
fn way_back(target: &Target, headers: &HeaderMap) -> String {
    if matches!(target.method, Method::GET | Method::HEAD) {
        return destination(&target.portal, target.path_and_query());
    }
    let from = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let path = from.and_then(|from| from.strip_prefix(&target.portal.origin)).map(|path| path.split('#').next().unwrap_or("/"));
    destination(&target.portal, path.unwrap_or(target.path()))
}

/// The upstream gave no answer.
pub(super) fn upstream(live: &Live, target: &Target, head: &Parts, failure: &Failure, note: &mut Note) -> Response<Body> {
    note.cause(failure.cause());
    let refusal = match failure {
        Failure::SessionOver(standing) => {
            let what = if *standing == Standing::WindowPassed { Required::Code } else { Required::Login };
            note.decision(if what == Required::Code { "confirm" } else { "login" }, None);
            return required(what, target, head, note);
        }
        _ => match failure.status() {
            StatusCode::BAD_GATEWAY => Refusal::BAD_GATEWAY,
            StatusCode::GATEWAY_TIMEOUT => Refusal::GATEWAY_TIMEOUT,
            StatusCode::SERVICE_UNAVAILABLE => Refusal::PORTAL_DOWN,
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TOO_LARGE,
            StatusCode::REQUEST_TIMEOUT => Refusal::TIMEOUT,
            StatusCode::BAD_REQUEST => Refusal::BAD_REQUEST,
            _ => Refusal::INTERNAL,
        },
    };
    let cause = cause_chain(failure);
    tracing::warn!(request_id = note.request_id, portal = &*target.portal.name, cause, "no answer from upstream");
    let again = again(target).map(|href| Action { label: "try-again", href, top: false });
    with_body_unread(plainly(live, &refusal, Reader::of(&head.headers), again, note), head)
}

/// The same address once more, where asking again does nothing but ask; and never what a browser takes for another host.
fn again(target: &Target) -> Option<&str> {
    let address = target.path_and_query();
    (matches!(target.method, Method::GET | Method::HEAD) && !address.starts_with("//")).then_some(address)
}

fn cause_chain(failure: &Failure) -> String {
    let mut text = failure.to_string();
    let mut source = std::error::Error::source(failure);
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// Who reads a refusal.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    audience: Audience,
    language: Language,
}

impl Reader {
    /// Whoever sent this.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self { audience: Audience::of(headers), language: pages::language::wanted(headers) }
    }
}

/// A refusal as a page for a person, as a problem document for a program.
pub(super) fn plainly(live: &Live, refusal: &Refusal, reader: Reader, action: Option<Action<'_>>, note: &Note) -> Response<Body> {
    let response = match reader.audience {
        Audience::Program => reject::for_program(refusal, &note.request_id),
        Audience::Person => {
            let html = pages::error::page(
                &live.parts.brands.of(note.portal_name()),
                reader.language,
                &say(refusal.words),
                &note.request_id,
                action,
            );
            let mut response = Response::new(Bytes::from(html));
            *response.status_mut() = refusal.status;
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            pages::reply::guard_page(response.headers_mut());
            reject::mark(&mut response, refusal);
            response
        }
    };
    response.map(Body::from)
}

/// A request with a body that nobody reads: the connection ends after the answer, so that the rest of the body is never taken
/// for a request.
fn with_body_unread(mut response: Response<Body>, head: &Parts) -> Response<Body> {
    let has_body = head.headers.contains_key(header::TRANSFER_ENCODING)
        || head.headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    if has_body && head.version < http::Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::may_be_ours;

    #[test]
    fn a_refused_path_that_may_be_one_of_ours_is_told_however_it_is_spelled() {
        for path in ["/.vestibule/x", "/.VESTIBULE%2fx", "/.%76estibule%2fx", "/a/..;/.%2576esti%62ule/x"] {
            assert!(may_be_ours(path), "{path}");
        }
        for path in ["/", "/tickets%2f7", "/100%", "/%ff%fe", "/%25%25%25"] {
            assert!(!may_be_ours(path), "{path}");
        }
    }
}
