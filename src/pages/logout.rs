//! *Sign out*: GET asks, POST ends the session, or the pending login of somebody between the doors.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::http::cookie;
use crate::pages::form::{self, Fields, TOKEN_FIELD, TokenCheck};
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{LOGIN, Why};
use crate::pages::{Here, Inside, PagesState, Visit, Who, reply, words};

const ROUTE: &str = "/.vestibule/logout";

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage<'a> {
    frame: Frame,
    login: &'a str,
    portal: &'a str,
    token: String,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Response {
    match &visit.inside {
        Some(inside) => page(&state, &visit, inside, StatusCode::OK, None),
        None => reply::see_other(LOGIN),
    }
}

/// POST.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    if let Some(inside) = &visit.inside {
        match form::check(&state.keys, inside.session.id, ROUTE, fields.text(TOKEN_FIELD), visit.now.secure) {
            TokenCheck::Good => {}
            TokenCheck::Old => {
                let problem = Some(words::logout::stale());
                return Ok(page(&state, &visit, inside, StatusCode::UNPROCESSABLE_ENTITY, problem));
            }
            TokenCheck::Wrong => return Err(Refusal::Token),
        }
        end(&state, &visit, &headers, inside).await?;
    }
    if let Some(pending) = &visit.pending {
        state.auth.drop_pending(pending).await?;
    }
    let response = reply::clear_storage(reply::see_other(&Why::SignedOut.address()));
    Ok(reply::with_cookies(response, [cookie::SESSION, cookie::PENDING].map(cookie::clear)))
}

/// Ends a session, in the store and in the table.
pub async fn end(state: &PagesState, visit: &Visit, headers: &HeaderMap, inside: &Inside) -> Result<(), Refusal> {
    // One that was handed on would be handed on again: it ends where it came from.
    let session = inside.session.parent().unwrap_or(&inside.session);
    state.auth.sign_out(&visit.visitor(headers), session.id, session.account.id).await?;
    state.sessions.ended(session.id).await;
    Ok(())
}

/// Ends the session that a new sign-in in the same browser has taken the place of. At once for this process, whatever the store
/// says; and in the store as soon as that answers, so that neither a restart nor a look into the store brings it back.
pub async fn replaced(state: &PagesState, visit: &Visit, headers: &HeaderMap, inside: &Inside) {
    let (session, visitor) = (Arc::clone(&inside.session), visit.visitor(headers));
    session.end();
    let Err(error) = state.auth.sign_out(&visitor, session.id, session.account.id).await else {
        return state.sessions.ended(session.id).await;
    };
    tracing::error!(%error, session = %session.id, "a replaced session could not be ended; trying until it is");
    let state = state.clone();
    tokio::spawn(async move {
        state.auth.sign_out_at_last(&visitor, session.id, session.account.id).await;
        state.sessions.ended(session.id).await;
    });
}

/// The form token of a *Sign out* button; none is needed outside a session.
pub fn token(state: &PagesState, visit: &Visit) -> Option<String> {
    let inside = visit.inside.as_ref()?;
    Some(form::token(&state.keys, inside.session.id, ROUTE, visit.now.secure))
}

fn page(state: &PagesState, visit: &Visit, inside: &Inside, status: StatusCode, problem: Option<Problem>) -> Response {
    let view = inside.session.account.view();
    let page = LogoutPage {
        frame: state.frame(visit).with(problem),
        login: view.row.login.as_str(),
        portal: visit.portal.label(),
        token: form::token(&state.keys, inside.session.id, ROUTE, visit.now.secure),
    };
    reply::html(status, &page)
}
