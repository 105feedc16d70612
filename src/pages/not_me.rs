//! *This was not me*: the link in a notice leads to a page, and only its button freezes the account.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::tickets::TicketKind;
use crate::pages::form::Fields;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{Here, PagesState, Visit, Who, reply, ticket};

const ROUTE: &str = "/.vestibule/not-me";

#[derive(Template)]
#[template(path = "not_me.html")]
struct NotMePage<'a> {
    frame: Frame,
    login: &'a str,
    token: String,
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
    let opened = state.auth.open_mailed(&visit.visitor(&headers), &token, TicketKind::NotMe).await?;
    Ok(ticket::swapped(opened, ROUTE).unwrap_or_else(|| gone(&state, &visit)))
}

/// GET: asks.
pub async fn show(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Refusal> {
    let cookie = ticket::held(&headers);
    Ok(match state.auth.mailed(cookie, TicketKind::NotMe, visit.now).await? {
        Some(view) => {
            let token = ticket::token(&state, &visit, cookie, ROUTE);
            let page = NotMePage { frame: state.frame(&visit), login: view.account.login.as_str(), token };
            reply::html(StatusCode::OK, &page)
        }
        None => gone(&state, &visit),
    })
}

/// POST: freezes.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    let cookie = ticket::held(&headers);
    if state.auth.mailed(cookie, TicketKind::NotMe, visit.now).await?.is_none() {
        return Ok(gone(&state, &visit));
    }
    ticket::check(&state, cookie, ROUTE, &fields)?;
    if !state.auth.freeze(&visit.visitor(&headers), cookie).await? {
        return Ok(gone(&state, &visit));
    }
    let page = reply::html(StatusCode::OK, &FrozenPage { frame: state.frame(&visit) });
    Ok(ticket::used(page))
}

fn gone(state: &PagesState, visit: &Visit) -> Response {
    reply::html(StatusCode::GONE, &GonePage { frame: state.frame(visit) })
}
