//! *Change password*: the old one, a code, and the new one twice.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::Done;
use crate::auth::authenticator::PasswordChange;
use crate::auth::password::Complaint;
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::rules::Rules;
use crate::pages::stage::{self, PASSWORD};
use crate::pages::{Here, Inside, PagesState, Visit, Who, reply, words};

#[derive(Template)]
#[template(path = "account_password.html")]
struct PasswordPage<'a> {
    frame: Frame,
    login: &'a str,
    rules: Rules,
    token: String,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, PASSWORD).await?;
    Ok(page(&state, &visit, inside, StatusCode::OK, &[], None))
}

/// POST.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, PASSWORD).await?;
    let wrong =
        |broken: &[Complaint], problem| page(&state, &visit, inside, StatusCode::UNPROCESSABLE_ENTITY, broken, Some(problem));
    if !super::is_current(&state, &visit, inside, PASSWORD, &fields)? {
        return Ok(wrong(&[], words::account::stale()));
    }
    let (new, again) = (fields.secret("new_password"), fields.secret("new_password_again"));
    let (visitor, session) = (visit.visitor(&headers), &inside.session);
    let change = state.auth.change_password(&visitor, session.id, session.account.id, super::factors(&fields), new, again);
    Ok(match change.await.map_err(Refusal::from)? {
        PasswordChange::Changed(renewed) => {
            super::renewed(&state, &visit, inside, &renewed, reply::see_other(&Done::Password.address())).await
        }
        PasswordChange::Mismatch => wrong(&[], words::register::mismatch()),
        PasswordChange::Same => wrong(&[], words::account::same_password()),
        PasswordChange::Weak(complaints) => wrong(&complaints, words::register::weak(&complaints)),
        PasswordChange::NotProved(refused) => {
            let again = |status, problem| page(&state, &visit, inside, status, &[], Some(problem));
            super::refused(&state, inside, refused, again).await
        }
    })
}

fn page(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    status: StatusCode,
    broken: &[Complaint],
    problem: Option<Problem>,
) -> Response {
    let view = inside.session.account.view();
    let page = PasswordPage {
        frame: state.frame(visit).with(problem),
        login: view.row.login.as_str(),
        rules: Rules::new(&state.settings.load().rules, broken),
        token: super::token(state, visit, inside, PASSWORD),
    };
    reply::html(status, &page)
}
