//! *New recovery codes*: made for password and code, shown in the answer to that POST, and kept for a few minutes until they
//! are saved. The same page saves those that come with a new authenticator.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::Done;
use crate::auth::authenticator::NewCodes;
use crate::pages::codes::{self, Saving};
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{self, CODES_SAVE, NEW_CODES};
use crate::pages::{Here, Inside, PagesState, Visit, Who, reply, words};

#[derive(Template)]
#[template(path = "account_codes.html")]
struct AskPage<'a> {
    frame: Frame,
    login: &'a str,
    /// A new set waits to be saved.
    unsaved: bool,
    token: String,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, NEW_CODES).await?;
    let staged = state.auth.codes_staged(&visit.visitor(&headers), inside.session.id).await.map_err(Refusal::from)?;
    Ok(ask(&state, &visit, inside, StatusCode::OK, staged.is_some(), None))
}

/// POST: password and code.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, NEW_CODES).await?;
    if !super::is_current(&state, &visit, inside, NEW_CODES, &fields)? {
        let problem = Some(words::account::stale());
        return Ok(ask(&state, &visit, inside, StatusCode::UNPROCESSABLE_ENTITY, false, problem));
    }
    let (visitor, session) = (visit.visitor(&headers), &inside.session);
    let made = state.auth.renew_codes(&visitor, session.id, session.account.id, super::factors(&fields)).await;
    Ok(match made.map_err(Refusal::from)? {
        NewCodes::Made(renewed, shown) => {
            let page = list(&state, &visit, inside, StatusCode::OK, shown, false, None);
            super::renewed(&state, &visit, inside, &renewed, page).await
        }
        NewCodes::NotProved(refused) => {
            let again = |status, problem| ask(&state, &visit, inside, status, false, Some(problem));
            super::refused(&state, inside, refused, again).await
        }
    })
}

/// GET: the codes wait to be saved. They are not shown.
pub async fn saving(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, CODES_SAVE).await?;
    let staged = state.auth.codes_staged(&visit.visitor(&headers), inside.session.id).await.map_err(Refusal::from)?;
    Ok(match staged {
        Some(handed_out) => list(&state, &visit, inside, StatusCode::OK, Vec::new(), handed_out, None),
        None => reply::see_other(NEW_CODES),
    })
}

/// POST: *Download recovery codes*, *Show them on this page*, or *Next*.
pub async fn save(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, CODES_SAVE).await?;
    let (visitor, session, auth) = (visit.visitor(&headers), &inside.session, &state.auth);
    let Some(handed_out) = auth.codes_staged(&visitor, session.id).await.map_err(Refusal::from)? else {
        return Ok(reply::see_other(NEW_CODES));
    };
    let again = |shown, handed_out, problem: Option<Problem>| {
        list(&state, &visit, inside, again_status(problem.as_ref()), shown, handed_out, problem)
    };
    if !super::is_current(&state, &visit, inside, CODES_SAVE, &fields)? {
        return Ok(again(Vec::new(), handed_out, Some(words::account::stale())));
    }
    let answer = match fields.text("act") {
        "download" => {
            let text = auth
                .download_staged_codes(&visitor, session.id, session.account.id, &state.brand(&visit).name)
                .await
                .map_err(Refusal::from)?;
            text.map(|text| codes::file(&visit, text))
        }
        "show" => {
            let shown = auth.show_staged_codes(&visitor, session.id).await.map_err(Refusal::from)?;
            shown.map(|shown| again(shown, handed_out, None))
        }
        _ => {
            let ticked = fields.ticked("saved");
            let saved = auth.staged_codes_saved(&visitor, session.id, session.account.id, ticked).await;
            Some(if saved.map_err(Refusal::from)? {
                reply::see_other(&Done::Codes.address())
            } else {
                again(Vec::new(), handed_out, Some(words::codes::not_saved()))
            })
        }
    };
    Ok(answer.unwrap_or_else(|| reply::see_other(NEW_CODES)))
}

const fn again_status(problem: Option<&Problem>) -> StatusCode {
    if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

fn ask(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    status: StatusCode,
    unsaved: bool,
    problem: Option<Problem>,
) -> Response {
    let token = super::token(state, visit, inside, NEW_CODES);
    let view = inside.session.account.view();
    reply::html(status, &AskPage { frame: state.frame(visit).with(problem), login: view.row.login.as_str(), unsaved, token })
}

fn list(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    status: StatusCode,
    shown: Vec<String>,
    handed_out: bool,
    problem: Option<Problem>,
) -> Response {
    let view = inside.session.account.view();
    let token = super::token(state, visit, inside, CODES_SAVE);
    let saving = Saving { login: view.row.login.as_str(), action: CODES_SAVE, token: Some(&token), handed_out, holds: None };
    codes::page(state, visit, &saving, status, shown, problem)
}
