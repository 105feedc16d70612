//! What the gate does while something that it needs is away, and that it comes back without a restart.

mod account;
mod doors;
mod faults;
mod files;
mod kept;
mod lines;
mod once;
mod panics;
mod recovery;
mod upstream;

use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use rustix::process::{Resource, Rlimit, prlimit};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Executor as _};

use crate::harness::clock::Hands;
use crate::harness::person::code_at;
use crate::harness::process::{self, PROGRAM, Served, json, now};
use crate::harness::{Answer, Gate, Person, PostOffice, Setup, SmsGateway, Upstream};

const ANNA: &str = "anna@example.com";
const LOGIN: &str = "/.vestibule/login";
const VERIFY: &str = "/.vestibule/verify";
const SETUP: &str = "/.vestibule/setup";
const CODES: &str = "/.vestibule/setup/codes";
const SETUP_MOBILE: &str = "/.vestibule/setup/mobile";
const RECOVER: &str = "/.vestibule/recover";

const MINUTE: Duration = Duration::from_mins(1);

/// The folder of a gate, gone; comes back when dropped.
pub struct Away {
    here: PathBuf,
    there: PathBuf,
}

impl Away {
    pub fn take(gate: &Gate) -> Self {
        let here = gate.dir().to_owned();
        let there = here.with_extension("away");
        std::fs::rename(&here, &there).unwrap();
        Self { here, there }
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        std::fs::rename(&self.there, &self.here).unwrap();
    }
}

/// A gate with all that stands around it, and no limit that pressing often would meet.
struct Town {
    gate: Gate,
    sms: SmsGateway,
    office: PostOffice,
}

impl Town {
    async fn with_texts() -> Self {
        Self::open(true).await
    }

    async fn without_texts() -> Self {
        Self::open(false).await
    }

    async fn open(texts: bool) -> Self {
        let (sms, office) = (SmsGateway::open().await, PostOffice::open().await);
        let setup = Setup::new(&[Upstream::start().addr()]).section("mail", &office.section());
        let setup = setup.section("listen", "admin = \"127.0.0.1:0\"");
        let gate = Gate::start(if texts { setup.section("sms", &sms.section()) } else { setup }).await;
        gate.without_rates();
        gate.adjust(|settings| {
            settings.codes.per_pending = 1000;
            settings.codes.unknown = vec![(MINUTE, 1000)];
            settings.codes.known = (MINUTE, 1000);
            settings.session_attempts = 1000;
        });
        Self { gate, sms, office }
    }

    /// Somebody inside who has bound a mobile in the wizard.
    async fn with_mobile(&self, login: &str) -> Person {
        let link = self.gate.invite(login, &[]).await;
        let mut person = Person::new(login, self.gate.browser());
        person.register(&link).await;
        assert_eq!(person.log_in("/").await.location(), SETUP);
        person.set_up_to(&self.gate, SETUP_MOBILE).await;
        assert_eq!(person.browser.post(SETUP_MOBILE, &[("mobile", "+1 203-555-0123")]).await.status, 200);
        let code = self.sms.expect(1).await.code();
        assert_eq!(person.browser.post(SETUP_MOBILE, &[("code", &code)]).await.location(), VERIFY);
        person.finish_sign_in(&self.gate).await;
        person
    }
}

fn goes_to(place: &str) -> impl Fn(&Answer) -> bool {
    let place = place.to_owned();
    move |answer| answer.status == StatusCode::SEE_OTHER && answer.header("location") == place
}

fn says(words: &str) -> impl Fn(&Answer) -> bool {
    let words = words.to_owned();
    move |answer| answer.status == StatusCode::OK && answer.text().contains(&words)
}

pub async fn becomes_ready(gate: &Gate) {
    Gate::until("readiness", || async { gate.ops("/readyz").await.0 == 200 }).await;
}

/// Until those who follow the store know that it is away: from then on the grace is measured.
pub async fn is_noticed(gate: &Gate) {
    let told = async || gate.ops("/readyz").await;
    let noticed = "store: the change feed has not been readable";
    Gate::until("it is noticed", || async { told().await.1.contains(noticed) }).await;
    assert_eq!(told().await.0, 503);
}

#[track_caller]
fn is_away_page(answer: &Answer, says: &str) {
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert!(answer.header("content-type").starts_with("text/html"), "{:?}", answer.headers);
    assert!(answer.text().contains(says), "{}", answer.text());
    assert!(!answer.headers.contains_key("set-cookie"), "nothing of the browser's is touched: {:?}", answer.headers);
    for leak in ["sqlite", "vestibule.db", "No such file"] {
        assert!(!answer.text().contains(leak), "{leak}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nobody_signs_in_and_live_sessions_go_on_for_the_grace() {
    let upstream = Upstream::start();
    let gate =
        Gate::start(Setup::new(&[upstream.addr()]).portal("rule = [{ path = \"/open/**\", require = \"nothing\" }]")).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut elsewhere = Person { browser: gate.browser(), ..anna.clone() };
    let mut nobody = gate.browser();
    let cookie = anna.browser.cookies.clone();
    let away = Away::take(&gate);
    is_noticed(&gate).await;
    assert_eq!(gate.ops("/healthz").await.0, 200, "the process lives: nobody must restart it");

    is_away_page(&elsewhere.log_in("/").await, "Signing in is not possible right now");
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK);
    gate.hands.advance(14 * MINUTE);
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK, "within the grace");
    gate.hands.advance(2 * MINUTE);
    let before = upstream.count();
    is_away_page(&anna.browser.get("/x").await, "");
    let fetched = anna.browser.fetch("/x").await;
    assert_eq!(fetched.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(fetched.header("content-type"), "application/problem+json");
    assert_eq!(upstream.count(), before, "nothing is let through");
    assert_eq!(anna.browser.fetch("/.vestibule/state").await.status, StatusCode::SERVICE_UNAVAILABLE, "nobody can tell");
    is_away_page(&anna.browser.get("/.vestibule/account").await, "");
    assert_eq!(nobody.get("/open/x").await.status, StatusCode::OK, "what needs no session needs no store");
    assert_eq!(anna.browser.cookies, cookie);

    drop(away);
    becomes_ready(&gate).await;
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK, "the session was not ended");
    elsewhere.sign_in(&gate, "/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_during_the_outage_is_caught_up_after_it() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut bert = gate.signed_in("bert@example.com").await;
    let away = Away::take(&gate);
    is_noticed(&gate).await;
    process::result(&away.there, &["user", "disable", "anna@example.com"]);
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK, "or this test shows nothing");
    drop(away);
    becomes_ready(&gate).await;
    assert_eq!(anna.browser.fetch("/x").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bert.browser.get("/x").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_during_the_outage_has_left_after_it_and_after_a_restart() {
    let upstream = Upstream::start();
    let mut gate = Gate::start(Setup::new(&[upstream.addr()]).portal("logout_paths = [\"/logout\"]")).await;
    let anna = gate.signed_in("anna@example.com").await;
    let away = Away::take(&gate);
    is_noticed(&gate).await;
    let left = anna.browser.clone().get("/logout").await;
    assert_eq!(left.status, StatusCode::OK, "the portal says goodbye");
    assert!(left.header("set-cookie").starts_with("__Host-vestibule=;"), "{:?}", left.headers);
    assert_eq!(anna.browser.clone().fetch("/x").await.status, StatusCode::UNAUTHORIZED, "at once");
    drop(away);
    becomes_ready(&gate).await;
    let list = || json(gate.dir(), &["session", "list", "--format", "json"]);
    Gate::until("it is stored", || async { list().as_array().unwrap().is_empty() }).await;
    gate.crash_and_restart().await;
    let mut again = gate.browser();
    again.cookies.clone_from(&anna.browser.cookies);
    assert_eq!(again.fetch("/x").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_somebody_else_keeps_the_database_locked_nothing_is_written_and_reading_goes_on() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let mut elsewhere = Person { browser: gate.browser(), ..anna.clone() };
    let mut other: SqliteConnection =
        SqliteConnectOptions::new().filename(gate.dir().join("vestibule.db")).connect().await.unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    is_away_page(&elsewhere.log_in("/").await, "Signing in is not possible right now");
    let (status, told) = gate.ops("/readyz").await;
    assert_eq!(status, 503);
    assert!(told.contains("\"store: "), "{told}");
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK);
    other.execute("ROLLBACK").await.unwrap();
    becomes_ready(&gate).await;
    elsewhere.sign_in(&gate, "/").await;
}

/// Somebody who was enrolled and signed in an hour ago, and the folder of that gate.
async fn an_hour_ago(setup: Setup) -> (tempfile::TempDir, Person) {
    let gate = Gate::start_with(setup, Hands::ago(60 * MINUTE)).await;
    let anna = gate.signed_in("anna@example.com").await;
    (gate.close().await, anna)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_lets_nobody_in_and_nobody_out_and_passes() {
    let upstream = Upstream::start();
    let (dir, mut anna) = an_hour_ago(Setup::new(&[upstream.addr()])).await;
    // A process that ignores the signal gets an error instead, as on a disk without space.
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve", PROGRAM]).current_dir(dir.path()).env_clear();
    let served = Served::with(dir.path(), command);
    let limit = |current| {
        prlimit(Some(served.process.pid()), Resource::Fsize, Rlimit { current, maximum: None }).unwrap();
    };
    anna.browser = served.same(&anna.browser);
    let mut elsewhere = Person { browser: served.browser(), ..anna.clone() };
    limit(Some(4096));
    is_away_page(&elsewhere.log_in("/").await, "Signing in is not possible right now");
    let (status, told) = served.ops("/readyz").await;
    assert_eq!(status, 503);
    assert!(told.contains("\"store: "), "{told}");
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK);

    limit(None);
    Gate::until("readiness", || async { served.ops("/readyz").await.0 == 200 }).await;
    assert_eq!(elsewhere.log_in("/").await.location(), "/.vestibule/verify");
    let code = code_at(&elsewhere.secret, now());
    let passed = elsewhere.browser.post("/.vestibule/verify", &[("code", &code)]).await;
    assert_eq!(passed.location(), "/");
    process::result(dir.path(), &["audit", "verify"]);
    assert_eq!(json(dir.path(), &["session", "list", "--format", "json"]).as_array().unwrap().len(), 2);
}
