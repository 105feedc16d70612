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
    match serde_json::to_string_pretty(value) {
        Ok(text) => line(&text),
        Err(error) => Err(Failure::Failed(format!("the result cannot be written as JSON: {error}"))),
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
    let mut table = comfy_table::Table::new();
    table.load_style(NOTHING);
    table.set_header(headings.iter().map(|heading| heading.to_uppercase()));
    for row in rows {
        table.add_row(row.iter().map(|cell| printable(cell)));
    }
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
