//! What waits: forms that met a closed window, each with *Send it now* and *Discard*, and what became of the others.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::http::cookie;
use crate::identity::AccountId;
use crate::language::{Message, say};
use crate::pages::form::{self, Fields, TOKEN_FIELD, TokenCheck};
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::{Here, Inside, PagesState, Visit, Who, reply, stage, words};
use crate::park::{Entry, ParkError, State as Where, Whose};
use crate::ports::{StoreError, TokenHash};

/// This page.
pub const PARKED: &str = "/.vestibule/parked";

#[derive(Template)]
#[template(path = "parked.html")]
struct ParkedPage {
    frame: Frame,
    portal: String,
    waiting: Vec<Line>,
    settled: Vec<Line>,
    /// Where the person came from.
    back: String,
    token: String,
}

/// One of them.
struct Line {
    id: String,
    path: String,
    size: String,
    waits: bool,
    /// Since when, or what became of it.
    told: Message,
    left: Message,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Refusal> {
    let Some(inside) = visit.fresh() else { return stage::onward(&state, &visit).await };
    page(&state, &visit, inside, StatusCode::OK, None).await
}

/// POST.
pub async fn submit(State(state): Here, Extension(visit): Who, fields: Fields) -> Result<Response, Refusal> {
    let Some(inside) = visit.fresh() else { return stage::onward(&state, &visit).await };
    match form::check(&state.keys, inside.session.id, PARKED, fields.text(TOKEN_FIELD), visit.now.secure) {
        TokenCheck::Good => {}
        TokenCheck::Old => {
            let problem = Some(words::parked::stale());
            return page(&state, &visit, inside, StatusCode::UNPROCESSABLE_ENTITY, problem).await;
        }
        TokenCheck::Wrong => return Err(Refusal::Token),
    }
    let Ok(id) = fields.text("id").parse::<Uuid>() else { return Err(Refusal::NotAForm) };
    match fields.text("act") {
        "send" => send(&state, &visit, inside, id).await,
        "discard" => {
            let login = inside.session.account.view().row.login.clone();
            state.park.discard(&whose(&visit, inside), &login, id, visit.client, visit.now).await?;
            // Whatever it was by now, the page says it.
            Ok(reply::see_other(PARKED))
        }
        _ => Err(Refusal::NotAForm),
    }
}

/// Where somebody goes who has entered a code: to what waits in this session, or else to `to`.
pub async fn after_code(state: &PagesState, visit: &Visit, inside: &Inside, to: &str) -> Response {
    let found = state.park.list(&whose(visit, inside), visit.now.secure).await;
    let waits = found.map(|entries| entries.iter().any(|entry| entry.state == Where::Waiting));
    reply::see_other(if known(waits) { PARKED } else { to })
}

/// The same for a full sign-in: what this browser has left behind goes over to the new session.
pub async fn after_sign_in(state: &PagesState, visit: &Visit, (account, session): (AccountId, Uuid), to: &str) -> Response {
    let Some(cookie) = &visit.park else { return reply::see_other(to) };
    let whose = Whose { account, session, browser: Some(cookie.hash()), portal: visit.portal.name.to_string() };
    let waits = state.park.adopt(&whose, visit.now.secure).await.map(|waiting| waiting > 0);
    // In a window of its own it is shown to the page that has opened that, not here.
    reply::see_other(if to != stage::POPUP_DONE && known(waits) { PARKED } else { to })
}

/// The same for a session that was handed on: what waits in it, and what this browser has left behind in an earlier one.
pub async fn after_handoff(
    state: &PagesState,
    visit: &Visit,
    (account, session, browser): (AccountId, Uuid, Option<TokenHash>),
    to: &str,
) -> Response {
    let whose = Whose { account, session, browser, portal: visit.portal.name.to_string() };
    let waits = state.park.adopt(&whose, visit.now.secure).await.map(|waiting| waiting > 0);
    reply::see_other(if to != stage::POPUP_DONE && known(waits) { PARKED } else { to })
}

/// A code was spent and is good: nobody is sent away for want of what is kept. It waits all the same.
fn known(waits: Result<bool, ParkError>) -> bool {
    waits.unwrap_or_else(|error| {
        tracing::warn!(%error, "it is not known whether something waits");
        false
    })
}

/// 307: the browser brings this very form to the address that the kept one was for, with the ticket in its cookie. The gate
/// throws the form away there.
async fn send(state: &PagesState, visit: &Visit, inside: &Inside, id: Uuid) -> Result<Response, Refusal> {
    let Some((ticket, head)) = state.park.ticket(&whose(visit, inside), id, visit.now.secure).await? else {
        return Ok(reply::see_other(PARKED));
    };
    // A path of one slash at least and never of two is no address of another host.
    let here = head.host.eq_ignore_ascii_case(&visit.host) && head.target.starts_with('/') && !head.target.starts_with("//");
    let place = HeaderValue::from_str(&head.target).ok().filter(|_| here);
    let Some(place) = place else { return Err(Refusal::Fault) };
    let response = (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, place)]).into_response();
    let cookie = cookie::set(cookie::PARK, ticket.reveal(), Some(state.park.keep_for()));
    Ok(reply::with_cookies(response, [cookie]))
}

fn whose(visit: &Visit, inside: &Inside) -> Whose {
    Whose {
        account: inside.session.account.id,
        session: inside.session.id,
        browser: visit.park.as_ref().map(crate::ports::Token::hash),
        portal: visit.portal.name.to_string(),
    }
}

async fn page(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    status: StatusCode,
    problem: Option<Problem>,
) -> Result<Response, Refusal> {
    let now = visit.now.secure;
    let entries = state.park.list(&whose(visit, inside), now).await?;
    // A host of its own for each form: the cookie that goes with the ticket is this host's.
    let entries: Vec<&Entry> = entries.iter().filter(|entry| entry.head.host.eq_ignore_ascii_case(&visit.host)).collect();
    let back = entries.last().map_or_else(|| "/".to_owned(), |entry| entry.head.back.clone());
    let (waiting, settled) = entries.iter().map(|entry| line(entry, now)).partition(|line| line.waits);
    let page = ParkedPage {
        frame: state.frame(visit).with(problem),
        portal: visit.portal.name.to_string(),
        waiting,
        settled,
        back: stage::to(state, visit, Some(&back)),
        token: form::token(&state.keys, inside.session.id, PARKED, now),
    };
    Ok(reply::html(status, &page))
}

fn line(entry: &Entry, now: Timestamp) -> Line {
    let ago = |at: Timestamp| words::parked::ago(now.since(at));
    let told = match entry.state {
        Where::Waiting => ago(entry.created),
        Where::Sent(at) => say("parked-unknown").with("ago", ago(at)),
        Where::Answered(at, status) if status < 400 => say("parked-took").with("ago", ago(at)),
        Where::Answered(at, status) => say("parked-error").with("ago", ago(at)).with("status", status.to_string()),
        Where::Discarded(at) => say("parked-discarded").with("ago", ago(at)),
    };
    Line {
        id: entry.id.to_string(),
        // The method is part of what is shown, and is the same in every language.
        path: words::short(&format!("POST {}", entry.head.path())),
        size: words::bytes(entry.size),
        waits: entry.state == Where::Waiting,
        told,
        left: words::left(entry.expires.since(now)),
    }
}

impl From<ParkError> for Refusal {
    fn from(error: ParkError) -> Self {
        match error {
            ParkError::Store(StoreError::Unavailable(cause)) => {
                tracing::warn!(%cause, "parked requests cannot be reached");
                Self::Away
            }
            other => {
                tracing::error!(cause = %other, "parked requests cannot be shown");
                Self::Fault
            }
        }
    }
}
