//! Accounts: search, filters, and what can be done to many at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{StatusCode, Uri};
use uuid::Uuid;

use super::enter::{Admin, Done, Note, enter, here};
use super::{ACCOUNTS, AdminState, Here, shown};
use crate::admin::act::MOST;
use crate::admin::{Act, Deed, Find, Matching};
use crate::auth::account::Account;
use crate::identity::AccountId;
use crate::language::{Message, say};
use crate::pages::form::Fields;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{Visit, reply, stage};

const PAGE: u32 = 50;

/// The filters: their words in the address, and their names.
const FILTERS: [(&str, Matching); 6] = [
    ("", Matching::All),
    ("without-mfa", Matching::WithoutMfa),
    ("locked", Matching::Locked),
    ("never", Matching::NeverSignedIn),
    ("disabled", Matching::Disabled),
    ("admins", Matching::Admins),
];

const fn name_of(matching: Matching) -> Message {
    match matching {
        Matching::All => say("admin-filter-all"),
        Matching::WithoutMfa => say("admin-without-mfa"),
        Matching::Locked => say("admin-locked"),
        Matching::NeverSignedIn => say("admin-never"),
        Matching::Disabled => say("admin-disabled"),
        Matching::Admins => say("admin-admins"),
    }
}

struct Line {
    id: String,
    login: String,
    name: String,
    groups: String,
    admin: bool,
    state: Message,
    mfa: bool,
    last_sign_in: Option<String>,
}

struct Choice {
    word: &'static str,
    name: Message,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct AccountsPage {
    frame: Frame,
    tab: &'static str,
    login: String,
    note: Option<Message>,
    find: String,
    filters: Vec<Choice>,
    deeds: Vec<Choice>,
    lines: Vec<Line>,
    total: u64,
    first: u64,
    last: u64,
    before: Option<String>,
    after: Option<String>,
    /// Where the form of many goes: with the search, so that "all that match" is known.
    action: String,
    token: String,
}

/// What the address asks for.
struct Asked {
    find: Find,
    word: &'static str,
    page: u32,
}

impl Asked {
    fn of(uri: &Uri) -> Self {
        let text: String = stage::query(uri, "find").unwrap_or_default().trim().chars().take(100).collect();
        let word = stage::query(uri, "show").unwrap_or_default();
        let (word, matching) = FILTERS.into_iter().find(|(known, _)| *known == word).unwrap_or_default();
        let page = stage::query(uri, "page").and_then(|page| page.parse::<u32>().ok()).unwrap_or(1).clamp(1, 1_000_000);
        let find = Find { text, matching, offset: (page - 1).saturating_mul(PAGE), limit: PAGE };
        Self { find, word, page }
    }

    fn address(&self, page: u32) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("find", self.find.text.as_str()), ("show", self.word)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() { ACCOUNTS.to_owned() } else { format!("{ACCOUNTS}?{query}") }
    }
}

/// GET.
pub(super) async fn show(State(state): Here, Extension(visit): Extension<Arc<Visit>>, uri: Uri) -> Result<Response, Response> {
    let admin = enter(&visit, here(&uri))?;
    let asked = Asked::of(&uri);
    let found = state.office.find(&asked.find).await.map_err(Refusal::from)?;
    let first = u64::from(asked.find.offset);
    let last = first + found.accounts.len() as u64;
    let page = AccountsPage {
        frame: admin.frame(&state),
        tab: ACCOUNTS,
        login: admin.login.to_string(),
        note: Note::of(&uri),
        filters: FILTERS
            .into_iter()
            .map(|(word, matching)| Choice { word, name: name_of(matching), chosen: word == asked.word })
            .collect(),
        deeds: Deed::ALL.into_iter().map(|deed| Choice { word: deed.word(), name: shown::deed(deed), chosen: false }).collect(),
        lines: found.accounts.iter().map(line).collect(),
        total: found.total,
        first: first + 1,
        last,
        before: (asked.page > 1).then(|| asked.address(asked.page - 1)),
        after: (last < found.total).then(|| asked.address(asked.page + 1)),
        action: asked.address(asked.page),
        token: admin.token(&state, ACCOUNTS),
        find: asked.find.text,
    };
    Ok(reply::html(StatusCode::OK, &page))
}

/// POST: one deed to all that are ticked, or to all that match.
pub(super) async fn submit(
    State(state): Here,
    Extension(visit): Extension<Arc<Visit>>,
    uri: Uri,
    fields: Fields,
) -> Result<Response, Response> {
    let asked = Asked::of(&uri);
    let back = asked.address(asked.page);
    let admin = enter(&visit, &back)?;
    admin.may_change(&state, &fields, ACCOUNTS, &back)?;
    let Some(deed) = Deed::parse(fields.text("deed")) else { return Err(Refusal::NotAForm.into()) };
    let whom = if fields.ticked("all") {
        // One more than may be done shows that there are too many.
        let all = Find { offset: 0, limit: u32::try_from(MOST + 1).unwrap_or(u32::MAX), ..asked.find.clone() };
        state.office.find_ids(&all).await.map_err(Refusal::from)?
    } else {
        let ticked: BTreeSet<Uuid> = fields.names().filter_map(|name| Uuid::parse_str(name.strip_prefix("id-")?).ok()).collect();
        ticked.into_iter().map(AccountId).collect()
    };
    if whom.is_empty() {
        return Ok(Note::NobodyChosen.at(&back));
    }
    Ok(carry_out(&state, &admin, deed, whom).await?.at(&back))
}

/// The deed, at once or later.
pub(super) async fn carry_out(state: &AdminState, admin: &Admin, deed: Deed, whom: Vec<AccountId>) -> Result<Done, Refusal> {
    let recovery_due = deed == Deed::Unlock && state.pages.settings.load().unlock_by_recovery;
    admin.act(state, Act::Deed { deed, whom, recovery_due }).await
}

fn line(account: &Account) -> Line {
    Line {
        id: account.id.to_string(),
        login: account.login.to_string(),
        name: account.name.clone(),
        groups: account.groups.join(", "),
        admin: account.admin,
        state: shown::state(account),
        mfa: account.mfa.is_some(),
        last_sign_in: account.last_sign_in.map(shown::time),
    }
}
