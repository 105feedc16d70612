//! The recovery mobile: another number for password, code and the code that is texted to it; or none any more.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::Done;
use crate::auth::authenticator::{ChangeStep, MobileView, NumberProof, RemoveStep};
use crate::auth::mobiles::Holder;
use crate::language::Message;
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::mobile::{CodePage, slowed, status_of};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{self, ACCOUNT, MOBILE, MOBILE_CONFIRM};
use crate::pages::{Here, Inside, PagesState, Visit, Who, reply, words};

#[derive(Template)]
#[template(path = "account_mobile.html")]
struct MobilePage<'a> {
    frame: Frame,
    login: &'a str,
    /// The last two digits of the one there is.
    ending: Option<String>,
    /// When it opens a recovery, where it does not yet.
    waits: Option<Message>,
    /// As it was typed.
    number: &'a str,
    countries: String,
    token: String,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    let (inside, view) = here(&state, &visit).await?;
    Ok(page(&state, &visit, inside, StatusCode::OK, view, "", None))
}

/// POST: another number, or *Remove*.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let (inside, view) = here(&state, &visit).await?;
    let typed = fields.text("mobile");
    let again = |status, problem| page(&state, &visit, inside, status, view.clone(), typed, Some(problem));
    if !super::is_current(&state, &visit, inside, MOBILE, &fields)? {
        return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, words::account::stale()));
    }
    let (visitor, at) = (visit.visitor(&headers), (inside.session.id, inside.session.account.id));
    let (factors, head) = (super::factors(&fields), state.letterhead(&visit));
    if fields.text("act") == "remove" {
        return Ok(match state.auth.remove_mobile(&visitor, at, factors, &head).await.map_err(Refusal::from)? {
            RemoveStep::Removed(renewed) => {
                super::renewed(&state, &visit, inside, &renewed, reply::see_other(&Done::NoMobile.address())).await
            }
            RemoveStep::NotProved(refused) => super::refused(&state, inside, refused, again).await,
        });
    }
    Ok(match state.auth.text_new_number(&visitor, at, factors, typed, &head).await.map_err(Refusal::from)? {
        ChangeStep::Texted(ending) => {
            // The code that was just given counts from here on.
            state.sessions.confirmed(inside.session.id).await;
            code_page(&state, &visit, inside, StatusCode::OK, &ending, None)
        }
        ChangeStep::Unfit { why, spent } => {
            if spent {
                state.sessions.confirmed(inside.session.id).await;
            }
            let problem = words::mobile::unfit_inside(why, &state.auth.calling_codes());
            slowed(&state, why, again(status_of(why), problem))
        }
        ChangeStep::NotProved(refused) => super::refused(&state, inside, refused, again).await,
        ChangeStep::Off => reply::see_other(ACCOUNT),
    })
}

/// GET: a number waits for its code.
pub async fn waiting(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, MOBILE).await?;
    Ok(match number_waiting(&state, &visit, inside).await? {
        Some(ending) => code_page(&state, &visit, inside, StatusCode::OK, &ending, None),
        None => reply::see_other(MOBILE),
    })
}

/// POST: its code.
pub async fn confirm(
    State(state): Here,
    Extension(visit): Who,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, MOBILE).await?;
    let current = super::is_current(&state, &visit, inside, MOBILE_CONFIRM, &fields)?;
    let (visitor, at) = (visit.visitor(&headers), (inside.session.id, inside.session.account.id));
    let problem = if current {
        let step = state.auth.confirm_new_number(&visitor, at, fields.text("code"), &state.letterhead(&visit)).await;
        match step.map_err(Refusal::from)? {
            NumberProof::Bound(renewed) => {
                let on = reply::see_other(&Done::Mobile.address());
                return Ok(super::renewed(&state, &visit, inside, &renewed, on).await);
            }
            NumberProof::Malformed => words::mobile::malformed(),
            NumberProof::Wrong { left } => words::mobile::wrong(left),
            NumberProof::Gone => words::mobile::gone(),
        }
    } else {
        words::account::stale()
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    if let Some(ending) = number_waiting(&state, &visit, inside).await? {
        return Ok(code_page(&state, &visit, inside, status, &ending, Some(problem)));
    }
    let (inside, view) = here(&state, &visit).await?;
    Ok(page(&state, &visit, inside, status, view, "", Some(words::mobile::gone())))
}

/// The session and its mobile; where there is none and no texts are sent, the way back.
async fn here<'a>(state: &PagesState, visit: &'a Visit) -> Result<(&'a Inside, Option<MobileView>), Response> {
    let inside = stage::inside(state, visit, MOBILE).await?;
    let view = state.auth.mobile_view(inside.session.account.id, visit.now).await.map_err(Refusal::from)?;
    if view.is_none() && !state.auth.sends_texts() {
        return Err(reply::see_other(ACCOUNT));
    }
    Ok((inside, view))
}

async fn number_waiting(state: &PagesState, visit: &Visit, inside: &Inside) -> Result<Option<String>, Refusal> {
    let (holder, account) = (Holder::Session(inside.session.id), inside.session.account.id);
    Ok(state.auth.number_waiting(holder, account, visit.now).await?)
}

fn page(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    status: StatusCode,
    view: Option<MobileView>,
    number: &str,
    problem: Option<Problem>,
) -> Response {
    let (ending, waits) = view.map_or((None, None), |view| (Some(view.ending), view.waits_until.map(words::moment)));
    let person = inside.session.account.view();
    let page = MobilePage {
        frame: state.frame(visit).with(problem),
        login: person.row.login.as_str(),
        ending,
        waits,
        number,
        countries: state.auth.calling_codes(),
        token: super::token(state, visit, inside, MOBILE),
    };
    reply::html(status, &page)
}

fn code_page(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    status: StatusCode,
    ending: &str,
    problem: Option<Problem>,
) -> Response {
    let token = Some(super::token(state, visit, inside, MOBILE_CONFIRM));
    let frame = state.frame(visit).with(problem);
    reply::html(status, &CodePage { frame, ending, action: MOBILE_CONFIRM, other: MOBILE, token })
}
