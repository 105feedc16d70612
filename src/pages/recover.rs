//! Recovery by recovery code, after the password and in place of the code. It leads straight into a fresh enrolment.

use std::time::Duration;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::authenticator::{RecoverStep, Standing};
use crate::auth::credentials::Stage;
use crate::http::cookie;
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{Between, Why};
use crate::pages::{Here, PagesState, Visit, Who, locked, reply, stage, words};

/// A grant by recovery lives a quarter of an hour; so does its cookie.
const GRANT_AGE: Duration = Duration::from_mins(15);

#[derive(Template)]
#[template(path = "recover.html")]
struct RecoverPage {
    frame: Frame,
    /// There is no other way in from this browser.
    due: bool,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    let Between { standing, .. } = before_recovery(&state, &visit).await?;
    if standing.locked {
        return Ok(locked::page(&state, &visit, &standing));
    }
    Ok(page(&state, &visit, StatusCode::OK, standing.recovery_due, None))
}

/// POST.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let Between { token, standing } = before_recovery(&state, &visit).await?;
    let step = state.auth.recover(&visit.visitor(&headers), &token, fields.text("code")).await.map_err(Refusal::from)?;
    let again = |problem| page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, standing.recovery_due, Some(problem));
    Ok(match step {
        RecoverStep::Accepted { grant } => accepted(&state, &visit, &standing, &grant).await,
        RecoverStep::Malformed => again(words::recover::malformed()),
        RecoverStep::Wrong { left } => again(words::recover::wrong(left)),
        RecoverStep::Locked => locked::page(&state, &visit, &standing),
        RecoverStep::Gone => stage::gone(),
        RecoverStep::SlowDown(wait) => reply::later(again(words::code::slow_down(wait)), wait),
    })
}

/// The pending login of somebody who may recover: page one has been passed, and nothing is being set up yet.
async fn before_recovery(state: &PagesState, visit: &Visit) -> Result<Between, Response> {
    match stage::between(state, visit).await? {
        Some(between) if between.standing.pending.stage == Stage::Setup => Err(reply::see_other(stage::SETUP)),
        Some(between) => Ok(between),
        None => Err(reply::see_other(&Why::Recovery.address())),
    }
}

/// All sessions of the account are dead by now; this browser's own, if it is one of them, goes at once.
async fn accepted(state: &PagesState, visit: &Visit, standing: &Standing, grant: &str) -> Response {
    let grant = cookie::set(cookie::GRANT, grant, Some(GRANT_AGE));
    let response = reply::with_cookies(reply::see_other(stage::SETUP), [grant, cookie::clear(cookie::DEVICE)]);
    match &visit.inside {
        Some(inside) if inside.session.account.id == standing.account.id => {
            state.sessions.ended(inside.session.id).await;
            reply::with_cookies(response, [cookie::clear(cookie::SESSION)])
        }
        _ => response,
    }
}

/// Instead of page two: a code of the app does not do.
pub(super) fn due(state: &PagesState, visit: &Visit) -> Response {
    page(state, visit, StatusCode::FORBIDDEN, true, Some(words::recover::due()))
}

fn page(state: &PagesState, visit: &Visit, status: StatusCode, due: bool, problem: Option<Problem>) -> Response {
    reply::html(status, &RecoverPage { frame: state.frame(visit).with(problem), due })
}
