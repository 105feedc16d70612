//! One account: what is known of it, what can be done to it, and its own trail.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{StatusCode, Uri};
use uuid::Uuid;

use super::audit::{self, Entry};
use super::enter::{Done, Note, enter};
use super::{ACCOUNTS, AdminState, Here, accounts, shown};
use crate::admin::{Deed, Outcome, TrailQuery};
use crate::auth::account::Account;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::language::Message;
use crate::pages::form::Fields;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{Visit, reply};

/// So much of the trail stands on the page; the rest is on the audit page.
const TRAIL: u32 = 50;

struct Button {
    word: &'static str,
    name: Message,
    /// Asks for a tick first: it cannot be taken back.
    grave: bool,
}

struct Seat {
    portal: String,
    created: String,
    seen: String,
    client: String,
    agent: String,
}

#[derive(Template)]
#[template(path = "admin/account.html")]
struct AccountPage {
    frame: Frame,
    tab: &'static str,
    login: String,
    note: Option<Message>,
    who: String,
    name: String,
    groups: String,
    admin: bool,
    state: Message,
    mfa: bool,
    codes_saved: bool,
    created: String,
    last_sign_in: Option<String>,
    buttons: Vec<Button>,
    /// Not enrolled, and no letters go out: what an operator types.
    command: Option<String>,
    seats: Vec<Seat>,
    trail: Vec<Entry>,
    all: String,
    action: String,
    token: String,
}

fn route(id: AccountId) -> String {
    format!("{ACCOUNTS}/{id}")
}

/// GET.
pub(super) async fn show(
    State(state): Here,
    Extension(visit): Extension<Arc<Visit>>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Response> {
    let id = parse(&id)?;
    let admin = enter(&visit, &route(id))?;
    let account = find(&state, id).await?;
    let query = TrailQuery { login: Some(account.login.to_string()), limit: TRAIL, ..TrailQuery::default() };
    let records = state.office.records(&query).await.map_err(Refusal::from)?;
    let sessions = state.log.account_sessions(id, visit.now.secure).await.map_err(Refusal::from)?;
    let seats = sessions.map(|(_, sessions)| sessions).unwrap_or_default().into_iter().map(|session| Seat {
        portal: session.portal,
        created: shown::time(session.created),
        seen: shown::time(session.last_seen),
        client: session.client.to_string(),
        agent: session.agent,
    });
    let page = AccountPage {
        frame: admin.frame(&state),
        tab: ACCOUNTS,
        login: admin.login.to_string(),
        note: Note::of(&uri),
        who: account.login.to_string(),
        name: account.name.clone(),
        groups: account.groups.join(", "),
        admin: account.admin,
        state: shown::state(&account),
        mfa: account.mfa.is_some(),
        codes_saved: account.codes_saved,
        created: shown::time(account.created),
        last_sign_in: account.last_sign_in.map(shown::time),
        buttons: buttons(&account, visit.now.secure),
        command: (account.mfa.is_none() && !state.sends_mail()).then(|| format!("vestibule user invite {}", account.login)),
        seats: seats.collect(),
        trail: records.iter().map(audit::entry).collect(),
        all: audit::address_of(account.login.as_str()),
        action: route(id),
        token: admin.token(&state, &route(id)),
    };
    Ok(reply::html(StatusCode::OK, &page))
}

/// POST.
pub(super) async fn submit(
    State(state): Here,
    Extension(visit): Extension<Arc<Visit>>,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Response> {
    let id = parse(&id)?;
    let back = route(id);
    let admin = enter(&visit, &back)?;
    admin.may_change(&state, &fields, &back, &back)?;
    find(&state, id).await?;
    let Some(deed) = Deed::parse(fields.text("deed")) else { return Err(Refusal::NotAForm.into()) };
    if is_grave(deed) && !fields.ticked("sure") {
        return Ok(Note::Nothing.at(&back));
    }
    let done = accounts::carry_out(&state, &admin, deed, vec![id]).await?;
    let gone = deed == Deed::Remove && matches!(done, Done::Now(Outcome::Done(_)));
    Ok(done.at(if gone { ACCOUNTS } else { &back }))
}

fn parse(id: &str) -> Result<AccountId, Refusal> {
    Uuid::parse_str(id).map(AccountId).map_err(|_| Refusal::NotFound)
}

async fn find(state: &AdminState, id: AccountId) -> Result<Account, Response> {
    let found = state.office.account(id).await.map_err(Refusal::from)?;
    found.ok_or_else(|| Refusal::NotFound.into())
}

fn is_grave(deed: Deed) -> bool {
    matches!(deed, Deed::Remove | Deed::OpenEnrolment)
}

fn buttons(account: &Account, now: Timestamp) -> Vec<Button> {
    let fits = |deed: &Deed| match deed {
        Deed::Disable => !account.disabled,
        Deed::Enable => account.disabled,
        Deed::Unlock => account.locked_at.is_some() || account.is_held(now),
        Deed::EndSessions | Deed::OpenEnrolment | Deed::Remove => true,
        Deed::Promote => !account.admin,
        Deed::Demote => account.admin,
    };
    let button = |deed: Deed| Button { word: deed.word(), name: shown::deed(deed), grave: is_grave(deed) };
    Deed::ALL.into_iter().filter(fits).map(button).collect()
}
