//! The real gate for tests: on ports of its own, with a database, a certificate and a clock that tests move, in front of an
//! upstream that keeps the exact bytes it received.

mod acts;
pub mod browser;
pub mod clock;
pub mod crowd;
pub mod frames;
pub mod front;
pub mod gateway;
pub mod person;
pub mod post;
pub mod process;
pub mod raw;
pub mod stage;
pub mod upstream;
pub mod wire;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use vestibule::app::{App, Options};
use vestibule::audit::{Actor, Event};
use vestibule::auth::credentials::{Credentials, LinkKind, NewAccount, NewLink};
use vestibule::auth::grant;
use vestibule::clock::{Clock, Timestamp};
use vestibule::config::{self, Config};
use vestibule::identity::{AccountId, Login};
use vestibule::keys::{self, KeyRing};
use vestibule::net::tls::development_certificate;
use vestibule::ports::TokenHash;
use vestibule::session::log::Setting;
use vestibule::shutdown::Shutdown;
use vestibule::store::{self, Store};

pub use self::acts::Desk;
pub use self::browser::{Answer, Browser};
pub use self::clock::Hands;
pub use self::frames::Frames;
pub use self::front::Front;
pub use self::gateway::SmsGateway;
pub use self::person::Person;
pub use self::post::{Arrived, PostOffice};
pub use self::stage::Stage;
pub use self::upstream::Upstream;

/// The portal's host name in tests.
pub const HOST: &str = "portal.example.com";

/// How a gate is set up, before it starts.
pub struct Setup {
    /// Lines for `[section]`s: (section, lines).
    sections: Vec<(String, String)>,
    /// Lines of the first portal.
    portal: String,
    /// Further text at the end: more portals.
    more: String,
    upstreams: Vec<String>,
}

impl Setup {
    /// In front of these upstreams.
    pub fn new(upstreams: &[SocketAddr]) -> Self {
        Self {
            sections: Vec::new(),
            portal: String::new(),
            more: String::new(),
            upstreams: upstreams.iter().map(|upstream| format!("http://{upstream}")).collect(),
        }
    }

    /// Adds lines to a section.
    pub fn section(mut self, name: &str, lines: &str) -> Self {
        self.sections.push((name.to_owned(), lines.to_owned()));
        self
    }

    /// Adds lines to the first portal (rules too).
    pub fn portal(mut self, lines: &str) -> Self {
        self.portal.push_str(lines);
        self.portal.push('\n');
        self
    }

    /// Adds text at the end.
    pub fn more(mut self, text: &str) -> Self {
        self.more.push_str(text);
        self
    }

    /// Writes everything but the database into a folder.
    pub fn furnish(&self, dir: &Path, now: Timestamp) {
        let names = [HOST, "other.example.com", "login.example.com", "localhost"].map(str::to_owned);
        let (certificate, key) = development_certificate(&names, now).unwrap();
        write_private(&dir.join("cert.pem"), &certificate);
        write_private(&dir.join("cert.key"), &key);
        write_private(&dir.join("vestibule.key"), &KeyRing::generate_file());
        self.write(dir);
    }

    /// Writes the config file alone, perhaps under a running gate.
    pub fn write(&self, dir: &Path) {
        let mut lines: Vec<(&str, String)> = vec![
            ("listen", "https = \"127.0.0.1:0\"\nops = \"127.0.0.1:0\"\nworkers = 2\ndrain = \"2s\"\n".to_owned()),
            ("tls", "certificate = \"cert.pem\"\nprivate_key = \"cert.key\"\n".to_owned()),
            ("store", "url = \"sqlite://vestibule.db\"\nmaster_key_file = \"vestibule.key\"\n".to_owned()),
            ("log", "access = false\n".to_owned()),
        ];
        for (section, more) in &self.sections {
            match lines.iter_mut().find(|(name, _)| name == section) {
                Some((_, text)) => *text = merged(text, more),
                None => lines.push((section, format!("{more}\n"))),
            }
        }
        let mut text = String::new();
        for (section, lines) in lines {
            writeln!(text, "[{section}]\n{lines}").unwrap();
        }
        writeln!(text, "[[portal]]\nurl = \"https://{HOST}\"\nupstreams = {:?}\n{}\n{}", self.upstreams, self.portal, self.more)
            .unwrap();
        // As careful editors do, so that nobody ever reads half a file.
        std::fs::write(dir.join("vestibule.toml.new"), text).unwrap();
        std::fs::rename(dir.join("vestibule.toml.new"), dir.join("vestibule.toml")).unwrap();
    }
}

/// `more` wins over lines of the same key.
fn merged(text: &str, more: &str) -> String {
    let key = |line: &str| line.split('=').next().unwrap().trim().to_owned();
    let kept = text.lines().filter(|line| !more.lines().any(|other| key(other) == key(line)));
    kept.chain(more.lines()).fold(String::new(), |all, line| all + line + "\n")
}

/// A running gate.
pub struct Gate {
    app: Option<App>,
    /// The clock's hands.
    pub hands: Arc<Hands>,
    dir: tempfile::TempDir,
}

impl Gate {
    /// In front of one recording upstream, with defaults.
    pub async fn before(upstream: &Upstream) -> Self {
        Self::start(Setup::new(&[upstream.addr()])).await
    }

    /// Makes folder, keys, certificate and database, and starts.
    pub async fn start(setup: Setup) -> Self {
        Self::start_with(setup, Hands::default()).await
    }

    /// The same, with clocks that have been moved before: what happens then has happened long ago.
    pub async fn start_with(setup: Setup, hands: Hands) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hands = Arc::new(hands);
        setup.furnish(dir.path(), Clock::with_source(hands.clone()).now().wall);
        let mut gate = Self { app: None, hands, dir };
        drop(gate.open_store(true).await);
        gate.run().await;
        gate
    }

    /// The folder of config and database.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The config file.
    pub fn config_file(&self) -> PathBuf {
        self.dir().join("vestibule.toml")
    }

    /// What the config file says now.
    pub fn config(&self) -> Config {
        load(&self.config_file()).unwrap_or_else(|report| panic!("the test's config is wrong:\n{report}"))
    }

    async fn run(&mut self) {
        let config = self.config();
        let (clock, file) = (Clock::with_source(self.hands.clone()), self.config_file());
        let reread = move || load(&file);
        let options = Options { clock, shutdown: Shutdown::new(), reread: Some(Arc::new(reread)) };
        let app = tokio::task::spawn_blocking(move || App::start(&config, options)).await.unwrap();
        self.app =
            Some(app.unwrap_or_else(|error| panic!("the gate does not start: {error}: {:?}", std::error::Error::source(&error))));
    }

    /// Ends it without draining, as far as a test can do that inside one process, and starts it again on the same folder.
    pub async fn crash_and_restart(&mut self) {
        let app = self.app.take().unwrap();
        app.shutdown().hard().cancel();
        tokio::task::spawn_blocking(move || app.wait()).await.unwrap();
        self.run().await;
    }

    /// Ends it cleanly; the folder stays as it is.
    pub async fn stop(&mut self) {
        let app = self.app.take().unwrap();
        app.shutdown().request();
        assert!(tokio::task::spawn_blocking(move || app.wait()).await.unwrap(), "a worker died");
    }

    /// Starts it again, after [`Self::stop`].
    pub async fn go_on(&mut self) {
        self.run().await;
    }

    /// Ends it cleanly and hands over the folder, for a process of its own.
    pub async fn close(mut self) -> tempfile::TempDir {
        let app = self.app.take().unwrap();
        app.shutdown().request();
        assert!(tokio::task::spawn_blocking(move || app.wait()).await.unwrap(), "a worker died");
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }

    /// Writes the config file anew, as an editor would: the running gate sees it by itself.
    pub fn rewrite(&self, setup: &Setup) {
        setup.write(self.dir());
    }

    /// The running application.
    pub fn app(&self) -> &App {
        self.app.as_ref().unwrap()
    }

    /// Where TLS is served.
    pub fn addr(&self) -> SocketAddr {
        self.app().https_addr()
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser {
        Browser::new(self.addr(), HOST, &std::fs::read(self.dir().join("cert.pem")).unwrap())
    }

    /// Another handle on the same database, as another process would have.
    pub async fn open_store(&self, create: bool) -> Store {
        let config = self.config();
        store::open(&config.store.url, config.store.keys, create).await.unwrap()
    }

    /// The accounts, as another process sees them.
    pub async fn credentials(&self) -> Arc<dyn Credentials> {
        self.open_store(false).await.credentials()
    }

    /// Runs a command of the program beside this gate, whose clock is then not behind what the command has written.
    pub fn command(&self, args: &[&str]) -> Output {
        let output = process::run(self.dir(), args);
        self.hands.catch_up();
        output
    }

    /// The standard output of a command that has to succeed.
    #[track_caller]
    pub fn told(&self, args: &[&str]) -> String {
        let told = process::result(self.dir(), args);
        self.hands.catch_up();
        told
    }

    /// An invited account and the path of its link.
    pub async fn invite(&self, login: &str, groups: &[&str]) -> String {
        self.invite_as(login, groups, false).await
    }

    /// The same, perhaps with the admin role.
    pub async fn invite_as(&self, login: &str, groups: &[&str], admin: bool) -> String {
        let now = Clock::with_source(self.hands.clone()).now();
        let (link, token) = grant::new_link(LinkKind::Invitation, &vestibule::auth::Settings::default(), now.secure);
        let account = NewAccount {
            id: AccountId(keys::new_id(now.wall)),
            login: Login::parse(login).unwrap(),
            name: "Anna Example".to_owned(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            admin,
            password: None,
            created: now.wall,
        };
        let event = Event::new(now.wall, Actor::Operator("test".to_owned()), "user.invite").about(account.id, &account.login);
        assert!(self.credentials().await.create_account(account, link, event).await.unwrap(), "{login} is new");
        grant::link_path(LinkKind::Invitation, &token)
    }

    /// Somebody who has gone all the way: invited, registered, enrolled, signed in.
    pub async fn signed_in(&self, login: &str) -> Person {
        self.signed_in_with(login, &[]).await
    }

    /// The same, in groups.
    pub async fn signed_in_with(&self, login: &str, groups: &[&str]) -> Person {
        let link = self.invite(login, groups).await;
        let mut person = Person::new(login, self.browser());
        person.register(&link).await;
        person.enrol(self).await;
        person.finish_sign_in(self).await;
        person
    }

    /// When the last code of this browser's session was accepted.
    pub fn code_at(&self, browser: &Browser) -> Timestamp {
        let token = TokenHash::of(&browser.cookies["__Host-vestibule"]).unwrap();
        let parts = self.app().parts();
        parts.table.look_up(&token, parts.clock.now().secure).expect("a live session").session.code_at()
    }

    /// Lets time pass until then. Everything up to it happens in no time.
    #[track_caller]
    pub fn move_to(&self, time: Timestamp) {
        let now = self.app().parts().clock.now().secure;
        assert!(now <= time, "{time} has passed: it is {now}");
        self.hands.advance(time.since(now));
    }

    /// What an operator is noted as in the trail.
    pub fn event(&self, action: &'static str) -> Event {
        Event::new(self.hands.wall_now(), Actor::Operator("test".to_owned()), action)
    }

    /// An account's id.
    pub async fn id_of(&self, login: &str) -> AccountId {
        self.credentials().await.account_by_login(&Login::parse(login).unwrap()).await.unwrap().expect("an account").id
    }

    /// A fresh enrolment link that nobody will open.
    pub fn enrolment_link(&self) -> NewLink {
        grant::new_link(LinkKind::Enrolment, &vestibule::auth::Settings::default(), self.app().parts().clock.now().secure).0
    }

    /// Sets the reauthorization window as another process would.
    pub async fn set_window(&self, window: Option<Duration>) {
        self.open_store(false).await.session_log().set(Setting::ReauthWindow(window), self.event("settings.set")).await.unwrap();
    }

    /// What the ops listener says to a path.
    pub async fn ops(&self, path: &str) -> (u16, String) {
        raw::plain_get(self.app().ops_addr().unwrap(), path).await
    }

    /// Waits until `condition` holds, since what another process has done bites here ([`wire::SOON`]).
    pub async fn soon<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
        let waiting = async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(wire::SOON, waiting).await.unwrap_or_else(|_| panic!("not within {:?}: {what}", wire::SOON));
    }

    /// Waits until `condition` holds; fails after half a minute. For what the gate does by itself within a bounded time.
    pub async fn until<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
        let waiting = async {
            while !condition().await {
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap_or_else(|_| panic!("never came true: {what}"));
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let Some(app) = self.app.take() else { return };
        app.shutdown().hard().cancel();
        // A runtime must not be dropped on another one.
        let ended = std::thread::spawn(move || app.wait()).join();
        if !std::thread::panicking() {
            assert!(ended.unwrap(), "a worker died during the test");
        }
    }
}

fn load(file: &Path) -> Result<Config, String> {
    let loaded = config::load(file, std::iter::empty());
    loaded.map(|loaded| loaded.config).map_err(|report| report.mistake_lines().collect::<Vec<_>>().join("\n"))
}

/// Writes a file that only its owner may read.
pub fn write_private(path: &Path, text: &str) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
