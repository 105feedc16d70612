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

/// The page.
pub fn page(state: &PagesState, visit: &Visit, status: StatusCode, why: Message) -> Response {
    reply::html(status, &NewLinkPage { frame: state.frame(visit), why })
}
