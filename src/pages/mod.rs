//! Our own pages below `/.vestibule/`: sign-in, enrolment, recovery codes, confirmation, sign-out. One file per page, GET and POST
//! side by side; templates in `templates/`, style and script in `assets/`.
//!
//! ```text
//!   Visit + request -> guard (way, origin) -> page -> Authenticator -> answer -> guard (headers, refusals become pages)
//! ```

pub mod admin;
pub mod assets;
pub mod brand;
pub mod contrast;
pub mod error;
pub mod form;
pub mod frame;
pub mod language;
pub mod origin;
pub mod refusal;
pub mod reply;
pub mod visit;

mod account;
mod apps;
mod codes;
mod confirm;
mod enrol;
mod file;
mod forgot;
mod guard;
mod handoff;
mod locked;
mod login;
mod logout;
mod mobile;
mod new_link;
mod not_me;
mod parked;
mod recover;
mod recover_mail;
mod register;
mod rules;
mod setup;
mod stage;
mod state;
mod ticket;
mod upload;
mod verify;
mod words;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use uuid::Uuid;

pub use self::brand::{Brand, BrandSettings, Brands};
pub use self::visit::{Inside, Visit};
use crate::access::Portal;
use crate::auth::Settings;
use crate::auth::authenticator::{Authenticator, Letterhead};
use crate::keys::KeyRing;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::park::Park;
use crate::session::window::AdminWindow;

/// Whoever keeps the live sessions: told at once what a page has done, so that the next request already sees it.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// This session was made.
    async fn signed_in(&self, session: Uuid);
    /// This session's window starts anew, under a new cookie.
    async fn confirmed(&self, session: Uuid);
    /// This session has ended.
    async fn ended(&self, session: Uuid);
    /// An admin has done something to accounts, or to settings.
    async fn acted(&self);
}

/// Where a text that claims to be a path of this portal leads: the canonical path and query, or `/`.
pub type CanonicalTo = dyn Fn(&Portal, &str) -> String + Send + Sync;

/// The reauthorization window that holds for a canonical path of this portal.
pub type WindowFor = dyn Fn(&Portal, &str) -> Duration + Send + Sync;

/// The portals of the moment, in config order.
pub type AllPortals = dyn Fn() -> Vec<Arc<Portal>> + Send + Sync;

/// What the pages work with.
#[derive(Clone)]
pub struct PagesState {
    /// Both doors.
    pub auth: Authenticator,
    /// What the sign-in is set to: the issuer and the password rules are shown.
    pub settings: Arc<ArcSwap<Settings>>,
    /// The live sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Name, logo, accent, help and links of each portal; swapped at a reload.
    pub brands: Arc<ArcSwap<Brands>>,
    /// For form tokens.
    pub keys: Arc<KeyRing>,
    /// What waits until a code is entered.
    pub park: Park,
    /// Judges `to`.
    pub canonical_to: Arc<CanonicalTo>,
    /// The notices that an admin has written.
    pub admin_window: Arc<AdminWindow>,
    /// Says how often a code is asked for.
    pub window_for: Arc<WindowFor>,
    /// All portals, for the host of our own pages, which is none of them.
    pub portals: Arc<AllPortals>,
}

impl PagesState {
    /// What stands around a page for this visit.
    fn frame(&self, visit: &Visit) -> Frame {
        let frame = Frame::new(self.brand(visit), visit.language);
        Frame { texts: self.auth.sends_texts(), ..frame }
    }

    /// In whose name this portal's pages speak.
    fn brand(&self, visit: &Visit) -> Arc<Brand> {
        self.brands.load().of(&visit.portal.name)
    }

    /// In whose name a text is sent for this visit.
    fn letterhead(&self, visit: &Visit) -> Letterhead {
        Letterhead { brand: self.brand(visit).name.clone(), host: visit.portal.url.host_str().unwrap_or_default().to_owned() }
    }
}

/// The parts of a request that every page takes.
type Here = State<PagesState>;
type Who = Extension<Arc<Visit>>;

/// The routes where our pages share their host with the portal. Requests need an `Arc<Visit>` as extension: [`Pages::answer`]
/// puts it in.
pub fn router(state: PagesState) -> Router {
    let home = Router::new().route("/.vestibule", get(account::home)).route("/.vestibule/", get(account::home));
    finished(home.merge(here()).merge(at_portal()).merge(at_any()), state)
}

/// The routes at a host of our own.
fn router_of_pages(state: PagesState) -> Router {
    let home = Router::new()
        .route("/", get(handoff::home))
        .route("/.vestibule", get(account::home))
        .route("/.vestibule/", get(account::home))
        .route(handoff::ROUTE, get(handoff::give));
    finished(home.merge(here()).merge(at_any()), state)
}

/// The routes at a portal's host where our pages have one of their own: what must be there, and the ways to it.
fn router_beside(state: PagesState) -> Router {
    let ways = Router::new()
        .route("/.vestibule/login", get(handoff::send))
        .route(stage::VERIFY, get(handoff::send))
        .route(handoff::ROUTE, post(handoff::take));
    let ways = MOVED.iter().fold(ways, |ways, path| ways.route(path, get(handoff::moved)));
    finished(ways.merge(at_portal()).merge(at_any()), state)
}

/// Pages that a portal's host had before they got a host of their own: links in mails and bookmarks still lead to them.
const MOVED: [&str; 16] = [
    "/.vestibule",
    "/.vestibule/",
    "/.vestibule/register/{token}",
    "/.vestibule/enrol/{token}",
    "/.vestibule/forgot",
    "/.vestibule/reset/{token}",
    "/.vestibule/not-me/{token}",
    "/.vestibule/recover/{token}",
    "/.vestibule/recover",
    "/.vestibule/logout",
    stage::ACCOUNT,
    stage::PASSWORD,
    stage::MFA,
    stage::NEW_CODES,
    stage::MOBILE,
    stage::SESSIONS,
];

/// What asks for passwords and codes, and shows what is one's own.
fn here() -> Router<PagesState> {
    Router::new()
        .route("/.vestibule/login", get(login::show).post(login::submit))
        .route("/.vestibule/verify", get(verify::show).post(verify::submit))
        .route("/.vestibule/register/{token}", get(register::open))
        .route("/.vestibule/register", get(register::show).post(register::submit))
        .route("/.vestibule/enrol/{token}", get(enrol::open))
        .route("/.vestibule/enrol", get(enrol::show))
        .route("/.vestibule/forgot", get(forgot::show).post(forgot::submit))
        .route("/.vestibule/reset/{token}", get(forgot::open))
        .route("/.vestibule/reset", get(forgot::show_reset).post(forgot::submit_reset))
        .route("/.vestibule/not-me/{token}", get(not_me::open))
        .route("/.vestibule/not-me", get(not_me::show).post(not_me::submit))
        .route("/.vestibule/setup", get(setup::show).post(setup::submit))
        .route("/.vestibule/setup/codes", get(codes::show).post(codes::submit))
        .route(stage::SETUP_MOBILE, get(mobile::show).post(mobile::submit))
        .route("/.vestibule/recover/mail", get(recover_mail::show).post(recover_mail::submit))
        .route("/.vestibule/recover/{token}", get(recover_mail::open))
        .route("/.vestibule/recover", get(recover::show).post(recover::submit))
        .route("/.vestibule/logout", get(logout::show).post(logout::submit))
        .route(stage::ACCOUNT, get(account::show))
        .route(stage::PASSWORD, get(account::password::show).post(account::password::submit))
        .route(stage::MFA, get(account::mfa::show).post(account::mfa::submit))
        .route(stage::MFA_ENABLE, get(account::mfa::back).post(account::mfa::enable))
        .route(stage::NEW_CODES, get(account::codes::show).post(account::codes::submit))
        .route(stage::CODES_SAVE, get(account::codes::saving).post(account::codes::save))
        .route(stage::MOBILE, get(account::mobile::show).post(account::mobile::submit))
        .route(stage::MOBILE_CONFIRM, get(account::mobile::waiting).post(account::mobile::confirm))
        .route(stage::SESSIONS, get(account::sessions::show).post(account::sessions::submit))
}

/// What acts with the cookies of a portal's host: it asks for no secret.
fn at_portal() -> Router<PagesState> {
    Router::new().route("/.vestibule/parked", get(parked::show).post(parked::submit))
}

fn at_any() -> Router<PagesState> {
    Router::new()
        .route("/.vestibule/language", post(language::submit))
        .route("/.vestibule/state", get(state::show))
        .route("/.vestibule/assets/{file}", get(file::show))
}

fn finished(routes: Router<PagesState>, state: PagesState) -> Router {
    routes
        .fallback(|| async { Refusal::NotFound })
        .method_not_allowed_fallback(|| async { Refusal::Method })
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .with_state(state)
}

/// All pages behind one call.
#[derive(Clone)]
pub struct Pages {
    shared: Router,
    apart: Router,
    beside: Router,
}

impl Pages {
    /// Ready to answer.
    pub fn new(state: PagesState) -> Self {
        Self { shared: router(state.clone()), apart: router_of_pages(state.clone()), beside: router_beside(state) }
    }

    /// Answers one request whose body has been read, within bounds. Runs on the control runtime.
    pub async fn answer(&self, visit: Visit, request: Request<Bytes>) -> Response<Bytes> {
        let router = match &visit.pages {
            _ if visit.portal.is_pages() => &self.apart,
            Some(_) => &self.beside,
            None => &self.shared,
        };
        let (parts, body) = answer(router.clone(), visit, request).await.into_parts();
        // Bodies of these pages are in memory already, so that collecting them neither waits nor fails.
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Response::from_parts(parts, body)
    }
}

/// One request through a router of ours.
async fn answer(router: Router, visit: Visit, request: Request<Bytes>) -> Response<Body> {
    let mut request = request.map(Body::from);
    request.extensions_mut().insert(Arc::new(visit));
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
