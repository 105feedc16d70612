//! How accounts, times and acts are shown.

use std::collections::HashMap;
use std::time::Duration;

use super::AdminState;
use crate::admin::{Act, Deed, Delayed};
use crate::auth::account::Account;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::language::{Message, say};
use crate::pages::refusal::Refusal;
use crate::pages::words;
use crate::session::log::Setting;

/// "2026-11-22 06:28": a table of people in many places needs one clock, which is UTC.
pub(super) fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.secs()).map_or_else(|_| at.to_string(), |time| time.strftime("%Y-%m-%d %H:%M").to_string())
}

/// The state of an account.
pub(super) fn state(account: &Account) -> Message {
    match account.state() {
        "disabled" => say("admin-state-disabled"),
        "locked" => say("admin-state-locked"),
        "active" => say("admin-state-active"),
        _ => say("admin-state-invited"),
    }
}

/// The name of a deed, on its button.
pub(super) const fn deed(deed: Deed) -> Message {
    match deed {
        Deed::Disable => say("admin-deed-disable"),
        Deed::Enable => say("admin-deed-enable"),
        Deed::Unlock => say("admin-deed-unlock"),
        Deed::EndSessions => say("admin-deed-end-sessions"),
        Deed::OpenEnrolment => say("admin-deed-open-enrolment"),
        Deed::Remove => say("admin-deed-remove"),
        Deed::Promote => say("admin-deed-promote"),
        Deed::Demote => say("admin-deed-demote"),
    }
}

/// "1 hour", "30 days"; nothing: as configured.
pub(super) fn span(span: Duration) -> Message {
    let secs = span.as_secs();
    if secs == 0 {
        say("admin-span-off")
    } else if secs.is_multiple_of(86_400) {
        say("admin-span-days").with("number", secs / 86_400)
    } else if secs.is_multiple_of(3600) {
        say("admin-span-hours").with("number", secs / 3600)
    } else {
        say("admin-span-minutes").with("number", secs / 60)
    }
}

fn setting(setting: &Setting) -> Message {
    let named = |name: Message, value: Option<Duration>| {
        let value = value.map_or(say("admin-as-configured"), span);
        say("admin-waits-setting").with("name", name).with("value", value)
    };
    match setting {
        Setting::ReauthWindow(value) => named(say("admin-setting-window"), *value),
        Setting::Idle(value) => named(say("admin-setting-idle"), *value),
        Setting::EnrolmentWindow(value) => named(say("admin-setting-enrolment"), *value),
        Setting::NoticeSignIn(_) => say("admin-setting-notice-sign-in"),
        Setting::NoticeConfirm(_) => say("admin-setting-notice-confirm"),
    }
}

/// An act that waits.
pub(super) struct Waiting {
    pub id: String,
    pub what: Message,
    pub whom: String,
    pub by: String,
    pub asked: String,
    pub left: Message,
}

/// All acts that wait.
pub(super) async fn waiting(admin: &AdminState, now: Timestamp) -> Result<Vec<Waiting>, Refusal> {
    let mut names = HashMap::new();
    let mut shown = Vec::new();
    for delayed in admin.office.delayed().await? {
        shown.push(Waiting {
            id: delayed.id.to_string(),
            what: what(&delayed.act),
            whom: whom(admin, &delayed, &mut names).await?,
            by: delayed.login.to_string(),
            asked: time(delayed.asked),
            left: words::left(delayed.due.since(now)),
        });
    }
    Ok(shown)
}

fn what(act: &Act) -> Message {
    match act {
        Act::Deed { deed: what, .. } => deed(*what),
        Act::Invite(_) => say("admin-invite"),
        Act::Set(what) => setting(what),
    }
}

/// The first few, and how many more.
async fn whom(admin: &AdminState, delayed: &Delayed, names: &mut HashMap<AccountId, String>) -> Result<String, Refusal> {
    const FEW: usize = 3;
    let (mut few, all) = match &delayed.act {
        Act::Set(_) => return Ok(String::new()),
        Act::Invite(people) => (people.iter().take(FEW).map(|person| person.login.clone()).collect::<Vec<_>>(), people.len()),
        Act::Deed { whom, .. } => {
            let mut few = Vec::new();
            for id in whom.iter().take(FEW) {
                if !names.contains_key(id) {
                    let found = admin.office.account(*id).await?;
                    names.insert(*id, found.map_or_else(|| id.to_string(), |account| account.login.to_string()));
                }
                few.extend(names.get(id).cloned());
            }
            (few, whom.len())
        }
    };
    if all > few.len() {
        few.push(format!("+{}", all - few.len()));
    }
    Ok(few.join(", "))
}
