//! The admin pages: an origin that no portal shares, with a sign-in of its own. What they do is done by the `admin` room; here are
//! the pages, and the one gate before all of them.
//!
//! ```text
//!  no session ─► login ─► verify ─► session of the reserved portal `:admin` ─► enter ─► page
//!  window of 12 h passed ─► verify, and back          not an admin ─► 403
//!  a change with a code older than 15 min ─► verify, and back
//! ```

mod account;
mod accounts;
mod audit;
mod delayed;
mod download;
mod enter;
mod invite;
mod overview;
mod plots;
mod settings;
mod shown;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use tokio::sync::Semaphore;

use crate::access::Portal;
use crate::admin::Office;
use crate::admin::letters::Letters;
use crate::clock::{Clock, Timestamp};
use crate::http::cookie;
use crate::notify::outbox::Outbox;
use crate::pages::refusal::Refusal;
use crate::pages::{Inside, PagesState, Visit, answer, file, guard, language, login, logout, reply, verify};
use crate::session::log::SessionLog;
use crate::session::record::{Standing, Terms};
use crate::session::window::AdminWindow;

/// What the store calls the portal of these sessions. No host has a colon in front: no portal is called so.
pub const PORTAL: &str = ":admin";
/// The longest window on the admin pages.
pub const WINDOW: Duration = Duration::from_hours(12);
/// The longest rest on the admin pages.
pub const IDLE: Duration = Duration::from_hours(1);
/// The longest that a code may be ago for a change.
pub const FRESH: Duration = Duration::from_mins(15);

const HOME: &str = "/.vestibule/admin";
const ACCOUNTS: &str = "/.vestibule/admin/accounts";
const INVITE: &str = "/.vestibule/admin/accounts/invite";
const SETTINGS: &str = "/.vestibule/admin/settings";
const AUDIT: &str = "/.vestibule/admin/audit";
const DELAYED: &str = "/.vestibule/admin/delayed";

/// The terms of a session here: never laxer than what holds at the portals.
pub fn terms(window: &AdminWindow) -> Terms {
    Terms { window: window.load().min(WINDOW), idle: Some(window.idle().map_or(IDLE, |idle| idle.min(IDLE))) }
}

/// Where a text leads that claims to be an address of ours here; else to the overview.
pub fn destination(_: &Portal, to: &str) -> String {
    let path = to.split('?').next().unwrap_or_default();
    let ours = path == HOME || path.strip_prefix(HOME).is_some_and(|rest| rest.starts_with('/'));
    let plain = to.bytes().all(|byte| byte.is_ascii_graphic()) && !to.contains(['\\', '#']) && !path.contains("..");
    if ours && plain { to.to_owned() } else { HOME.to_owned() }
}

/// What the overview shows of this process.
#[derive(Clone, Debug, Default)]
pub struct Sights {
    /// Live sessions.
    pub sessions: usize,
    /// How many checks took at most so many seconds, from the shortest up; the last one is all.
    pub checks: Vec<(f64, u64)>,
    /// Portal, upstream, whether it answers.
    pub upstreams: Vec<(String, String, bool)>,
}

/// Where somebody inside stands at this secure time, by the terms here; [`Standing::Unknown`] while the store is away for too long.
pub type Judge = dyn Fn(&Inside, Timestamp) -> Standing + Send + Sync;

/// What the admin pages work with.
#[derive(Clone)]
pub struct AdminState {
    /// For the pages of the sign-in.
    pub pages: PagesState,
    /// What admins do.
    pub office: Arc<dyn Office>,
    /// Whose sessions are where.
    pub log: Arc<dyn SessionLog>,
    /// What holds.
    pub window: Arc<AdminWindow>,
    /// What the overview shows.
    pub sights: Arc<dyn Fn() -> Sights + Send + Sync>,
    /// What could not be sent.
    pub outbox: Arc<dyn Outbox>,
    /// The time, for what goes on for longer than its request.
    pub clock: Clock,
    /// For the same.
    pub standing: Arc<Judge>,
    /// How many files may be made at the same time.
    pub files: Arc<Semaphore>,
}

/// So many files are made at the same time: each holds a few pages of records in memory, for as long as its reader takes.
pub const FILES: usize = 8;

impl AdminState {
    /// Whether there is a mail server, as of the last reload.
    fn sends_mail(&self) -> bool {
        self.pages.settings.load().mail
    }

    /// How people hear of what is done here.
    fn letters(&self) -> Letters {
        Letters { enrolment_window: self.window.enrolment_window(), mail: self.sends_mail() }
    }
}

/// The routes. Requests need an `Arc<Visit>` as extension.
fn router(state: AdminState) -> Router {
    let doors = Router::new()
        .route("/.vestibule/login", get(login::show).post(login::submit))
        .route("/.vestibule/verify", get(verify::show).post(verify::submit))
        .route("/.vestibule/logout", get(logout::show).post(logout::submit))
        .route("/.vestibule/language", axum::routing::post(language::submit))
        .route("/.vestibule/assets/{file}", get(file::show))
        .with_state(state.pages.clone());
    let elsewhere = || async { Response::from(Refusal::AtPortal) };
    let home = || async { reply::see_other(HOME) };
    Router::new()
        .route("/", get(home))
        .route("/.vestibule", get(home))
        .route("/.vestibule/", get(home))
        .route("/.vestibule/account", get(home))
        .route("/.vestibule/setup", get(elsewhere))
        .route("/.vestibule/setup/codes", get(elsewhere))
        .route("/.vestibule/recover", get(elsewhere))
        .route(HOME, get(overview::show))
        .route(ACCOUNTS, get(accounts::show).post(accounts::submit))
        .route(INVITE, get(invite::show).post(invite::submit))
        .route("/.vestibule/admin/accounts/{id}", get(account::show).post(account::submit))
        .route(SETTINGS, get(settings::show).post(settings::submit))
        .route(AUDIT, get(audit::show))
        .route(DELAYED, axum::routing::post(delayed::submit))
        .with_state(state.clone())
        .merge(doors)
        .fallback(|| async { Refusal::NotFound })
        .method_not_allowed_fallback(|| async { Refusal::Method })
        .layer(from_fn_with_state(state.pages, guard::guard))
}

/// All admin pages behind one call.
#[derive(Clone)]
pub struct AdminPages {
    router: Router,
}

/// The parts of a request that every page takes.
type Here = State<AdminState>;

impl AdminPages {
    /// Ready to answer.
    pub fn new(state: AdminState) -> Self {
        Self { router: router(state) }
    }

    /// Answers one request whose body has been read. Runs on the control runtime, and what makes a file while it is read, too.
    pub async fn answer(&self, visit: Visit, request: Request<Bytes>) -> Response {
        let mut response = answer(self.router.clone(), visit, request).await;
        // Cookies know no ports: on a host name that a portal shares they would be the portal's.
        let cookies: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().map(cookie::of_admin).collect();
        response.headers_mut().remove(header::SET_COOKIE);
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use url::Url;

    use super::*;
    use crate::access::portal::SignOn;

    #[test]
    fn one_goes_on_to_admin_pages_only() {
        let url = Url::parse("https://admin.example.com").unwrap();
        let portal = Portal {
            index: 0,
            name: Arc::from(PORTAL),
            origin: url.origin().ascii_serialization(),
            url,
            hosts: Vec::new(),
            sign_on: SignOn::None,
            groups: Vec::new(),
            login_paths: Vec::new(),
            logout_paths: Vec::new(),
            case_insensitive_paths: false,
            path_params: false,
            service_workers: false,
        };
        for good in [HOME, SETTINGS, "/.vestibule/admin/accounts?find=a&page=2"] {
            assert_eq!(destination(&portal, good), good);
        }
        for bad in [
            "/",
            "",
            "//evil.example",
            "https://evil.example/.vestibule/admin",
            "/.vestibule/adminx",
            "/.vestibule/admin/../logout",
            "/.vestibule/admin/\u{e9}",
            "/.vestibule/admin\\x",
            "/.vestibule/admin/a b",
            "/.vestibule/login",
        ] {
            assert_eq!(destination(&portal, bad), HOME, "{bad}");
        }
    }
}
