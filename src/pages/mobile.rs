//! The recovery mobile, in the wizard: a number, the code that is texted to it, or *Skip for now*.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};

use crate::auth::authenticator::{NumberProof, NumberStep, NumberUnfit};
use crate::auth::credentials::Stage;
use crate::auth::mobiles::Holder;
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{Between, VERIFY};
use crate::pages::{Here, PagesState, Visit, Who, reply, stage, words};

#[derive(Template)]
#[template(path = "mobile.html")]
struct NumberPage<'a> {
    frame: Frame,
    /// As it was typed.
    number: &'a str,
    /// The calling codes that texts are sent to.
    countries: String,
}

#[derive(Template)]
#[template(path = "mobile_code.html")]
pub(super) struct CodePage<'a> {
    pub(super) frame: Frame,
    /// The number's last two digits.
    pub(super) ending: &'a str,
    pub(super) action: &'a str,
    /// Where another number is given.
    pub(super) other: &'a str,
    /// The form's token, inside a session; without one this is a step of the wizard.
    pub(super) token: Option<String>,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who, uri: Uri) -> Result<Response, Response> {
    let between = at(&state, &visit).await?;
    let waiting = waiting(&state, &visit, &between).await?;
    Ok(match waiting.filter(|_| uri.query() != Some("other")) {
        Some(ending) => code_page(&state, &visit, &between, StatusCode::OK, &ending, None),
        None => number_page(&state, &visit, &between, StatusCode::OK, "", None),
    })
}

/// POST: the number, or its code.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let between = at(&state, &visit).await?;
    let visitor = visit.visitor(&headers);
    if let Some(code) = fields.sent("code") {
        let step = state.auth.confirm_number(&visitor, &between.token, code).await.map_err(Refusal::from)?;
        let problem = match step {
            NumberProof::Bound(()) => return Ok(reply::see_other(VERIFY)),
            NumberProof::Malformed => words::mobile::malformed(),
            NumberProof::Wrong { left } => words::mobile::wrong(left),
            NumberProof::Gone => words::mobile::gone(),
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(match waiting(&state, &visit, &between).await? {
            Some(ending) => code_page(&state, &visit, &between, status, &ending, Some(problem)),
            None => number_page(&state, &visit, &between, status, "", Some(words::mobile::gone())),
        });
    }
    let typed = fields.text("mobile");
    let step = state.auth.text_number(&visitor, &between.token, typed, &state.letterhead(&visit)).await;
    Ok(match step.map_err(Refusal::from)? {
        NumberStep::Texted(ending) => code_page(&state, &visit, &between, StatusCode::OK, &ending, None),
        NumberStep::Gone => stage::followed(&state, &visit, VERIFY).await?,
        NumberStep::Unfit(why) => {
            let problem = words::mobile::unfit(why, &state.auth.calling_codes());
            slowed(&state, why, number_page(&state, &visit, &between, status_of(why), typed, Some(problem)))
        }
    })
}

/// A gateway that fails is not the person's doing.
pub(super) const fn status_of(why: NumberUnfit) -> StatusCode {
    match why {
        NumberUnfit::Away => StatusCode::BAD_GATEWAY,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// With the time to wait, where there is one.
pub(super) fn slowed(state: &PagesState, why: NumberUnfit, response: Response) -> Response {
    match why {
        NumberUnfit::SlowDown(wait) => reply::later(state, reply::Slowed::Failures, response, wait),
        _ => response,
    }
}

/// The pending login, if a mobile can be bound in it; otherwise the way on.
async fn at(state: &PagesState, visit: &Visit) -> Result<Between, Response> {
    let between = stage::at(state, visit, Stage::Verify).await?;
    let may = state.auth.may_bind_mobile(&between.token, visit.now).await.map_err(Refusal::from)?;
    if may { Ok(between) } else { Err(reply::see_other(VERIFY)) }
}

async fn waiting(state: &PagesState, visit: &Visit, between: &Between) -> Result<Option<String>, Refusal> {
    let (holder, account) = (Holder::Pending(between.token.hash()), between.standing.account.id);
    Ok(state.auth.number_waiting(holder, account, visit.now).await?)
}

fn number_page(
    state: &PagesState,
    visit: &Visit,
    between: &Between,
    status: StatusCode,
    number: &str,
    problem: Option<Problem>,
) -> Response {
    let frame = frame(state, visit, between, problem);
    reply::html(status, &NumberPage { frame, number, countries: state.auth.calling_codes() })
}

fn code_page(
    state: &PagesState,
    visit: &Visit,
    between: &Between,
    status: StatusCode,
    ending: &str,
    problem: Option<Problem>,
) -> Response {
    let (action, other) = (stage::SETUP_MOBILE, "/.vestibule/setup/mobile?other");
    reply::html(status, &CodePage { frame: frame(state, visit, between, problem), ending, action, other, token: None })
}

fn frame(state: &PagesState, visit: &Visit, between: &Between, problem: Option<Problem>) -> Frame {
    state.frame(visit).with(problem).holding(words::holds::login(between.left(visit)))
}
