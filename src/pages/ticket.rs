//! Links of mails: whoever opens one gets its token swapped for a sealed cookie, and goes on at an address without it, so that it
//! stands neither in a history nor in what a page tells others.

use std::time::Duration;

use axum::response::Response;
use http::HeaderMap;

use crate::http::cookie;
use crate::pages::form::{self, Fields, TOKEN_FIELD};
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{PagesState, Visit, reply};

/// A kind of mailed link: opened, shown, pressed. Opening and looking consume nothing: mail programs look at links, too.
pub struct Link {
    /// Where whoever has opened one goes on.
    pub page: &'static str,
    /// What is said of one that does not live, or not any more.
    pub gone: fn(Frame) -> Response,
}

impl Link {
    /// GET with the token: `opened` is the cookie's value and for how long it is good. `None`: it does not live.
    pub fn opened(&self, state: &PagesState, visit: &Visit, opened: Option<(String, Duration)>) -> Response {
        let Some((value, life)) = opened else { return self.gone(state, visit) };
        reply::with_cookies(reply::see_other(self.page), [cookie::set(cookie::TICKET, &value, Some(life))])
    }

    /// GET: the page with the button.
    pub fn shown<T>(
        &self,
        state: &PagesState,
        visit: &Visit,
        found: Option<T>,
        page: impl FnOnce(Frame, T) -> Response,
    ) -> Response {
        match found {
            Some(found) => page(state.frame(visit), found),
            None => self.gone(state, visit),
        }
    }

    /// The token of the form on that page.
    pub fn token(&self, state: &PagesState, visit: &Visit, headers: &HeaderMap) -> String {
        token(state, visit, held(headers), self.page)
    }

    /// POST: refuses a form that does not come from that page.
    pub fn check(&self, state: &PagesState, headers: &HeaderMap, fields: &Fields) -> Result<(), Refusal> {
        check(state, held(headers), self.page, fields)
    }

    /// POST: `done`, and then the link has done its work.
    pub fn pressed(&self, state: &PagesState, visit: &Visit, done: bool, page: impl FnOnce(Frame) -> Response) -> Response {
        if done { used(page(state.frame(visit))) } else { self.gone(state, visit) }
    }

    /// It does not live, or not any more.
    pub fn gone(&self, state: &PagesState, visit: &Visit) -> Response {
        (self.gone)(state.frame(visit))
    }
}

/// What a browser holds that has opened one.
pub fn held(headers: &HeaderMap) -> Option<&str> {
    cookie::value(headers, cookie::TICKET)
}

/// The token of a form that belongs to a link: `held` is the sealed cookie that it was swapped for.
pub fn token(state: &PagesState, visit: &Visit, held: Option<&str>, route: &str) -> String {
    form::link_token(&state.keys, held.unwrap_or_default(), route, visit.now.secure)
}

/// Refuses a form that does not come from its page: a script of the portal can post one to whoever has opened a link.
pub fn check(state: &PagesState, held: Option<&str>, route: &str, fields: &Fields) -> Result<(), Refusal> {
    let known = form::is_of_link(&state.keys, held.unwrap_or_default(), route, fields.text(TOKEN_FIELD));
    if known { Ok(()) } else { Err(Refusal::Token) }
}

/// The link has done its work.
pub fn used(page: Response) -> Response {
    reply::with_cookies(page, [cookie::clear(cookie::TICKET)])
}
