//! Page one: login id and password.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};

use crate::auth::authenticator::PasswordStep;
use crate::http::cookie;
use crate::language::{Message, say};
use crate::pages::form::{self, Fields, TOKEN_FIELD, TokenCheck};
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::Why;
use crate::pages::{Here, PagesState, Visit, Who, new_link, origin, reply, stage, words};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    frame: Frame,
    /// What an admin has to say.
    notice: Option<String>,
    note: Option<Message>,
    login: &'a str,
    to: &'a str,
    /// Of the form, inside a session.
    token: Option<String>,
    /// In a window that a page of the portal has opened.
    popup: bool,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who, headers: HeaderMap, uri: Uri) -> Response {
    let to = stage::after_sign_in(&state, &visit, stage::query(&uri, "to").as_deref());
    let why = stage::query(&uri, "why").as_deref().and_then(Why::parse);
    // Recovery begins here even for somebody who is inside: without the phone the session cannot go on.
    if visit.fresh().is_some() && why != Some(Why::Recovery) {
        return reply::see_other(&to);
    }
    let shown = page(&state, &visit, StatusCode::OK, why.map(note), None, ("", &to));
    // What the portal's scripts have stored could answer in our place. But a person who is inside loses nothing by opening a
    // page, and nothing is changed in a browser because another site sent it here: then the sign-in itself does it.
    if visit.inside.is_none() && !origin::is_from_elsewhere(&headers) { reply::clear_storage(shown) } else { shown }
}

/// POST.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    let to = stage::after_sign_in(&state, &visit, fields.sent("to"));
    // A script of the portal could put somebody who is inside into another account; their own page has the token. Without it,
    // most often from a page that was open before they signed in, they go on as who they are.
    if let Some(inside) = &visit.inside
        && form::check(&state.keys, inside.session.id, stage::LOGIN, fields.text(TOKEN_FIELD), visit.now.secure)
            == TokenCheck::Wrong
    {
        return Ok(reply::see_other(&to));
    }
    let login = fields.text("login").trim();
    let step = state.auth.log_in(&visit.visitor(&headers), login, fields.secret("password"), to.clone()).await?;
    let again = |problem| page(&state, &visit, StatusCode::UNPROCESSABLE_ENTITY, None, Some(problem), (login, &to));
    Ok(match step {
        PasswordStep::Refused => again(words::login::refused()),
        PasswordStep::SlowDown(wait) => {
            reply::later(&state, reply::Slowed::Passwords, again(words::login::slow_down(wait)), wait)
        }
        PasswordStep::Passed { pending, stage: next } => {
            let cookie = cookie::set(cookie::PENDING, pending.reveal(), None);
            reply::with_cookies(reply::see_other(stage::page_of(next)), [cookie])
        }
        PasswordStep::NeedsGrant => new_link::page(&state, &visit, StatusCode::FORBIDDEN, words::new_link::NEEDED),
        PasswordStep::LeftHalfWay => new_link::page(&state, &visit, StatusCode::FORBIDDEN, words::new_link::HALF_WAY),
    })
}

fn page(
    state: &PagesState,
    visit: &Visit,
    status: StatusCode,
    note: Option<Message>,
    problem: Option<Problem>,
    (login, to): (&str, &str),
) -> Response {
    let page = LoginPage {
        frame: state.frame(visit).with(problem),
        notice: state.admin_window.stored().notice_sign_in.clone(),
        note,
        login,
        to,
        token: visit.inside.as_ref().map(|inside| form::token(&state.keys, inside.session.id, stage::LOGIN, visit.now.secure)),
        popup: to == stage::POPUP_DONE,
    };
    reply::html(status, &page)
}

const fn note(why: Why) -> Message {
    match why {
        Why::Ended => say("sign-in-ended"),
        Why::Expired => say("sign-in-expired"),
        Why::SignedOut => say("sign-in-signed-out"),
        Why::Everywhere => say("sessions-signed-out"),
        Why::Recovery => say("sign-in-recovery"),
        Why::PasswordSet => say("sign-in-password-set"),
    }
}
