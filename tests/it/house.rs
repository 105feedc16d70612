//! The house keeps its shape: who may use whom, what stands in a file's first line, how far a room may grow.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which rooms a room may use. The order is that of the picture in the crate docs: arrows point down only.
const ARROWS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("shutdown", &[]),
    ("identity", &[]),
    ("language", &[]),
    ("keys", &["clock"]),
    ("limit", &["clock"]),
    ("ports", &["keys"]),
    ("notify", &["clock", "identity", "keys", "language", "ports"]),
    ("audit", &["clock", "identity", "keys", "notify", "ports"]),
    ("telemetry", &["clock", "identity"]),
    ("http", &["language", "ports"]),
    ("net", &["clock", "limit", "shutdown"]),
    ("session", &["audit", "clock", "identity", "keys", "limit", "ports"]),
    ("auth", &["audit", "clock", "identity", "keys", "language", "notify", "ports"]),
    ("admin", &["audit", "auth", "clock", "identity", "keys", "notify", "ports", "session"]),
    ("park", &["audit", "clock", "identity", "keys", "ports"]),
    ("access", &["clock", "session"]),
    ("portal", &["access"]),
    ("proxy", &["access", "clock", "http", "portal", "session"]),
    (
        "pages",
        &[
            "access", "admin", "audit", "auth", "clock", "http", "identity", "keys", "language", "notify", "park", "ports",
            "session",
        ],
    ),
    ("store", &["admin", "audit", "auth", "clock", "identity", "keys", "language", "notify", "park", "ports", "session"]),
    (
        "gateway",
        &[
            "access",
            "auth",
            "clock",
            "http",
            "identity",
            "keys",
            "language",
            "limit",
            "net",
            "pages",
            "park",
            "ports",
            "proxy",
            "session",
            "telemetry",
        ],
    ),
    ("config", &["access", "auth", "keys", "net", "notify", "pages", "proxy"]),
    ("sample", &["clock"]),
];

/// The top: may use everything below.
const TOP: &[&str] = &["app", "cli", "main", "lib"];

/// A file longer than this has more than one reason to be.
const LINES: usize = 400;
/// Contracts that are long because they are written out, method by method.
const LONG: &[&str] = &["auth/credentials.rs"];

fn sources() -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, into: &mut BTreeMap<PathBuf, String>, root: &Path) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, into, root);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.insert(path.strip_prefix(root).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = BTreeMap::new();
    walk(&root, &mut all, &root);
    all
}

fn room(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// The rooms that a file names, in `use` lines and in paths, comments aside.
fn used(text: &str) -> Vec<String> {
    let code = text.lines().map(|line| line.split("//").next().unwrap());
    code.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect())
        .filter(|name: &String| !name.is_empty())
        .collect()
}

#[test]
fn arrows_point_down_only() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        // Tests of a room may set the stage with what stands beside it.
        if TOP.contains(&room.as_str()) || path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        let Some(may) = allowed.get(room.as_str()) else {
            wrong.push(format!("{}: room `{room}` is not in the picture", path.display()));
            continue;
        };
        for name in used(&text) {
            if name != room && !may.contains(&name.as_str()) {
                wrong.push(format!("{}: `{room}` uses `{name}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_itself_has_no_circle() {
    let place = |name: &str| ARROWS.iter().position(|(room, _)| *room == name);
    for (at, (room, uses)) in ARROWS.iter().enumerate() {
        for used in *uses {
            // `config` and `sample` stand at the end because nothing below the top uses them.
            assert!(place(used).is_some_and(|place| place < at), "{room} uses {used}, which does not stand above it");
        }
    }
}

#[test]
fn every_file_says_first_why_it_exists_and_stays_small() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let name = path.display().to_string();
        if !text.starts_with("//! ") {
            wrong.push(format!("{name}: the first line does not say why it exists"));
        }
        let lines = text.lines().count();
        if lines > LINES && !LONG.contains(&name.as_str()) {
            wrong.push(format!("{name}: {lines} lines, more than {LINES}: which part has a reason of its own?"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_place_for_each_thing_that_must_have_one() {
    let only = |needle: &str, places: &[&str]| {
        for (path, text) in sources() {
            let name = path.display().to_string();
            let code = text.split("#[cfg(test)]").next().unwrap();
            assert!(!code.contains(needle) || places.iter().any(|place| name.starts_with(place)), "{name} has {needle}");
        }
    };
    only("SysRng", &["keys.rs"]);
    only("SystemTime::now", &["clock.rs"]);
    only("dashmap::", &["session/table.rs", "net/caps.rs"]);
    only("sqlx::", &["store/"]);
    only("Permit { ", &["access/policy.rs", "access/permit.rs", "auth/pool.rs"]);
    only("anyhow", &["cli/", "app", "main.rs"]);
    // Templates escape everything; only markup of our own may say otherwise.
    only("PreEscaped", &[]);
    only("HtmlSafe", &["pages/frame.rs"]);
}

#[test]
fn what_the_security_document_promises_is_held_by_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let promises = text.split("## What is promised").nth(1).unwrap().split("### All of it together").next().unwrap();
    let is_name = |name: &&str| {
        name.split("::")
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
    };
    let exists = |name: &str| {
        let path = root.join("tests/it").join(name.replace("::", "/"));
        path.is_dir() || path.with_extension("rs").is_file()
    };
    let is_test = |name: &str| {
        let (module, last) = name.rsplit_once("::").unwrap_or_default();
        let path = root.join("tests/it").join(module.replace("::", "/")).with_extension("rs");
        std::fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("fn {last}(")))
    };
    let rows = promises.lines().filter(|line| line.starts_with('|') && line.contains('`'));
    let mut named = 0;
    for row in rows {
        let held = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
        for name in held.split('`').skip(1).step_by(2).filter(is_name) {
            assert!(exists(name) || is_test(name), "docs/security.md names {name}, which is no test: {row}");
            named += 1;
        }
    }
    assert!(named > 40, "or nothing was looked at: {named}");
}
