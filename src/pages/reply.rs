//! How answers are put together: pages, redirects after a form, cookies, and the headers that every answer of ours carries.

use std::time::Duration;

use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::auth::budget::Rate;
use crate::http::reject::{self, Limit};
use crate::pages::PagesState;
use crate::pages::refusal::Refusal;

/// Nothing but our own style, script and pictures, forms to ourselves, no frames, no script that writes markup.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The headers of every answer of ours, whatever it is.
const GUARD: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)"),
];

/// Puts in the headers that every answer of ours carries; keeps what is there, and forbids storing unless it says otherwise.
/// The gate puts them on its own error pages too.
pub fn guard_page(headers: &mut HeaderMap) {
    for (name, value) in GUARD {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Lets the portal's own pages show this answer in a frame: only for the one that leads out of it.
pub fn allow_own_frames(headers: &mut HeaderMap) {
    if let Ok(policy) = HeaderValue::from_str(&POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")) {
        headers.insert("content-security-policy", policy);
        headers.insert("x-frame-options", HeaderValue::from_static("SAMEORIGIN"));
    }
}

/// Lets the form of this answer go to another host of ours: and to wherever the portal leads from there, which browsers hold
/// against this policy, too. The page holds nothing but a ticket.
pub fn allow_other_hosts(headers: &mut HeaderMap) {
    if let Ok(policy) = HeaderValue::from_str(&POLICY.replace("form-action 'self'", "form-action https:")) {
        headers.insert("content-security-policy", policy);
    }
}

/// A page.
pub fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response(),
        Err(cause) => {
            tracing::error!(%cause, "a page did not render");
            Refusal::Fault.into()
        }
    }
}

/// 303 (RFC 9110, section 15.4.4): go there and look.
pub fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(place) => (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response(),
        Err(_) => Refusal::Fault.into(),
    }
}

/// What was too much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slowed {
    /// Failures of one client, whatever it tries.
    Failures,
    /// Passwords for one account; failures of the client count there too.
    Passwords,
}

/// 429 on a page shown again, with the time to wait.
pub fn later(state: &PagesState, slowed: Slowed, mut response: Response, wait: Duration) -> Response {
    let rates = state.settings.load().rates;
    let (name, Rate { interval, burst }) = match slowed {
        Slowed::Failures => ("failures_per_client", rates.client),
        Slowed::Passwords => ("passwords", rates.pair),
    };
    let limit = Limit { name, quota: burst, window: interval.saturating_mul(burst).as_secs().max(1) };
    let refusal = reject::Refusal::too_many(limit, wait);
    *response.status_mut() = refusal.status;
    reject::mark(&mut response, &refusal);
    response
}

/// A text file to keep.
pub fn file(name: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let Ok(disposition) = HeaderValue::from_str(&disposition) else { return Refusal::Fault.into() };
    let headers =
        [(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")), (http::header::CONTENT_DISPOSITION, disposition)];
    (headers, Body::from(text)).into_response()
}

/// Asks the browser to forget what the portal's scripts have stored: a service worker among it, which could answer in our place.
pub fn clear_storage(mut response: Response) -> Response {
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"storage\""));
    response
}

/// Adds cookies.
pub fn with_cookies<const N: usize>(mut response: Response, cookies: [HeaderValue; N]) -> Response {
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
