//! The words of all languages: none is missing, none is left over, each is filled in alike everywhere, and no template says
//! anything that is not among them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use vestibule::language::Language;

/// The tags that our words may have in them; none of them carries anything but these attributes.
const TAGS: &[&str] = &["strong", "/strong", "code", "/code", "span class=\"path\"", "/span"];

/// What a template may say in any language.
const NAMES: &[&str] = &["iPhone", "Android"];

/// Attributes that people read or hear.
const READ: &[&str] =
    &["alt", "aria-label", "aria-description", "title", "placeholder", "data-met", "data-done", "data-same", "data-other"];

/// One message: its text with those of its attributes, and the names of the attributes.
#[derive(Debug, Default)]
struct Entry {
    text: String,
    parts: BTreeSet<String>,
}

type Messages = BTreeMap<String, Entry>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|known| known == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn folder(language: Language) -> PathBuf {
    root().join("src/language/words").join(language.tag())
}

/// The messages of a language, told apart by how Fluent files are laid out: a message begins at the start of a line.
fn messages(language: Language) -> Messages {
    let mut all = Messages::new();
    for file in files(&folder(language), "ftl") {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut current: Option<String> = None;
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                let (key, rest) = line.split_once(" =").unwrap_or_else(|| panic!("{}: {line}", file.display()));
                let entry = Entry { text: rest.to_owned(), parts: BTreeSet::new() };
                assert!(all.insert(key.to_owned(), entry).is_none(), "{}: {key} is there twice", file.display());
                current = Some(key.to_owned());
            } else if let Some(entry) = current.as_ref().and_then(|key| all.get_mut(key)) {
                if let Some((part, _)) = line.trim().strip_prefix('.').and_then(|line| line.split_once(" =")) {
                    entry.parts.insert(part.to_owned());
                }
                entry.text.push('\n');
                entry.text.push_str(line);
            }
        }
    }
    all
}

/// The names behind `$`.
fn variables(text: &str) -> BTreeSet<String> {
    let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
    text.split('$').skip(1).map(name).filter(|name: &String| !name.is_empty()).collect()
}

/// The tags of a message, sorted.
fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<_> = text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap().to_owned()).collect();
    tags.sort();
    tags
}

/// Everything that may name a message: the program without its tests, and the templates.
fn users() -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    for file in files(&root().join("src"), "rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        all.push((file, text.split("#[cfg(test)]").next().unwrap().to_owned()));
    }
    for file in files(&root().join("src/pages/templates"), "html") {
        let text = std::fs::read_to_string(&file).unwrap();
        all.push((file, text));
    }
    all
}

/// Whatever stands right behind each `("…")` that names a message, as far as it is a chain of calls: the values it is given.
fn given(mut rest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(".text()") {
            rest = after;
            continue;
        }
        let Some(after) = rest.strip_prefix(".with(\"") else { return names };
        names.insert(after.split('"').next().unwrap().to_owned());
        let mut depth = 1;
        let end = after.char_indices().find(|(_, c)| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        rest = &after[end.unwrap().0 + 1..];
    }
}

/// Every place that says a message by name: file, key, and the values it gives.
fn places() -> Vec<(PathBuf, String, BTreeSet<String>)> {
    let mut all = Vec::new();
    for (file, text) in users() {
        for call in ["say(\"", ".t(\"", ".html(\""] {
            for (at, _) in text.match_indices(call) {
                let rest = &text[at + call.len()..];
                let key = rest.split('"').next().unwrap();
                all.push((file.clone(), key.to_owned(), given(&rest[key.len() + 2..])));
            }
        }
    }
    assert!(all.len() > 100, "the places are not found any more");
    all
}

#[test]
fn every_language_has_the_same_messages_with_the_same_gaps_and_tags() {
    let english = messages(Language::English);
    assert!(english.len() > 100);
    let mut wrong = Vec::new();
    for language in Language::ALL {
        let tag = language.tag();
        let theirs = messages(language);
        for key in theirs.keys().filter(|key| !english.contains_key(*key)) {
            wrong.push(format!("{tag}: {key} is not in English"));
        }
        for (key, ours) in &english {
            let Some(entry) = theirs.get(key) else {
                wrong.push(format!("{tag}: {key} is missing"));
                continue;
            };
            if entry.parts != ours.parts {
                wrong.push(format!("{tag}: {key} has {:?}, not {:?}", entry.parts, ours.parts));
            }
            if variables(&entry.text) != variables(&ours.text) {
                wrong.push(format!(
                    "{tag}: {key} is filled in with {:?}, not {:?}",
                    variables(&entry.text),
                    variables(&ours.text)
                ));
            }
            if tags(&entry.text).iter().collect::<BTreeSet<_>>() != tags(&ours.text).iter().collect::<BTreeSet<_>>() {
                wrong.push(format!("{tag}: {key} has the tags {:?}, not {:?}", tags(&entry.text), tags(&ours.text)));
            }
            if let Some(tag) = tags(&entry.text).iter().find(|tag| !TAGS.contains(&tag.as_str())) {
                wrong.push(format!("{tag}: {key} has a tag that is not ours"));
            }
            if entry.text.contains('&') {
                wrong.push(format!("{tag}: {key} has a raw ampersand: write the character itself, or the word"));
            }
        }
        let names = |language| -> BTreeSet<_> {
            files(&folder(language), "ftl").iter().map(|file| file.file_name().unwrap().to_owned()).collect()
        };
        assert_eq!(names(language), names(Language::English), "{tag}: topics");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_message_is_read_by_fluent_and_has_a_text_in_every_language() {
    use vestibule::language::say;
    // What is not found is answered by its key, or in English: so a file that Fluent cannot read shows itself.
    for language in Language::ALL {
        for key in messages(language).keys() {
            let key: &'static str = Box::leak(key.clone().into_boxed_str());
            let text = say(key).in_language(language);
            assert!(!text.is_empty() && text != key, "{}: {key}", language.tag());
        }
        for file in files(&folder(language), "ftl") {
            let text = std::fs::read_to_string(&file).unwrap();
            let resource = fluent_bundle::FluentResource::try_new(text);
            assert!(resource.is_ok(), "{}: {:?}", file.display(), resource.err());
        }
    }
}

#[test]
fn every_message_that_is_said_exists_is_given_what_it_asks_for_and_none_is_left_over() {
    let english = messages(Language::English);
    let mut wrong = Vec::new();
    for (file, key, given) in places() {
        match english.get(&key) {
            None => wrong.push(format!("{}: {key} does not exist", file.display())),
            Some(entry) if variables(&entry.text) != given => {
                wrong.push(format!("{}: {key} asks for {:?}, is given {given:?}", file.display(), variables(&entry.text)));
            }
            Some(_) => {}
        }
    }
    let users = users();
    for key in english.keys() {
        let quoted = format!("\"{key}\"");
        if !users.iter().any(|(_, text)| text.contains(&quoted)) {
            wrong.push(format!("{key} is said nowhere"));
        }
    }
    // Refusals are named apart from where they are said.
    for (file, text) in &users {
        for rest in text.split("\"refused-").skip(1) {
            let key = format!("refused-{}", rest.split('"').next().unwrap());
            let known = english.get(&key).is_some_and(|entry| entry.parts.contains("text"));
            if !known {
                wrong.push(format!("{}: {key} does not exist, or has no .text", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A template without `{% %}`, `{{ }}` and `{# #}`.
fn bare(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let close = match rest.as_bytes().get(at + 1) {
            Some(b'%') => "%}",
            Some(b'{') => "}}",
            Some(b'#') => "#}",
            _ => {
                out.push_str(&rest[..=at]);
                rest = &rest[at + 1..];
                continue;
            }
        };
        out.push_str(&rest[..at]);
        let end = rest[at..].find(close).unwrap() + at + 2;
        rest = &rest[end..];
    }
    out + rest
}

/// What a template says by itself: its text, and the attributes that people read.
fn literal(template: &str) -> Vec<String> {
    let template = bare(template);
    let mut said = Vec::new();
    for (place, piece) in template.split('<').enumerate() {
        let (tag, text) = if place == 0 { ("", piece) } else { piece.split_once('>').unwrap_or((piece, "")) };
        said.push(text.trim().to_owned());
        for name in READ {
            if let Some((_, value)) = tag.split_once(&format!(" {name}=\"")) {
                said.push(value.split('"').next().unwrap().to_owned());
            }
        }
    }
    said.retain(|text| text.chars().any(char::is_alphabetic));
    said
}

#[test]
fn no_template_says_anything_by_itself() {
    assert_eq!(literal("<p title=\"so\">{{ a }} and {% if b %}or{% endif %}</p>"), ["and or", "so"]);
    for file in files(&root().join("src/pages/templates"), "html") {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("|safe") && !text.contains("| safe"), "{}", file.display());
        let literal: Vec<_> = literal(&text).into_iter().filter(|said| !NAMES.contains(&said.as_str())).collect();
        assert!(literal.is_empty(), "{}: {literal:?}", file.display());
    }
}
