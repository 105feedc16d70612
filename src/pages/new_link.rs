//! The page that says that a new link is needed, and whom to ask.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::language::Message;
use crate::pages::frame::Frame;
use crate::pages::{PagesState, Visit, reply};

#[derive(Template)]
#[template(path = "new_link.html")]
struct NewLinkPage {
    frame: Frame,
    why: Message,
}

#[derive(Template)]
#[template(path = "link_done.html")]
struct LinkDonePage {
    frame: Frame,
}

/// The page for whoever opens a link again that has done its work.
pub fn done(state: &PagesState, visit: &Visit) -> Response {
    reply::html(StatusCode::GONE, &LinkDonePage { frame: state.frame(visit) })
}

/// The page.
pub fn page(state: &PagesState, visit: &Visit, status: StatusCode, why: Message) -> Response {
    reply::html(status, &NewLinkPage { frame: state.frame(visit), why })
}
