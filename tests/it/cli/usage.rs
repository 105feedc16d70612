//! Wrong usage is exit 2 and says what would be right; help is a result.

use super::terminal::Terminal;

#[test]
fn wrong_usage_is_exit_2_before_anything_is_read() {
    let terminal = Terminal::empty();
    for args in [
        &["nope"][..],
        &[],
        &["user", "invite"],
        &["user", "invite", "anna"],
        &["user", "invite", "a@b@c"],
        &["user", "invite", "@example.com"],
        &["user", "invite", "anna@example.com", "--group", ""],
        &["user", "invite", "anna@example.com", "--group", "a,b"],
        &["user", "show", "anna"],
        &["user", "disable", "anna"],
        &["user", "reset-mfa", "anna@example.com"],
        &["user", "reset-mfa", "anna@example.com", "--reason", " "],
        &["user", "list", "--format", "xml"],
        &["user", "list", "--nope"],
        &["session", "end"],
        &["session", "end", "--all", "--user", "anna@example.com"],
        &["session", "end", "not-an-id"],
        &["session", "list", "--user", "anna"],
        &["settings", "get", "nope"],
        &["settings", "set", "reauth-window"],
        &["settings", "set", "reauth-window", "59m"],
        &["settings", "set", "reauth-window", "31d"],
        &["settings", "set", "reauth-window", "1 hour"],
        &["settings", "set", "idle", "0s"],
        &["settings", "set", "enrolment-window", "5m"],
        &["settings", "set", "notice-sign-in", " "],
        &["audit", "--since", "yesterday"],
        &["audit", "--user", "anna"],
        &["explain", "get", "https://a"],
        &["explain", "GET"],
        &["explain", "--code-age", "1h", "GET", "https://a"],
        &["explain", "--user", "a@b.c", "--from", "here", "GET", "https://a"],
        &["demo", "--port", "70000"],
        &["init", "--certificate", "a.pem"],
        &["completions", "cmd"],
        // What other versions have.
        &["key", "rotate"],
        &["backup", "file"],
        &["restore", "file"],
    ] {
        let ended = terminal.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{args:?}: {}", ended.err);
        assert!(!ended.err.is_empty(), "{args:?}");
    }
    assert_eq!(terminal.names(), Vec::<String>::new());
}

#[test]
fn a_bad_login_is_told_what_one_is() {
    let complaint = Terminal::empty().run(&["user", "invite", "a@b@c"]).complaint(2);
    assert!(complaint.contains("a login id is an e-mail address with exactly one @ and text on both sides"), "{complaint}");
}

#[test]
fn every_command_has_help_with_an_example() {
    let terminal = Terminal::empty();
    for command in [
        "demo",
        "init",
        "serve",
        "config",
        "config check",
        "config show",
        "explain",
        "user",
        "user invite",
        "user list",
        "user show",
        "user disable",
        "user enable",
        "user unlock",
        "user remove",
        "user reset-mfa",
        "user import",
        "session",
        "session list",
        "session end",
        "settings",
        "settings get",
        "settings set",
        "settings unset",
        "audit",
        "audit verify",
        "completions",
    ] {
        let args: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = terminal.run(&args).result();
        assert!(help.contains("\nExample"), "{command}: {help}");
        assert!(help.contains(&format!("\n  vestibule {command}")), "{command}: {help}");
        assert!(help.contains("--config <FILE>"), "{command}: {help}");
        assert!(!help.contains('\u{1b}'), "{command}: no colours where nobody looks");
    }
    assert!(terminal.run(&["--help"]).result().contains("vestibule demo"));
    assert_eq!(terminal.run(&["--version"]).result(), format!("vestibule {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_a_result() {
    let terminal = Terminal::empty();
    for shell in ["bash", "zsh", "fish"] {
        let script = terminal.run(&["completions", shell]).result();
        assert!(script.contains("reset-mfa"), "{shell}");
    }
}
