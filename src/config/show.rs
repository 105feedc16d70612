//! The effective configuration as TOML: what holds and where it comes from, with passwords masked.

use std::fmt::Write as _;

use config::{Value, ValueKind};

use super::layers::{Layers, Table};
use super::report::{Place, masked};
use super::schema::{self, Key};

/// What `config show` prints. It parses as TOML again.
pub(super) fn show(layers: &Layers, file: &str) -> String {
    let mut text = String::new();
    for ((name, keys), table) in schema::SECTIONS.iter().zip(&layers.sections) {
        section(&mut text, &format!("[{name}]"), keys, table, file);
    }
    for portal in &layers.portals {
        section(&mut text, "[[portal]]", schema::PORTAL, &portal.table, file);
        if let Some(brand) = &portal.brand {
            section(&mut text, "[portal.brand]", schema::PORTAL_BRAND, brand, file);
        }
        for rule in &portal.rules {
            section(&mut text, "[[portal.rule]]", schema::RULE, rule, file);
        }
    }
    text
}

fn section(text: &mut String, header: &str, keys: &[Key], table: &Table, file: &str) {
    let break_before = if text.is_empty() { "" } else { "\n" };
    let _ = writeln!(text, "{break_before}{header}");
    for (key, _) in keys {
        let Some(value) = table.find(key) else { continue };
        let setting = format!("{key} = {}", written(value));
        let origin = match value.origin().map(|origin| Place::from_origin(Some(origin))) {
            Some(Place::Line(line)) => format!("{file}:{line}"),
            Some(Place::Variable(name)) => name,
            Some(Place::File) | None => "default".to_owned(),
        };
        let _ = writeln!(text, "{setting:<40} # {origin}");
    }
}

fn written(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => toml::Value::String(masked(text)).to_string(),
        ValueKind::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        ValueKind::Table(parts) => {
            let part = |key: &str| Some(format!("{key} = {}", written(parts.get(key)?)));
            format!("{{ {} }}", ["text", "url"].into_iter().filter_map(part).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
