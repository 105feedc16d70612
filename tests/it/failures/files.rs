//! A database whose files may only be read: nothing is written, nobody comes in, and it passes without a restart.
//!
//! For root no file is read-only, so where root runs the tests the program is a root without privileges.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use http::StatusCode;

use super::{ANNA, LOGIN, VERIFY, an_hour_ago, is_away_page};
use crate::harness::person::code_at;
use crate::harness::process::{PROGRAM, Served, command, json, now, result};
use crate::harness::{Gate, Person, Setup, Upstream};

const DATABASE: &str = "vestibule.db";

/// `serve` by somebody for whom modes of files hold.
fn unprivileged(dir: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return command(dir, &["serve"]);
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-all", "--inh-caps=-all", PROGRAM, "serve"]);
    command.current_dir(dir).stdin(Stdio::null());
    command
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_may_only_be_read_keeps_the_gate_shut() {
    let (dir, _) = an_hour_ago(Setup::new(&[Upstream::start().addr()])).await;
    let file = dir.path().join(DATABASE);
    mode(&file, 0o400);
    mode(dir.path(), 0o500);
    let output = unprivileged(dir.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    mode(dir.path(), 0o700);
    mode(&file, 0o600);
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert!(said.contains("the store cannot be opened") && said.contains("readonly database"), "{said}");
    Served::with(dir.path(), unprivileged(dir.path()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_becomes_so_lets_nobody_in_and_nobody_out_and_passes() {
    let upstream = Upstream::start();
    let (dir, mut anna) = an_hour_ago(Setup::new(&[upstream.addr()])).await;
    let served = Served::with(dir.path(), unprivileged(dir.path()));
    anna.browser = served.same(&anna.browser);
    let mut elsewhere = Person { browser: served.browser(), ..anna.clone() };
    let file = dir.path().join(DATABASE);
    let ready = async || served.ops("/readyz").await.0;
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK);

    // The same content as another file, as somebody else's hand puts it there.
    let copy = dir.path().join("copy");
    let url = format!("sqlite://{}", file.display());
    let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
    sqlx::query("VACUUM INTO ?1").bind(copy.to_str().unwrap()).execute(&mut conn).await.unwrap();
    sqlx::Connection::close(conn).await.unwrap();
    mode(&copy, 0o400);
    for name in ["vestibule.db-wal", "vestibule.db-shm"] {
        let _ = fs::remove_file(dir.path().join(name));
    }
    fs::rename(&copy, &file).unwrap();
    mode(dir.path(), 0o500);
    Gate::until("it is noticed", || async { ready().await == 503 }).await;
    is_away_page(&elsewhere.log_in("/").await, "Signing in is not possible right now");
    assert_eq!(elsewhere.browser.get(LOGIN).await.status, StatusCode::OK, "the page itself is there");
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK, "whoever is inside goes on");

    mode(dir.path(), 0o700);
    mode(&file, 0o600);
    Gate::until("readiness", || async { ready().await == 200 }).await;
    assert_eq!(anna.browser.get("/x").await.status, StatusCode::OK, "and has gone on");
    assert_eq!(elsewhere.log_in("/").await.location(), VERIFY);
    let code = code_at(&elsewhere.secret, now());
    assert_eq!(elsewhere.browser.post(VERIFY, &[("code", &code)]).await.location(), "/");
    assert!(result(dir.path(), &["audit", "verify"]).contains("the audit trail is whole"));
    let sessions = json(dir.path(), &["session", "list", "--user", ANNA, "--format", "json"]);
    assert_eq!(sessions.as_array().unwrap().len(), 2, "{sessions:#}");
}
