//! `user import`: all or none, every bad row named, a link for each.

use super::terminal::Terminal;

const BCRYPT: &str = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
const ARGON2: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI";

fn count(terminal: &Terminal) -> usize {
    terminal.run(&["user", "list", "--format", "json"]).json().as_array().unwrap().len()
}

#[test]
fn csv_and_json_make_the_same_people() {
    let terminal = Terminal::ready();
    terminal.write(
        "people.csv",
        &format!("login,name,groups,password_hash\nAnna@example.com,\"Arp, Anna\",staff;billing,{BCRYPT}\nbob@example.com,,,\n"),
    );
    let people = serde_json::json!([
        {"login": "cleo@example.com", "name": "Cleo", "groups": ["staff"], "password_hash": ARGON2},
        {"login": "dan@example.com"},
    ]);
    terminal.write("people.json", &people.to_string());
    let printed = terminal.run(&["user", "import", "people.csv", "--format", "json"]).json();
    assert_eq!(printed[0]["login"], "anna@example.com");
    assert!(printed[0]["link"].as_str().unwrap().starts_with("https://localhost:8443/.vestibule/enrol/"));
    assert!(printed[1]["link"].as_str().unwrap().starts_with("https://localhost:8443/.vestibule/register/"), "no password yet");
    let table = terminal.run(&["user", "import", "people.json"]).result();
    assert_eq!(table.lines().count(), 3);
    let users = terminal.run(&["user", "list", "--format", "json"]).json();
    assert_eq!(users[1]["name"], "Arp, Anna");
    assert_eq!(users[1]["groups"], serde_json::json!(["billing", "staff"]));
    assert_eq!(users[3]["groups"], serde_json::json!(["staff"]));
    let again = terminal.run(&["user", "invite", "anna@example.com"]).result();
    assert!(again.starts_with("https://localhost:8443/.vestibule/enrol/"), "a password is set already: {again}");
}

#[test]
fn every_bad_row_is_named_and_nothing_is_imported() {
    let terminal = Terminal::ready();
    let rows = [
        "login,name,groups,password_hash",
        "good@example.com,,,",
        "a@b@c,,,",
        "admin@example.com,,,",
        "GOOD@example.com,,,",
        "eve@example.com,,,hunter2",
        "fay@example.com,,,$1$abc$def",
        "gil@example.com,,\"a,b\",",
        "hal@example.com,too few",
        "ida@example.com,,,$2b$31$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
    ];
    terminal.write("people.csv", &rows.join("\n"));
    let complaint = terminal.run(&["user", "import", "people.csv"]).complaint(1);
    for said in [
        "people.csv:3: \"a@b@c\": a login id is an e-mail address",
        "people.csv:4: admin@example.com has an account already",
        "people.csv:5: good@example.com stands in this file twice",
        "people.csv:6: eve@example.com: this is no password hash that is known",
        "people.csv:7: fay@example.com: md5-crypt",
        "people.csv:8: gil@example.com: a group has a name without commas",
        "people.csv:9: CSV error",
        "people.csv:10: ida@example.com: bcrypt with cost 31 is out of bounds",
        "nothing was imported: mend the file",
    ] {
        assert!(complaint.contains(said), "{said} in {complaint}");
    }
    assert!(!complaint.contains("hunter2"), "{complaint}");
    assert_eq!(count(&terminal), 1);
}

#[test]
fn a_file_that_is_no_list_of_people_is_refused() {
    let terminal = Terminal::ready();
    for (name, content, said) in [
        ("empty.csv", "", "login is needed"),
        ("heading.csv", "login,name\n", "names nobody"),
        ("strange.csv", "login,shoe_size\na@b.c,42\n", "\"shoe_size\" is none"),
        ("form.json", "{}", "cannot be read"),
        ("keys.json", "[{\"login\": \"a@b.c\", \"admin\": true}]", "person 1: unknown field `admin`"),
        ("none.json", "[]", "names nobody"),
    ] {
        terminal.write(name, content);
        let complaint = terminal.run(&["user", "import", name]).complaint(1);
        assert!(complaint.contains(said), "{name}: {complaint}");
    }
    assert!(terminal.run(&["user", "import", "missing.csv"]).complaint(1).contains("missing.csv cannot be read"));
    assert_eq!(count(&terminal), 1);
}
