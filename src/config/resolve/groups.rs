//! Groups are declared nowhere: an account is in those that it was given. So a name that is spelled in two ways is the one mistake
//! that can be seen here; what it does is to let nobody in.

use config::ValueKind;

use crate::config::layers::{Layers, Table};
use crate::config::report::{Report, shown};

/// Warns of groups that differ by case alone.
pub(super) fn warn_of_near_misses(layers: &Layers, report: &mut Report) {
    let tables = layers.portals.iter().flat_map(|portal| std::iter::once(&portal.table).chain(&portal.rules));
    let mut known: Vec<(&str, &Table)> = Vec::new();
    for table in tables {
        for name in names(table) {
            let near = known.iter().find(|(other, _)| *other != name && other.to_lowercase() == name.to_lowercase());
            if let Some((other, first)) = near {
                let wrong = format!("is another group than \"{}\" in {}.groups", shown(other), first.path);
                let subject = format!("{}.groups: \"{}\"", table.path, shown(name));
                report.warning(
                    table.place_of("groups"),
                    subject,
                    wrong,
                    "write both alike: groups are compared letter by letter",
                );
            }
            known.push((name, table));
        }
    }
}

fn names(table: &Table) -> Vec<&str> {
    match table.find("groups").map(|value| &value.kind) {
        Some(ValueKind::Array(items)) => items
            .iter()
            .filter_map(|item| match &item.kind {
                ValueKind::String(text) => Some(text.as_str()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
