//! The refusals of the request path: each cause gets its answer in one place, in the form that fits who asks.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::access::Target;
use crate::access::target::destination;
use crate::gateway::body::{Body, Unread};
use crate::gateway::live::Live;
use crate::gateway::note::Note;
use crate::http::audience::Audience;
use crate::http::reject::{self, Limit, Refusal, Required};
use crate::language::{Language, say};
use crate::limit::Limited;
use crate::net::Fault;
use crate::pages;
use crate::pages::error::Action;
use crate::pages::origin::Home;
use crate::proxy::Failure;
use crate::session::record::Standing;

/// What need not be encoded in a query value.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLong => Self::TOO_LARGE,
            Unread::TooLate => Self::TIMEOUT,
            Unread::Broken => Self::BAD_REQUEST,
        }
    }
}

/// The refusal of whoever hit a limit.
pub(super) fn limited(limited: Limited, note: &mut Note) -> Refusal {
    note.decision("limit", None);
    note.cause(limited.name);
    let (quota, window) = limited.policy;
    Refusal::too_many(Limit { name: limited.name, quota, window }, limited.wait)
}

/// A task of ours panicked, and the client gets 500 or what comes next to it. What was said is left to the panic hook: it may hold
/// what no log should.
pub(super) fn died(what: &'static str, error: &tokio::task::JoinError) {
    tracing::error!(what, panicked = error.is_panic(), "a task of ours died");
    metrics::counter!("vestibule_panics_total").increment(1);
}

/// A fault of ours, or a request that the net room did not let through.
pub(super) fn fault(fault: Fault, note: &mut Note) -> Refusal {
    match fault {
        Fault::Panicked => {
            note.cause("panic");
            Refusal::INTERNAL
        }
        Fault::TooManyHeaders => {
            note.cause("too-many-headers");
            Refusal { status: fault.status(), ..Refusal::BAD_REQUEST }
        }
    }
}

/// Sign in, or enter a code, first.
pub(super) fn required(required: Required, target: &Target, head: &Parts, note: &Note) -> Response<Body> {
    let page = match required {
        Required::Login => "login",
        Required::Code => "verify",
    };
    let response = if Audience::of(&head.headers).navigates() {
        let to = utf8_percent_encode(&way_back(target, &head.headers), QUERY_VALUE).to_string();
        reject::see_other(&format!("/.vestibule/{page}?to={to}"))
    } else {
        reject::unauthorized(required, &format!("/.vestibule/{page}"), &note.request_id)
    };
    with_body_unread(response.map(Body::from), head)
}

/// Where the person goes afterwards: where they wanted to, or, if that was to send something, the page they sent it from.
pub(super) fn way_back(target: &Target, headers: &HeaderMap) -> String {
    if matches!(target.method, Method::GET | Method::HEAD) {
        return destination(&target.portal, target.path_and_query().as_str());
    }
    let from = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let path = from.and_then(|from| from.strip_prefix(&target.portal.origin)).map(|path| path.split('#').next().unwrap_or("/"));
    destination(&target.portal, path.unwrap_or(target.path()))
}

/// The upstream gave no answer.
pub(super) fn upstream(live: &Live, target: &Target, head: &Parts, failure: &Failure, note: &mut Note) -> Response<Body> {
    note.cause(failure.cause());
    let refusal = match failure.standing() {
        Some(Standing::Unknown) => Refusal::STORE_DOWN,
        Some(standing) => {
            let what = if standing == Standing::WindowPassed { Required::Code } else { Required::Login };
            note.decision(if what == Required::Code { "confirm" } else { "login" }, None);
            return required(what, target, head, note);
        }
        None => match failure.status() {
            StatusCode::BAD_GATEWAY => Refusal::BAD_GATEWAY,
            StatusCode::GATEWAY_TIMEOUT => Refusal::GATEWAY_TIMEOUT,
            StatusCode::SERVICE_UNAVAILABLE => Refusal::PORTAL_DOWN,
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TOO_LARGE,
            StatusCode::REQUEST_TIMEOUT => Refusal::TIMEOUT,
            StatusCode::BAD_REQUEST => Refusal::BAD_REQUEST,
            _ => Refusal::INTERNAL,
        },
    };
    if !failure.is_the_clients() {
        let cause = cause_chain(failure);
        tracing::warn!(request_id = %note.request_id, portal = &*target.portal.name, cause, "no answer from upstream");
    }
    let again = again(target).map(|href| Action { label: "try-again", href, top: false });
    with_body_unread(plainly(live, &refusal, Reader::of(&head.headers), again, note), head)
}

/// Where this request was sent to.
pub(super) fn home(target: &Target) -> Home<'_> {
    Home { origin: &target.portal.origin, host: target.host.as_str() }
}

/// The same address once more, where asking again does nothing but ask; and never what a browser takes for another host.
fn again(target: &Target) -> Option<&str> {
    let address = target.path_and_query().as_str();
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

/// A refusal as a page for a person in front of a window, as a problem document for anybody else: in a frame that page would
/// not be shown, and what a frame shows, scripts of the portal can read.
pub(super) fn plainly(live: &Live, refusal: &Refusal, reader: Reader, action: Option<Action<'_>>, note: &Note) -> Response<Body> {
    let response = match reader.audience {
        Audience::Frame | Audience::Script | Audience::Tool => reject::for_program(refusal, &note.request_id),
        Audience::Window => {
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
