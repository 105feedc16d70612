//! `init`: exactly a link on stdout, everything in its place with its mode, or nothing at all.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use vestibule::clock::Clock;
use vestibule::config;
use vestibule::store::{self, Continuity, ServeLock};

use super::terminal::Terminal;

const INIT: [&str; 5] = ["init", "--portal", "http://127.0.0.1:8081", "--admin", "Admin@Example.com"];

fn with<'a>(extra: &[&'a str]) -> Vec<&'a str> {
    INIT.iter().copied().chain(extra.iter().copied()).collect()
}

#[test]
fn stdout_is_exactly_the_link_of_the_admin() {
    let terminal = Terminal::empty();
    let ended = terminal.run(&INIT);
    let err = ended.err.clone();
    let link = ended.result();
    let token = link.strip_prefix("https://localhost:8443/.vestibule/register/").unwrap().strip_suffix('\n').unwrap();
    assert_eq!(token.len(), 43);
    assert!(!err.contains(token));
    for name in ["vestibule.toml", "vestibule.key", "vestibule.db", "certs/portal.pem", "certs/portal.key"] {
        assert!(err.contains(&format!("wrote {name}\n")), "{err}");
    }
    assert!(err.contains("Next: run `vestibule serve`, then open the printed link, which is for admin@example.com."), "{err}");
    for (name, mode) in
        [("vestibule.key", 0o600), ("vestibule.db", 0o600), ("certs/portal.key", 0o600), ("vestibule.toml", 0o644)]
    {
        assert_eq!(terminal.mode(name), mode, "{name}");
    }
    let check = terminal.run(&["config", "check"]);
    assert_eq!(check.code, 0, "what init writes is right: {}", check.err);
    assert!(check.err.starts_with("vestibule.toml: pages.url is not set, so that our pages share their origin"), "{}", check.err);
    assert_eq!(check.err.lines().count(), 1, "and nothing else is said: {}", check.err);
    let users = terminal.run(&["user", "list", "--format", "json"]).json();
    assert_eq!(users[0]["login"], "admin@example.com");
    assert_eq!(users[0]["admin"], true);
    let trail = terminal.run(&["audit", "--format", "json"]).json();
    assert_eq!(trail[0]["action"], "user.invite");
    assert!(trail[0]["actor"].as_str().unwrap().starts_with("operator:"));
}

#[test]
fn a_second_time_nothing_is_touched() {
    for there in ["vestibule.toml", "vestibule.key", "vestibule.db", "certs/portal.pem", "certs/portal.key"] {
        let terminal = Terminal::empty();
        fs::create_dir(terminal.path("certs")).unwrap();
        terminal.write(there, "mine");
        let complaint = terminal.run(&INIT).complaint(1);
        assert!(complaint.contains(&format!("{there} exists: nothing was written")), "{complaint}");
        assert_eq!(fs::read_to_string(terminal.path(there)).unwrap(), "mine");
        let expected = if there.starts_with("certs") { vec!["certs"] } else { vec!["certs", there] };
        assert_eq!(terminal.names(), expected);
    }
}

#[test]
fn without_a_terminal_what_is_missing_is_named() {
    let terminal = Terminal::empty();
    let both =
        "error: --portal URL and --admin EMAIL have no default: give them, or run this on a terminal without --yes to be asked\n";
    assert_eq!(terminal.run(&["init"]).complaint(2), both);
    assert_eq!(terminal.run(&["init", "--yes"]).complaint(2), both);
    let one = terminal.run(&["init", "--yes", "--portal", "http://127.0.0.1:1"]).complaint(2);
    assert!(one.starts_with("error: --admin EMAIL has no default: give it"), "{one}");
    assert_eq!(terminal.names(), Vec::<String>::new());
}

#[test]
fn what_is_given_wrong_is_exit_2_and_nothing_is_written() {
    let terminal = Terminal::empty();
    for (args, said) in [
        (
            &["init", "--portal", "portal", "--admin", "a@b.c"][..],
            "--portal: \"portal\" is neither an http, an https nor a unix address",
        ),
        (&["init", "--portal", "http://a/x", "--admin", "a@b.c"], "--portal: \"http://a/x\" has a path"),
        (&["init", "--portal", "http://a", "--admin", "a@b@c"], "--admin: a login id is an e-mail address with exactly one @"),
        (
            &["init", "--portal", "http://a", "--admin", "a@b.c", "--host", "http://a"],
            "--host: \"http://a\" is not an https address",
        ),
        (&["init", "--portal", "http://a", "--admin", "a@b.c", "--host", "*.a"], "--host: \"https://*.a\" has a *"),
    ] {
        let complaint = terminal.run(args).complaint(2);
        assert!(complaint.contains(said), "{complaint}");
    }
    assert_eq!(terminal.names(), Vec::<String>::new());
}

#[test]
fn a_failure_half_way_leaves_nothing_behind() {
    let terminal = Terminal::empty();
    terminal.write("not.pem", "nothing");
    terminal.write("not.key", "nothing");
    fs::set_permissions(terminal.path("not.key"), fs::Permissions::from_mode(0o600)).unwrap();
    let args = with(&["--dir", "new/deep", "--certificate", "not.pem", "--private-key", "not.key"]);
    let complaint = terminal.run(&args).complaint(78);
    assert!(complaint.contains("holds no certificate"), "{complaint}");
    assert_eq!(terminal.names(), ["not.key", "not.pem"]);
}

#[test]
fn a_certificate_of_ones_own_is_used() {
    let terminal = Terminal::empty();
    let made = rcgen::generate_simple_self_signed(vec!["portal.example.com".to_owned()]).unwrap();
    terminal.write("my.pem", &made.cert.pem());
    terminal.write("my.key", &made.signing_key.serialize_pem());
    fs::set_permissions(terminal.path("my.key"), fs::Permissions::from_mode(0o600)).unwrap();
    let args =
        with(&["--host", "https://portal.example.com", "--certificate", "my.pem", "--private-key", "my.key", "--dir", "gate"]);
    assert!(terminal.run(&args).result().starts_with("https://portal.example.com/.vestibule/register/"));
    let config = fs::read_to_string(terminal.path("gate/vestibule.toml")).unwrap();
    assert!(config.contains(terminal.path("my.pem").to_str().unwrap()) && config.contains("https = \"[::]:443\""), "{config}");
    assert!(!terminal.path("gate/certs").exists());
    assert_eq!(terminal.run(&["config", "check", "--config", "gate/vestibule.toml"]).code, 0);
}

#[test]
fn a_plain_portal_on_another_machine_is_not_told_who_is_there() {
    let terminal = Terminal::empty();
    let args = ["init", "--portal", "http://10.0.0.5:80", "--admin", "a@b.c", "--host", "portal.example.com", "--yes"];
    assert!(terminal.run(&args).result().starts_with("https://portal.example.com:8443/.vestibule/register/"));
    assert!(fs::read_to_string(terminal.path("vestibule.toml")).unwrap().contains("sign_on = \"none\""));
    assert_eq!(terminal.run(&["config", "check"]).code, 0);
}

#[test]
fn the_environment_of_another_gate_changes_nothing() {
    let terminal = Terminal::empty();
    let ended =
        terminal.run_with(&INIT, &[("VESTIBULE__STORE__URL", "sqlite:///nowhere/x.db"), ("VESTIBULE_CONFIG", "other.toml")]);
    assert!(ended.result().starts_with("https://localhost:8443/"));
    assert!(terminal.path("vestibule.db").exists());
}

#[test]
fn the_pages_get_a_host_of_their_own_where_one_is_given() {
    let terminal = Terminal::empty();
    let link = terminal.run(&with(&["--host", "portal.example.com", "--pages", "login.example.com"])).result();
    assert!(link.starts_with("https://login.example.com:8443/.vestibule/register/"), "{link}");
    let check = terminal.run(&["config", "check"]);
    assert_eq!((check.code, check.err.as_str()), (0, ""), "nothing is left to say");
    let wrong = Terminal::empty();
    let complaint = wrong.run(&with(&["--host", "portal.example.com", "--pages", "portal.example.com"])).complaint(2);
    assert!(complaint.contains("--pages: \"portal.example.com\" is the portal's own host"), "{complaint}");
    assert_eq!(wrong.names(), Vec::<String>::new());
}

/// What an older database has left beside the new one tells nothing about it: the printed link lives.
#[tokio::test]
async fn a_new_database_is_no_older_copy_of_the_one_before() {
    let terminal = Terminal::empty();
    terminal.write("vestibule.db.lock", &format!("{:020} {}\n", 1234, "ab".repeat(32)));
    terminal.run(&INIT).result();
    let config = config::load(&terminal.path("vestibule.toml"), []).unwrap().config;
    let now = Clock::system().now();
    let lock = ServeLock::take(&terminal.path("vestibule.db")).unwrap();
    let store = store::open(&config.store.url, config.store.keys, false).await.unwrap();
    Continuity::begin(&lock, store.clone(), now).await.unwrap();
    let trail = store.trail().records(0, None, None, 10).await.unwrap();
    assert_eq!(trail.iter().map(|record| record.action.as_str()).collect::<Vec<_>>(), ["user.invite"]);
}

#[test]
fn a_database_that_is_served_is_not_made_anew() {
    let terminal = Terminal::empty();
    let _lock = ServeLock::take(&terminal.path("vestibule.db")).unwrap();
    let complaint = terminal.run(&INIT).complaint(1);
    assert!(complaint.contains("another `serve` is running on this database"), "{complaint}");
    assert_eq!(terminal.names(), ["vestibule.db.lock"]);
}
