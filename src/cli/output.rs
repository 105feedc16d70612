//! The only place that writes to stdout and stderr: results on the one, everything else on the other, colours only where
//! somebody looks at them.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use comfy_table::presets::NOTHING;
use serde::Serialize;

use super::exit::{Failure, Outcome};

/// How lists are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: an array of objects, times RFC 3339 in UTC.
    Json,
}

/// `--format`, for whatever lists.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(super) struct FormatArg {
    /// How to print the result
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
}

/// Writes a result and a newline.
pub(super) fn line(text: &str) -> Outcome {
    write(text.as_bytes()).and_then(|()| write(b"\n"))
}

/// Writes a result as it is.
pub(super) fn raw(text: &str) -> Outcome {
    write(text.as_bytes())
}

fn write(bytes: &[u8]) -> Outcome {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(error) => Err(Failure::Failed(format!("the result cannot be written: {error}"))),
    }
}

/// Writes a value as JSON.
pub(super) fn json(value: &impl Serialize) -> Outcome {
    line(&pretty(value)?)
}

fn pretty(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(format!("the result cannot be written as JSON: {error}")))
}

/// A list that is written part by part, so that nobody has to hold all of it.
pub(super) struct Listing<'a> {
    format: Format,
    headings: &'a [&'a str],
    /// How wide each column of a table was so far: no later part is narrower.
    widths: Vec<u16>,
    begun: bool,
}

impl<'a> Listing<'a> {
    /// With these headings, if it becomes a table.
    pub(super) fn new(format: Format, headings: &'a [&'a str]) -> Self {
        Self { format, headings, widths: Vec::new(), begun: false }
    }

    /// Writes the next part.
    pub(super) fn part<T: Serialize>(&mut self, items: &[T], cells: impl Fn(&T) -> Vec<String>) -> Outcome {
        match self.format {
            Format::Json => self.objects(items),
            Format::Table => self.rows(items.iter().map(cells)),
        }
    }

    /// Writes what stands after the last part.
    pub(super) fn end(mut self) -> Outcome {
        match self.format {
            Format::Json => raw(if self.begun { "\n]\n" } else { "[]\n" }),
            Format::Table if self.begun => Ok(()),
            Format::Table => self.rows(std::iter::empty()),
        }
    }

    fn objects(&mut self, items: &[impl Serialize]) -> Outcome {
        let mut text = String::new();
        for item in items {
            let before = if std::mem::replace(&mut self.begun, true) { ",\n  " } else { "[\n  " };
            text.push_str(before);
            text.push_str(&pretty(item)?.replace('\n', "\n  "));
        }
        raw(&text)
    }

    fn rows(&mut self, rows: impl Iterator<Item = Vec<String>>) -> Outcome {
        let first = !std::mem::replace(&mut self.begun, true);
        let mut table = if first {
            empty_table(self.headings.iter().map(|heading| heading.to_uppercase()))
        } else {
            // In the place of the headings something as wide as what was written, which is left out below.
            empty_table(self.widths.iter().map(|width| " ".repeat(usize::from(*width))))
        };
        add_rows(&mut table, rows);
        self.widths = table.column_max_content_widths();
        let text = lines(&table);
        line(if first { &text } else { text.split_once('\n').map_or("", |(_, rows)| rows) })
    }
}

/// Writes a list: as a table with these headings, or as JSON.
pub(super) fn list<T: Serialize>(format: Format, items: &[T], headings: &[&str], cells: impl Fn(&T) -> Vec<String>) -> Outcome {
    match format {
        Format::Json => json(&items),
        Format::Table => line(&table(headings, items.iter().map(cells))),
    }
}

fn table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = empty_table(headings.iter().map(|heading| heading.to_uppercase()));
    add_rows(&mut table, rows);
    lines(&table)
}

fn empty_table(headings: impl Iterator<Item = String>) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(NOTHING);
    table.set_header(headings);
    table
}

fn add_rows(table: &mut comfy_table::Table, rows: impl Iterator<Item = Vec<String>>) {
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
}

fn lines(table: &comfy_table::Table) -> String {
    // Cells are padded on both sides: what stands at the ends of a line is of no use to anybody.
    table.to_string().lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

/// Text from outside as it may go to a terminal: no control characters, which could move its cursor or change its title.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Says something that is no result.
pub(super) fn note(text: &str) {
    say(&format!("{text}\n"));
}

/// Says why a command did not do what it was asked.
pub(super) fn error(text: &str) {
    say(&format!("{} {}\n", painted("error:", "31"), text.trim_end()));
}

/// Says what was done, but hardly was meant.
pub(super) fn warning(text: &str) {
    say(&format!("{} {text}\n", painted("warning:", "33")));
}

fn painted(word: &str, colour: &str) -> String {
    if colours() { format!("\u{1b}[1;{colour}m{word}\u{1b}[0m") } else { word.to_owned() }
}

/// Colours only on a terminal that has them, and where nobody has asked for none (<https://no-color.org>).
fn colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let plain = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stderr().is_terminal() && !unwanted && !plain
}

fn say(text: &str) {
    // Where even stderr is gone there is nobody left to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
