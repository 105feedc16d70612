//! The page of the sample portal, and the form on it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use url::form_urlencoded;

use crate::sample::MAX_BODY;
use crate::sample::desk::{Desk, Ticket};

/// What a portal learns from whoever stands in front of it.
const IDENTITY: [(&str, &str); 4] = [
    ("Login", "x-forwarded-user"),
    ("E-mail", "x-forwarded-email"),
    ("Groups", "x-forwarded-groups"),
    ("Name", "x-forwarded-preferred-username"),
];

#[derive(Template)]
#[template(path = "sample.html")]
struct Page {
    who: String,
    identity: Vec<(&'static str, String)>,
    headers: Vec<(String, String)>,
    tickets: Vec<Ticket>,
}

/// GET: the page.
pub async fn show(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    let identity = IDENTITY.iter().map(|(label, name)| (*label, text(&headers, name))).collect();
    let page = Page { who: who(&headers), identity, headers: dump(&headers), tickets: desk.tickets() };
    match page.render() {
        Ok(html) => ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-store")], html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// POST: a new ticket.
pub async fn create(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let by = who(request.headers());
    let Ok(body) = Limited::new(request.into_body(), MAX_BODY).collect().await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let body = body.to_bytes();
    let subject = form_urlencoded::parse(&body).find(|(name, _)| name == "subject").map(|(_, value)| value.into_owned());
    if let Some(subject) = subject.filter(|subject| !subject.trim().is_empty()) {
        desk.open(&subject, &by);
    }
    (StatusCode::SEE_OTHER, [(LOCATION, "/#tickets")]).into_response()
}

/// GET: its style.
pub async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("assets/sample.css")).into_response()
}

/// GET: its script.
pub async fn script() -> Response {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("assets/sample.js")).into_response()
}

/// Every header as name and value, in the order they came.
pub fn dump(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect()
}

fn who(headers: &HeaderMap) -> String {
    let name = text(headers, "x-forwarded-preferred-username");
    if name.is_empty() { text(headers, "x-forwarded-user") } else { name }
}

/// A header's text. What no header can hold comes percent-encoded.
fn text(headers: &HeaderMap, name: &str) -> String {
    let sent = headers.get(name).map(http::HeaderValue::as_bytes).unwrap_or_default();
    percent_encoding::percent_decode(sent).decode_utf8_lossy().into_owned()
}
