//! Where the configuration is found, and what happens where it cannot be used.

use super::terminal::Terminal;

#[test]
fn all_mistakes_come_at_once_and_are_exit_78() {
    let terminal = Terminal::ready();
    terminal.write("vestibule.toml", "[mfa]\nreauth_window = \"90d\"\nisuer = \"x\"\n[[portal]]\nurl = \"https://localhost:8443\"\nupstreams = [\"http://10.0.0.5\"]\n");
    for command in [&["config", "check"][..], &["config", "show"], &["serve"], &["user", "list"]] {
        let complaint = terminal.run_with(command, &[("VESTIBULE__LISTEN__WORKERS", "many")]).complaint(78);
        let lines: Vec<&str> = complaint.lines().collect();
        assert_eq!(
            lines,
            [
                "error: vestibule.toml:2: mfa.reauth_window = \"90d\" is longer than 30d: give a duration from 1h to 30d",
                "error: vestibule.toml:3: mfa.isuer is an unknown key: did you mean issuer?",
                "error: vestibule.toml:6: portal[1].upstreams: \"http://10.0.0.5\" is plain http to another machine, and with sign_on = \
                 \"headers\" whoever is in between can be anybody: use https or unix, or set danger_plain_upstream = true if that \
                 network is yours alone",
                "error: VESTIBULE__LISTEN__WORKERS: listen.workers = \"many\" is not a whole number: give a whole number",
            ]
        );
    }
}

#[test]
fn the_configuration_is_named_by_option_then_variable_then_looked_for() {
    let terminal = Terminal::ready();
    terminal.write("broken.toml", "nope = 1\n");
    let good = "vestibule.toml can be used: 1 portal, 0 rules\n";
    assert_eq!(terminal.run(&["config", "check"]).result(), good);
    assert_eq!(terminal.run_with(&["config", "check"], &[("VESTIBULE_CONFIG", "")]).result(), good);
    assert!(
        terminal
            .run(&["config", "check", "--config", "broken.toml"])
            .complaint(78)
            .contains("broken.toml:1: nope is an unknown key")
    );
    let vars = [("VESTIBULE_CONFIG", "broken.toml")];
    assert!(terminal.run_with(&["config", "check"], &vars).complaint(78).contains("broken.toml:1"));
    assert_eq!(terminal.run_with(&["--config", "vestibule.toml", "config", "check"], &vars).result(), good);
    let complaint = Terminal::empty().run(&["config", "check"]).complaint(78);
    assert!(complaint.contains("vestibule.toml: cannot be read") && complaint.contains("vestibule init"), "{complaint}");
}

#[test]
fn show_prints_what_holds_and_where_it_comes_from() {
    let terminal = Terminal::ready();
    let shown = terminal.run_with(&["config", "show"], &[("VESTIBULE__MFA__REAUTH_WINDOW", "2h")]).result();
    assert!(shown.contains("reauth_window = \"2h\"                     # VESTIBULE__MFA__REAUTH_WINDOW\n"), "{shown}");
    assert!(shown.contains("drain = \"30s\"                            # default\n"), "{shown}");
    assert!(shown.contains("master_key_file = \"vestibule.key\""), "{shown}");
    assert!(shown.parse::<toml::Table>().unwrap()["portal"].is_array());
    let key = std::fs::read_to_string(terminal.path("vestibule.key")).unwrap();
    assert!(!shown.contains(key.trim().rsplit(':').next().unwrap()));
}

#[test]
fn warnings_do_not_fail() {
    let terminal = Terminal::ready();
    let ended = terminal.run_with(&["config", "check"], &[("VESTIBULE__SESSION__LIFETIME", "1d")]);
    assert!(
        ended.err.starts_with("warning: VESTIBULE__SESSION__LIFETIME: session.lifetime = \"1d\" is not longer than"),
        "{}",
        ended.err
    );
    assert_eq!(ended.code, 0);
}

#[test]
fn connect_tries_what_is_named() {
    let terminal = Terminal::ready();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = std::fs::read_to_string(terminal.path("vestibule.toml")).unwrap();
    terminal.write("vestibule.toml", &config.replace("127.0.0.1:8081", &listener.local_addr().unwrap().to_string()));
    assert_eq!(terminal.run(&["config", "check", "--connect"]).code, 0);
    drop(listener);
    let complaint = terminal.run(&["config", "check", "--connect"]).complaint(69);
    assert!(complaint.contains("of portal localhost:8443 does not answer: not reachable: it could not be"), "{complaint}");
}

#[test]
fn a_database_that_is_not_there_is_exit_69_and_none_is_made() {
    let terminal = Terminal::ready();
    std::fs::remove_file(terminal.path("vestibule.db")).unwrap();
    for command in [&["user", "list"][..], &["session", "list"], &["settings", "get"], &["audit"], &["audit", "verify"]] {
        let complaint = terminal.run(command).complaint(69);
        assert!(complaint.contains("there is no database at ") && complaint.contains("vestibule init"), "{complaint}");
    }
    assert!(!terminal.path("vestibule.db").exists());
}

#[test]
fn a_file_that_is_no_database_is_not_one() {
    let terminal = Terminal::ready();
    for beside in ["vestibule.db-wal", "vestibule.db-shm"] {
        let _ = std::fs::remove_file(terminal.path(beside));
    }
    terminal.write("vestibule.db", &"no database ".repeat(1000));
    let ended = terminal.run(&["user", "list"]);
    assert!(matches!(ended.code, 1 | 69), "{ended:?}");
    assert!(ended.err.starts_with("error: "), "{ended:?}");
}

#[test]
fn warnings_of_a_gate_stand_in_its_log_in_the_logs_own_form() {
    let terminal = Terminal::ready();
    let config = std::fs::read_to_string(terminal.path("vestibule.toml")).unwrap();
    // The address is taken, so that it ends by itself once it has said what there is to say.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("https = \"{}\"", taken.local_addr().unwrap());
    let line = config.lines().find(|line| line.starts_with("https = ")).unwrap();
    terminal.write("vestibule.toml", &config.replace(line, &listen));
    for format in ["json", "text"] {
        let vars = [("VESTIBULE__SESSION__LIFETIME", "1d"), ("VESTIBULE__LOG__FORMAT", format)];
        let ended = terminal.run_with(&["serve"], &vars);
        assert_eq!(ended.code, 69, "{ended:?}");
        let said = ended.err.lines().find(|line| line.contains("is not longer than")).unwrap_or_else(|| panic!("{ended:?}"));
        assert!(!said.starts_with("warning:"), "{said}");
        if format == "json" {
            let record: serde_json::Value = serde_json::from_str(said).unwrap();
            assert_eq!(record["level"], "WARN");
            assert!(record["message"].as_str().unwrap().starts_with("VESTIBULE__SESSION__LIFETIME: session.lifetime = \"1d\""));
        } else {
            assert!(said.contains(" WARN "), "{said}");
        }
    }
}
