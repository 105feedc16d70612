//! What every flow test needs: a store in a temporary folder, a clock that tests move, and browsers that keep cookies.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use data_encoding::BASE32_NOPAD;
use secrecy::SecretString;
use sqlx::Connection as _;
use uuid::Uuid;
use vestibule::audit::{Actor, Event};
use vestibule::auth::Settings;
use vestibule::auth::account::Account;
use vestibule::auth::authenticator::{
    Authenticator, EnableStep, LinkStep, PasswordStep, RegisterStep, SignedIn, VerifyStep, Visitor,
};
use vestibule::auth::credentials::{Credentials, LinkKind, NewAccount, Stage};
use vestibule::auth::{grant, totp};
use vestibule::clock::{Reading, Timestamp};
use vestibule::identity::{AccountId, Login};
use vestibule::keys::{KeyRing, new_id};
use vestibule::ports::Token;
use vestibule::store::{self, Store};

use crate::harness::Desk;

pub const ANNA: &str = "anna@example.com";
pub const PASSWORD: &str = "Tangerine-Lamp-42x";
pub const WRONG: &str = "Tangerine-Lamp-43x";

pub struct Room {
    pub auth: Authenticator,
    pub store: Arc<dyn Credentials>,
    pub whole: Store,
    pub settings: Arc<ArcSwap<Settings>>,
    now: AtomicI64,
    folder: tempfile::TempDir,
}

/// A browser that keeps its cookies.
#[derive(Clone)]
pub struct Browser {
    pub client: IpAddr,
    pub device: Option<Token>,
    pub grant: Option<String>,
    pub pending: Option<Token>,
}

/// Somebody who is enrolled.
pub struct Person {
    pub id: AccountId,
    pub secret: Vec<u8>,
    pub codes: Vec<String>,
}

pub fn password(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

pub fn operator(now: Timestamp, action: &'static str) -> Event {
    Event::new(now, Actor::Operator("test".into()), action)
}

impl Browser {
    /// One that nobody has seen before, at an address of its own.
    pub fn new(number: u32) -> Self {
        let client = IpAddr::from(std::net::Ipv4Addr::from(0xc633_6400 + number));
        Self { client, device: None, grant: None, pending: None }
    }

    pub fn pending(&self) -> &Token {
        self.pending.as_ref().expect("a pending login")
    }
}

impl Room {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Arc::new(KeyRing::parse(&KeyRing::generate_file()).unwrap());
        let url = format!("sqlite://{}", folder.path().join("vestibule.db").display());
        let whole = store::open(&url, keys.clone(), true).await.unwrap();
        let mut settings = Settings { issuer: "Portal".into(), ..Settings::default() };
        settings.hashing.wait = Duration::from_mins(5);
        change(&mut settings);
        let settings = Arc::new(ArcSwap::from_pointee(settings));
        let auth = Authenticator::new(whole.credentials(), keys, settings.clone());
        let now = AtomicI64::new(1_700_000_010_000);
        Self { auth, store: whole.credentials(), whole, settings, now, folder }
    }

    pub fn now(&self) -> Reading {
        let now = Timestamp::from_millis(self.now.load(Ordering::SeqCst));
        Reading { wall: now, secure: now }
    }

    /// The operator's.
    pub fn desk(&self) -> Desk {
        Desk::at(&self.whole, self.now())
    }

    pub fn pass(&self, span: Duration) {
        self.now.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub fn visitor(&self, browser: &Browser) -> Visitor {
        Visitor {
            client: browser.client,
            agent: "test browser".into(),
            device: browser.device.clone(),
            grant: browser.grant.clone(),
            portal: "portal.example.com".into(),
            language: vestibule::language::Language::English,
            now: self.now(),
        }
    }

    pub async fn account(&self, login: &str) -> Account {
        self.store.account_by_login(&Login::parse(login).unwrap()).await.unwrap().expect("the account")
    }

    /// Makes an account and returns the token of its invitation.
    pub async fn invite(&self, login: &str) -> Token {
        self.make(login, None, LinkKind::Invitation).await
    }

    /// Makes an account with an imported hash and returns the token of its enrolment link.
    pub async fn import(&self, login: &str, hash: &str) -> Token {
        self.make(login, Some(hash.to_owned()), LinkKind::Enrolment).await
    }

    async fn make(&self, login: &str, hash: Option<String>, kind: LinkKind) -> Token {
        let now = self.now().secure;
        let (link, token) = grant::new_link(kind, &self.settings.load(), now);
        let account = NewAccount {
            id: AccountId(new_id(now)),
            login: Login::parse(login).unwrap(),
            name: String::new(),
            groups: Vec::new(),
            admin: false,
            password: hash,
            created: now,
        };
        assert!(self.store.create_account(account, link, operator(now, "user.invite")).await.unwrap());
        token
    }

    /// A new enrolment link for somebody who is not enrolled.
    pub async fn relink(&self, id: AccountId) -> Token {
        let now = self.now().secure;
        let (link, token) = grant::new_link(LinkKind::Enrolment, &self.settings.load(), now);
        assert!(self.store.issue_link(id, link, operator(now, "user.link")).await.unwrap());
        token
    }

    pub async fn open(&self, browser: &mut Browser, token: &Token, kind: LinkKind) -> bool {
        browser.grant = match self.auth.open_link(&self.visitor(browser), token.reveal(), kind).await.unwrap() {
            LinkStep::Opened { grant, .. } => Some(grant),
            _ => None,
        };
        browser.grant.is_some()
    }

    pub async fn register(&self, browser: &Browser, new: &str) -> RegisterStep {
        self.auth.register(&self.visitor(browser), password(new), password(new)).await.unwrap()
    }

    pub async fn log_in(&self, browser: &mut Browser, login: &str, secret: &str) -> PasswordStep {
        let visitor = self.visitor(browser);
        let step = self.auth.log_in(&visitor, login, password(secret), "/tickets?page=2".into()).await.unwrap();
        if let PasswordStep::Passed { pending, .. } = &step {
            browser.pending = Some(pending.clone());
        }
        step
    }

    /// A password that must be right.
    pub async fn pass_door_one(&self, browser: &mut Browser, login: &str) -> Stage {
        match self.log_in(browser, login, PASSWORD).await {
            PasswordStep::Passed { stage, .. } => stage,
            other => panic!("{other:?}"),
        }
    }

    pub async fn verify(&self, browser: &Browser, code: &str) -> VerifyStep {
        self.auth.verify(&self.visitor(browser), browser.pending(), code, false).await.unwrap()
    }

    pub fn code(&self, secret: &[u8]) -> String {
        totp::code_at(secret, self.now().wall).to_string()
    }

    /// Six digits that are right in no step near now.
    pub fn wrong_code(&self, secret: &[u8]) -> String {
        (0..1000).map(|n| format!("{n:06}")).find(|code| self.is_wrong(secret, code)).unwrap()
    }

    fn is_wrong(&self, secret: &[u8], code: &str) -> bool {
        let code = totp::Code::parse(code).unwrap();
        totp::check(secret, &code, self.now().wall).is_none()
    }

    /// To the start of the next step.
    pub fn next_step(&self) {
        let into = self.now().wall.secs().rem_euclid(30);
        self.pass(Duration::from_secs((30 - into).unsigned_abs()));
    }

    pub async fn begin(&self, browser: &Browser) -> Option<Vec<u8>> {
        let enrolment = self.auth.begin_enrolment(browser.pending(), self.now()).await.unwrap()?;
        Some(BASE32_NOPAD.decode(enrolment.secret.as_bytes()).unwrap())
    }

    pub async fn enable(&self, browser: &Browser, code: &str) -> EnableStep {
        self.auth.enable(&self.visitor(browser), browser.pending(), code).await.unwrap()
    }

    /// From the password through the wizard to the last page before the portal: enrolled, codes saved.
    pub async fn enrol(&self, browser: &mut Browser, login: &str) -> Person {
        assert_eq!(self.pass_door_one(browser, login).await, Stage::Setup);
        self.set_up(browser, login).await
    }

    /// The wizard for somebody whom a recovery code has led there.
    pub async fn enrol_again(&self, browser: &mut Browser) -> Person {
        self.set_up(browser, ANNA).await
    }

    async fn set_up(&self, browser: &Browser, login: &str) -> Person {
        let secret = self.begin(browser).await.expect("a secret");
        assert!(matches!(self.enable(browser, &self.code(&secret)).await, EnableStep::Enabled));
        let visitor = self.visitor(browser);
        let codes = self.auth.show_codes(&visitor, browser.pending()).await.unwrap().expect("codes");
        assert!(self.auth.codes_saved(&visitor, browser.pending(), true).await.unwrap());
        Person { id: self.account(login).await.id, secret, codes }
    }

    /// Invited, registered, enrolled; has not signed in yet.
    pub async fn person(&self, browser: &mut Browser, login: &str) -> Person {
        let token = self.invite(login).await;
        assert!(self.open(browser, &token, LinkKind::Invitation).await);
        assert!(matches!(self.register(browser, PASSWORD).await, RegisterStep::Registered));
        let person = self.enrol(browser, login).await;
        browser.grant = None;
        browser.pending = None;
        self.next_step();
        person
    }

    /// Both doors; the browser is known afterwards.
    pub async fn sign_in(&self, browser: &mut Browser, login: &str, secret: &[u8]) -> SignedIn {
        self.next_step();
        assert_eq!(self.pass_door_one(browser, login).await, Stage::Verify);
        match self.verify(browser, &self.code(secret)).await {
            VerifyStep::SignedIn(signed_in) => {
                browser.device.clone_from(&signed_in.device);
                browser.pending = None;
                *signed_in
            }
            other => panic!("{other:?}"),
        }
    }

    /// The one number that a query brings.
    pub async fn number(&self, query: &'static str) -> i64 {
        let url = format!("sqlite://{}", self.folder.path().join("vestibule.db").display());
        let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::query_scalar(query).fetch_one(&mut conn).await.unwrap()
    }

    /// Changes the database behind everybody's back.
    pub async fn change(&self, statements: &'static str) {
        let url = format!("sqlite://{}", self.folder.path().join("vestibule.db").display());
        let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(statements).execute(&mut conn).await.unwrap();
    }

    /// Whether this session lives.
    pub async fn lives(&self, session: Uuid) -> bool {
        self.whole.session_log().session(session, self.now().secure).await.unwrap().is_some()
    }
}
