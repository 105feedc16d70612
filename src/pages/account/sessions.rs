//! Where you are signed in, and which browsers are known: seen, ended, forgotten.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};
use uuid::Uuid;

use super::agent::Agent;
use crate::auth::authenticator::Belongings;
use crate::auth::credentials::DeviceId;
use crate::auth::self_service::{Ending, KnownBrowser, OwnSession};
use crate::clock::Timestamp;
use crate::http::cookie;
use crate::language::{Message, say};
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::{self, SESSIONS, Why};
use crate::pages::{Here, Inside, PagesState, Visit, Who, reply, words};

#[derive(Template)]
#[template(path = "account_sessions.html")]
struct SessionsPage {
    frame: Frame,
    note: Option<Message>,
    sessions: Vec<SessionLine>,
    browsers: Vec<BrowserLine>,
    token: String,
}

impl SessionsPage {
    fn has_others(&self) -> bool {
        self.sessions.iter().any(|line| !line.here)
    }
}

/// One session, ready to be read.
struct SessionLine {
    id: Uuid,
    name: Message,
    here: bool,
    /// Where there are sessions in several portals.
    portal: Option<String>,
    client: String,
    since: Message,
    seen: Message,
    left: Message,
}

/// One known browser.
struct BrowserLine {
    id: Uuid,
    name: Message,
    here: bool,
    since: Message,
    last: Message,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who, headers: HeaderMap, uri: Uri) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, SESSIONS).await?;
    let note = stage::query(&uri, "done").and_then(|word| Done::parse(&word)).map(Done::note);
    Ok(page(&state, &visit, inside, &headers, note, None).await?)
}

/// POST: what to do is in `act`, to which one in `id`.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let inside = stage::inside(&state, &visit, SESSIONS).await?;
    if !super::is_current(&state, &visit, inside, SESSIONS, &fields)? {
        return Ok(page(&state, &visit, inside, &headers, None, Some(words::account::press_again())).await?);
    }
    let id = Uuid::try_parse(fields.text("id")).ok();
    let done = match (fields.text("act"), id) {
        ("end", Some(id)) if id == inside.session.id => return Ok(leave(&state, &visit, inside, &headers).await?),
        ("end", Some(id)) => end(&state, &visit, inside, &headers, Ending::One(id)).await?,
        ("end-others", _) => end(&state, &visit, inside, &headers, Ending::Others(inside.session.id)).await?,
        ("forget", Some(id)) => forget(&state, &visit, inside, &headers, DeviceId(id)).await?,
        ("everywhere", _) => return Ok(everywhere(&state, &visit, inside, &headers).await?),
        _ => return Err(Refusal::NotAForm.into()),
    };
    Ok(reply::see_other(&done.address()))
}

async fn end(state: &PagesState, visit: &Visit, inside: &Inside, headers: &HeaderMap, which: Ending) -> Result<Done, Refusal> {
    let session = &inside.session;
    let ended = state.auth.end_sessions(&visit.visitor(headers), session.id, session.account.id, which).await?;
    for id in &ended {
        state.sessions.ended(*id).await;
    }
    Ok(match which {
        _ if ended.is_empty() => Done::Over,
        Ending::One(_) => Done::Ended,
        Ending::Others(_) => Done::Others,
    })
}

async fn forget(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    headers: &HeaderMap,
    browser: DeviceId,
) -> Result<Done, Refusal> {
    let forgotten = state.auth.forget_browser(&visit.visitor(headers), inside.session.account.id, browser).await?;
    Ok(if forgotten { Done::Forgotten } else { Done::Over })
}

/// This very session: *Sign out*.
async fn leave(state: &PagesState, visit: &Visit, inside: &Inside, headers: &HeaderMap) -> Result<Response, Refusal> {
    crate::pages::logout::end(state, visit, headers, inside).await?;
    let response = reply::clear_storage(reply::see_other(&Why::SignedOut.address()));
    Ok(reply::with_cookies(response, [cookie::SESSION, cookie::PENDING].map(cookie::clear)))
}

async fn everywhere(state: &PagesState, visit: &Visit, inside: &Inside, headers: &HeaderMap) -> Result<Response, Refusal> {
    let session = &inside.session;
    let ended = state.auth.sign_out_everywhere(&visit.visitor(headers), session.id, session.account.id).await?;
    for id in ended {
        state.sessions.ended(id).await;
    }
    let response = reply::clear_storage(reply::see_other(&Why::Everywhere.address()));
    Ok(reply::with_cookies(response, [cookie::SESSION, cookie::PENDING, cookie::DEVICE, cookie::GRANT].map(cookie::clear)))
}

/// What has just been done; a word in the address, as on the account page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Ended,
    Others,
    Forgotten,
    Over,
}

impl Done {
    const ALL: [Self; 4] = [Self::Ended, Self::Others, Self::Forgotten, Self::Over];

    const fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Others => "others",
            Self::Forgotten => "forgotten",
            Self::Over => "over",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    const fn note(self) -> Message {
        match self {
            Self::Ended => say("sessions-ended"),
            Self::Others => say("sessions-others-ended"),
            Self::Forgotten => say("sessions-forgotten"),
            Self::Over => say("sessions-over"),
        }
    }

    fn address(self) -> String {
        format!("{SESSIONS}?done={}", self.word())
    }
}

async fn page(
    state: &PagesState,
    visit: &Visit,
    inside: &Inside,
    headers: &HeaderMap,
    note: Option<Message>,
    problem: Option<Problem>,
) -> Result<Response, Refusal> {
    let Belongings { sessions, browsers, here } =
        state.auth.belongings(&visit.visitor(headers), inside.session.account.id).await?;
    let now = visit.now.secure;
    let many = sessions.iter().any(|session| session.portal != *visit.portal.name);
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut sessions: Vec<SessionLine> = sessions.iter().map(|session| line(session, visit, inside, many)).collect();
    sessions.sort_by_key(|line| !line.here);
    let page = SessionsPage {
        frame: state.frame(visit).with(problem),
        note,
        sessions,
        browsers: browsers.iter().map(|browser| browser_line(browser, here, now)).collect(),
        token: super::token(state, visit, inside, SESSIONS),
    };
    Ok(reply::html(status, &page))
}

fn line(session: &OwnSession, visit: &Visit, inside: &Inside, many: bool) -> SessionLine {
    let now = visit.now.secure;
    let pages = visit.pages.as_ref().filter(|pages| *pages.name == *session.portal);
    let place = pages.map_or(session.portal.as_str(), |pages| pages.label());
    let here = session.id == inside.session.id;
    let left = inside.window.saturating_sub(now.since(session.code_at));
    SessionLine {
        id: session.id,
        name: words::browser(Agent::parse(&session.agent)),
        here,
        portal: many.then(|| place.to_owned()),
        client: session.client.to_canonical().to_string(),
        since: words::until(session.created),
        seen: if here {
            say("sessions-seen-now")
        } else {
            say("sessions-seen").with("ago", words::ago(now.since(session.last_seen)))
        },
        left: if left.is_zero() { say("sessions-passed") } else { say("sessions-left").with("left", words::left(left)) },
    }
}

fn browser_line(browser: &KnownBrowser, here: Option<DeviceId>, now: Timestamp) -> BrowserLine {
    BrowserLine {
        id: browser.id.0,
        name: words::browser(Agent::parse(&browser.agent)),
        here: here == Some(browser.id),
        since: words::until(browser.since),
        last: words::ago(now.since(browser.last)),
    }
}
