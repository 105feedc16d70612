//! `user`: inviting, showing, locking out, and what each prints.

use vestibule::clock::Clock;

use super::terminal::Terminal;

fn logins(terminal: &Terminal, args: &[&str]) -> Vec<String> {
    let args: Vec<&str> = ["user", "list", "--format", "json"].into_iter().chain(args.iter().copied()).collect();
    let listed = terminal.run(&args).json();
    listed.as_array().unwrap().iter().map(|user| user["login"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_invitation_is_exactly_a_link_and_a_new_one_each_time() {
    let terminal = Terminal::ready();
    let first =
        terminal.run(&["user", "invite", "Anna@Example.com", "--name", "Anna Arp", "--group", "staff", "--group", "billing"]);
    assert_eq!(first.err, "");
    let first = first.result();
    assert!(
        first.starts_with("https://localhost:8443/.vestibule/register/") && first.ends_with('\n') && first.lines().count() == 1
    );
    let second = terminal.run(&["user", "invite", "anna@example.com", "--format", "json"]).json();
    let keys: Vec<&String> = second.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["expires_at", "link", "login"]);
    assert_eq!(second["login"], "anna@example.com");
    assert_ne!(second["link"].as_str().unwrap(), first.trim());
    assert!(second["expires_at"].as_str().unwrap().ends_with('Z'));
    let third = terminal.run(&["user", "invite", "anna@example.com", "--admin"]);
    assert!(third.err.starts_with("warning: anna@example.com has an account already"), "{}", third.err);
}

#[test]
fn the_list_has_the_keys_that_scripts_rely_on() {
    let terminal = Terminal::ready();
    terminal.run(&["user", "invite", "anna@example.com", "--name", "Anna \u{1b}[31mArp"]).complaint(2);
    terminal
        .run(&["user", "invite", "anna@example.com", "--name", "Anna Arp", "--group", "staff", "--group", "billing"])
        .result();
    let out = terminal.run(&["user", "list", "--format", "json"]).result();
    let order = ["login", "name", "groups", "admin", "state", "mfa", "locked", "created", "last_sign_in"];
    let places: Vec<usize> = order.iter().map(|key| out.find(&format!("\"{key}\":")).unwrap()).collect();
    assert!(places.is_sorted(), "{out}");
    let listed: serde_json::Value = serde_json::from_str(&out).unwrap();
    let anna = &listed[1];
    assert_eq!(anna["groups"], serde_json::json!(["billing", "staff"]));
    assert_eq!(
        (anna["state"].as_str(), anna["mfa"].as_bool(), anna["last_sign_in"].is_null()),
        (Some("invited"), Some(false), true)
    );
    assert_eq!(terminal.run(&["user", "show", "ANNA@example.com", "--format", "json"]).json(), *anna);
    assert_eq!(logins(&terminal, &["--without-mfa"]), ["admin@example.com", "anna@example.com"]);
    assert_eq!(logins(&terminal, &["--locked"]), Vec::<String>::new());
    let table = terminal.run(&["user", "list"]).result();
    assert!(table.starts_with("LOGIN ") && table.contains("Anna Arp") && table.contains("billing,staff"), "{table}");
}

#[test]
fn who_is_not_there_is_exit_1() {
    let terminal = Terminal::ready();
    for args in [
        &["user", "show", "nobody@example.com"][..],
        &["user", "disable", "nobody@example.com"],
        &["user", "enable", "nobody@example.com"],
        &["user", "unlock", "nobody@example.com"],
        &["user", "remove", "nobody@example.com"],
        &["user", "reset-mfa", "nobody@example.com", "--reason", "x"],
        &["session", "end", "--user", "nobody@example.com"],
        &["session", "list", "--user", "nobody@example.com"],
    ] {
        let complaint = terminal.run(args).complaint(1);
        assert_eq!(complaint, "error: there is no account nobody@example.com: `vestibule user list` shows all\n");
    }
}

#[test]
fn disabled_enabled_removed_and_all_of_it_in_the_trail() {
    let terminal = Terminal::ready();
    terminal.run(&["user", "invite", "anna@example.com"]).result();
    let disabled = terminal.run(&["user", "disable", "anna@example.com"]);
    assert_eq!(disabled.err, "anna@example.com is disabled; sessions and links are dead\n");
    assert_eq!(disabled.result(), "");
    assert_eq!(terminal.run(&["user", "disable", "anna@example.com"]).err, "anna@example.com was disabled already\n");
    let complaint = terminal.run(&["user", "invite", "anna@example.com"]).complaint(1);
    assert!(complaint.contains("run `vestibule user enable anna@example.com` first"), "{complaint}");
    assert!(terminal.run(&["user", "enable", "anna@example.com"]).err.contains("anna@example.com is enabled"));
    let unlocked = terminal.run(&["user", "unlock", "anna@example.com"]);
    assert_eq!(unlocked.err, "anna@example.com was not locked, and nothing was held back\n");
    let link = terminal.run(&["user", "reset-mfa", "anna@example.com", "--reason", "phone lost"]).result();
    assert!(link.starts_with("https://localhost:8443/.vestibule/register/"), "no password yet: {link}");
    terminal.run(&["user", "remove", "anna@example.com"]).result();
    assert_eq!(logins(&terminal, &[]), ["admin@example.com"]);

    let vars = [("SUDO_USER", "eve")];
    terminal.run_with(&["user", "invite", "bob@example.com"], &vars).result();
    let trail = terminal.run(&["audit", "--format", "json"]).json();
    let records = trail.as_array().unwrap();
    let actions: Vec<&str> = records.iter().map(|record| record["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        ["user.invite", "user.invite", "user.disable", "user.enable", "user.reset-mfa", "user.remove", "user.invite"]
    );
    let old_and_new = |at: usize| (records[at]["detail"]["old"].clone(), records[at]["detail"]["new"].clone());
    assert_eq!(old_and_new(2), ("invited".into(), "disabled".into()));
    assert_eq!(old_and_new(3), ("disabled".into(), "invited".into()));
    assert_eq!(records[4]["detail"]["reason"], "phone lost");
    let acting = records[0]["actor"].as_str().unwrap().strip_prefix("operator:").unwrap().to_owned();
    assert_eq!(records[6]["actor"], format!("operator:eve (as {acting})"));
    let out = terminal.run(&["audit", "--format", "json", "--since", "1h", "--user", "anna@example.com"]).json();
    assert_eq!(out.as_array().unwrap().len(), 5);
    assert_eq!(terminal.run(&["audit", "verify"]).result(), "the audit trail is whole: 7 records\n");
    let printed = terminal.run(&["audit"]).result();
    assert!(!printed.contains("/.vestibule/"), "no link in the trail: {printed}");
}

#[test]
fn the_admin_role_is_given_and_taken() {
    let terminal = Terminal::ready();
    terminal.run(&["user", "invite", "anna@example.com"]).result();
    let run = |deed: &str, login: &str| terminal.run(&["user", deed, login]);
    assert_eq!(run("promote", "anna@example.com").err, "anna@example.com is an admin now\n");
    assert_eq!(run("promote", "anna@example.com").err, "anna@example.com is an admin already\n");
    assert_eq!(run("demote", "anna@example.com").err, "anna@example.com is no admin any more\n");
    assert_eq!(run("demote", "anna@example.com").err, "anna@example.com is no admin\n");
    assert!(run("promote", "nobody@example.com").complaint(1).contains("nobody@example.com"));
    let trail = terminal.run(&["audit", "--format", "json"]).json();
    let told: Vec<_> = trail.as_array().unwrap().iter().map(|record| record["action"].clone()).collect();
    assert_eq!(told[2..], ["user.promote", "user.demote"]);
}

#[test]
fn a_link_goes_to_the_portal_that_lets_its_person_in() {
    let terminal = Terminal::ready();
    let config = std::fs::read_to_string(terminal.path("vestibule.toml")).unwrap();
    let config = format!(
        "{}\n[[portal]]\nurl = \"https://b.example\"\nupstreams = [\"unix:/b\"]\ngroups = [\"b\"]\n",
        config.replace("sign_on = \"headers\"", "groups = [\"a\"]")
    );
    terminal.write("vestibule.toml", &config);
    let link = |login: &str, group: &str| terminal.run(&["user", "invite", login, "--group", group]).result();
    assert!(link("a@example.com", "a").starts_with("https://localhost:8443/"));
    assert!(link("b@example.com", "b").starts_with("https://b.example/.vestibule/"));
    assert!(link("c@example.com", "c").starts_with("https://localhost:8443/"));
    let again = terminal.run(&["user", "invite", "b@example.com"]).result();
    assert!(again.starts_with("https://b.example/"), "{again}");
}

#[test]
fn settings_are_set_and_unset() {
    let terminal = Terminal::ready();
    assert_eq!(terminal.run(&["settings", "get", "reauth-window"]).result(), "30d\n");
    terminal.run(&["settings", "set", "reauth-window", "90m"]).result();
    assert_eq!(terminal.run(&["settings", "get", "reauth-window"]).result(), "1h30m\n");
    let listed = terminal.run(&["settings", "get", "--format", "json"]).json();
    assert_eq!(listed[0], serde_json::json!({"key": "reauth-window", "value": "1h30m", "source": "admin"}));
    terminal.run(&["settings", "unset", "reauth-window"]).result();
    for (key, value, shown) in
        [("idle", "30m", "30m"), ("idle", "off", "off"), ("enrolment-window", "1d", "1d"), ("notice-sign-in", " Hi! ", "Hi!")]
    {
        terminal.run(&["settings", "set", key, value]).result();
        assert_eq!(terminal.run(&["settings", "get", key]).result(), format!("{shown}\n"));
    }
    let listed = terminal.run(&["settings", "get", "--format", "json"]).json();
    let sources: Vec<_> = listed.as_array().unwrap().iter().map(|line| line["source"].as_str().unwrap().to_owned()).collect();
    assert_eq!(sources, ["configuration", "admin", "admin", "admin", "configuration"]);
    // What is set holds for the next link.
    let invited = terminal.run(&["user", "invite", "late@example.com", "--format", "json"]).json();
    let expires: jiff::Timestamp = invited["expires_at"].as_str().unwrap().parse().unwrap();
    let left = expires.as_second() - Clock::system().now().wall.secs();
    assert!((86_000..=86_400).contains(&left), "{left}");
}

#[test]
fn the_last_admin_who_can_sign_in_is_kept() {
    let terminal = Terminal::ready();
    terminal.run(&["user", "invite", "boss@example.com", "--admin"]).result();
    // Nobody can sign in as an admin so far: there is nobody to keep.
    terminal.run(&["user", "disable", "boss@example.com"]).result();
    terminal.run(&["user", "remove", "boss@example.com"]).result();
}
