//! An enrolment link, for somebody who has a password already: the link is swapped for a cookie, and the page says what comes.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::credentials::LinkKind;
use crate::http::cookie;
use crate::language::Message;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{Here, PagesState, Visit, Who, new_link, reply, words};

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolPage<'a> {
    frame: Frame,
    name: &'a str,
    login: &'a str,
    until: Message,
}

/// GET with the token.
pub async fn open(
    State(state): Here,
    Extension(visit): Who,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    swap(&state, &visit, &headers, &token, LinkKind::Enrolment, "/.vestibule/enrol").await
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Refusal> {
    let view = match &visit.grant {
        Some(cookie) => state.auth.grant(cookie, visit.now).await?,
        None => None,
    };
    let Some(view) = view else { return Ok(new_link::page(&state, &visit, StatusCode::FORBIDDEN, words::new_link::MISSING)) };
    if view.account.password.is_none() {
        return Ok(reply::see_other("/.vestibule/register"));
    }
    let page = EnrolPage {
        frame: state.frame(&visit),
        name: &view.account.name,
        login: view.account.login.as_str(),
        until: words::until(view.expires),
    };
    Ok(reply::html(StatusCode::OK, &page))
}

/// Swaps the token in a link for the sealed cookie, so that it stays in no history and no `Referer`. Consumes nothing.
pub async fn swap(
    state: &PagesState,
    visit: &Visit,
    headers: &HeaderMap,
    token: &str,
    kind: LinkKind,
    page: &str,
) -> Result<Response, Refusal> {
    let Some((cookie, view)) = state.auth.open_link(&visit.visitor(headers), token, kind).await? else {
        return Ok(new_link::page(state, visit, StatusCode::GONE, words::new_link::GONE));
    };
    let cookie = cookie::set(cookie::GRANT, &cookie, Some(view.expires.since(visit.now.secure)));
    Ok(reply::with_cookies(reply::see_other(page), [cookie]))
}
