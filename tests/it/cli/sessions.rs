//! Somebody who was invited on the command line enrols and signs in; then the command line shows and ends that.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use data_encoding::BASE32_NOPAD;
use secrecy::SecretString;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use vestibule::auth::Settings;
use vestibule::auth::authenticator::{Authenticator, EnableStep, LinkStep, PasswordStep, RegisterStep, VerifyStep, Visitor};
use vestibule::auth::credentials::LinkKind;
use vestibule::auth::totp;
use vestibule::clock::{Clock, Reading};
use vestibule::keys::KeyRing;
use vestibule::store;

use super::terminal::Terminal;

const ANNA: &str = "anna@example.com";
const PASSWORD: &str = "Tangerine-Lamp-42x";

/// From the link to a session, as the pages would do it.
async fn sign_in(terminal: &Terminal, login: &str, link: &str) {
    let keys = Arc::new(KeyRing::parse(&std::fs::read_to_string(terminal.path("vestibule.key")).unwrap()).unwrap());
    let url = format!("sqlite://{}", terminal.path("vestibule.db").display());
    let store = store::open(&url, keys.clone(), false).await.unwrap();
    let auth = Authenticator::new(store.credentials(), keys, Arc::new(ArcSwap::from_pointee(Settings::default())));
    let now = Clock::system().now();
    let mut visitor = Visitor {
        client: "192.0.2.7".parse().unwrap(),
        agent: "a browser\u{7}".to_owned(),
        device: None,
        grant: None,
        portal: "localhost:8443".to_owned(),
        language: vestibule::language::Language::English,
        now,
    };
    let token = link.trim().rsplit('/').next().unwrap();
    let LinkStep::Opened { grant, .. } = auth.open_link(&visitor, token, LinkKind::Invitation).await.unwrap() else { panic!() };
    visitor.grant = Some(grant);
    let password = || SecretString::from(PASSWORD.to_owned());
    assert!(matches!(auth.register(&visitor, password(), password()).await.unwrap(), RegisterStep::Registered));
    let step = auth.log_in(&visitor, login, password(), "/".to_owned()).await.unwrap();
    let PasswordStep::Passed { pending, .. } = step else { panic!("{step:?}") };
    let enrolment = auth.begin_enrolment(&pending, now).await.unwrap().unwrap();
    let secret = BASE32_NOPAD.decode(enrolment.secret.as_bytes()).unwrap();
    let code = |now: Reading| totp::code_at(&secret, now.wall).to_string();
    assert!(matches!(auth.enable(&visitor, &pending, &code(now)).await.unwrap(), EnableStep::Enabled));
    auth.show_codes(&visitor, &pending).await.unwrap().unwrap();
    assert!(auth.codes_saved(&visitor, &pending, true).await.unwrap());
    // The next code is good already: clocks differ.
    let later = now.wall + std::time::Duration::from_secs(30);
    let verified = auth.verify(&visitor, &pending, &code(Reading { wall: later, ..now }), false).await.unwrap();
    assert!(matches!(verified, VerifyStep::SignedIn(_)), "{verified:?}");
}

async fn signed_in() -> Terminal {
    let terminal = Terminal::ready();
    let link = terminal.run(&["user", "invite", ANNA]).result();
    sign_in(&terminal, ANNA, &link).await;
    terminal
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_listed_and_ended() {
    let terminal = signed_in().await;
    let out = terminal.run(&["session", "list", "--format", "json"]).result();
    let order = ["id", "login", "portal", "created", "last_seen", "code_at", "window_left", "client", "agent"];
    let places: Vec<usize> = order.iter().map(|key| out.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{out}");
    let listed: serde_json::Value = serde_json::from_str(&out).unwrap();
    let session = &listed[0];
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((session["login"].as_str(), session["client"].as_str()), (Some(ANNA), Some("192.0.2.7")));
    let left = session["window_left"].as_u64().unwrap();
    assert!((30 * 86_400 - 60..=30 * 86_400).contains(&left), "{left}");
    terminal.run(&["settings", "set", "reauth-window", "1h"]).result();
    let shorter =
        terminal.run(&["session", "list", "--user", ANNA, "--format", "json"]).json()[0]["window_left"].as_u64().unwrap();
    assert!(shorter <= 3600, "the admin's window counts");
    let table = terminal.run(&["session", "list"]).result();
    assert!(table.contains("192.0.2.7") && !table.contains('\u{7}'), "{table}");
    assert_eq!(
        terminal.run(&["session", "list", "--user", "admin@example.com", "--format", "json"]).json(),
        serde_json::json!([])
    );

    let id = session["id"].as_str().unwrap();
    let ended = terminal.run(&["session", "end", id]);
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, "", "1 session ended\n"));
    assert!(terminal.run(&["session", "end", id]).complaint(1).contains("there is no session"));
    assert_eq!(terminal.run(&["session", "end", "--user", ANNA]).err, "there was none\n");
    assert_eq!(terminal.run(&["session", "list", "--format", "json"]).json(), serde_json::json!([]));
}

/// Copies of the one session that there is, each made a moment after the one before.
async fn copied(terminal: &Terminal, copies: u32) {
    let options = SqliteConnectOptions::new().filename(terminal.path("vestibule.db"));
    let mut raw = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO sessions SELECT randomblob(16), randomblob(32), NULL, NULL, NULL, account, portal, epoch, created + i,
         code_at, code_step, last_seen, expires, client, iif(i % 2 = 0, agent, 'a longer browser'), shared, 0, NULL FROM sessions, n",
    )
    .bind(copies)
    .execute(&mut raw)
    .await
    .unwrap();
    raw.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sessions_are_listed_whole_and_with_a_limit_it_is_said_how_many_are_left() {
    let terminal = signed_in().await;
    copied(&terminal, 4500).await;
    let all = terminal.run(&["session", "list", "--format", "json"]);
    assert_eq!((all.code, all.err.as_str()), (0, ""));
    let listed: serde_json::Value = serde_json::from_str(&all.out).unwrap();
    let made: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["created"].as_str().unwrap()).collect();
    assert_eq!(made.len(), 4501);
    assert!(made.is_sorted());
    let table = terminal.run(&["session", "list", "--user", ANNA]);
    let lines: Vec<_> = table.out.lines().collect();
    assert_eq!((lines.len(), table.err.as_str()), (4502, ""), "with the headings, once");
    let places: BTreeSet<_> = lines[1..].iter().map(|line| line.find("192.0.2.7").unwrap()).collect();
    assert_eq!(places, BTreeSet::from([lines[0].find("CLIENT").unwrap()]), "each column stands where it stood");
    for (limit, left) in [("1", "4500 more sessions are"), ("2001", "2500 more sessions are"), ("4500", "1 more session is")] {
        let part = terminal.run(&["session", "list", "--limit", limit, "--format", "json"]);
        let listed: serde_json::Value = serde_json::from_str(&part.out).unwrap();
        assert_eq!(listed.as_array().unwrap().len().to_string(), limit);
        assert_eq!((part.code, part.err), (0, format!("{left} not shown\n")));
    }
    assert_eq!(terminal.run(&["session", "list", "--limit", "4501"]).err, "");
    assert_eq!(terminal.run(&["session", "list", "--limit", "0"]).code, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_enrolled_is_active_and_gets_no_invitation_but_a_reset() {
    let terminal = signed_in().await;
    let shown = terminal.run(&["user", "show", ANNA, "--format", "json"]).json();
    assert_eq!((shown["state"].as_str(), shown["mfa"].as_bool()), (Some("active"), Some(true)));
    assert!(shown["last_sign_in"].as_str().unwrap().ends_with('Z'));
    let complaint = terminal.run(&["user", "invite", ANNA]).complaint(1);
    assert!(
        complaint.contains("is enrolled already")
            && complaint.contains("vestibule user reset-mfa anna@example.com --reason TEXT")
    );
    assert_eq!(terminal.run(&["session", "end", "--all"]).err, "1 session ended\n");
    let link = terminal.run(&["user", "reset-mfa", ANNA, "--reason", "phone lost", "--format", "json"]).json();
    assert!(link["link"].as_str().unwrap().starts_with("https://localhost:8443/.vestibule/enrol/"));
    assert_eq!(terminal.run(&["user", "show", ANNA, "--format", "json"]).json()["mfa"], false);
    assert_eq!(terminal.run(&["audit", "verify"]).code, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_admin_is_neither_removed_nor_disabled() {
    let terminal = Terminal::ready();
    let state =
        |login: &str| terminal.run(&["user", "show", login, "--format", "json"]).json()["state"].as_str().unwrap().to_owned();
    let refused = |login: &str| {
        for act in ["disable", "remove"] {
            let complaint = terminal.run(&["user", act, login]).complaint(1);
            assert!(complaint.starts_with(&format!("error: {login} is the last admin")), "{complaint}");
            assert!(complaint.contains("`vestibule user invite LOGIN --admin`"), "what to do: {complaint}");
        }
    };
    // The first one, before anybody has enrolled.
    refused("admin@example.com");
    assert_eq!(state("admin@example.com"), "invited");
    // One who is invited is no match for one who can sign in.
    let link = terminal.run(&["user", "invite", "boss@example.com", "--admin"]).result();
    sign_in(&terminal, "boss@example.com", &link).await;
    refused("boss@example.com");
    assert_eq!(state("boss@example.com"), "active");
    assert_eq!(
        terminal.run(&["session", "list", "--format", "json"]).json().as_array().unwrap().len(),
        1,
        "nor is a session ended"
    );
    // Nor by a detour: a lost phone is no way to be rid of the last admin.
    terminal.run(&["user", "remove", "admin@example.com"]).result();
    let link = terminal.run(&["user", "reset-mfa", "boss@example.com", "--reason", "phone lost"]).result();
    assert!(link.contains("/.vestibule/enrol/"), "{link}");
    refused("boss@example.com");
    // With another one it is possible.
    let link = terminal.run(&["user", "invite", ANNA, "--admin"]).result();
    sign_in(&terminal, ANNA, &link).await;
    terminal.run(&["user", "disable", "boss@example.com"]).result();
    terminal.run(&["user", "remove", "boss@example.com"]).result();
    refused(ANNA);
}
