//! An older copy of the database in its own place: what was ended, spent or revoked since stays so.

use std::fs;
use std::path::Path;
use std::time::Duration;

use http::StatusCode;
use sqlx::Connection as _;

use crate::harness::process::json;
use crate::harness::{Browser, Gate, Person, Setup, Stage, Upstream};
use crate::tunnels::open_all;

const DATABASE: &str = "vestibule.db";
const OTHERS: [&str; 2] = ["vestibule.db-wal", "vestibule.db-shm"];

/// The database as one file, as a backup makes it beside a running gate.
async fn back_up(gate: &Gate, into: &Path) {
    let url = format!("sqlite://{}", gate.dir().join(DATABASE).display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("VACUUM INTO ?1").bind(into.to_str().unwrap()).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

/// As an operator puts it back: under another name first, then in the place of the other.
fn put_back(backup: &Path, dir: &Path) {
    fs::copy(backup, dir.join("restored")).unwrap();
    for name in OTHERS {
        let _ = fs::remove_file(dir.join(name));
    }
    fs::rename(dir.join("restored"), dir.join(DATABASE)).unwrap();
}

async fn is_inside(browser: &Browser) -> bool {
    browser.clone().fetch("/x").await.status == StatusCode::OK
}

async fn restored(gate: &Gate) -> usize {
    let records = gate.open_store(false).await.trail().records(0, None, None, 1000).await.unwrap();
    records.iter().filter(|record| record.action == "store.restored").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn i06_a_restored_backup_revives_nothing() {
    let upstream = Upstream::start();
    let mut gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    gate.without_rates();
    let anna = gate.signed_in("anna@example.com").await;
    let thief = {
        let mut thief = anna.in_new_browser(&gate);
        thief.sign_in(&gate, "/").await;
        thief
    };
    let invitation = gate.invite("bert@example.com", &[]).await;
    let backup = gate.dir().with_extension("backup");
    back_up(&gate, &backup).await;

    // Since then: the thief was thrown out, a code was used, a recovery code was spent, an invitation was followed.
    let mut owner = Person { browser: gate.browser(), ..anna.clone() };
    owner.browser.cookies.clone_from(&anna.browser.cookies);
    gate.told(&["session", "end", "--user", "anna@example.com"]);
    Gate::soon("both are out", || async {
        !is_inside(&gate.carry(&thief.browser)).await && !is_inside(&gate.carry(&anna.browser)).await
    })
    .await;
    owner.browser = gate.browser();
    owner.sign_in(&gate, "/").await;
    let code = owner.code(&gate);
    let mut bert = Person::new("bert@example.com", gate.browser());
    bert.register(&invitation).await;
    gate.until_noted().await;

    gate.stop().await;
    put_back(&backup, gate.dir());
    gate.go_on().await;
    assert_eq!(restored(&gate).await, 1, "it is recorded");
    for browser in [&thief.browser, &anna.browser, &owner.browser] {
        let mut browser = gate.carry(browser);
        let answer = browser.fetch("/x").await;
        assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::UNAUTHORIZED, "login"));
    }
    // The code that was used a moment ago is used, although this database has never seen it.
    gate.without_rates();
    let mut again = anna.in_new_browser(&gate);
    again.reach_page_two().await;
    assert_eq!(again.enter(&code).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Recovery codes, known browsers and links are dead, too.
    assert_eq!(
        again.browser.post("/.vestibule/recover", &[("code", &anna.recovery[0])]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(gate.browser().get(&invitation).await.status, StatusCode::GONE);
    assert_eq!(gate.number("SELECT count(*) FROM devices").await, 0);
    // Her password and her phone lead in, by way of new recovery codes.
    gate.hands.advance(Duration::from_secs(90));
    let code = again.code(&gate);
    let mut entered = again.enter(&code).await;
    if entered.header("location") == "/.vestibule/setup/codes" {
        let file = again.browser.post("/.vestibule/setup/codes", &[("act", "download")]).await;
        assert_eq!(file.status, StatusCode::OK);
        again.browser.post("/.vestibule/setup/codes", &[("act", "next"), ("saved", "on")]).await;
        let code = again.next_code(&gate);
        entered = again.enter(&code).await;
    }
    assert!(again.is_inside().await, "{} {:?}", entered.status, entered.headers);
    gate.told(&["audit", "verify"]);

    // Restarts of the same database are no restoring.
    gate.until_noted().await;
    gate.crash_and_restart().await;
    assert_eq!(restored(&gate).await, 1);
    assert!(is_inside(&gate.carry(&again.browser)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn i06_nor_does_one_that_is_put_under_a_running_gate() {
    let stage = Stage::start();
    let gate = Gate::start(Setup::new(&[stage.upstream.addr()])).await;
    let revoked = gate.signed_in("revoked@example.com").await;
    let lasting = gate.signed_in("lasting@example.com").await;
    let backup = gate.dir().with_extension("backup");
    back_up(&gate, &backup).await;
    gate.told(&["user", "disable", "revoked@example.com"]);
    Gate::soon("out", || async { !is_inside(&gate.carry(&revoked.browser)).await }).await;
    let opened = open_all(&gate.carry(&lasting.browser)).await;
    gate.until_noted().await;
    put_back(&backup, gate.dir());
    Gate::until("it is noticed", || async {
        // Whoever was thrown out is out all the while, however late it is noticed.
        assert!(!is_inside(&gate.carry(&revoked.browser)).await, "revived");
        restored(&gate).await == 1
    })
    .await;
    opened.all_end().await;
    for person in [&revoked, &lasting] {
        Gate::soon("nobody is inside", || async { !is_inside(&gate.carry(&person.browser)).await }).await;
    }
    let told = json(gate.dir(), &["session", "list", "--format", "json"]);
    assert_eq!(told.as_array().unwrap().len(), 0, "{told:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i06_a_note_that_says_something_else_counts_as_an_older_copy() {
    let upstream = Upstream::start();
    let mut gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let anna = gate.signed_in("anna@example.com").await;
    gate.until_noted().await;
    for note in [&b"x\n"[..], b"00000000000000000002 zz\n", b"\xff\xfe\n"] {
        let before = restored(&gate).await;
        gate.stop().await;
        fs::write(gate.dir().join("vestibule.db.lock"), note.repeat(50)).unwrap();
        gate.go_on().await;
        assert_eq!(restored(&gate).await, before + 1);
        assert!(!is_inside(&gate.carry(&anna.browser)).await);
        gate.until_noted().await;
        assert_eq!(restored(&gate).await, before + 1, "once");
    }
}

impl Gate {
    /// A browser with the same cookies, where the gate is now.
    fn carry(&self, browser: &Browser) -> Browser {
        let mut moved = self.browser();
        moved.cookies.clone_from(&browser.cookies);
        moved
    }

    /// Until the running gate has noted how far its trail has come.
    async fn until_noted(&self) {
        let mark = self.open_store(false).await.mark().await.unwrap();
        let noted = || fs::read_to_string(self.dir().join("vestibule.db.lock")).unwrap_or_default();
        let seq = || noted().split(' ').next().and_then(|seq| seq.parse::<i64>().ok()).unwrap_or_default();
        Self::until("it is noted", || async { seq() >= mark.seq }).await;
    }
}
