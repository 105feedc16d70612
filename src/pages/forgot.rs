//! A forgotten password: asks for a mailed link, opens it, sets the new one. Whoever asks gets the same page whatever they
//! typed; and where no mail is ever sent, the page says whom to ask.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::authenticator::{ForgotStep, ResetStep, TicketView};
use crate::auth::password::Complaint;
use crate::auth::tickets::TicketKind;
use crate::language::say;
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::rules::Rules;
use crate::pages::ticket::Link;
use crate::pages::{Here, PagesState, Visit, Who, reply, ticket, words};

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage<'a> {
    frame: Frame,
    login: &'a str,
}

#[derive(Template)]
#[template(path = "forgot_sent.html")]
struct SentPage<'a> {
    frame: Frame,
    login: &'a str,
}

#[derive(Template)]
#[template(path = "forgot_ask.html")]
struct AskPage {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage<'a> {
    frame: Frame,
    login: &'a str,
    rules: Rules,
    token: String,
}

#[derive(Template)]
#[template(path = "reset_done.html")]
struct DonePage<'a> {
    frame: Frame,
    login: &'a str,
    /// What people type to get to our pages.
    address: &'a str,
}

#[derive(Template)]
#[template(path = "reset_gone.html")]
struct GonePage {
    frame: Frame,
}

const LINK: Link = Link { page: "/.vestibule/reset", gone: |frame| reply::html(StatusCode::GONE, &GonePage { frame }) };

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Response {
    if !state.settings.load().mail {
        return whom_to_ask(&state, &visit);
    }
    reply::html(StatusCode::OK, &ForgotPage { frame: state.frame(&visit), login: "" })
}

/// POST: asks for the link.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    let login = fields.text("login").trim();
    Ok(match state.auth.forgot(&visit.visitor(&headers), login).await? {
        ForgotStep::Asked => reply::html(StatusCode::OK, &SentPage { frame: state.frame(&visit), login }),
        ForgotStep::NoMail => whom_to_ask(&state, &visit),
        ForgotStep::SlowDown(wait) => {
            let problem = Problem::on_top(say("forgot-late").with("wait", words::wait(wait)));
            let page = ForgotPage { frame: state.frame(&visit).with(Some(problem)), login };
            reply::later(&state, reply::Slowed::Failures, reply::html(StatusCode::TOO_MANY_REQUESTS, &page), wait)
        }
    })
}

/// GET with the token: swaps it for the sealed cookie.
pub async fn open(
    State(state): Here,
    Extension(visit): Who,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let opened = state.auth.open_mailed(&visit.visitor(&headers), &token, TicketKind::Reset).await?;
    Ok(LINK.opened(&state, &visit, opened))
}

/// GET: the form for the new password.
pub async fn show_reset(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Refusal> {
    let view = state.auth.mailed(ticket::held(&headers), TicketKind::Reset, visit.now).await?;
    Ok(LINK.shown(&state, &visit, view, |frame, view| {
        form(&state, &visit, frame, (&view, LINK.token(&state, &visit, &headers)), StatusCode::OK, &[])
    }))
}

/// POST: sets it.
pub async fn submit_reset(
    State(state): Here,
    Extension(visit): Who,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Refusal> {
    let cookie = ticket::held(&headers);
    let view = state.auth.mailed(cookie, TicketKind::Reset, visit.now).await?;
    let Some(view) = view else { return Ok(LINK.gone(&state, &visit)) };
    LINK.check(&state, &headers, &fields)?;
    let (new, again) = (fields.secret("new_password"), fields.secret("new_password_again"));
    let wrong = |broken: &[Complaint], problem| {
        let (frame, token) = (state.frame(&visit).with(Some(problem)), LINK.token(&state, &visit, &headers));
        form(&state, &visit, frame, (&view, token), StatusCode::UNPROCESSABLE_ENTITY, broken)
    };
    Ok(match state.auth.reset_password(&visit.visitor(&headers), cookie, new, again).await? {
        ResetStep::Reset => LINK.pressed(&state, &visit, true, |frame| done(&visit, frame, &view)),
        ResetStep::Mismatch => wrong(&[], words::register::mismatch()),
        ResetStep::Weak(complaints) => wrong(&complaints, words::register::weak(&complaints)),
        ResetStep::Gone => LINK.gone(&state, &visit),
    })
}

fn form(
    state: &PagesState,
    visit: &Visit,
    frame: Frame,
    (view, token): (&TicketView, String),
    status: StatusCode,
    broken: &[Complaint],
) -> Response {
    let page = ResetPage {
        frame: frame.holding(words::holds::link(view.expires.since(visit.now.secure))),
        login: view.account.login.as_str(),
        rules: Rules::new(&state.settings.load().rules, broken),
        token,
    };
    reply::html(status, &page)
}

fn done(visit: &Visit, frame: Frame, view: &TicketView) -> Response {
    let address = format!("{}/.vestibule/", visit.portal.origin);
    reply::html(StatusCode::OK, &DonePage { frame, login: view.account.login.as_str(), address: &address })
}

fn whom_to_ask(state: &PagesState, visit: &Visit) -> Response {
    reply::html(StatusCode::OK, &AskPage { frame: state.frame(visit) })
}
