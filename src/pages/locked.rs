//! The page that says that an account is locked for browsers it does not know, and who can help.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::auth::authenticator::Standing;
use crate::pages::frame::Frame;
use crate::pages::{PagesState, Visit, logout, reply};

#[derive(Template)]
#[template(path = "locked.html")]
struct LockedPage<'a> {
    frame: Frame,
    login: &'a str,
    sign_out_token: Option<String>,
}

/// The page.
pub fn page(state: &PagesState, visit: &Visit, standing: &Standing) -> Response {
    let sign_out_token = logout::token(state, visit);
    let page = LockedPage { frame: state.frame(visit), login: standing.account.login.as_str(), sign_out_token };
    reply::html(StatusCode::FORBIDDEN, &page)
}
