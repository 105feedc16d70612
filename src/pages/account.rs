//! Where `/.vestibule/` leads somebody who is signed in: who you are, how long your code is still good, and the way out.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;

use crate::language::Message;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::stage::{ACCOUNT, LOGIN};
use crate::pages::{Here, Who, logout, reply, stage, words};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: Frame,
    name: &'a str,
    login: &'a str,
    groups: String,
    portal: &'a str,
    left: Message,
    every: Message,
    token: String,
}

/// GET of the address that an operator links to.
pub async fn home(Extension(visit): Who) -> Response {
    reply::see_other(if visit.inside.is_some() { ACCOUNT } else { LOGIN })
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Refusal> {
    let Some(inside) = visit.fresh() else { return stage::onward(&state, &visit).await };
    let view = inside.session.account.view();
    let page = AccountPage {
        frame: state.frame(&visit),
        name: &view.row.name,
        login: view.row.login.as_str(),
        groups: view.row.groups.join(", "),
        portal: &visit.portal.name,
        left: words::left(inside.window_left(visit.now.secure)),
        every: words::every(inside.window),
        token: logout::token(&state, &visit).unwrap_or_default(),
    };
    Ok(reply::html(StatusCode::OK, &page))
}
