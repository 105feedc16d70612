//! Commands that only look: they change nothing, make no file, and leave a database of another version alone.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use super::terminal::Terminal;

const LOOKING: [&[&str]; 8] = [
    &["user", "list"],
    &["user", "show", "admin@example.com"],
    &["session", "list"],
    &["settings", "get"],
    &["audit"],
    &["audit", "verify"],
    &["explain", "--user", "admin@example.com", "GET", "https://localhost:8443/"],
    &["config", "check"],
];

async fn change(terminal: &Terminal, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(terminal.path("vestibule.db"));
    let mut raw: SqliteConnection = options.connect().await.unwrap();
    raw.execute(statement).await.unwrap();
    raw.close().await.unwrap();
}

#[test]
fn what_only_looks_leaves_the_folder_as_it_was() {
    let terminal = Terminal::ready();
    let database = || std::fs::read(terminal.path("vestibule.db")).unwrap();
    let before = (terminal.names(), database());
    assert!(!before.0.contains(&"vestibule.db-wal".to_owned()), "or this test shows nothing");
    for args in LOOKING {
        terminal.run(args).result();
        assert_eq!((terminal.names(), database()), before, "{args:?}");
    }
}

#[tokio::test]
async fn a_database_of_another_version_is_left_alone() {
    let terminal = Terminal::ready();
    for (statement, said) in [
        ("DELETE FROM _sqlx_migrations WHERE version > 0", "of an older version of this program: start `vestibule serve` once"),
        ("INSERT INTO _sqlx_migrations VALUES (9999, 'later', '', TRUE, x'00', 0)", "of a newer version of this program"),
    ] {
        change(&terminal, statement).await;
        let before = std::fs::read(terminal.path("vestibule.db")).unwrap();
        for args in LOOKING.iter().filter(|args| args[0] != "config") {
            let complaint = terminal.run(args).complaint(1);
            assert!(complaint.contains(said), "{args:?}: {complaint}");
        }
        assert_eq!(std::fs::read(terminal.path("vestibule.db")).unwrap(), before);
    }
    let complaint = terminal.run(&["serve"]).complaint(1);
    assert!(complaint.contains("of a newer version of this program"), "{complaint}");
}
