//! Any text as configuration: it is good, or every mistake says where it is and what it is about.

use std::sync::LazyLock;

use tempfile::TempDir;
use vestibule::config::{self, Mistake, Place};

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// The bytes of a file.
pub fn config(text: &[u8]) {
    // One file per thread, since tests run side by side.
    let file = FOLDER.path().join(format!("{:?}.toml", std::thread::current().id()));
    std::fs::write(&file, text).unwrap();
    let lines = text.split(|byte| *byte == b'\n').count();
    let name = file.display().to_string();
    match config::load(&file, std::iter::empty()) {
        Ok(loaded) => {
            assert!(loaded.report.mistakes.is_empty());
            for warning in &loaded.report.warnings {
                tells(warning, lines);
            }
            let shown = loaded.show();
            assert!(shown.parse::<toml::Table>().is_ok(), "what is shown is no TOML:\n{shown}");
        }
        Err(report) => {
            assert!(!report.mistakes.is_empty() && report.file == name);
            for mistake in report.mistakes.iter().chain(&report.warnings) {
                tells(mistake, lines);
            }
            for line in report.mistake_lines() {
                assert!(line.starts_with(&name) && !line.contains('\n'), "{line:?}");
            }
        }
    }
}

/// A line of the file, what is meant, and what is wrong with it.
fn tells(mistake: &Mistake, lines: usize) {
    match &mistake.place {
        Place::Line(line) => assert!((1..=lines).contains(line), "{mistake:?} of {lines} lines"),
        Place::File => {}
        Place::Variable(name) => panic!("{name} was not set"),
    }
    let of_the_file = ["this is not TOML", "is no text", "is larger", "there is no portal"];
    let of_the_file = of_the_file.iter().any(|said| mistake.wrong.starts_with(said));
    assert!(!mistake.wrong.is_empty() && (of_the_file || !mistake.subject.is_empty()), "{mistake:?}");
    assert!(!mistake.subject.chars().any(char::is_control), "{mistake:?}");
}
