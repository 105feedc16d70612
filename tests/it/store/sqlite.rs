//! What only a file can go through: permissions, locks, tampering, and going away and coming back.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::task::Poll;

use sqlx::Executor as _;
use vestibule::audit::Verdict;
use vestibule::auth::credentials::Spent;
use vestibule::clock::Reading;
use vestibule::keys::KeyRing;
use vestibule::ports::StoreError;
use vestibule::session::log::Tally;
use vestibule::store::{self, LockError, OpenError, ServeLock};

use super::bench::{Bench, T0, event};
use crate::harness::Desk;

async fn refused(url: &str, create: bool) -> String {
    let keys = Arc::new(KeyRing::parse(&KeyRing::generate_file()).unwrap());
    match store::open(url, keys, create).await {
        Ok(_) => panic!("{url} was opened"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn only_sqlite_addresses_are_taken() {
    for url in ["postgres://localhost/x", "mysql://x"] {
        assert!(refused(url, true).await.contains("sqlite://PATH"), "{url}");
    }
    for url in ["", "vestibule.db", "sqlite://", "sqlite:x"] {
        assert!(refused(url, true).await.contains("no store address"), "{url}");
    }
}

#[tokio::test]
async fn a_missing_database_is_made_only_where_asked() {
    let dir = tempfile::tempdir().unwrap();
    let (path, url) = (dir.path().join("a.db"), format!("sqlite://{}", dir.path().join("a.db").display()));
    assert!(refused(&url, false).await.contains("only `init` and `demo` create one"));
    assert!(!path.exists());
    fs::write(&path, "").unwrap();
    assert!(refused(&url, false).await.contains("only `init` and `demo` create one"), "an empty file is no database");
    fs::write(&path, "not a database at all, but longer than a header would have to be".repeat(20)).unwrap();
    assert!(refused(&url, true).await.contains("holds what it should not"));
    let nowhere = format!("sqlite://{}", dir.path().join("no/such/dir/a.db").display());
    assert!(refused(&nowhere, true).await.contains("cannot create"));
}

#[tokio::test]
async fn a_database_of_another_program_is_left_alone() {
    use sqlx::Connection as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut other = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    other.execute("CREATE TABLE recipes (name TEXT)").await.unwrap();
    other.close().await.unwrap();
    let before = fs::read(&path).unwrap();
    assert!(refused(&format!("sqlite://{}", path.display()), true).await.contains("another program"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn the_files_are_the_owners_alone() {
    let b = Bench::sqlite().await;
    b.invited("anna@example.com").await;
    let _lock = ServeLock::take(&b.path()).unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(b.dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        seen += 1;
    }
    assert_eq!(seen, 4, "database, log, shared memory, lock");
}

#[tokio::test]
async fn migrations_run_once_and_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", dir.path().join("a.db").display());
    let keys = Arc::new(KeyRing::parse(&KeyRing::generate_file()).unwrap());
    let opened = futures_util::future::join_all((0..5).map(|_| store::open(&url, keys.clone(), true))).await;
    for store in opened {
        let store = store.unwrap();
        store.trail().append(event("gate.start")).await.unwrap();
        store.ping().await.unwrap();
    }
    let again = store::open(&url, keys, false).await.unwrap();
    assert_eq!(again.trail().verify().await.unwrap(), Verdict::Whole { records: 5 });
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let b = Bench::sqlite().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'later', TRUE, x'00', 0)";
    b.raw().await.execute(newer).await.unwrap();
    assert!(refused(&b.url(), false).await.contains("newer version"));
}

#[tokio::test]
async fn one_process_serves() {
    let b = Bench::sqlite().await;
    let lock = ServeLock::take(&b.path()).unwrap();
    let b = b.reopen().await;
    let second = ServeLock::take(&b.path()).unwrap_err();
    assert!(matches!(second, LockError::Held(_)));
    assert!(second.to_string().contains("another `serve` is running"));
    b.invited("beside@example.com").await;
    drop(lock);
    ServeLock::take(&b.path()).unwrap();
}

#[tokio::test]
async fn tampering_shows() {
    // Five records each; what is done to them; the first number that does not hold.
    for (what, broken) in [
        ("UPDATE audit SET action = 'user.unlock' WHERE seq = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", 1),
        ("UPDATE audit SET detail = '{\"a\":1}' WHERE seq = 5", 5),
        ("UPDATE audit SET mac = randomblob(32) WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 5", 5),
        ("DELETE FROM audit WHERE seq > 2", 3),
        ("DELETE FROM audit", 1),
        ("INSERT INTO audit SELECT 6, at, actor, client, action, account, login, detail, mac FROM audit WHERE seq = 5", 6),
        ("DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3", 3),
        ("DELETE FROM meta WHERE name = 'audit_head'", 6),
        ("DELETE FROM audit WHERE seq = 5; DELETE FROM meta WHERE name = 'audit_head'", 5),
        ("DELETE FROM audit WHERE seq = 5; UPDATE meta SET number = 4 WHERE name = 'audit_head'", 5),
        ("DELETE FROM audit; DELETE FROM meta WHERE name = 'audit_head'", 1),
    ] {
        let b = Bench::sqlite().await;
        for _ in 0..5 {
            b.trail().append(event("gate.tick")).await.unwrap();
        }
        b.raw().await.execute(what).await.unwrap();
        assert_eq!(b.trail().verify().await.unwrap(), Verdict::BrokenAt { seq: broken }, "{what}");
        // Neither going on nor starting anew covers it up.
        let _ = b.trail().append(event("gate.tick")).await;
        let b = b.reopen().await;
        let _ = b.trail().append(event("gate.tick")).await;
        assert_eq!(b.trail().verify().await.unwrap(), Verdict::BrokenAt { seq: broken }, "{what}, later");
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_recorded_does_not_happen() {
    let b = Bench::sqlite().await;
    let (anna, _) = b.invited("anna@example.com").await;
    b.raw().await.execute("DELETE FROM meta WHERE name = 'audit_head'").await.unwrap();
    let answer = b.desk().disable(anna.id).await;
    assert!(matches!(answer, Err(StoreError::Corrupt(_))));
    assert!(!b.account(&anna).await.disabled);
    assert!(matches!(b.store.ping().await, Err(StoreError::Corrupt(_))), "and that is to be seen");
}

#[tokio::test]
async fn under_another_master_key_it_is_not_opened() {
    let b = Bench::sqlite().await;
    let other = || Arc::new(KeyRing::parse(&KeyRing::generate_file()).unwrap());
    for _ in 0..3 {
        assert!(matches!(store::open(&b.url(), other(), false).await, Err(OpenError::Key(_))));
        assert!(matches!(store::open(&b.url(), other(), true).await, Err(OpenError::Key(_))));
        assert!(matches!(store::open_to_read(&b.url(), other()).await, Err(OpenError::Key(_))));
        b.trail().append(event("gate.tick")).await.unwrap();
    }
    // What was tampered with under the right key is another matter: it is opened, and `audit verify` says where.
    b.raw().await.execute("UPDATE meta SET number = 1 WHERE name = 'audit_head'").await.unwrap();
    assert!(matches!(store::open(&b.url(), other(), false).await, Err(OpenError::Key(_))));
    for store in [store::open(&b.url(), b.keys.clone(), false).await, store::open_to_read(&b.url(), b.keys.clone()).await] {
        assert_eq!(store.unwrap().trail().verify().await.unwrap(), Verdict::BrokenAt { seq: 4 });
    }
}

/// The folder's files and what is in them.
fn files(b: &Bench) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(b.dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    all.sort();
    all
}

#[tokio::test]
async fn whoever_only_reads_leaves_no_trace_and_sees_what_others_write() {
    let b = Bench::sqlite().await;
    let anna = b.enrolled("anna@example.com").await;
    b.store.close().await.unwrap();
    let before = files(&b);
    assert_eq!(before.len(), 1, "or this test shows nothing");
    let reader = store::open_to_read(&b.url(), b.keys.clone()).await.unwrap();
    let state = async || reader.credentials().account(anna.id).await.unwrap().unwrap().state();
    assert_eq!(state().await, "active");
    assert!(matches!(reader.trail().verify().await.unwrap(), Verdict::Whole { .. }));
    assert_eq!(files(&b), before);
    let desk = Desk::at(&reader, Reading { wall: T0, secure: T0 });
    assert!(desk.disable(anna.id).await.is_err(), "it is not for writing");
    assert_eq!(files(&b), before);

    let b = b.reopen().await;
    b.desk().disable(anna.id).await.unwrap();
    assert_eq!(state().await, "disabled");
    b.desk().enable(anna.id).await.unwrap();
    assert_eq!(state().await, "active");
    b.store.close().await.unwrap();
    drop(reader);
}

#[tokio::test]
async fn whoever_only_reads_brings_nothing_up_to_date() {
    let b = Bench::sqlite().await;
    let change = async |statement: &'static str| {
        b.raw().await.execute(statement).await.unwrap();
        store::open_to_read(&b.url(), b.keys.clone()).await
    };
    assert!(change("SELECT 1").await.is_ok());
    let newest = "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    let older = change(newest).await.err().unwrap();
    assert!(matches!(older, OpenError::Older(_)) && older.to_string().contains("start `vestibule serve` once"), "{older}");
    let newer = change("INSERT INTO _sqlx_migrations VALUES (9999, 'later', '', TRUE, x'00', 0)").await.err().unwrap();
    assert!(matches!(newer, OpenError::Newer(_)) && newer.to_string().contains("newer version"), "{newer}");
}

#[tokio::test]
async fn while_another_process_writes_reading_goes_on_and_writing_waits() {
    let b = Bench::sqlite().await;
    let (anna, _) = b.invited("anna@example.com").await;
    let mut raw = b.raw().await;
    raw.execute("BEGIN EXCLUSIVE").await.unwrap();
    assert!(!b.account(&anna).await.disabled);
    let held = b.desk().disable(anna.id).await;
    assert!(matches!(held, Err(StoreError::Unavailable(_))));
    assert!(matches!(b.store.ping().await, Err(StoreError::Unavailable(_))), "what cannot write is not ready");
    raw.execute("ROLLBACK").await.unwrap();
    b.store.ping().await.unwrap();
    assert!(b.desk().disable(anna.id).await.unwrap());
}

#[tokio::test]
async fn a_folder_that_goes_away_comes_back() {
    let b = Bench::sqlite().await;
    let (anna, _) = b.invited("anna@example.com").await;
    let (here, away) = (b.dir.path().to_owned(), b.dir.path().with_extension("away"));
    fs::rename(&here, &away).unwrap();
    assert!(matches!(b.port().account(anna.id).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(b.desk().disable(anna.id).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(b.store.ping().await, Err(StoreError::Unavailable(_))));
    fs::rename(&away, &here).unwrap();
    b.store.ping().await.unwrap();
    assert!(b.desk().disable(anna.id).await.unwrap());
}

#[tokio::test]
async fn a_file_put_in_the_place_of_another_is_the_one_that_is_used() {
    let b = Bench::sqlite().await;
    let (anna, _) = b.invited("anna@example.com").await;
    let copy = b.dir.path().join("copy.db");
    let vacuum = format!("VACUUM INTO '{}'", copy.display());
    b.raw().await.execute(sqlx::AssertSqlSafe(vacuum)).await.unwrap();
    assert!(b.desk().disable(anna.id).await.unwrap());
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{end}", b.path().display())).unwrap();
    }
    assert!(matches!(b.port().account(anna.id).await, Err(StoreError::Unavailable(_))));
    fs::rename(&copy, b.path()).unwrap();
    assert!(!b.account(&anna).await.disabled, "as it was when it was copied");
    assert!(b.desk().disable(anna.id).await.unwrap());
    assert!(b.reopen().await.account(&anna).await.disabled);
}

#[tokio::test]
async fn damage_is_named_and_passes_when_the_file_is_whole_again() {
    let b = Bench::sqlite().await;
    let (anna, _) = b.invited("anna@example.com").await;
    b.raw().await.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    let whole = fs::read(b.path()).unwrap();
    let swap = |bytes: &[u8]| {
        for end in ["-wal", "-shm"] {
            fs::remove_file(format!("{}{end}", b.path().display())).ok();
        }
        let new = b.dir.path().join("new");
        fs::write(&new, bytes).unwrap();
        fs::rename(new, b.path()).unwrap();
    };
    let mut bent = whole.clone();
    bent[..16].copy_from_slice(b"no database here");
    swap(&bent);
    assert!(matches!(b.port().account(anna.id).await, Err(StoreError::Corrupt(_))));
    assert!(b.store.ping().await.is_err());
    let mut bent = whole.clone();
    bent[4096..].fill(0x5a);
    swap(&bent);
    assert!(matches!(b.desk().disable(anna.id).await, Err(StoreError::Corrupt(_))));
    swap(&whole);
    assert!(b.desk().disable(anna.id).await.unwrap());
    b.store.ping().await.unwrap();
}

#[tokio::test]
async fn a_row_that_does_not_parse_is_an_error_and_not_a_guess() {
    let b = Bench::sqlite().await;
    let anna = b.enrolled("anna@example.com").await;
    b.signed_in(&anna, 2).await;
    b.raw().await.execute("UPDATE sessions SET client = 'somewhere'").await.unwrap();
    assert!(matches!(b.log().snapshot(T0, &Tally::default()).await, Err(StoreError::Corrupt(_))));
    b.raw().await.execute("UPDATE accounts SET login = 'no login id'").await.unwrap();
    assert!(matches!(b.port().account(anna.id).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_not_ready_until_it_may() {
    if rustix::process::geteuid().is_root() {
        // For root there are no read-only files.
        return;
    }
    let b = Bench::sqlite().await;
    let (anna, _) = b.invited("anna@example.com").await;
    let (file, folder) = (b.path(), b.dir.path().to_owned());
    let mode = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&file, 0o400);
    mode(&folder, 0o500);
    let fresh = store::open(&b.url(), b.keys.clone(), false).await.unwrap();
    let desk = Desk::at(&fresh, Reading { wall: T0, secure: T0 });
    let disable = || desk.disable(anna.id);
    assert!(matches!(fresh.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(disable().await, Err(StoreError::Unavailable(_))));
    mode(&folder, 0o700);
    mode(&file, 0o600);
    fresh.ping().await.unwrap();
    assert!(disable().await.unwrap());
}

#[tokio::test]
async fn a_transaction_that_fails_in_the_middle_changes_nothing() {
    let b = Bench::sqlite().await;
    let (anna, _) = b.invited("anna@example.com").await;
    // As where the disk is full just then.
    b.raw().await.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'full'); END").await.unwrap();
    assert!(b.desk().disable(anna.id).await.is_err());
    assert!(!b.account(&anna).await.disabled, "nothing was changed");
    b.raw().await.execute("DROP TRIGGER full").await.unwrap();
    assert!(b.desk().disable(anna.id).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_leaves_nothing_half_done() {
    let b = Bench::sqlite().await;
    let anna = b.enrolled("anna@example.com").await;
    // Dropped one step later each time, until it comes to its end before that.
    let (mut dropped, mut done) = (0, 0);
    for steps in 0..60_u32 {
        let port = b.port();
        let pending = b.at_verify(&anna, None).await;
        let attempt = b.reserve(&pending).await;
        let step = u64::from(steps) + 10;
        let sign_in = b.sign_in(pending, attempt, step);
        let session = sign_in.session.id;
        let mut call = port.sign_in(sign_in, T0, event("session.start"));
        let mut left = steps;
        let answer = std::future::poll_fn(|cx| match call.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => {
                left -= 1;
                Poll::Pending
            }
        })
        .await;
        drop(call);
        // What comes next on the writing connection finds it clean.
        b.desk().unlock(anna.id, false).await.unwrap();
        let lives = b.session_lives(session).await;
        assert_eq!(b.pending(&pending).await.is_none(), lives);
        assert_eq!(b.account(&anna).await.mfa.unwrap().last_step == step, lives);
        if let Some(answer) = answer {
            assert_eq!((answer.unwrap(), lives), (Spent::Done, true));
            done += 1;
        } else {
            dropped += 1;
        }
    }
    assert!(dropped > 0 && done > 0, "{dropped} {done}");
    assert!(matches!(b.trail().verify().await.unwrap(), Verdict::Whole { .. }));
}

#[tokio::test]
async fn after_a_close_the_file_alone_is_the_whole_database() {
    let b = Bench::sqlite().await;
    let anna = b.enrolled("anna@example.com").await;
    let copy = b.dir.path().join("copy.db");
    fs::copy(b.path(), &copy).unwrap();
    assert!(fs::metadata(b.path().with_extension("db-wal")).unwrap().len() > 0, "or this test shows nothing");
    b.store.close().await.unwrap();
    fs::copy(b.path(), &copy).unwrap();
    let url = format!("sqlite://{}", copy.display());
    let copied = store::open(&url, b.keys.clone(), false).await.unwrap();
    assert!(copied.credentials().account(anna.id).await.unwrap().unwrap().mfa.is_some());
    assert!(matches!(copied.trail().verify().await.unwrap(), Verdict::Whole { .. }));
    assert!(matches!(b.store.ping().await, Err(StoreError::Unavailable(_))), "closed is closed");
}

#[tokio::test]
#[ignore = "fills the file system of TMPDIR: give it one of a few MiB"]
async fn a_full_disk_passes() {
    let b = Bench::sqlite().await;
    let (anna, _) = b.invited("anna@example.com").await;
    let ballast = b.dir.path().join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
    drop(file);
    let mut refused = None;
    for _ in 0..200 {
        if let Err(error) = b.trail().append(event("gate.tick").with("text", "x".repeat(4000))).await {
            refused = Some(error);
            break;
        }
    }
    assert!(matches!(refused, Some(StoreError::Unavailable(_))), "{refused:?}");
    assert!(!b.account(&anna).await.disabled, "reading goes on");
    fs::remove_file(ballast).unwrap();
    b.store.ping().await.unwrap();
    assert!(b.desk().disable(anna.id).await.unwrap());
    assert!(matches!(b.trail().verify().await.unwrap(), Verdict::Whole { .. }));
}
