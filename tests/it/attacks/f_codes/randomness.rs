//! Where secrets come from, and how they are compared.

use std::collections::BTreeSet;
use std::path::Path;

use super::{ANNA, without_budgets};
use crate::attacks::e_passwords::gate;
use crate::attacks::{coming, in_turn};
use crate::harness::Person;

/// All code of the gate, without its tests.
fn code_of(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            code_of(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            into.push((path.display().to_string(), text.split("#[cfg(test)]").next().unwrap().to_owned()));
        }
    }
}

#[test]
fn f17_randomness_comes_from_the_system_and_nothing_secret_is_compared_byte_by_byte() {
    let mut sources = Vec::new();
    code_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    assert!(sources.len() > 200);
    for (path, text) in &sources {
        // Generators that can be predicted, or seeded.
        for generator in ["thread_rng", "SmallRng", "StdRng", "seed_from", "fastrand", "rand::random", "rand::rng("] {
            assert!(!text.contains(generator), "{path}: {generator}");
        }
        assert!(path.ends_with("src/keys.rs") || !text.contains("SysRng"), "{path}: randomness is made in one place");
    }
    // What is compared here is compared in constant time; what is looked up is looked up by its hash.
    let holds = |file: &str, text: &str| sources.iter().any(|(path, code)| path.ends_with(file) && code.contains(text));
    for file in ["src/auth/device.rs", "src/auth/authenticator/link.rs", "src/pages/form.rs"] {
        assert!(holds(file, "ct_eq("), "{file}");
    }
    assert!(holds("src/auth/totp.rs", ".check("), "codes are compared by the library, in constant time since 1.0");
    let locked = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));
    let version = locked.split("name = \"totp-rs\"\nversion = \"").nth(1).unwrap().split('.').next().unwrap();
    assert!(version.parse::<u32>().unwrap() >= 2, "RUSTSEC-2022-0018");
}

/// No value comes twice, and every place of it takes many values.
fn is_random(what: &str, values: &[String]) {
    let different: BTreeSet<&String> = values.iter().collect();
    assert_eq!(different.len(), values.len(), "{what}: one came twice");
    let length = values[0].len();
    for place in 0..length {
        let here: BTreeSet<u8> = values.iter().map(|value| value.as_bytes()[place]).collect();
        // A hyphen in recovery codes; the last letter of a token has few bits left.
        let few = here.len() == 1 && here.contains(&b'-') || place + 1 == length;
        assert!(few || here.len() > 8, "{what}: place {place} is one of {here:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f17_tokens_secrets_and_codes_repeat_nothing() {
    let (gate, _) = gate().await;
    without_budgets(&gate);
    let anna = gate.signed_in(ANNA).await;
    let mut pendings = Vec::new();
    for way in in_turn().take(60) {
        let mut there = anna.in_new_browser(&gate);
        there.browser = coming(there.browser, way);
        there.reach_page_two().await;
        pendings.push(there.browser.cookies["__Host-vestibule-pending"].clone());
    }
    is_random("pending logins", &pendings);
    assert_eq!(pendings[0].len(), 43, "256 bits");
    let mut links = Vec::new();
    for number in 0..40 {
        let link = gate.invite(&format!("p{number}@example.com"), &[]).await;
        links.push(link.rsplit('/').next().unwrap().to_owned());
    }
    is_random("links", &links);
    let mut codes = anna.recovery.clone();
    let mut secrets = vec![anna.secret.clone()];
    for number in 0..3 {
        let person: Person = gate.enrolled(&format!("q{number}@example.com")).await;
        codes.extend(person.recovery);
        secrets.push(person.secret);
    }
    is_random("recovery codes", &codes);
    let different: BTreeSet<&String> = secrets.iter().collect();
    assert!(different.len() == 4 && secrets.iter().all(|secret| secret.len() >= 32), "160 bits");
}
