//! *This was not me*: the link in a notice leads to a page, and only its button freezes the account.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::tickets::TicketKind;
use crate::pages::form::Fields;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::ticket::Link;
use crate::pages::{Here, Who, reply, ticket};

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

const LINK: Link = Link { page: "/.vestibule/not-me", gone: |frame| reply::html(StatusCode::GONE, &GonePage { frame }) };

/// GET with the token: swaps it for the sealed cookie.
pub async fn open(
    State(state): Here,
    Extension(visit): Who,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let opened = state.auth.open_mailed(&visit.visitor(&headers), &token, TicketKind::NotMe).await?;
    Ok(LINK.opened(&state, &visit, opened))
}

/// GET: asks.
pub async fn show(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Refusal> {
    let view = state.auth.mailed(ticket::held(&headers), TicketKind::NotMe, visit.now).await?;
    Ok(LINK.shown(&state, &visit, view, |frame, view| {
        let token = LINK.token(&state, &visit, &headers);
        reply::html(StatusCode::OK, &NotMePage { frame, login: view.account.login.as_str(), token })
    }))
}

/// POST: freezes.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    if state.auth.mailed(ticket::held(&headers), TicketKind::NotMe, visit.now).await?.is_none() {
        return Ok(LINK.gone(&state, &visit));
    }
    LINK.check(&state, &headers, &fields)?;
    let frozen = state.auth.freeze(&visit.visitor(&headers), ticket::held(&headers)).await?;
    Ok(LINK.pressed(&state, &visit, frozen, |frame| reply::html(StatusCode::OK, &FrozenPage { frame })))
}
