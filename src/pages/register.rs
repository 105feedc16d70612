//! Registration: the link of an invitation is swapped for a cookie, then the first password is set.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::authenticator::{GrantView, RegisterStep};
use crate::auth::credentials::LinkKind;
use crate::auth::password::Complaint;
use crate::language::Message;
use crate::pages::enrol;
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::rules::Rules;
use crate::pages::stage::{self, Why};
use crate::pages::{Here, PagesState, Visit, Who, new_link, reply, ticket, words};

const ROUTE: &str = "/.vestibule/register";

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage<'a> {
    frame: Frame,
    name: &'a str,
    login: &'a str,
    portal: &'a str,
    rules: Rules,
    token: String,
}

#[derive(Template)]
#[template(path = "registered.html")]
struct RegisteredPage<'a> {
    frame: Frame,
    login: &'a str,
    /// What people type to get to our pages.
    address: String,
    until: Message,
}

/// GET with the token.
pub async fn open(
    State(state): Here,
    Extension(visit): Who,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    enrol::swap(&state, &visit, &headers, &token, LinkKind::Invitation, ROUTE).await
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Refusal> {
    Ok(match invited(&state, &visit).await? {
        Ok(view) => page(&state, &visit, &view, StatusCode::OK, &[], None),
        Err(response) => response,
    })
}

/// POST: *Finish registration*.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    let view = match invited(&state, &visit).await? {
        Ok(view) => view,
        Err(response) => return Ok(response),
    };
    ticket::check(&state, visit.grant.as_deref(), ROUTE, &fields)?;
    let (new, again) = (fields.secret("new_password"), fields.secret("new_password_again"));
    let wrong =
        |broken: &[Complaint], problem| page(&state, &visit, &view, StatusCode::UNPROCESSABLE_ENTITY, broken, Some(problem));
    Ok(match state.auth.register(&visit.visitor(&headers), new, again).await? {
        RegisterStep::Registered => registered(&state, &visit, &view),
        RegisterStep::AlreadySet => reply::see_other(&Why::PasswordSet.address()),
        RegisterStep::Mismatch => wrong(&[], words::register::mismatch()),
        RegisterStep::Weak(complaints) => wrong(&complaints, words::register::weak(&complaints)),
        RegisterStep::Gone => new_link::page(&state, &visit, StatusCode::GONE, words::new_link::GONE),
    })
}

/// The invitation that this browser holds; otherwise what to show instead.
async fn invited(state: &PagesState, visit: &Visit) -> Result<Result<GrantView, Response>, Refusal> {
    let view = match &visit.grant {
        Some(cookie) => state.auth.grant(cookie, visit.now).await?,
        None => None,
    };
    Ok(match view {
        None => Err(new_link::page(state, visit, StatusCode::FORBIDDEN, words::new_link::MISSING)),
        Some(view) if view.account.password.is_some() => Err(reply::see_other(&Why::PasswordSet.address())),
        Some(view) if view.kind == LinkKind::Recovery => {
            Err(new_link::page(state, visit, StatusCode::FORBIDDEN, words::new_link::MISSING))
        }
        Some(view) => Ok(view),
    })
}

fn page(
    state: &PagesState,
    visit: &Visit,
    view: &GrantView,
    status: StatusCode,
    broken: &[Complaint],
    problem: Option<Problem>,
) -> Response {
    let page = RegisterPage {
        frame: state.frame(visit).with(problem).holding(words::holds::link(view.expires.since(visit.now.secure))),
        name: &view.account.name,
        login: view.account.login.as_str(),
        portal: &visit.portal.name,
        rules: Rules::new(&state.settings.load().rules, broken),
        token: ticket::token(state, visit, visit.grant.as_deref(), ROUTE),
    };
    reply::html(status, &page)
}

fn registered(state: &PagesState, visit: &Visit, view: &GrantView) -> Response {
    let page = RegisteredPage {
        frame: state.frame(visit),
        login: view.account.login.as_str(),
        address: stage::home(visit),
        until: words::until(view.expires),
    };
    reply::html(StatusCode::OK, &page)
}
