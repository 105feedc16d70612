//! The layers put together by the crate `config`: defaults < file < environment. Every value keeps the place it came from.

use std::ffi::OsString;

use config::{Config as Merged, ConfigError, Map, Source, Value, ValueKind};

use super::environment;
use super::file::{self, InnerTable, PortalTable};
use super::report::{Place, Report};
use super::schema::{self, Key, Standard};

/// All settings, defaults included, before anything is made of them.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// One table per section of the schema.
    pub sections: Vec<Table>,
    pub portals: Vec<Portal>,
    /// Whether the file speaks of portals at all, in whatever form.
    pub names_portals: bool,
}

/// A portal's settings, those of its brand and those of its rules.
#[derive(Debug)]
pub(super) struct Portal {
    pub table: Table,
    /// What it says of its own look, if it says anything.
    pub brand: Option<Table>,
    pub rules: Vec<Table>,
}

/// The settings of one section, portal, brand or rule.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// `mfa`, `portal[0]`, `portal[0].rule[2]`.
    pub path: String,
    /// Where it begins.
    pub place: Option<Place>,
    values: Map<String, Value>,
}

impl Table {
    /// The value of a key; none for a key without default that nobody set.
    pub(super) fn find(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// Where the value of a key was written; for a default, where the table begins.
    pub(super) fn place_of(&self, key: &str) -> Place {
        match self.find(key).and_then(Value::origin) {
            Some(origin) => Place::from_origin(Some(origin)),
            None => self.place.clone().unwrap_or(Place::File),
        }
    }

    /// Whether somebody set this key.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.find(key).is_some_and(|value| value.origin().is_some())
    }
}

/// Reads and merges; what is wrong with the form of either layer goes to `report`. `None`: the file is no TOML.
pub(super) fn merge(text: &str, vars: impl IntoIterator<Item = (OsString, OsString)>, report: &mut Report) -> Option<Layers> {
    let environment = environment::read(vars, report);
    let file = file::parse(text, report)?;
    let mut sections: Map<String, Map<String, Value>> = Map::new();
    for (path, value) in over(&over(&section_defaults(), &file.sections), &environment) {
        if let Some((section, key)) = path.split_once('.') {
            sections.entry(section.to_owned()).or_default().insert(key.to_owned(), value);
        }
    }
    let table = |(name, _): &(&str, _)| Table {
        path: (*name).to_owned(),
        place: None,
        values: sections.remove(*name).unwrap_or_default(),
    };
    Some(Layers {
        names_portals: file.names_portals,
        sections: schema::SECTIONS.iter().map(table).collect(),
        portals: file.portals.into_iter().enumerate().map(|(at, portal)| self::portal(at, portal)).collect(),
    })
}

fn portal(at: usize, portal: PortalTable) -> Portal {
    let path = format!("portal[{at}]");
    let rule = |(at, rule): (usize, InnerTable)| Table {
        path: format!("{path}.rule[{at}]"),
        place: Some(rule.place),
        values: over(&defaults(schema::RULE), &rule.values),
    };
    let rules = portal.rules.into_iter().enumerate().map(rule).collect();
    let brand = portal.brand.map(|brand| Table { path: format!("{path}.brand"), place: Some(brand.place), values: brand.values });
    let values = over(&defaults(schema::PORTAL), &portal.values);
    Portal { table: Table { path, place: Some(portal.place), values }, brand, rules }
}

/// What `config` makes of two layers, by flat paths again.
fn over(below: &Map<String, Value>, above: &Map<String, Value>) -> Map<String, Value> {
    let merged = Merged::builder().add_source(Layer(below.clone())).add_source(Layer(above.clone())).build();
    // Building fails only where a source does, and ours hold what they give.
    let mut flat = Map::new();
    if let Ok(merged) = merged {
        flatten("", merged.cache, &mut flat);
    }
    flat
}

fn flatten(path: &str, value: Value, flat: &mut Map<String, Value>) {
    match value.kind {
        ValueKind::Table(table) => {
            for (key, value) in table {
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                flatten(&path, value, flat);
            }
        }
        _ => drop(flat.insert(path.to_owned(), value)),
    }
}

#[derive(Clone, Debug)]
struct Layer(Map<String, Value>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

fn section_defaults() -> Map<String, Value> {
    let keys = schema::SECTIONS.iter().flat_map(|(section, keys)| keys.iter().map(move |key| (section, key)));
    keys.filter_map(|(section, (key, standard))| Some((format!("{section}.{key}"), default(*standard)?))).collect()
}

fn defaults(keys: &[Key]) -> Map<String, Value> {
    keys.iter().filter_map(|(key, standard)| Some(((*key).to_owned(), default(*standard)?))).collect()
}

fn default(standard: Standard) -> Option<Value> {
    let text = |text: &str| Value::new(None, ValueKind::String(text.to_owned()));
    match standard {
        Standard::Text(value) => Some(text(value)),
        Standard::Flag(value) => Some(Value::new(None, ValueKind::Boolean(value))),
        Standard::Number(value) => Some(Value::new(None, ValueKind::I64(value))),
        Standard::List(values) => Some(Value::new(None, ValueKind::Array(values.iter().map(|value| text(value)).collect()))),
        Standard::Links => Some(Value::new(None, ValueKind::Array(Vec::new()))),
        Standard::NoText | Standard::NoList | Standard::NoLinks => None,
    }
}
