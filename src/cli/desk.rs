//! What a command at work has before it: the configuration, the store behind its ports, the time, and who is asking.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::exit::Failure;
use crate::admin::letters::Letters;
use crate::admin::{Act, Deed, Hand, Office, Outcome as Done};
use crate::audit::{Actor, Event, Trail};
use crate::auth::account::Account;
use crate::auth::credentials::{Credentials, NewLink};
use crate::clock::{Clock, Reading};
use crate::config::model::Unlock;
use crate::config::{Config, Loaded, load};
use crate::identity::Login;
use crate::session::log::SessionLog;
use crate::store;

/// Where a configuration is looked for when nobody names one: here first, then there.
const IN_FOLDER: &str = "vestibule.toml";
const IN_SYSTEM: &str = "/etc/vestibule/vestibule.toml";

/// An open store and all that goes with it.
pub(super) struct Desk {
    pub config: Config,
    pub credentials: Arc<dyn Credentials>,
    pub sessions: Arc<dyn SessionLog>,
    pub trail: Arc<dyn Trail>,
    pub office: Arc<dyn Office>,
    /// How long a link lives: what an admin has set, or the configuration says.
    pub enrolment_window: Duration,
    pub clock: Clock,
}

impl Desk {
    /// Reads the configuration and opens the database that it names; makes none, but brings one up to date.
    pub(super) async fn open(file: Option<&Path>) -> Result<Self, Failure> {
        let config = with_database(file)?;
        let store = store::open(&config.store.url, config.store.keys.clone(), false).await?;
        Self::with(config, &store).await
    }

    /// The same for a command that only looks: it changes nothing and leaves no file.
    pub(super) async fn open_to_read(file: Option<&Path>) -> Result<Self, Failure> {
        let config = with_database(file)?;
        let store = store::open_to_read(&config.store.url, config.store.keys.clone()).await?;
        Self::with(config, &store).await
    }

    /// On a store that is open already.
    pub(super) async fn with(config: Config, store: &store::Store) -> Result<Self, Failure> {
        let (credentials, sessions, trail) = (store.credentials(), store.session_log(), store.trail());
        let clock = Clock::of_program();
        // Windows and links are measured in secure time, which may be ahead of what this process has seen so far.
        clock.raise_to(sessions.high_water().await?);
        let enrolment_window = sessions.settings().await?.enrolment_window.unwrap_or(config.mfa.enrolment_window);
        let office = store.office();
        Ok(Self { config, credentials, sessions, trail, office, enrolment_window, clock })
    }

    /// Does something to an account, at once whatever it is: whoever sits here holds the database. `false`: there was nothing to
    /// do.
    pub(super) async fn does(&self, deed: Deed, account: &Account) -> Result<bool, Failure> {
        let now = self.clock.now();
        self.does_by(Hand::new(operator(), now.wall), deed, account, now).await
    }

    /// Takes the authenticator away and opens enrolment by this link, which is printed here.
    pub(super) async fn reset_mfa(&self, account: &Account, link: NewLink, reason: String) -> Result<bool, Failure> {
        let now = self.clock.now();
        let hand = Hand { reason: Some(reason), link: Some(link), ..Hand::new(operator(), now.wall) };
        self.does_by(hand, Deed::OpenEnrolment, account, now).await
    }

    async fn does_by(&self, hand: Hand, deed: Deed, account: &Account, now: Reading) -> Result<bool, Failure> {
        let recovery_due = deed == Deed::Unlock && self.config.mfa.unlock == Unlock::Recovery;
        let act = Act::Deed { deed, whom: vec![account.id], recovery_due };
        let letters = Letters { enrolment_window: self.enrolment_window, mail: self.config.mail.is_some() };
        match self.office.carry_out(&act, &hand, letters, now).await? {
            Done::Done(changed) => Ok(changed > 0),
            Done::LastAdmin => Err(Failure::Failed(format!(
                "{0} is the last admin, who can be neither removed nor disabled nor demoted: make another one (`vestibule user promote LOGIN`, or `vestibule user invite LOGIN --admin`, which counts when they have enrolled), and try again. For a lost phone: `vestibule user reset-mfa {0} --reason TEXT`",
                account.login
            ))),
            // By whoever asks on the admin pages only.
            other => Err(Failure::Failed(format!("{} was left as it is: {other:?}", account.login))),
        }
    }

    /// The account with this login id.
    pub(super) async fn account(&self, login: &Login) -> Result<Account, Failure> {
        self.credentials.account_by_login(login).await?.ok_or_else(|| unknown(login))
    }
}

/// The configuration, if the database that it names is there.
fn with_database(file: Option<&Path>) -> Result<Config, Failure> {
    let config = configuration(file)?.config;
    let database = &config.store.database;
    if !database.exists() {
        let advice = "name the right configuration with --config, or make a database with `vestibule init`";
        return Err(Failure::Unavailable(format!("there is no database at {}: {advice}", database.display())));
    }
    Ok(config)
}

/// An event at this moment by whoever sits at the command line.
pub(super) fn event(now: Reading, action: &'static str) -> Event {
    Event::new(now.wall, operator(), action)
}

/// What is said of a login id that nobody has.
pub(super) fn unknown(login: &Login) -> Failure {
    Failure::Failed(format!("there is no account {login}: `vestibule user list` shows all"))
}

/// Reads the configuration that was named, or the first that is where one is looked for.
pub(super) fn configuration(file: Option<&Path>) -> Result<Loaded, Failure> {
    load(&place(file), std::env::vars_os()).map_err(Failure::Config)
}

fn place(file: Option<&Path>) -> PathBuf {
    // Empty: a variable that is set to nothing.
    if let Some(file) = file.filter(|file| !file.as_os_str().is_empty()) {
        return file.to_owned();
    }
    let first = PathBuf::from(IN_FOLDER);
    // Where there is neither, the complaint about the first says what to do.
    if !first.exists() && Path::new(IN_SYSTEM).exists() { PathBuf::from(IN_SYSTEM) } else { first }
}

/// The operating-system user, for the audit trail; behind sudo both: the person and what they acted as.
fn operator() -> Actor {
    let acting = whoami::username().unwrap_or_else(|_| format!("uid {}", rustix::process::getuid().as_raw()));
    let person = std::env::var("SUDO_USER").ok().filter(|person| !person.is_empty() && *person != acting);
    let name = person.map_or(acting.clone(), |person| format!("{person} (as {acting})"));
    Actor::Operator(name.chars().filter(|c| !c.is_control()).take(100).collect())
}
