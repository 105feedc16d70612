//! Where somebody stands between the doors, and the way from the wrong page to the right one.

use std::time::Duration;

use axum::response::Response;

use crate::auth::authenticator::Standing;
use crate::auth::credentials::Stage;
use crate::http::cookie;
use crate::pages::refusal::Refusal;
use crate::pages::{Inside, PagesState, Visit, reply};
use crate::ports::Token;

/// Page one.
pub const LOGIN: &str = "/.vestibule/login";
/// Page two and the confirm page.
pub const VERIFY: &str = "/.vestibule/verify";
/// Enrolment.
pub const SETUP: &str = "/.vestibule/setup";
/// Recovery codes.
pub const CODES: &str = "/.vestibule/setup/codes";
/// The recovery mobile, in the wizard.
pub const SETUP_MOBILE: &str = "/.vestibule/setup/mobile";
/// Recovery.
pub const RECOVER: &str = "/.vestibule/recover";
/// The account page.
pub const ACCOUNT: &str = "/.vestibule/account";
/// Below it: *Change password*.
pub const PASSWORD: &str = "/.vestibule/account/password";
/// Below it: another authenticator.
pub const MFA: &str = "/.vestibule/account/mfa";
/// Where its first code goes.
pub const MFA_ENABLE: &str = "/.vestibule/account/mfa/enable";
/// Below it: new recovery codes.
pub const NEW_CODES: &str = "/.vestibule/account/codes";
/// Where they are saved.
pub const CODES_SAVE: &str = "/.vestibule/account/codes/save";
/// Below it: the recovery mobile.
pub const MOBILE: &str = "/.vestibule/account/mobile";
/// Where the code goes that was texted to a new one.
pub const MOBILE_CONFIRM: &str = "/.vestibule/account/mobile/confirm";
/// Below it: sessions and known browsers.
pub const SESSIONS: &str = "/.vestibule/account/sessions";

/// The end of a window that a page of the portal has opened: tells that page. The one page of ours that a sign-in may lead to.
pub const POPUP_DONE: &str = "/.vestibule/verify?popup=done";

/// Pages of ours that a code may lead back to: each by itself, so that no address can be made of them.
const BACK: [&str; 7] = [ACCOUNT, PASSWORD, MFA, NEW_CODES, CODES_SAVE, MOBILE, SESSIONS];

/// Why page one is shown; a word in its address, so that no text can be put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The session has ended.
    Ended,
    /// The pending login has ended.
    Expired,
    /// Signed out.
    SignedOut,
    /// Recovery begins with the password.
    Recovery,
    /// Signed out, here and everywhere else.
    Everywhere,
    /// Registration found a password.
    PasswordSet,
}

impl Why {
    const ALL: [Self; 6] = [Self::Ended, Self::Expired, Self::SignedOut, Self::Everywhere, Self::Recovery, Self::PasswordSet];

    const fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Expired => "expired",
            Self::SignedOut => "signed-out",
            Self::Everywhere => "everywhere",
            Self::Recovery => "recovery",
            Self::PasswordSet => "registered",
        }
    }

    /// From the address.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.word() == word)
    }

    /// Page one with this note.
    pub fn address(self) -> String {
        format!("{LOGIN}?why={}", self.word())
    }
}

/// A live pending login, and the cookie that led to it.
pub struct Between {
    /// Value of the cookie.
    pub token: Token,
    /// The pending login and its account.
    pub standing: Standing,
}

impl Between {
    /// How long it still lives.
    pub fn left(&self, visit: &Visit) -> Duration {
        self.standing.pending.expires.since(visit.now.secure)
    }
}

/// The live pending login of this visit, if there is one. What was begun at one portal is nobody's at another, whoever carries
/// the cookie there.
pub async fn between(state: &PagesState, visit: &Visit) -> Result<Option<Between>, Refusal> {
    let Some(token) = &visit.pending else { return Ok(None) };
    let standing = state.auth.standing(token, visit.now).await?;
    let standing = standing.filter(|standing| standing.pending.portal == *visit.portal.name);
    Ok(standing.map(|standing| Between { token: token.clone(), standing }))
}

/// The way for whoever sent the same form twice at once: where the other one has led. `to`: if that was in.
pub async fn followed(state: &PagesState, visit: &Visit, to: &str) -> Result<Response, Refusal> {
    Ok(reply::see_other(match between(state, visit).await? {
        Some(between) => page_of(between.standing.pending.stage),
        None => to,
    }))
}

/// The pending login, if it stands at this page's stage; otherwise the way to the right page.
pub async fn at(state: &PagesState, visit: &Visit, wanted: Stage) -> Result<Between, Response> {
    match between(state, visit).await? {
        Some(between) if between.standing.pending.stage == wanted => Ok(between),
        Some(between) => Err(reply::see_other(page_of(between.standing.pending.stage))),
        None => Err(elsewhere(visit)),
    }
}

/// The page of a stage.
pub const fn page_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Setup => SETUP,
        Stage::Codes => CODES,
        Stage::Verify => VERIFY,
    }
}

/// The way for somebody who asks for a page behind both doors: to where they stand, inside or between them.
pub async fn onward(state: &PagesState, visit: &Visit) -> Result<Response, Refusal> {
    if visit.is_unknown() {
        return Err(Refusal::Away);
    }
    Ok(match between(state, visit).await? {
        Some(between) if visit.inside.is_none() => reply::see_other(page_of(between.standing.pending.stage)),
        _ => elsewhere(visit),
    })
}

/// The session of somebody who asks for this page behind both doors; otherwise the way there. Whose window has passed comes
/// back after the code.
pub async fn inside<'a>(state: &PagesState, visit: &'a Visit, page: &str) -> Result<&'a Inside, Response> {
    match (visit.fresh(), &visit.inside) {
        (Some(inside), _) => Ok(inside),
        (None, Some(_)) if visit.is_unknown() => Err(Refusal::Away.into()),
        (None, Some(_)) => Err(reply::see_other(&with_to(VERIFY, page))),
        (None, None) => Err(onward(state, visit).await?),
    }
}

/// The way for somebody who is not between the doors: in, or to page one.
pub fn elsewhere(visit: &Visit) -> Response {
    match (&visit.inside, visit.fresh(), &visit.pending) {
        (_, Some(_), _) => reply::see_other(ACCOUNT),
        (Some(_), None, _) => reply::see_other(VERIFY),
        (None, _, Some(_)) => gone(),
        (None, _, None) => reply::see_other(LOGIN),
    }
}

/// The pending login has ended: page one says so, and the cookie goes.
pub fn gone() -> Response {
    gone_to("/")
}

/// The same where it is known where the sign-in was to lead: the next one leads there.
pub fn gone_to(to: &str) -> Response {
    let login = with_to(&Why::Expired.address(), to);
    reply::with_cookies(reply::see_other(&login), [cookie::clear(cookie::PENDING)])
}

/// A parameter of the address.
pub fn query(uri: &http::Uri, name: &str) -> Option<String> {
    let query = uri.query()?;
    url::form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Where a `to` leads: judged by the access room, and not even looked at beyond 2 KiB.
pub fn to(state: &PagesState, visit: &Visit, sent: Option<&str>) -> String {
    match sent {
        Some(sent) if sent.len() <= 2048 => (state.canonical_to)(&visit.portal, sent),
        _ => "/".to_owned(),
    }
}

/// Where a sign-in leads: there, or to the end of a window that a page of the portal has opened.
pub fn after_sign_in(state: &PagesState, visit: &Visit, sent: Option<&str>) -> String {
    if sent == Some(POPUP_DONE) { POPUP_DONE.to_owned() } else { to(state, visit, sent) }
}

/// The same for a code inside a session, which may lead back to a page of one's own account.
pub fn back_to(state: &PagesState, visit: &Visit, sent: Option<&str>) -> String {
    match BACK.into_iter().find(|page| sent == Some(*page)) {
        Some(page) => page.to_owned(),
        None => to(state, visit, sent),
    }
}

/// Whether a `to` is a page of ours.
pub fn is_ours(to: &str) -> bool {
    BACK.contains(&to)
}

/// Where people sign in, whenever they like: what they may bookmark.
pub fn home(visit: &Visit) -> String {
    format!("{}/.vestibule/", visit.portal.origin)
}

/// An address of ours that keeps `to`.
pub fn with_to(page: &str, to: &str) -> String {
    if to == "/" {
        return page.to_owned();
    }
    let mark = if page.contains('?') { '&' } else { '?' };
    let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
    format!("{page}{mark}to={to}")
}
