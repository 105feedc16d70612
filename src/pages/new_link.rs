//! The page that says that a new link is needed, and whom to ask.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::pages::frame::Frame;
use crate::pages::{PagesState, reply};

#[derive(Template)]
#[template(path = "new_link.html")]
struct NewLinkPage {
    frame: Frame,
    why: &'static str,
}

#[derive(Template)]
#[template(path = "link_done.html")]
struct LinkDonePage {
    frame: Frame,
}

/// The page for whoever opens a link again that has done its work.
pub fn done(state: &PagesState) -> Response {
    reply::html(StatusCode::GONE, &LinkDonePage { frame: state.frame() })
}

/// The page.
pub fn page(state: &PagesState, status: StatusCode, why: &'static str) -> Response {
    reply::html(status, &NewLinkPage { frame: state.frame(), why })
}
