//! Links of mails: whoever opens one gets its token swapped for a sealed cookie, and goes on at an address without it, so that it
//! stands neither in a history nor in what a page tells others.

use std::time::Duration;

use axum::response::Response;
use http::HeaderMap;

use crate::http::cookie;
use crate::pages::form::{self, Fields, TOKEN_FIELD};
use crate::pages::refusal::Refusal;
use crate::pages::{PagesState, Visit, reply};

/// The way on from a link that lives: `opened` is the cookie's value and for how long it is good. `None`: it does not live.
pub fn swapped(opened: Option<(String, Duration)>, page: &str) -> Option<Response> {
    let (value, life) = opened?;
    Some(reply::with_cookies(reply::see_other(page), [cookie::set(cookie::TICKET, &value, Some(life))]))
}

/// What a browser holds that has opened one.
pub fn held(headers: &HeaderMap) -> Option<&str> {
    cookie::value(headers, cookie::TICKET)
}

/// The token of the form that its page shows.
pub fn token(state: &PagesState, visit: &Visit, held: Option<&str>, route: &str) -> String {
    form::link_token(&state.keys, held.unwrap_or_default(), route, visit.now.secure)
}

/// Refuses a form that does not come from that page: a script of the portal can post one to whoever has opened a link.
pub fn check(state: &PagesState, held: Option<&str>, route: &str, fields: &Fields) -> Result<(), Refusal> {
    let known = form::is_of_link(&state.keys, held.unwrap_or_default(), route, fields.text(TOKEN_FIELD));
    if known { Ok(()) } else { Err(Refusal::Token) }
}

/// The link has done its work.
pub fn used(page: Response) -> Response {
    reply::with_cookies(page, [cookie::clear(cookie::TICKET)])
}
