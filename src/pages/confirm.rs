//! The confirm page: a new code inside a session, because the window has passed or before it does. The session, the portal's own
//! session and the person's place survive.

use askama::Template;
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::authenticator::ConfirmStep;
use crate::http::cookie;
use crate::language::Message;
use crate::pages::form::{self, Fields, TOKEN_FIELD, TokenCheck};
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{VERIFY, Why};
use crate::pages::{Inside, PagesState, Visit, logout, reply, stage, words};
use crate::session::record::Standing;

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    frame: Frame,
    /// What an admin has to say.
    notice: Option<String>,
    every: Message,
    early: bool,
    login: &'a str,
    portal: &'a str,
    to: &'a str,
    /// The same with the portal's name, cut to what can be read at a glance.
    place: String,
    token: String,
    sign_out_token: Option<String>,
}

/// GET.
pub fn show(state: &PagesState, visit: &Visit, to: &str) -> Response {
    match (&visit.inside, &visit.pending) {
        (Some(inside), _) => page(state, visit, inside, StatusCode::OK, to, None),
        (None, Some(_)) => stage::gone(),
        (None, None) => reply::see_other(&stage::with_to(stage::LOGIN, to)),
    }
}

/// POST.
pub async fn submit(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Response, Refusal> {
    let session = &inside.session;
    let to = stage::to(state, visit, fields.sent("to"));
    let again = |problem| page(state, visit, inside, StatusCode::UNPROCESSABLE_ENTITY, &to, Some(problem));
    match form::check(&state.keys, session.id, VERIFY, fields.text(TOKEN_FIELD), visit.now.secure) {
        TokenCheck::Good => {}
        TokenCheck::Old => return Ok(again(words::code::stale())),
        TokenCheck::Wrong => return Err(Refusal::Token),
    }
    let visitor = visit.visitor(headers);
    let step = state.auth.confirm(&visitor, session.id, session.account.id, session.code_step(), fields.text("code")).await?;
    Ok(match step {
        ConfirmStep::Confirmed { token, .. } => {
            state.sessions.confirmed(session.id).await;
            let age = (!session.shared).then(|| session.expires.since(visit.now.secure));
            let cookie = cookie::set(cookie::SESSION, token.reveal(), age);
            reply::with_cookies(reply::see_other(&to), [cookie])
        }
        ConfirmStep::Malformed => again(words::code::malformed()),
        ConfirmStep::Wrong { left } => again(words::code::wrong(left)),
        ConfirmStep::AlreadyUsed { wait } => again(words::code::used(wait)),
        ConfirmStep::Ended => {
            state.sessions.ended(session.id).await;
            let login = stage::with_to(&Why::Ended.address(), &to);
            reply::with_cookies(reply::see_other(&login), [cookie::clear(cookie::SESSION)])
        }
        ConfirmStep::SlowDown(wait) => reply::later(again(words::code::slow_down(wait)), wait),
    })
}

fn page(state: &PagesState, visit: &Visit, inside: &Inside, status: StatusCode, to: &str, problem: Option<Problem>) -> Response {
    let view = inside.session.account.view();
    let page = ConfirmPage {
        frame: state.frame(visit).with(problem),
        notice: state.admin_window.stored().notice_confirm.clone(),
        every: words::every((state.window_for)(&visit.portal, to)),
        early: inside.standing == Standing::Fresh,
        login: view.row.login.as_str(),
        portal: visit.portal.label(),
        to,
        place: format!("{}{}", visit.portal.label(), words::short(to)),
        token: form::token(&state.keys, inside.session.id, VERIFY, visit.now.secure),
        sign_out_token: logout::token(state, visit),
    };
    reply::html(status, &page)
}
