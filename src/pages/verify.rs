//! Page two of a sign-in: the code. Inside a session the same address is the confirm page.

use std::time::Duration;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};

use crate::auth::authenticator::{SignedIn, VerifyStep};
use crate::auth::credentials::Stage;
use crate::http::cookie;
use crate::language::{Message, say};
use crate::pages::form::{Fields, TOKEN_FIELD};
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::Between;
use crate::pages::{Here, Inside, PagesState, Visit, Who, confirm, locked, logout, parked, recover, reply, stage, words};

/// How long a browser is asked to keep a device cookie: the longest that browsers accept.
pub const DEVICE_AGE: Duration = Duration::from_hours(400 * 24);

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    frame: Frame,
    heading: Message,
    lead: Message,
    button: Message,
    /// MFA was enabled in this very sign-in: the last page of the wizard, which says where to sign in the next time.
    enrolled_now: Option<String>,
    shared: bool,
    /// Where it leads: said again in case the form is sent once more when the pending login has done its work.
    to: String,
    sign_out_token: Option<String>,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who, uri: Uri) -> Result<Response, Response> {
    let Some(between) = stage::between(&state, &visit).await? else {
        return Ok(confirm::show(&state, &visit, &uri));
    };
    if between.standing.pending.stage != Stage::Verify {
        return Ok(reply::see_other(stage::page_of(between.standing.pending.stage)));
    }
    if between.standing.locked {
        return Ok(locked::page(&state, &visit, &between.standing));
    }
    if between.standing.recovery_due || between.standing.half_way {
        return Ok(reply::see_other(stage::RECOVER));
    }
    Ok(page(&state, &visit, &between, StatusCode::OK, None, false))
}

/// POST.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    // Only the confirm page's form carries a token, so that two tabs at different stages cannot be mixed up; and page two's says
    // where it leads, so that one sent once more is told from a form of the confirm page that somebody has made without a token.
    let confirms = |_: &&Inside| fields.sent(TOKEN_FIELD).is_some() || (visit.pending.is_none() && fields.sent("to").is_none());
    if let Some(inside) = visit.inside.as_ref().filter(confirms) {
        return Ok(confirm::submit(&state, &visit, inside, &headers, &fields).await?);
    }
    let Some(between) = stage::between(&state, &visit).await? else {
        return Ok(spent(&state, &visit, &fields));
    };
    let Between { token, standing } = &between;
    if standing.pending.stage != Stage::Verify {
        return Ok(reply::see_other(stage::page_of(standing.pending.stage)));
    }
    let shared = fields.ticked("shared_computer");
    let step = state.auth.verify(&visit.visitor(&headers), token, fields.text("code"), shared).await;
    let again = |problem| page(&state, &visit, &between, StatusCode::UNPROCESSABLE_ENTITY, Some(problem), shared);
    Ok(match step.map_err(Refusal::from)? {
        VerifyStep::SignedIn(signed_in) => enter(&state, &visit, &headers, &signed_in).await,
        VerifyStep::Malformed => again(words::code::malformed()),
        VerifyStep::Wrong { left } => again(words::code::wrong(left)),
        VerifyStep::AlreadyUsed { wait } => again(words::code::used(wait)),
        VerifyStep::SaveCodesFirst => reply::see_other(stage::CODES),
        VerifyStep::Repeated { to } => stage::followed(&state, &visit, &to).await?,
        VerifyStep::Locked => locked::page(&state, &visit, standing),
        VerifyStep::RecoveryDue => recover::due(&state, &visit, &between),
        VerifyStep::Gone => stage::gone_to(&standing.pending.to),
        VerifyStep::SlowDown(wait) => reply::later(&state, reply::Slowed::Failures, again(words::code::slow_down(wait)), wait),
    })
}

/// The form was sent once more when its pending login had ended, most often because its button was pressed twice: whoever is
/// inside goes where that led, anybody else begins again.
fn spent(state: &PagesState, visit: &Visit, fields: &Fields) -> Response {
    let to = stage::after_sign_in(state, visit, fields.sent("to"));
    match (&visit.inside, &visit.pending) {
        (Some(_), _) if visit.is_unknown() => Refusal::Away.into(),
        (Some(_), _) => reply::with_cookies(reply::see_other(&to), [cookie::clear(cookie::PENDING)]),
        (None, Some(_)) => stage::gone_to(&to),
        (None, None) => reply::see_other(&stage::with_to(stage::LOGIN, &to)),
    }
}

/// Both doors are passed: the session is in the table before the browser comes back with its cookie.
async fn enter(state: &PagesState, visit: &Visit, headers: &HeaderMap, signed_in: &SignedIn) -> Response {
    state.sessions.signed_in(signed_in.session).await;
    // Before the old session ends, and what it has left with it.
    let onward = parked::after_sign_in(state, visit, (signed_in.account, signed_in.session), &signed_in.to).await;
    if let Some(inside) = &visit.inside {
        // The browser forgets the session it had; so do we.
        logout::replaced(state, visit, headers, inside).await;
    }
    let now = visit.now.secure;
    let age = (!signed_in.shared).then(|| signed_in.expires.since(now));
    let device = match &signed_in.device {
        Some(device) => cookie::set(cookie::DEVICE, device.reveal(), Some(DEVICE_AGE)),
        None => cookie::clear(cookie::DEVICE),
    };
    let session = cookie::set(cookie::SESSION, signed_in.token.reveal(), age);
    let cleared = [cookie::PENDING, cookie::GRANT].map(cookie::clear);
    reply::with_cookies(reply::with_cookies(reply::clear_storage(onward), [session, device]), cleared)
}

fn page(
    state: &PagesState,
    visit: &Visit,
    between: &Between,
    status: StatusCode,
    problem: Option<Problem>,
    shared: bool,
) -> Response {
    let enrolled_now = between.standing.pending.enabled_step.is_some();
    let (heading, lead, button) = if enrolled_now {
        (say("verify-enrolled-title"), say("verify-enrolled-lead"), say("verify-enrolled-submit"))
    } else {
        (say("verify-title"), say("verify-lead"), say("verify-submit"))
    };
    let sign_out_token = logout::token(state, visit);
    let frame = state.frame(visit).with(problem).holding(words::holds::login(between.left(visit)));
    let to = between.standing.pending.to.clone();
    let enrolled_now = enrolled_now.then(|| stage::home(visit));
    reply::html(status, &VerifyPage { frame, heading, lead, button, enrolled_now, shared, to, sign_out_token })
}
