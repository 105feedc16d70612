//! The account page, where `/.vestibule/` leads somebody who is signed in: who you are, how long your code is still good, what
//! you can change, and the way out. Below it, one file per page.
//!
//! What changes a factor takes password and code in the same POST. None of these pages shows a secret or a recovery code in
//! answer to a GET.

pub mod agent;
pub mod codes;
pub mod mfa;
pub mod mobile;
pub mod password;
pub mod sessions;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{StatusCode, Uri};

use crate::auth::authenticator::{Factors, NotProved, Renewed};
use crate::http::cookie;
use crate::language::{Message, say};
use crate::pages::form::{self, Fields, TOKEN_FIELD, TokenCheck};
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{ACCOUNT, LOGIN, Why};
use crate::pages::{Here, Inside, PagesState, Visit, Who, handoff, logout, reply, stage, verify, words};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: Frame,
    /// What has just been done.
    note: Option<Message>,
    name: &'a str,
    login: &'a str,
    groups: String,
    /// Where the portals are, and what people call them.
    portals: Vec<(String, String)>,
    left: Message,
    entered: Message,
    every: Message,
    /// The recovery mobile's last two digits; none: there is none.
    mobile: Option<String>,
    token: String,
}

/// GET of the address that an operator links to.
pub async fn home(Extension(visit): Who) -> Response {
    reply::see_other(if visit.inside.is_some() { ACCOUNT } else { LOGIN })
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who, uri: Uri) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, ACCOUNT).await?;
    let view = inside.session.account.view();
    let now = visit.now.secure;
    let mobile = state.auth.mobile_view(inside.session.account.id, visit.now).await.map_err(Refusal::from)?;
    let page = AccountPage {
        frame: state.frame(&visit),
        note: stage::query(&uri, "done").and_then(|word| Done::parse(&word)).map(Done::note),
        name: &view.row.name,
        login: view.row.login.as_str(),
        groups: view.row.groups.join(", "),
        portals: if visit.portal.is_pages() {
            handoff::places(&state, inside)
        } else {
            vec![("/".to_owned(), visit.portal.label().to_owned())]
        },
        left: words::left(inside.window_left(now)),
        entered: words::ago(now.since(inside.code_at)),
        every: words::every(inside.window),
        mobile: mobile.map(|mobile| mobile.ending),
        token: logout::token(&state, &visit).unwrap_or_default(),
    };
    Ok(reply::html(StatusCode::OK, &page))
}

/// What has just been done; a word in the address, so that no text can be put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Password,
    Codes,
    Mobile,
    NoMobile,
}

impl Done {
    const ALL: [Self; 4] = [Self::Password, Self::Codes, Self::Mobile, Self::NoMobile];

    const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Codes => "codes",
            Self::Mobile => "mobile",
            Self::NoMobile => "no-mobile",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    const fn note(self) -> Message {
        match self {
            Self::Password => say("security-password-done"),
            Self::Codes => say("security-codes-done"),
            Self::Mobile => say("mobile-done"),
            Self::NoMobile => say("mobile-removed"),
        }
    }

    fn address(self) -> String {
        format!("{ACCOUNT}?done={}", self.word())
    }
}

/// Whether a form is of this session and route, and of the last quarter of an hour. `false`: show the page again.
fn is_current(state: &PagesState, visit: &Visit, inside: &Inside, route: &str, fields: &Fields) -> Result<bool, Refusal> {
    match form::check(&state.keys, inside.session.id, route, fields.text(TOKEN_FIELD), visit.now.secure) {
        TokenCheck::Good => Ok(true),
        TokenCheck::Old => Ok(false),
        TokenCheck::Wrong => Err(Refusal::Token),
    }
}

fn token(state: &PagesState, visit: &Visit, inside: &Inside, route: &str) -> String {
    form::token(&state.keys, inside.session.id, route, visit.now.secure)
}

/// Password and code, as every form here names them.
fn factors(fields: &Fields) -> Factors {
    Factors { password: fields.secret("password"), code: fields.text("code").to_owned() }
}

/// The page again, with what was not right; or page one, if that has ended the session.
async fn refused(
    state: &PagesState,
    inside: &Inside,
    refused: NotProved,
    again: impl FnOnce(StatusCode, Problem) -> Response,
) -> Response {
    let again = |problem| again(StatusCode::UNPROCESSABLE_ENTITY, problem);
    match refused {
        NotProved::Malformed => again(words::code::malformed()),
        NotProved::WrongPassword { left } => again(words::account::wrong_password(left)),
        NotProved::WrongCode { left } => again(words::code::wrong(left)),
        NotProved::AlreadyUsed { wait } => again(words::code::used(wait)),
        NotProved::Crowded => {
            reply::later(state, reply::Slowed::Failures, again(words::account::crowded()), words::account::CROWDED)
        }
        NotProved::Ended => ended(state, inside).await,
    }
}

/// The session has ended under this request.
async fn ended(state: &PagesState, inside: &Inside) -> Response {
    state.sessions.ended(inside.session.id).await;
    reply::with_cookies(reply::see_other(&Why::Ended.address()), [cookie::clear(cookie::SESSION)])
}

/// The session goes on under new cookies: the table knows them before the browser does.
async fn renewed(state: &PagesState, visit: &Visit, inside: &Inside, renewed: &Renewed, response: Response) -> Response {
    let session = &inside.session;
    state.sessions.confirmed(session.id).await;
    let age = (!session.shared).then(|| session.expires.since(visit.now.secure));
    let response = reply::with_cookies(response, [cookie::set(cookie::SESSION, renewed.token.reveal(), age)]);
    match &renewed.device {
        Some(device) => reply::with_cookies(response, [cookie::set(cookie::DEVICE, device.reveal(), Some(verify::DEVICE_AGE))]),
        None => response,
    }
}
