//! A browser that keeps cookies, and the gate around it as far as pages notice it.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use url::Url;
use uuid::Uuid;

use super::store::{NothingWaits, OneAccount};
use crate::harness::browser::OF_LINKS;
use vestibule::access::Portal;
use vestibule::access::portal::SignOn;
use vestibule::auth::Settings;
use vestibule::auth::account::Account;
use vestibule::auth::authenticator::Authenticator;
use vestibule::auth::credentials::{LinkKind, NewLink};
use vestibule::auth::{grant, totp};
use vestibule::clock::{Reading, Timestamp};
use vestibule::http::cookie as cookies;
use vestibule::identity::{AccountId, Login};
use vestibule::keys::KeyRing;
use vestibule::pages::{Brand, BrandSettings, Brands, Inside, Pages, PagesState, Sessions, Visit};
use vestibule::park::{self, Park};
use vestibule::ports::Token;
use vestibule::session::record::{Standing, Terms};
use vestibule::session::table::Table;
use vestibule::session::window::{AdminWindow, Configured};

pub const ORIGIN: &str = "https://portal.example.com";
pub const LOGIN: &str = "anna@example.com";
pub const PASSWORD: &str = "kR7#vQz2!mLp";
const PARK: park::Settings = park::Settings { max_body: 1 << 20, keep: Duration::from_mins(10) };
const START: i64 = 1_790_000_010;

/// What app.rs does with sessions, over the fake store.
struct Rows {
    store: Arc<OneAccount>,
    table: Arc<Table>,
}

#[async_trait]
impl Sessions for Rows {
    async fn signed_in(&self, _: Uuid) {
        let state = self.store.state();
        self.table.put(state.session.as_ref().unwrap(), &state.account_row());
    }
    async fn confirmed(&self, session: Uuid) {
        self.signed_in(session).await;
    }
    async fn ended(&self, session: Uuid) {
        self.table.remove(session);
    }
    async fn acted(&self) {}
}

/// An answer, its body as text.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get("location").map_or("", |value| value.to_str().unwrap())
    }

    /// The form token of the form with this action.
    pub fn token(&self, action: &str) -> String {
        let form = self.text.split_once(&format!("action=\"{action}\"")).unwrap().1;
        let form = form.split_once("</form>").unwrap().0;
        form.split_once("name=\"form_token\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
    }
}

/// One browser in front of one portal with one account.
pub struct Browser {
    pub store: Arc<OneAccount>,
    pub table: Arc<Table>,
    pub pages: Pages,
    pub portal: Arc<Portal>,
    pub cookies: BTreeMap<String, String>,
    pub now: Reading,
    pub window: Duration,
    pub link: Token,
    pub keys: Arc<KeyRing>,
}

impl Browser {
    /// Somebody called `name`, who was sent an invitation.
    pub fn invited(name: &str) -> Self {
        Self::with_link(name, LinkKind::Invitation)
    }

    pub fn with_link(name: &str, kind: LinkKind) -> Self {
        let keys = Arc::new(KeyRing::parse(&KeyRing::generate_file()).unwrap());
        let settings = Settings { issuer: "IT support portal".to_owned(), ..Settings::default() };
        let now = Timestamp::from_secs(START);
        let (link, token) = grant::new_link(kind, &settings, now);
        let store = Arc::new(OneAccount::new(account(name), Some(link)));
        let table = Arc::new(Table::new());
        let settings = Arc::new(ArcSwap::from_pointee(settings));
        let brand = BrandSettings { help: "Call <203-555-0100>".to_owned(), ..BrandSettings::default() };
        let pages = Pages::new(PagesState {
            auth: Authenticator::new(store.clone(), Arc::clone(&keys), Arc::clone(&settings)),
            settings,
            sessions: Arc::new(Rows { store: Arc::clone(&store), table: Arc::clone(&table) }),
            brands: Arc::new(ArcSwap::from_pointee(Brands::new(Brand::new(brand).unwrap(), Vec::new()))),
            keys: Arc::clone(&keys),
            park: Park::new(Arc::new(NothingWaits), Arc::clone(&keys), Arc::new(ArcSwap::from_pointee(PARK))),
            canonical_to: Arc::new(|_, to| if to.starts_with("/t") { to.to_owned() } else { "/".to_owned() }),
            admin_window: Arc::new(AdminWindow::new(Configured::window(Duration::from_hours(1)))),
            window_for: Arc::new(|_, _| Duration::from_hours(1)),
            portals: Arc::new(Vec::new),
        });
        Self {
            store,
            table,
            pages,
            portal: Arc::new(portal()),
            cookies: BTreeMap::new(),
            now: Reading { wall: now, secure: now },
            window: Duration::from_hours(1),
            link: token,
            keys,
        }
    }

    /// Somebody who has passed both doors.
    pub async fn inside() -> Self {
        let mut browser = Self::invited("Anna");
        browser.enrol().await;
        let answer = browser.post("/.vestibule/verify", &[("code", &browser.code())]).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/tickets?open=1"));
        browser
    }

    /// The way from the link to the last page of the wizard.
    pub async fn enrol(&mut self) {
        let path = format!("/.vestibule/register/{}", self.link.reveal());
        assert_eq!(self.get(&path).await.location(), "/.vestibule/register");
        let both = [("new_password", PASSWORD), ("new_password_again", PASSWORD)];
        assert_eq!(self.post("/.vestibule/register", &both).await.status, StatusCode::OK);
        assert_eq!(self.log_in("/tickets?open=1").await.location(), "/.vestibule/setup");
        self.post("/.vestibule/setup", &[]).await;
        let code = self.code();
        assert_eq!(self.post("/.vestibule/setup", &[("code", &code)]).await.location(), "/.vestibule/setup/codes");
        self.post("/.vestibule/setup/codes", &[("act", "show")]).await;
        let next = self.post("/.vestibule/setup/codes", &[("act", "next"), ("saved", "yes")]).await;
        assert_eq!(next.location(), "/.vestibule/verify");
        self.wait(30);
    }

    pub async fn log_in(&mut self, to: &str) -> Answer {
        self.post("/.vestibule/login", &[("login", LOGIN), ("password", PASSWORD), ("to", to)]).await
    }

    /// The code that the app shows now: from the account, or from what is being set up.
    pub fn code(&self) -> String {
        let state = self.store.state();
        let secret = match (&state.account.mfa, &state.pending) {
            (Some(mfa), _) => {
                let id = state.account.id.0;
                self.keys.open(vestibule::keys::Purpose::TotpSecret, id.as_bytes(), &mfa.sealed_secret).unwrap()
            }
            (None, Some(pending)) => {
                let staged = pending.staged_secret.as_ref().unwrap();
                self.keys.open(vestibule::keys::Purpose::StagedSecret, &pending.token.0, staged).unwrap()
            }
            (None, None) => panic!("nothing shows a code"),
        };
        totp::code_at(&secret, self.now.wall).to_string()
    }

    /// A code that is not the one of now.
    pub fn wrong_code(&self) -> String {
        let last = self.code().parse::<u32>().unwrap();
        format!("{:06}", (last + 500_000) % 1_000_000)
    }

    pub fn wait(&mut self, secs: u64) {
        let later = self.now.wall + Duration::from_secs(secs);
        self.now = Reading { wall: later, secure: later };
    }

    /// As somebody who navigates there.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")], &[]).await
    }

    /// As somebody who sends a form of ours.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let headers = [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-site", "same-origin"),
            ("origin", ORIGIN),
        ];
        let mut fields = fields.to_vec();
        let mut token = None;
        let inside = path == "/.vestibule/login" && self.cookies.contains_key(cookies::SESSION);
        if (inside || OF_LINKS.contains(&path)) && fields.iter().all(|(name, _)| *name != "form_token") {
            let page = if inside { "/.vestibule/login?why=recovery" } else { path };
            token = token_in(&Box::pin(self.get(page)).await.text);
        }
        fields.extend(token.as_deref().map(|token| ("form_token", token)));
        self.send(Method::POST, path, &headers, &fields).await
    }

    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.pages.answer(self.visit(), request.body(Bytes::from(body)).unwrap()).await;
        self.keep(&response);
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// What the gateway would say of the next request.
    pub fn visit(&self) -> Visit {
        let token = |name: &str| self.cookies.get(name).and_then(|value| Token::parse(value));
        let now = self.now.secure;
        let inside = token(cookies::SESSION).and_then(|token| self.table.look_up(&token.hash(), now)).and_then(|found| {
            let terms = Terms { window: self.window, idle: None };
            let standing = found.session.standing(found.code_at, terms, now);
            let inside = Inside { session: found.session, standing, code_at: found.code_at, window: self.window };
            (standing != Standing::Over).then_some(inside)
        });
        Visit {
            portal: Arc::clone(&self.portal),
            client: IpAddr::V4(Ipv4Addr::LOCALHOST),
            now: self.now,
            inside,
            language: vestibule::language::Language::English,
            request_id: "req-1".to_owned(),
            park: token(cookies::PARK),
            handoff: None,
            pages: None,
            host: "portal.example.com".to_owned(),
            pending: token(cookies::PENDING),
            device: token(cookies::DEVICE),
            grant: self.cookies.get(cookies::GRANT).cloned(),
        }
    }

    fn keep(&mut self, response: &Response<Bytes>) {
        for cookie in response.headers().get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn account(name: &str) -> Account {
    Account {
        id: AccountId(Uuid::from_u128(7)),
        login: Login::parse(LOGIN).unwrap(),
        name: name.to_owned(),
        groups: vec!["billing".to_owned(), "staff".to_owned()],
        admin: false,
        disabled: false,
        epoch: 1,
        password: None,
        mfa: None,
        codes_saved: false,
        locked_at: None,
        half_way: false,
        recovery_due: false,
        created: Timestamp::from_secs(START),
        last_sign_in: None,
        reset_at: None,
        language: None,
    }
}

fn portal() -> Portal {
    Portal {
        index: 0,
        name: Arc::from("portal.example.com"),
        url: Url::parse(ORIGIN).unwrap(),
        origin: ORIGIN.to_owned(),
        hosts: vec!["portal.example.com".to_owned()],
        sign_on: SignOn::Headers,
        groups: Vec::new(),
        login_paths: Vec::new(),
        logout_paths: Vec::new(),
        case_insensitive_paths: false,
        path_params: false,
        service_workers: false,
    }
}

/// So that tests can make a link that is over.
pub fn expired(link: &mut NewLink) {
    link.expires = Timestamp::from_secs(START - 1);
}

fn token_in(page: &str) -> Option<String> {
    Some(page.split_once("name=\"form_token\" value=\"")?.1.split('"').next()?.to_owned())
}
