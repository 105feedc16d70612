//! *Replace the authenticator*: password and a code of the old app show a new secret; a code of the new app enables it. The
//! second form's address is one of its own, so that its token comes with the secret and with nothing else.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::authenticator::{Enrolment, ReplaceStart, ReplaceStep};
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::setup::{self, Showing};
use crate::pages::stage::{self, CODES_SAVE, MFA, MFA_ENABLE};
use crate::pages::{Here, Inside, PagesState, Visit, Who, reply, words};

#[derive(Template)]
#[template(path = "account_mfa.html")]
struct StartPage<'a> {
    frame: Frame,
    login: &'a str,
    token: String,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, MFA).await?;
    Ok(start(&state, &visit, inside, StatusCode::OK, None))
}

/// POST: password and old code.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, MFA).await?;
    if !super::is_current(&state, &visit, inside, MFA, &fields)? {
        return Ok(start(&state, &visit, inside, StatusCode::UNPROCESSABLE_ENTITY, Some(words::account::stale())));
    }
    let (visitor, session) = (visit.visitor(&headers), &inside.session);
    let step = state.auth.begin_replacement(&visitor, session.id, session.account.id, super::factors(&fields)).await;
    Ok(match step.map_err(Refusal::from)? {
        ReplaceStart::Staged(enrolment) => {
            // The code that was just given counts from here on.
            state.sessions.confirmed(session.id).await;
            secret(&state, &visit, inside, StatusCode::OK, &enrolment, None)
        }
        ReplaceStart::NotProved(refused) => {
            let again = |status, problem| start(&state, &visit, inside, status, Some(problem));
            super::refused(&state, inside, refused, again).await
        }
    })
}

/// GET of the second form's address: there is nothing to see.
pub async fn back(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    stage::inside(&state, &visit, MFA).await?;
    Ok(reply::see_other(MFA))
}

/// POST: a code of the new app.
pub async fn enable(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, MFA).await?;
    if !super::is_current(&state, &visit, inside, MFA_ENABLE, &fields)? {
        return Ok(start(&state, &visit, inside, StatusCode::UNPROCESSABLE_ENTITY, Some(words::account::begin_again())));
    }
    let (visitor, session) = (visit.visitor(&headers), &inside.session);
    let step = state.auth.replace_authenticator(&visitor, session.id, session.account.id, fields.text("code")).await;
    let problem = match step.map_err(Refusal::from)? {
        ReplaceStep::Replaced(renewed) => {
            return Ok(super::renewed(&state, &visit, inside, &renewed, reply::see_other(CODES_SAVE)).await);
        }
        ReplaceStep::Ended => return Ok(super::ended(&state, inside).await),
        ReplaceStep::Gone => None,
        ReplaceStep::Malformed => Some(words::code::malformed()),
        ReplaceStep::Wrong { left } => Some(words::code::wrong(left)),
        ReplaceStep::Crowded => Some(words::account::crowded()),
    };
    let crowded = problem.as_ref().is_some_and(|problem| problem.field.is_empty());
    let enrolment = match &problem {
        Some(_) => state.auth.staged_enrolment(&visitor, session.id, session.account.id).await.map_err(Refusal::from)?,
        None => None,
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let again = match enrolment {
        Some(enrolment) => secret(&state, &visit, inside, status, &enrolment, problem),
        None => start(&state, &visit, inside, status, Some(words::account::begin_again())),
    };
    Ok(if crowded { reply::later(&state, reply::Slowed::Failures, again, words::account::CROWDED) } else { again })
}

fn start(state: &PagesState, visit: &Visit, inside: &Inside, status: StatusCode, problem: Option<Problem>) -> Response {
    let view = inside.session.account.view();
    let (frame, token) = (state.frame(visit).with(problem), super::token(state, visit, inside, MFA));
    let page = StartPage { frame, login: view.row.login.as_str(), token };
    reply::html(status, &page)
}

fn secret(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    status: StatusCode,
    enrolment: &Enrolment,
    problem: Option<Problem>,
) -> Response {
    let view = inside.session.account.view();
    let token = super::token(state, visit, inside, MFA_ENABLE);
    let holds = problem.is_none().then(|| words::holds::inside(state.settings.load().pending_life));
    let showing = Showing { login: view.row.login.as_str(), action: MFA_ENABLE, token: Some(&token), holds };
    setup::secret_page(state, visit, status, enrolment, &showing, problem)
}
