//! The master key that does not belong to the database: whatever opens it says so, and changes nothing.

use super::terminal::Terminal;

#[test]
fn under_another_master_key_nothing_starts_and_nothing_is_changed() {
    let (terminal, other) = (Terminal::ready(), Terminal::ready());
    let key = std::fs::read_to_string(terminal.path("vestibule.key")).unwrap();
    terminal.write("vestibule.key", &std::fs::read_to_string(other.path("vestibule.key")).unwrap());
    let before = std::fs::read(terminal.path("vestibule.db")).unwrap();
    for args in [
        &["serve"][..],
        &["user", "invite", "anna@example.com"],
        &["user", "disable", "admin@example.com"],
        &["user", "list"],
        &["session", "end", "--all"],
        &["settings", "set", "reauth-window", "12h"],
        &["audit", "verify"],
    ] {
        let complaint = terminal.run(args).complaint(78);
        let said = format!("the master key does not belong to the database {}", terminal.path("vestibule.db").display());
        assert!(complaint.contains(&said), "{args:?}: {complaint}");
    }
    assert_eq!(std::fs::read(terminal.path("vestibule.db")).unwrap(), before);
    terminal.write("vestibule.key", &key);
    assert_eq!(terminal.run(&["user", "list", "--format", "json"]).json().as_array().unwrap().len(), 1);
}
