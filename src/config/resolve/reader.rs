//! Reads the keys of one table; what is wrong with a value is noted, and a stand-in given back, so that all others are read too.
//! Nobody gets to see a stand-in: a configuration with mistakes is thrown away as a whole.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use config::{Value, ValueKind};

use crate::config::layers::Table;
use crate::config::report::{Place, Report, shown};
use crate::config::values::{duration, duration_text};

/// What is wrong with a value, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub wrong: String,
    pub right: String,
}

impl Complaint {
    pub(super) fn new(wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self { wrong: wrong.into(), right: right.into() }
    }
}

/// Reads the keys of one table.
pub(super) struct Reader<'a> {
    pub table: &'a Table,
    pub report: &'a mut Report,
    /// What relative paths are relative to.
    pub base: &'a Path,
}

impl Reader<'_> {
    /// The text of a key made into something; `None` if nobody set it, or if it is wrong.
    pub(super) fn parse<T>(&mut self, key: &str, make: impl FnOnce(&str) -> Result<T, Complaint>) -> Option<T> {
        let text = text_of(self.table.find(key)?)?;
        make(text).map_err(|complaint| self.complain(key, complaint)).ok()
    }

    /// The same for a key that has to be set; `example` is what one would write.
    pub(super) fn required<T>(&mut self, key: &str, example: &str, make: impl FnOnce(&str) -> Result<T, Complaint>) -> Option<T> {
        self.demand(key, example);
        self.parse(key, make)
    }

    /// Every item of a list made into something.
    pub(super) fn list<T>(&mut self, key: &str, make: impl Fn(&str) -> Result<T, Complaint>) -> Vec<T> {
        let Some(Value { kind: ValueKind::Array(items), .. }) = self.table.find(key) else { return Vec::new() };
        let mut values = Vec::new();
        for item in items {
            let text = text_of(item).unwrap_or_default();
            match make(text) {
                Ok(value) => values.push(value),
                Err(complaint) => {
                    let place = item.origin().map_or_else(|| self.table.place_of(key), |origin| Place::from_origin(Some(origin)));
                    let subject = format!("{}.{key}: \"{}\"", self.table.path, shown(text));
                    self.report.mistake(place, subject, complaint.wrong, complaint.right);
                }
            }
        }
        values
    }

    /// The tables of a list, each with its place; of a key that is not there, or wrong in its form: none.
    pub(super) fn tables<const N: usize>(&self, key: &str, parts: [&str; N]) -> Option<Vec<(Place, [String; N])>> {
        let Some(Value { kind: ValueKind::Array(items), .. }) = self.table.find(key) else { return None };
        let read = |item: &Value| {
            let place = item.origin().map_or_else(|| self.table.place_of(key), |origin| Place::from_origin(Some(origin)));
            let ValueKind::Table(table) = &item.kind else { return None };
            let text = |part: &str| table.get(part).and_then(text_of).unwrap_or_default().to_owned();
            Some((place, parts.map(text)))
        };
        Some(items.iter().filter_map(read).collect())
    }

    /// Complains if a key that has to be set is not.
    pub(super) fn demand(&mut self, key: &str, example: &str) {
        if self.table.find(key).is_none() {
            let place = self.table.place.clone().unwrap_or(Place::File);
            self.report.mistake(place, &self.table.path, format!("has no {key}"), format!("write {key} = {example}"));
        }
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        matches!(self.table.find(key), Some(Value { kind: ValueKind::Boolean(true), .. }))
    }

    pub(super) fn number(&mut self, key: &str, range: &RangeInclusive<usize>) -> usize {
        let Some(Value { kind: ValueKind::I64(number), .. }) = self.table.find(key) else { return *range.start() };
        usize::try_from(*number).ok().filter(|number| range.contains(number)).unwrap_or_else(|| {
            let too_small = *number < 0 || number.unsigned_abs() < *range.start() as u64;
            let wrong = if too_small { "is too small" } else { "is too large" };
            self.complain(key, Complaint::new(wrong, format!("give a number from {} to {}", range.start(), range.end())));
            *range.start()
        })
    }

    /// A duration between two others.
    pub(super) fn duration(&mut self, key: &str, range: &RangeInclusive<Duration>) -> Duration {
        self.parse(key, |text| bounded_duration(text, range, "")).unwrap_or_default()
    }

    /// A duration between two others, or `off`.
    pub(super) fn duration_or_off(&mut self, key: &str, range: &RangeInclusive<Duration>) -> Option<Duration> {
        self.parse(key, |text| match text {
            "off" => Ok(None),
            _ => bounded_duration(text, range, "\"off\" or ").map(Some),
        })
        .flatten()
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        self.parse(key, |text| one_of(text, words))
    }

    /// Whether somebody wrote a text there that is not empty.
    pub(super) fn is_written(&self, key: &str) -> bool {
        self.table.find(key).and_then(text_of).is_some_and(|text| !text.is_empty())
    }

    /// A path, made absolute.
    pub(super) fn path(&mut self, key: &str) -> Option<PathBuf> {
        let base = self.base;
        self.parse(key, |text| match text {
            "" => Err(Complaint::new("names no file", "give a path, absolute or relative to the configuration file")),
            _ => Ok(base.join(text)),
        })
    }

    /// Notes a mistake about a key's value.
    pub(super) fn complain(&mut self, key: &str, complaint: Complaint) {
        self.report.mistake(self.table.place_of(key), self.subject(key), complaint.wrong, complaint.right);
    }

    /// Notes a warning about a key's value.
    pub(super) fn warn(&mut self, key: &str, complaint: Complaint) {
        self.report.warning(self.table.place_of(key), self.subject(key), complaint.wrong, complaint.right);
    }

    /// `mfa.reauth_window = "90d"`
    pub(super) fn subject(&self, key: &str) -> String {
        let path = format!("{}.{key}", self.table.path);
        match self.table.find(key).map(|value| &value.kind) {
            Some(ValueKind::String(text)) => format!("{path} = \"{}\"", shown(text)),
            Some(ValueKind::I64(number)) => format!("{path} = {number}"),
            Some(ValueKind::Boolean(flag)) => format!("{path} = {flag}"),
            _ => path,
        }
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match &value.kind {
        ValueKind::String(text) => Some(text),
        _ => None,
    }
}

fn bounded_duration(text: &str, range: &RangeInclusive<Duration>, or: &str) -> Result<Duration, Complaint> {
    let (least, most) = (duration_text(*range.start()), duration_text(*range.end()));
    let right = format!("give {or}a duration from {least} to {most}");
    match duration(text) {
        None => Err(Complaint::new("is no duration", format!("{right}, like 30s, 15m, 1h30m or 30d"))),
        Some(span) if span < *range.start() => Err(Complaint::new(format!("is shorter than {least}"), right)),
        Some(span) if span > *range.end() => Err(Complaint::new(format!("is longer than {most}"), right)),
        Some(span) => Ok(span),
    }
}

/// The value of one of several words.
pub(super) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Complaint> {
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let all: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        Complaint::new("is not one of the words known here", format!("give {}", all.join(" or ")))
    })
}
