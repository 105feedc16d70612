//! The confirm page: a new code inside a session, because the window has passed or before it does. The session, the portal's own
//! session and the person's place survive.

use askama::Template;
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};

use crate::auth::authenticator::ConfirmStep;
use crate::http::cookie;
use crate::language::Message;
use crate::pages::form::{self, Fields, TOKEN_FIELD, TokenCheck};
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{POPUP_DONE, VERIFY, Why};
use crate::pages::{Inside, PagesState, Visit, logout, parked, reply, stage, words};
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
    /// A page of one's own account.
    ours: bool,
    /// The same with the portal's name, cut to what can be read at a glance.
    place: String,
    token: String,
    /// In a window that a page of the portal has opened.
    popup: bool,
    sign_out_token: Option<String>,
}

/// After a code in such a window: tells that page.
#[derive(Template)]
#[template(path = "popup.html")]
struct PopupPage {
    frame: Frame,
}

/// A window that a page of the portal has opened: the code begins there, and is told there.
const POPUP: &str = "popup";

/// GET.
pub fn show(state: &PagesState, visit: &Visit, uri: &Uri) -> Response {
    let to = &stage::back_to(state, visit, stage::query(uri, "to").as_deref());
    let popup = stage::query(uri, POPUP);
    if popup.as_deref() == Some("done") && visit.fresh().is_some() {
        return reply::html(StatusCode::OK, &PopupPage { frame: state.frame(visit) });
    }
    match (&visit.inside, &visit.pending) {
        (Some(inside), _) => page(state, visit, inside, StatusCode::OK, (to, popup.is_some()), None),
        // Such a window signs in as any other, and then does what it was opened for.
        (None, pending) => {
            let to = if popup.is_some() { POPUP_DONE } else { to };
            let to = if stage::is_ours(to) { "/" } else { to };
            if pending.is_some() { stage::gone_to(to) } else { reply::see_other(&stage::with_to(stage::LOGIN, to)) }
        }
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
    let to = stage::back_to(state, visit, fields.sent("to"));
    let popup = fields.ticked(POPUP);
    let again = |problem| page(state, visit, inside, StatusCode::UNPROCESSABLE_ENTITY, (&to, popup), Some(problem));
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
            reply::with_cookies(onward(state, visit, inside, (&to, popup)).await, [cookie])
        }
        ConfirmStep::Malformed => again(words::code::malformed()),
        ConfirmStep::Wrong { left } => again(words::code::wrong(left)),
        ConfirmStep::Repeated => onward(state, visit, inside, (&to, popup)).await,
        // The cookie is older than the session's code: the button was pressed twice, and the first has confirmed meanwhile.
        ConfirmStep::AlreadyUsed { .. } if inside.code_at < session.code_at() => onward(state, visit, inside, (&to, popup)).await,
        ConfirmStep::AlreadyUsed { wait } => again(words::code::used(wait)),
        ConfirmStep::Crowded => {
            reply::later(state, reply::Slowed::Failures, again(words::account::crowded()), words::account::CROWDED)
        }
        ConfirmStep::Ended => {
            state.sessions.ended(session.id).await;
            let to = if stage::is_ours(&to) { "/" } else { &to };
            let to = if popup { POPUP_DONE } else { to };
            let login = stage::with_to(&Why::Ended.address(), to);
            reply::with_cookies(reply::see_other(&login), [cookie::clear(cookie::SESSION)])
        }
    })
}

/// The code was taken, here or by the same button a moment ago: on.
async fn onward(state: &PagesState, visit: &Visit, inside: &Inside, (to, popup): (&str, bool)) -> Response {
    if popup { reply::see_other(POPUP_DONE) } else { parked::after_code(state, visit, inside, to).await }
}

fn page(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    status: StatusCode,
    (to, popup): (&str, bool),
    problem: Option<Problem>,
) -> Response {
    let view = inside.session.account.view();
    let ours = stage::is_ours(to);
    let window = if ours { inside.window } else { (state.window_for)(&visit.portal, to) };
    let page = ConfirmPage {
        frame: state.frame(visit).with(problem),
        notice: state.admin_window.stored().notice_confirm.clone(),
        every: words::every(window),
        // By the window of the place that it leads to: a rule may have a shorter one.
        early: inside.standing == Standing::Fresh && visit.now.secure.since(inside.code_at) < window,
        login: view.row.login.as_str(),
        portal: visit.portal.label(),
        to,
        ours,
        place: format!("{}{}", visit.portal.label(), words::short(to)),
        token: form::token(&state.keys, inside.session.id, VERIFY, visit.now.secure),
        popup,
        sign_out_token: logout::token(state, visit),
    };
    reply::html(status, &page)
}
