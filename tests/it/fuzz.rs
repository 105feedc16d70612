//! What fuzzers found worth keeping, and some thousand changes of it, against the properties that they look for violations of
//! (`tests/fuzz`, `docs/security.md`). Needs nothing but this: the fuzzers themselves run elsewhere, for longer.

#[path = "../fuzz/src/properties/mod.rs"]
mod properties;

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// What tells more than a random byte.
const WORDS: [&[u8]; 24] = [
    b"/",
    b"..",
    b"%2f",
    b"%2e",
    b"%25",
    b"%00",
    b";",
    b"\\",
    b"//",
    b"?",
    b"#",
    b"__Host-vestibule=",
    b"; ",
    b"=",
    b"\"",
    b",",
    b"for=",
    b"203.0.113.9",
    b"\r\n",
    b"\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 5\r\n",
    b"\xc2\xa0",
    b"\xc0\xae",
];

/// One change. Places are taken modulo the length.
#[derive(Clone, Debug)]
enum Edit {
    Byte(usize, u8),
    Word(usize, usize),
    Cut(usize, usize),
    Again(usize, usize),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = || any::<usize>();
    let edit = prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        (at(), 0..WORDS.len()).prop_map(|(at, word)| Edit::Word(at, word)),
        (at(), 1..9_usize).prop_map(|(at, bytes)| Edit::Cut(at, bytes)),
        (at(), 1..33_usize).prop_map(|(at, bytes)| Edit::Again(at, bytes)),
    ];
    prop::collection::vec(edit, 1..6)
}

fn edited(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        let place = |at: usize| at % (bytes.len() + 1);
        let part = |at: usize, length: usize| place(at)..(place(at) + length).min(bytes.len());
        match *edit {
            Edit::Byte(at, byte) => {
                let part = part(at, 1);
                bytes.splice(part, [byte]);
            }
            Edit::Word(at, word) => {
                let place = place(at);
                bytes.splice(place..place, WORDS[word].iter().copied());
            }
            Edit::Cut(at, length) => {
                let part = part(at, length);
                bytes.drain(part);
            }
            Edit::Again(at, length) => {
                let part = part(at, length);
                let (end, again) = (part.end, bytes[part].to_vec());
                bytes.splice(end..end, again);
            }
        }
    }
    bytes
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 5, "there is a corpus for {target}");
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Everything in the corpus, and so many changes of it, the same in every run; or as many others as `PROPTEST_CASES` says.
fn hold(target: &str, cases: u32, property: impl Fn(&[u8])) {
    let corpus = corpus(target);
    for bytes in &corpus {
        property(bytes);
    }
    let more = std::env::var("PROPTEST_CASES").ok().map(|cases| cases.parse().unwrap());
    let rng_seed = if more.is_some() { RngSeed::Random } else { RngSeed::Fixed(1) };
    let config = Config { cases: more.unwrap_or(cases), failure_persistence: None, rng_seed, ..Config::default() };
    let changed = (prop::sample::select(corpus), edits()).prop_map(|(bytes, edits)| edited(bytes, &edits));
    let outcome = TestRunner::new(config).run(&changed, |bytes| {
        property(&bytes);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{target}: {}", failure.to_string().lines().next().unwrap_or_default()));
}

#[test]
fn no_path_has_two_readings() {
    hold("target", 5000, properties::target);
}

#[test]
fn no_cookie_of_ours_goes_upstream_and_no_other_is_touched() {
    hold("cookies", 5000, properties::cookies);
}

#[test]
fn no_header_of_ours_is_a_clients_to_write() {
    hold("headers", 5000, properties::headers);
}

#[test]
fn nobody_writes_themselves_an_address() {
    hold("client", 5000, properties::client);
}

#[test]
fn a_proxy_header_names_one_client_and_ends_in_one_place() {
    hold("proxy_header", 5000, properties::proxy_header);
}

#[test]
fn a_form_has_one_reading_and_no_token_is_guessed() {
    hold("forms", 5000, properties::forms);
}

#[test]
fn every_mistake_in_a_configuration_says_where_it_is() {
    hold("config", 1500, properties::config);
}

#[test]
fn what_arrives_is_what_was_judged_and_from_nobody_nothing_does() {
    hold("gate", 300, properties::gate);
}
