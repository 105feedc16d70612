//! What is wrong with a configuration: every mistake with its place, the key, what is wrong and what would be right.

use std::fmt;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Nowhere in particular: in the file as a whole, or a default.
    File,
    /// In this line of the file, from 1.
    Line(usize),
    /// In this environment variable.
    Variable(String),
}

impl Place {
    /// The place that a layer noted as origin: a line number, or a variable's name.
    pub(super) fn from_origin(origin: Option<&str>) -> Self {
        match origin {
            None => Self::File,
            Some(text) => text.parse().map_or_else(|_| Self::Variable(text.to_owned()), Self::Line),
        }
    }
}

/// One mistake, or one warning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// The key path, and its value where that helps: `mfa.reauth_window = "90d"`.
    pub subject: String,
    /// What is wrong with it: goes on from the subject.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

/// All mistakes and warnings of one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The file's name as the operator gave it.
    pub file: String,
    /// What keeps the configuration from being used, in order of place.
    pub mistakes: Vec<Mistake>,
    /// What it can be used with, but hardly was meant.
    pub warnings: Vec<Mistake>,
    /// What is as it was meant, perhaps, but promises less than could be had: told to whoever asks for a check, and to nobody else.
    pub notes: Vec<Mistake>,
}

impl Report {
    /// Nothing found yet.
    pub(super) fn new(file: String) -> Self {
        Self { file, mistakes: Vec::new(), warnings: Vec::new(), notes: Vec::new() }
    }

    /// Notes a mistake.
    pub(super) fn mistake(
        &mut self,
        place: Place,
        subject: impl Into<String>,
        wrong: impl Into<String>,
        right: impl Into<String>,
    ) {
        self.mistakes.push(Mistake { place, subject: subject.into(), wrong: wrong.into(), right: right.into() });
    }

    /// Notes a warning.
    pub(super) fn warning(
        &mut self,
        place: Place,
        subject: impl Into<String>,
        wrong: impl Into<String>,
        right: impl Into<String>,
    ) {
        self.warnings.push(Mistake { place, subject: subject.into(), wrong: wrong.into(), right: right.into() });
    }

    /// Notes something that could be better.
    pub(super) fn note(&mut self, place: Place, subject: impl Into<String>, wrong: impl Into<String>, right: impl Into<String>) {
        self.notes.push(Mistake { place, subject: subject.into(), wrong: wrong.into(), right: right.into() });
    }

    /// In the order of the file, then the environment; the same mistake once.
    pub(super) fn sort(&mut self) {
        for list in [&mut self.mistakes, &mut self.warnings, &mut self.notes] {
            list.sort();
            list.dedup();
        }
    }

    /// One line per mistake: `vestibule.toml:12: mfa.reauth_window = "90d" is longer than 30d: give a duration from 1h to 30d`.
    pub fn mistake_lines(&self) -> impl Iterator<Item = String> {
        self.mistakes.iter().map(|mistake| line(&self.file, mistake))
    }

    /// One line per warning.
    pub fn warning_lines(&self) -> impl Iterator<Item = String> {
        self.warnings.iter().map(|warning| line(&self.file, warning))
    }

    /// One line per note.
    pub fn note_lines(&self) -> impl Iterator<Item = String> {
        self.notes.iter().map(|note| line(&self.file, note))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mistake_lines().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl std::error::Error for Report {}

fn line(file: &str, mistake: &Mistake) -> String {
    let Mistake { place, subject, wrong, right } = mistake;
    let said = [subject.as_str(), wrong.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let advice = if right.is_empty() { String::new() } else { format!(": {right}") };
    let line = match place {
        Place::File => format!("{file}: {said}{advice}"),
        Place::Line(number) => format!("{file}:{number}: {said}{advice}"),
        Place::Variable(name) => format!("{name}: {said}{advice}"),
    };
    // One line, whatever a value that is repeated in it holds.
    printable(&line)
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A value as it may be shown: a password inside a URL is masked, and what is not printable or very long is cut out.
pub(super) fn shown(value: &str) -> String {
    let visible = printable(&masked(value));
    if visible.chars().count() > 120 { format!("{}…", visible.chars().take(119).collect::<String>()) } else { visible }
}

/// `scheme://user:***@host` for `scheme://user:password@host`.
pub(super) fn masked(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let Some((user_info, _)) = authority.rsplit_once('@') else { return value.to_owned() };
    let Some((user, _)) = user_info.split_once(':') else { return value.to_owned() };
    let after = rest.get(user_info.len()..).unwrap_or_default();
    format!("{scheme}://{user}:***{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_reads_as_one_sentence_after_its_place() {
        let mut report = Report::new("vestibule.toml".to_owned());
        let give = "give a duration from 1h to 30d";
        report.mistake(
            Place::Variable("VESTIBULE__MFA__REAUTH_WINDOW".to_owned()),
            "mfa.reauth_window = \"1s\"",
            "is shorter than 1h",
            give,
        );
        report.mistake(Place::Line(12), "mfa.reauth_window = \"90d\"", "is longer than 30d", give);
        report.sort();
        assert_eq!(
            report.to_string(),
            "vestibule.toml:12: mfa.reauth_window = \"90d\" is longer than 30d: give a duration from 1h to 30d\n\
             VESTIBULE__MFA__REAUTH_WINDOW: mfa.reauth_window = \"1s\" is shorter than 1h: give a duration from 1h to 30d\n"
        );
    }

    #[test]
    fn a_mistake_is_one_line_whatever_is_repeated_in_it() {
        let mut report = Report::new("vestibule.toml".to_owned());
        report.mistake(Place::Line(2), "portal[1].url", "is none", "write https://a\nvestibule.toml:1: all is well");
        assert_eq!(report.to_string().lines().count(), 1, "{report}");
    }

    #[test]
    fn passwords_in_urls_are_masked() {
        assert_eq!(masked("postgres://anna:secret@db/x"), "postgres://anna:***@db/x");
        assert_eq!(masked("postgres://anna:s@cret@db/x"), "postgres://anna:***@db/x");
        assert_eq!(masked("https://portal.example.com/a@b:c"), "https://portal.example.com/a@b:c");
        assert_eq!(masked("plain"), "plain");
        assert_eq!(shown("a\nb"), "a\u{fffd}b");
    }
}
