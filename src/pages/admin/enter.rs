//! The gate before every admin page: a session of this origin, a code of the last 12 hours, the admin role; and for a change the
//! form token and a code of the last 15 minutes.

use std::sync::Arc;

use axum::response::Response;
use http::Uri;

use super::{AdminState, DELAYED, FRESH, HOME};
use crate::admin::act::{DELAY, MOST};
use crate::admin::{Act, Delayed, Hand, Outcome, Speed};
use crate::audit::Actor;
use crate::identity::{AccountId, Login};
use crate::keys;
use crate::pages::form::{self, Fields, TOKEN_FIELD, TokenCheck};
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::stage::{self, LOGIN, VERIFY};
use crate::pages::{Inside, Visit, reply};
use crate::session::record::Standing;

/// What is said on the page that a form leads back to; a word in its address, so that no text can be put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Done,
    Nothing,
    Waits,
    Cancelled,
    Gone,
    Own,
    Stale,
    LastAdmin,
    NobodyChosen,
    TooMany,
    Already,
    Full,
}

impl Note {
    const ALL: [(Self, &'static str); 12] = [
        (Self::Done, "done"),
        (Self::Nothing, "nothing"),
        (Self::Waits, "waits"),
        (Self::Cancelled, "cancelled"),
        (Self::Gone, "gone"),
        (Self::Own, "own"),
        (Self::Stale, "stale"),
        (Self::LastAdmin, "last-admin"),
        (Self::NobodyChosen, "nobody"),
        (Self::TooMany, "too-many"),
        (Self::Already, "already"),
        (Self::Full, "full"),
    ];

    /// From the address.
    pub(super) fn of(uri: &Uri) -> Option<crate::language::Message> {
        use crate::language::say;
        let word = stage::query(uri, "said")?;
        let (note, _) = Self::ALL.into_iter().find(|(_, known)| *known == word)?;
        Some(match note {
            Self::Done => say("admin-said-done"),
            Self::Nothing => say("admin-said-nothing"),
            Self::Waits => say("admin-said-waits"),
            Self::Cancelled => say("admin-said-cancelled"),
            Self::Gone => say("admin-said-gone"),
            Self::Own => say("admin-said-own"),
            Self::Stale => say("admin-said-stale"),
            Self::LastAdmin => say("admin-said-last-admin"),
            Self::NobodyChosen => say("admin-said-nobody"),
            Self::TooMany => say("admin-said-too-many").with("number", MOST),
            Self::Already => say("admin-said-already"),
            Self::Full => say("admin-said-full"),
        })
    }

    /// Back to a page, with this note.
    pub(super) fn at(self, page: &str) -> Response {
        reply::see_other(&self.address(page))
    }

    fn address(self, page: &str) -> String {
        let word = Self::ALL.into_iter().find(|(note, _)| *note == self).map_or("done", |(_, word)| word);
        let mark = if page.contains('?') { '&' } else { '?' };
        format!("{page}{mark}said={word}")
    }
}

/// Why somebody does not get where they wanted.
pub(super) enum Away {
    /// There first.
    To(String),
    /// Not at all.
    Refused(Refusal),
}

impl From<Away> for Response {
    fn from(away: Away) -> Self {
        match away {
            Away::To(place) => reply::see_other(&place),
            Away::Refused(refusal) => refusal.into(),
        }
    }
}

/// An admin inside.
pub(super) struct Admin {
    pub visit: Arc<Visit>,
    pub inside: Inside,
    pub id: AccountId,
    pub login: Login,
    pub epoch: u64,
}

/// Lets an admin in. `here`: where to come back to.
pub(super) fn enter(visit: &Arc<Visit>, here: &str) -> Result<Admin, Away> {
    let Some(inside) = visit.inside.clone() else { return Err(Away::To(stage::with_to(LOGIN, here))) };
    let view = inside.session.account.view();
    if !view.row.admin {
        return Err(Away::Refused(Refusal::NotAdmin));
    }
    if inside.standing == Standing::Unknown {
        return Err(Away::Refused(Refusal::Away));
    }
    if inside.standing != Standing::Fresh {
        return Err(Away::To(stage::with_to(VERIFY, here)));
    }
    let (id, login, epoch) = (view.row.id, view.row.login.clone(), view.row.epoch);
    drop(view);
    Ok(Admin { visit: Arc::clone(visit), inside, id, login, epoch })
}

/// Where this page is, with its query.
pub(super) fn here(uri: &Uri) -> &str {
    uri.path_and_query().map_or(HOME, http::uri::PathAndQuery::as_str)
}

impl Admin {
    /// The frame of a page: the language switch would leave what somebody is in the middle of, so it is on the sign-in only.
    pub(super) fn frame(&self, state: &AdminState) -> Frame {
        Frame { languages: &[], ..state.pages.frame(&self.visit) }
    }

    /// The token for the form on `route`.
    pub(super) fn token(&self, state: &AdminState, route: &str) -> String {
        form::token(&state.pages.keys, self.inside.session.id, route, self.visit.now.secure)
    }

    /// Whether the last code is recent enough for a change.
    pub(super) fn is_fresh(&self) -> bool {
        self.visit.now.secure.since(self.inside.code_at) < FRESH
    }

    /// Lets a change pass that was sent from the form on `route`. `back`: the page that the form is on.
    pub(super) fn may_change(&self, state: &AdminState, fields: &Fields, route: &str, back: &str) -> Result<(), Away> {
        let check =
            form::check(&state.pages.keys, self.inside.session.id, route, fields.text(TOKEN_FIELD), self.visit.now.secure);
        if check == TokenCheck::Wrong {
            return Err(Away::Refused(Refusal::Token));
        }
        if !self.is_fresh() {
            return Err(Away::To(stage::with_to(VERIFY, back)));
        }
        if check == TokenCheck::Old { Err(Away::To(Note::Stale.address(back))) } else { Ok(()) }
    }

    /// For the audit trail.
    pub(super) fn hand(&self) -> Hand {
        let actor = Actor::Account(self.login.clone());
        Hand { client: Some(self.visit.client), ..Hand::new(actor, self.visit.now.wall) }
    }

    /// Does it, now or in a day.
    pub(super) async fn act(&self, state: &AdminState, act: Act) -> Result<Done, Refusal> {
        let now = self.visit.now;
        let asked = Delayed {
            id: keys::new_id(now.wall),
            act,
            admin: self.id,
            login: self.login.clone(),
            epoch: self.epoch,
            client: self.visit.client,
            asked: now.wall,
            due: now.secure + DELAY,
        };
        let (speed, outcome) = state.office.ask(&asked, state.window.configured(), state.letters(), now).await?;
        if matches!(outcome, Outcome::Done(1..)) {
            state.pages.sessions.acted().await;
        }
        let waits = speed == Speed::AfterADay && matches!(outcome, Outcome::Done(1..));
        Ok(if waits { Done::Later } else { Done::Now(outcome) })
    }
}

/// What became of it.
pub(super) enum Done {
    Now(Outcome),
    Later,
}

impl Done {
    /// Back to the page, with what is to be said.
    pub(super) fn at(&self, page: &str) -> Response {
        match self {
            // Of somebody who is no admin any more, too: the next page says so, or leads to the sign-in.
            Self::Now(Outcome::Done(0) | Outcome::NotAdmin) => Note::Nothing.at(page),
            Self::Now(Outcome::Done(_)) => Note::Done.at(page),
            Self::Now(Outcome::LastAdmin) => Note::LastAdmin.at(page),
            Self::Now(Outcome::Taken(_)) => Note::Gone.at(page),
            Self::Now(Outcome::TooMany) => Note::TooMany.at(page),
            Self::Now(Outcome::Waits) => Note::Already.at(page),
            Self::Now(Outcome::Full) => Note::Full.at(page),
            Self::Later => Note::Waits.at(page),
        }
    }
}

/// The token for *Cancel*.
pub(super) fn cancel_token(admin: &Admin, state: &AdminState) -> String {
    admin.token(state, DELAYED)
}
