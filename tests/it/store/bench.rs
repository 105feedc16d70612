//! A store of its own for each test, and people who sign in to it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;
use vestibule::audit::{Actor, Event, Trail};
use vestibule::auth::account::Account;
use vestibule::auth::credentials::{
    AttemptId, CodeBudget, Confirm, Credentials, DeviceId, EnableMfa, LinkId, LinkKind, NewAccount, NewLink, NewPending,
    NewSession, Pending, Recovery, Reservation, SignIn, Spent, Stage,
};
use vestibule::clock::{Reading, Timestamp};
use vestibule::identity::{AccountId, Login};
use vestibule::keys::{self, KeyRing};
use vestibule::ports::TokenHash;
use vestibule::session::log::{SessionLog, Which};
use vestibule::store::{self, Store};

use crate::harness::Desk;

/// The moment at which every test starts.
pub const T0: Timestamp = Timestamp::from_secs(1_700_000_000);
pub const MINUTE: Duration = Duration::from_mins(1);
pub const HOUR: Duration = Duration::from_hours(1);
pub const DAY: Duration = Duration::from_hours(24);
pub const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// A store and what is needed to open it again.
pub struct Bench {
    pub store: Store,
    pub dir: TempDir,
    pub keys: Arc<KeyRing>,
    counter: AtomicU64,
}

/// Somebody with password, app and recovery codes.
pub struct Person {
    pub id: AccountId,
    pub login: Login,
}

impl Bench {
    pub async fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = Arc::new(KeyRing::parse(&KeyRing::generate_file()).unwrap());
        let store = store::open(&url(&dir), keys.clone(), true).await.unwrap();
        Self { store, dir, keys, counter: AtomicU64::new(1) }
    }

    /// Opens the same store again beside this one: what a crashed process left is what is found.
    pub async fn reopen(self) -> Self {
        let store = store::open(&self.url(), self.keys.clone(), false).await.unwrap();
        Self { store, ..self }
    }

    pub fn url(&self) -> String {
        url(&self.dir)
    }

    pub fn path(&self) -> PathBuf {
        self.dir.path().join("vestibule.db")
    }

    pub fn port(&self) -> Arc<dyn Credentials> {
        self.store.credentials()
    }

    pub fn log(&self) -> Arc<dyn SessionLog> {
        self.store.session_log()
    }

    /// The operator's.
    pub fn desk(&self) -> Desk {
        Desk::at(&self.store, Reading { wall: T0, secure: T0 })
    }

    pub fn trail(&self) -> Arc<dyn Trail> {
        self.store.trail()
    }

    /// A connection past the store, for looking and for tampering.
    pub async fn raw(&self) -> SqliteConnection {
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(self.path())).await.unwrap()
    }

    /// 32 bytes that no other call gives.
    pub fn hash(&self) -> TokenHash {
        TokenHash(keys::sha256(&self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes()))
    }

    pub fn link(&self, kind: LinkKind, expires: Timestamp) -> NewLink {
        NewLink { id: LinkId(new_id()), token: self.hash(), kind, created: T0, expires }
    }

    /// An account with nothing but an invitation.
    pub async fn invited(&self, login: &str) -> (Person, NewLink) {
        let account = new_account(login);
        let person = Person { id: account.id, login: account.login.clone() };
        let link = self.link(LinkKind::Invitation, T0 + DAY);
        assert!(self.port().create_account(account, link.clone(), event("user.invite")).await.unwrap());
        (person, link)
    }

    /// A pending login at setup that holds `grant`.
    pub async fn at_setup(&self, person: &Person, grant: LinkId) -> TokenHash {
        let token = self.hash();
        let new = NewPending { stage: Stage::Setup, grant: Some(grant), ..self.new_pending(person, token).await };
        assert!(self.port().open_pending(new).await.unwrap());
        token
    }

    /// Everything for an enrolment in `pending` but that it happens.
    pub async fn enable(&self, pending: TokenHash, step: u64) -> EnableMfa {
        EnableMfa {
            pending,
            attempt: self.reserve(&pending).await,
            step,
            sealed_secret: b"sealed".to_vec(),
            code_hashes: (0..10_u8).map(|n| [n; 32]).collect(),
            staged_codes: b"staged".to_vec(),
            expires: T0 + HOUR,
            enrolled_at: T0,
        }
    }

    /// An account that has been through the wizard. Its last step is 1, its recovery codes are [0; 32] to [9; 32].
    pub async fn enrolled(&self, login: &str) -> Person {
        let (person, link) = self.invited(login).await;
        let _ = self.port().set_first_password(link.id, "phc", T0, event("user.password")).await.unwrap();
        let pending = self.at_setup(&person, link.id).await;
        let enable = self.enable(pending, 1).await;
        assert_eq!(self.port().enable_mfa(enable, T0, event("user.enrol")).await.unwrap(), Spent::Done);
        assert!(self.port().codes_saved(&pending, T0, T0 + HOUR, event("user.codes")).await.unwrap());
        self.port().drop_pending(&pending).await.unwrap();
        person
    }

    pub async fn account(&self, person: &Person) -> Account {
        self.port().account(person.id).await.unwrap().unwrap()
    }

    pub async fn new_pending(&self, person: &Person, token: TokenHash) -> NewPending {
        NewPending {
            token,
            account: person.id,
            epoch: self.account(person).await.epoch,
            portal: "portal".to_owned(),
            stage: Stage::Verify,
            to: "/tickets?open=1".to_owned(),
            grant: None,
            device: None,
            client: CLIENT,
            created: T0,
            expires: T0 + 100 * DAY,
        }
    }

    /// A pending login at the second door, from a known browser or not.
    pub async fn at_verify(&self, person: &Person, device: Option<DeviceId>) -> TokenHash {
        let token = self.hash();
        let new = NewPending { device, ..self.new_pending(person, token).await };
        assert!(self.port().open_pending(new).await.unwrap());
        token
    }

    pub async fn pending(&self, token: &TokenHash) -> Option<Pending> {
        self.port().pending(token, T0).await.unwrap().map(|(pending, _)| pending)
    }

    pub async fn reserve(&self, pending: &TokenHash) -> AttemptId {
        self.reserve_at(pending, T0).await
    }

    pub async fn reserve_at(&self, pending: &TokenHash, now: Timestamp) -> AttemptId {
        match self.port().reserve_attempt(pending, &budget(), now).await.unwrap() {
            Reservation::Reserved { attempt, .. } => attempt,
            other => panic!("{other:?}"),
        }
    }

    pub fn new_session(&self) -> NewSession {
        NewSession {
            id: new_id(),
            token: self.hash(),
            client: CLIENT,
            agent: "Browser/1.0".to_owned(),
            created: T0,
            expires: T0 + 180 * DAY,
            shared: false,
        }
    }

    pub fn sign_in(&self, pending: TokenHash, attempt: AttemptId, step: u64) -> SignIn {
        SignIn { pending, attempt, step, session: self.new_session(), device: None, wall: T0 }
    }

    /// A full sign-in, with the code of `step`; makes a known browser.
    pub async fn signed_in(&self, person: &Person, step: u64) -> (Uuid, DeviceId) {
        let pending = self.at_verify(person, None).await;
        let device = DeviceId(new_id());
        let attempt = self.reserve(&pending).await;
        let sign_in = SignIn { device: Some((device, self.hash())), ..self.sign_in(pending, attempt, step) };
        let session = sign_in.session.id;
        assert_eq!(self.port().sign_in(sign_in, T0, event("session.start")).await.unwrap(), Spent::Done);
        (session, device)
    }

    pub fn confirm(&self, session: Uuid, step: u64) -> Confirm {
        Confirm { session, step, token: self.hash(), old_until: T0 + MINUTE, code_at: T0 + MINUTE }
    }

    pub async fn recovery(&self, pending: TokenHash, code: [u8; 32]) -> Recovery {
        Recovery {
            pending,
            attempt: self.reserve(&pending).await,
            code,
            grant: self.link(LinkKind::Recovery, T0 + 15 * MINUTE),
            expires: T0 + 15 * MINUTE,
        }
    }

    pub async fn session_lives(&self, session: Uuid) -> bool {
        self.log().session(session, T0).await.unwrap().is_some()
    }

    /// Locks the account for unknown browsers by wrong codes.
    pub async fn lock(&self, person: &Person) {
        for _ in 0..4 {
            let pending = self.at_verify(person, None).await;
            while let Reservation::Reserved { attempt, .. } = self.port().reserve_attempt(&pending, &budget(), T0).await.unwrap()
            {
                let _ = self.port().settle_wrong(&pending, attempt, &budget(), T0, event("code.wrong")).await.unwrap();
            }
        }
        assert!(self.account(person).await.locked_at.is_some());
    }

    /// How many records of this action the trail holds.
    pub async fn recorded(&self, action: &str) -> usize {
        let records = self.trail().records(0, None, None, u32::MAX).await.unwrap();
        records.iter().filter(|record| record.action == action).count()
    }

    /// Ends all sessions.
    pub async fn end_all(&self) -> u64 {
        self.log().end(Which::All, event("session.end")).await.unwrap()
    }
}

pub fn new_id() -> Uuid {
    keys::new_id(T0)
}

pub fn new_account(login: &str) -> NewAccount {
    NewAccount {
        id: AccountId(new_id()),
        login: Login::parse(login).unwrap(),
        name: "Anna".to_owned(),
        groups: vec!["ops".to_owned(), "staff".to_owned()],
        admin: false,
        password: None,
        created: T0,
    }
}

/// What the product allows.
pub fn budget() -> CodeBudget {
    CodeBudget { per_pending: 5, unknown: vec![(DAY, 10), (30 * DAY, 30)], known: (DAY, 10) }
}

pub fn event(action: &'static str) -> Event {
    Event::new(T0, Actor::System, action)
}

fn url(dir: &TempDir) -> String {
    format!("sqlite://{}", dir.path().join("vestibule.db").display())
}
