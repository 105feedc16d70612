//! Links of mails: whoever opens one gets its token swapped for a sealed cookie, and goes on at an address without it, so that it
//! stands neither in a history nor in what a page tells others.

use std::time::Duration;

use axum::response::Response;
use http::HeaderMap;

use crate::http::cookie;
use crate::pages::reply;

/// The way on from a link that lives: `opened` is the cookie's value and for how long it is good. `None`: it does not live.
pub fn swapped(opened: Option<(String, Duration)>, page: &str) -> Option<Response> {
    let (value, life) = opened?;
    Some(reply::with_cookies(reply::see_other(page), [cookie::set(cookie::TICKET, &value, Some(life))]))
}

/// What a browser holds that has opened one.
pub fn held(headers: &HeaderMap) -> Option<&str> {
    cookie::value(headers, cookie::TICKET)
}

/// The link has done its work.
pub fn used(page: Response) -> Response {
    reply::with_cookies(page, [cookie::clear(cookie::TICKET)])
}
