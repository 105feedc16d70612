//! Recovery, after the password and in place of the code: by recovery code, or by a texted code and a mailed link. It leads straight
//! into a fresh enrolment. What is said of texts is the same whether or not there is a mobile.

use std::time::Duration;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::authenticator::{RecoverStep, Standing, TextStep};
use crate::auth::credentials::Stage;
use crate::http::cookie;
use crate::language::{Message, say};
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
    /// A texted code and a mailed link do, too.
    by_text: bool,
}

#[derive(Template)]
#[template(path = "recover_text.html")]
struct TextPage {
    frame: Frame,
    /// The code was right already; what is left to do.
    left: Option<Left>,
    /// See [`Standing::half_way`].
    half_way: bool,
}

/// What is left after the right code.
enum Left {
    /// The button in the mail; then it goes on here.
    Mail(Message),
    /// Nothing, for so long: there is nothing to press.
    Wait(Message),
}

/// For whoever has left a recovery half-way.
#[derive(Template)]
#[template(path = "recover_half.html")]
struct HalfWayPage {
    frame: Frame,
    by_text: bool,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    let between = before_recovery(&state, &visit).await?;
    let Between { token, standing } = &between;
    if standing.locked {
        return Ok(locked::page(&state, &visit, standing));
    }
    if state.auth.text_recovery(token, visit.now).await.map_err(Refusal::from)?.is_some() {
        return Ok(text_page(&state, &visit, &between, StatusCode::OK, Some(Left::Mail(words::mobile::open_the_mail())), None));
    }
    Ok(page(&state, &visit, &between, StatusCode::OK, None))
}

/// POST.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let between = before_recovery(&state, &visit).await?;
    if matches!(fields.text("act"), "text" | "texted" | "go") {
        return Ok(by_text(&state, &visit, &headers, &fields, &between).await?);
    }
    let Between { token, standing } = &between;
    let step = state.auth.recover(&visit.visitor(&headers), token, fields.text("code")).await.map_err(Refusal::from)?;
    let again = |problem| page(&state, &visit, &between, StatusCode::UNPROCESSABLE_ENTITY, Some(problem));
    Ok(match step {
        RecoverStep::Accepted { grant } => accepted(&state, &visit, standing, &grant).await,
        RecoverStep::Malformed => again(words::recover::malformed()),
        RecoverStep::Wrong { left } => again(words::recover::wrong(left)),
        RecoverStep::Locked => locked::page(&state, &visit, standing),
        RecoverStep::Repeated => reply::see_other(stage::SETUP),
        RecoverStep::Gone => stage::gone(),
        RecoverStep::SlowDown(wait) => reply::later(&state, reply::Slowed::Failures, again(words::code::slow_down(wait)), wait),
    })
}

/// *Text me a code*, the code, and *Go on* once the mail's button was pressed.
async fn by_text(
    state: &PagesState,
    visit: &Visit,
    headers: &HeaderMap,
    fields: &Fields,
    between: &Between,
) -> Result<Response, Refusal> {
    let Between { token, standing } = between;
    let (visitor, head) = (visit.visitor(headers), state.letterhead(visit));
    let step = match fields.text("act") {
        "text" => state.auth.ask_for_recovery_text(&visitor, token, &head).await?,
        "texted" => state.auth.recover_by_text(&visitor, token, Some(fields.text("code")), &head).await?,
        _ => state.auth.recover_by_text(&visitor, token, None, &head).await?,
    };
    let again = |problem| text_page(state, visit, between, StatusCode::UNPROCESSABLE_ENTITY, None, Some(problem));
    let left = |left| text_page(state, visit, between, StatusCode::OK, Some(left), None);
    Ok(match step {
        TextStep::Asked => text_page(state, visit, between, StatusCode::OK, None, None),
        TextStep::Accepted { grant } => accepted(state, visit, standing, &grant).await,
        TextStep::OpenTheMail => left(Left::Mail(words::mobile::open_the_mail())),
        TextStep::Waits(until) => left(Left::Wait(say("mobile-recover-waits").with("until", words::moment(until)))),
        TextStep::Malformed => again(words::mobile::malformed()),
        TextStep::Wrong { left } => again(words::mobile::recovery_wrong(left)),
        TextStep::Repeated => reply::see_other(stage::SETUP),
        TextStep::Locked => locked::page(state, visit, standing),
        TextStep::Off => reply::see_other(stage::RECOVER),
        TextStep::Gone => stage::gone(),
        TextStep::SlowDown(wait) => reply::later(state, reply::Slowed::Failures, again(words::mobile::slow_down(wait)), wait),
    })
}

fn text_page(
    state: &PagesState,
    visit: &Visit,
    between: &Between,
    status: StatusCode,
    left: Option<Left>,
    problem: Option<Problem>,
) -> Response {
    let mut frame = state.frame(visit).with(problem);
    if !matches!(left, Some(Left::Wait(_))) {
        frame = frame.holding(words::holds::login(between.left(visit)));
    }
    reply::html(status, &TextPage { frame, left, half_way: between.standing.half_way })
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
pub(super) fn due(state: &PagesState, visit: &Visit, between: &Between) -> Response {
    let problem = Some(words::recover::due()).filter(|_| !between.standing.half_way);
    page(state, visit, between, StatusCode::FORBIDDEN, problem)
}

fn page(state: &PagesState, visit: &Visit, between: &Between, status: StatusCode, problem: Option<Problem>) -> Response {
    let frame = state.frame(visit).with(problem).holding(words::holds::login(between.left(visit)));
    let by_text = state.auth.recovers_by_text();
    if between.standing.half_way {
        return reply::html(status, &HalfWayPage { frame, by_text });
    }
    // An unlock may have come between.
    let due = between.standing.recovery_due || status == StatusCode::FORBIDDEN;
    reply::html(status, &RecoverPage { frame, due, by_text })
}
