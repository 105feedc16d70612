//! *This was not me*: the link in a notice leads to a page, and only its button freezes the account.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::tickets::TicketKind;
use crate::http::cookie;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{Here, PagesState, Visit, Who, reply};

#[derive(Template)]
#[template(path = "not_me.html")]
struct NotMePage<'a> {
    frame: Frame,
    login: &'a str,
}

#[derive(Template)]
#[template(path = "not_me_done.html")]
struct FrozenPage {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "not_me_gone.html")]
struct GonePage {
    frame: Frame,
}

/// GET with the token: swaps it for the sealed cookie.
pub async fn open(
    State(state): Here,
    Extension(visit): Who,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Some((cookie, life)) = state.auth.open_mailed(&visit.visitor(&headers), &token, TicketKind::NotMe).await? else {
        return Ok(gone(&state, &visit));
    };
    let cookie = cookie::set(cookie::TICKET, &cookie, Some(life));
    Ok(reply::with_cookies(reply::see_other("/.vestibule/not-me"), [cookie]))
}

/// GET: asks.
pub async fn show(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Refusal> {
    let cookie = cookie::value(&headers, cookie::TICKET);
    Ok(match state.auth.mailed(cookie, TicketKind::NotMe, visit.now).await? {
        Some(view) => {
            let page = NotMePage { frame: state.frame(&visit), login: view.account.login.as_str() };
            reply::html(StatusCode::OK, &page)
        }
        None => gone(&state, &visit),
    })
}

/// POST: freezes.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Refusal> {
    let cookie = cookie::value(&headers, cookie::TICKET);
    if !state.auth.freeze(&visit.visitor(&headers), cookie).await? {
        return Ok(gone(&state, &visit));
    }
    let page = reply::html(StatusCode::OK, &FrozenPage { frame: state.frame(&visit) });
    Ok(reply::with_cookies(page, [cookie::clear(cookie::TICKET)]))
}

fn gone(state: &PagesState, visit: &Visit) -> Response {
    reply::html(StatusCode::GONE, &GonePage { frame: state.frame(visit) })
}
