//! What operators do while the gate runs, and what tests ask of the store or turn looser.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use vestibule::admin::letters::Letters;
use vestibule::admin::{Act, Deed, Hand, Office, Outcome};
use vestibule::audit::{Actor, Event};
use vestibule::auth;
use vestibule::auth::account::Account;
use vestibule::auth::credentials::{LinkKind, NewAccount, NewLink};
use vestibule::auth::{grant, hashing};
use vestibule::clock::{Clock, Reading};
use vestibule::identity::{AccountId, Login};
use vestibule::keys;
use vestibule::ports::StoreError;
use vestibule::store::Store;

use crate::harness::{Answer, Gate, Person};

/// What an operator does to accounts at the command line. `false`: there was nothing to do.
pub struct Desk {
    office: Arc<dyn Office>,
    now: Reading,
}

impl Desk {
    /// On this store, at this moment.
    pub fn at(store: &Store, now: Reading) -> Self {
        Self { office: store.office(), now }
    }

    pub async fn disable(&self, id: AccountId) -> Result<bool, StoreError> {
        self.does(Deed::Disable, id).await
    }

    pub async fn enable(&self, id: AccountId) -> Result<bool, StoreError> {
        self.does(Deed::Enable, id).await
    }

    pub async fn remove(&self, id: AccountId) -> Result<bool, StoreError> {
        self.does(Deed::Remove, id).await
    }

    pub async fn unlock(&self, id: AccountId, recovery_due: bool) -> Result<bool, StoreError> {
        self.carry_out(Act::Deed { deed: Deed::Unlock, whom: vec![id], recovery_due }, None).await
    }

    pub async fn reset_mfa(&self, id: AccountId, link: NewLink) -> Result<bool, StoreError> {
        self.carry_out(Act::Deed { deed: Deed::OpenEnrolment, whom: vec![id], recovery_due: false }, Some(link)).await
    }

    pub async fn does(&self, deed: Deed, id: AccountId) -> Result<bool, StoreError> {
        self.carry_out(Act::Deed { deed, whom: vec![id], recovery_due: false }, None).await
    }

    async fn carry_out(&self, act: Act, link: Option<NewLink>) -> Result<bool, StoreError> {
        let hand = Hand { link, ..Hand::new(Actor::Operator("test".to_owned()), self.now.wall) };
        let letters = Letters { enrolment_window: Duration::from_hours(24), mail: false };
        match self.office.carry_out(&act, &hand, letters, self.now).await? {
            Outcome::Done(changed) => Ok(changed > 0),
            other => panic!("{other:?}"),
        }
    }
}

impl Gate {
    /// The operator's desk.
    pub async fn desk(&self) -> Desk {
        Desk::at(&self.open_store(false).await, self.now())
    }

    /// What the clock says.
    pub fn now(&self) -> Reading {
        Clock::with_source(self.hands.clone()).now()
    }

    /// The account as stored.
    pub async fn account(&self, login: &str) -> Account {
        self.credentials().await.account_by_login(&Login::parse(login).unwrap()).await.unwrap().expect("there is such an account")
    }

    fn by_operator(&self, action: &'static str) -> Event {
        Event::new(self.now().wall, Actor::Operator("test".to_owned()), action)
    }

    /// `user disable`, or `user enable`.
    pub async fn set_disabled(&self, login: &str, disabled: bool) {
        let (desk, id) = (self.desk().await, self.account(login).await.id);
        if disabled { desk.disable(id).await } else { desk.enable(id).await }.unwrap();
    }

    /// `user unlock`.
    pub async fn unlock(&self, login: &str) {
        let id = self.account(login).await.id;
        self.desk().await.unlock(id, false).await.unwrap();
    }

    /// `user reset-mfa`: the path of the new link.
    pub async fn reset_mfa(&self, login: &str) -> String {
        let id = self.account(login).await.id;
        let (link, token) = grant::new_link(LinkKind::Enrolment, &auth::Settings::default(), self.now().secure);
        assert!(self.desk().await.reset_mfa(id, link).await.unwrap());
        grant::link_path(LinkKind::Enrolment, &token)
    }

    /// Another link for somebody who is not enrolled: its path.
    pub async fn new_link(&self, login: &str, kind: LinkKind) -> String {
        let id = self.account(login).await.id;
        let (link, token) = grant::new_link(kind, &auth::Settings::default(), self.now().secure);
        assert!(self.credentials().await.issue_link(id, link, self.by_operator("user.invite")).await.unwrap());
        grant::link_path(kind, &token)
    }

    /// `user import`: an account with a password, and the path of its enrolment link.
    pub async fn import(&self, login: &str, password: &str) -> String {
        let now = self.now();
        let (link, token) = grant::new_link(LinkKind::Enrolment, &auth::Settings::default(), now.secure);
        let account = NewAccount {
            id: AccountId(keys::new_id(now.wall)),
            login: Login::parse(login).unwrap(),
            name: String::new(),
            groups: Vec::new(),
            admin: false,
            password: Some(hashing::hash(password).unwrap()),
            created: now.wall,
        };
        assert!(self.credentials().await.create_account(account, link, self.by_operator("user.import")).await.unwrap());
        grant::link_path(LinkKind::Enrolment, &token)
    }

    /// The one number that a query brings, past the store.
    pub async fn number(&self, query: &'static str) -> i64 {
        let url = format!("sqlite://{}", self.dir().join("vestibule.db").display());
        let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::query_scalar(query).fetch_one(&mut conn).await.unwrap()
    }

    /// Changes settings of the sign-in that no config key has, from the next act on.
    pub fn adjust(&self, change: impl FnOnce(&mut auth::Settings)) {
        let mut settings = (*self.app().parts().auth.load_full()).clone();
        change(&mut settings);
        self.app().parts().auth.store(settings.into());
    }

    /// Passwords and codes may be wrong as often and as fast as a test likes; budgets of codes stay.
    pub fn without_rates(&self) {
        let fast = auth::budget::Rate::new(1_000_000, Duration::from_millis(1));
        self.adjust(|settings| {
            settings.rates = auth::budget::Rates { client: fast, pair: fast, account: fast, known: fast };
        });
    }

    /// Somebody enrolled who has not signed in yet: only the last code is missing.
    pub async fn enrolled(&self, login: &str) -> Person {
        let link = self.invite(login, &[]).await;
        let mut person = Person::new(login, self.browser());
        person.register(&link).await;
        person.enrol(self).await;
        person
    }

    /// The same, as an admin who has signed in.
    pub async fn admin(&self, login: &str) -> Person {
        let link = self.invite_as(login, &[], true).await;
        let mut person = Person::new(login, self.browser());
        person.register(&link).await;
        person.enrol(self).await;
        person.finish_sign_in(self).await;
        person
    }
}

impl Person {
    /// The same person (or whoever knows what they know) in a browser that has never been here.
    pub fn in_new_browser(&self, gate: &Gate) -> Self {
        Self { browser: gate.browser(), ..self.clone() }
    }

    /// The same, from this address.
    pub fn seen_from(&self, gate: &Gate, address: &str) -> Self {
        Self { browser: gate.browser().seen_from(address), ..self.clone() }
    }

    /// Page one, as far as page two.
    pub async fn reach_page_two(&mut self) {
        let answer = self.log_in("/").await;
        assert_eq!(answer.location(), "/.vestibule/verify");
    }

    /// Enters a code on page two.
    pub async fn enter(&mut self, code: &str) -> Answer {
        self.browser.post("/.vestibule/verify", &[("code", code)]).await
    }

    /// Whether the portal lets this browser in.
    pub async fn is_inside(&mut self) -> bool {
        self.browser.get("/inside").await.status == http::StatusCode::OK
    }
}
