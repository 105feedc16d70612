//! The TOML file, read with the place of every value. Unknown keys and wrong types are noted and left out, so that the rest can
//! still be judged.

use config::{Map, Value, ValueKind};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::report::{Place, Report};
use super::schema::{self, Key, Standard};

/// What a file says: the sections that occur once, by `section.key`, and the portals.
#[derive(Debug, Default)]
pub(super) struct FileLayer {
    pub sections: Map<String, Value>,
    pub portals: Vec<PortalTable>,
    /// Whether it speaks of portals at all, in whatever form.
    pub names_portals: bool,
}

/// A `[[portal]]` as written.
#[derive(Debug)]
pub(super) struct PortalTable {
    pub place: Place,
    pub values: Map<String, Value>,
    pub brand: Option<InnerTable>,
    pub rules: Vec<InnerTable>,
}

/// A `[portal.brand]` or `[[portal.rule]]` as written.
#[derive(Debug)]
pub(super) struct InnerTable {
    pub place: Place,
    pub values: Map<String, Value>,
}

/// Reads `text`; what is wrong with its form goes to `report`. `None`: it is no TOML, and nothing can be said beyond that.
pub(super) fn parse(text: &str, report: &mut Report) -> Option<FileLayer> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let lines = Lines(text);
    if !errors.is_empty() {
        for error in &errors {
            let place = error.span().map_or(Place::File, |span| lines.place(&span));
            report.mistake(place, "", format!("this is not TOML: {}", one_line(error.message())), "");
        }
        return None;
    }
    let mut walk = Walk { lines, report, layer: FileLayer::default() };
    for (name, value) in root.get_ref() {
        walk.top_level(name, value);
    }
    Some(walk.layer)
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Turns byte offsets into places.
#[derive(Clone, Copy)]
struct Lines<'t>(&'t str);

impl Lines<'_> {
    fn place(self, span: &std::ops::Range<usize>) -> Place {
        Place::Line(self.number(span))
    }

    fn number(self, span: &std::ops::Range<usize>) -> usize {
        1 + self.0.get(..span.start).unwrap_or(self.0).matches('\n').count()
    }
}

struct Walk<'t, 'r> {
    lines: Lines<'t>,
    report: &'r mut Report,
    layer: FileLayer,
}

type Name<'i> = Spanned<std::borrow::Cow<'i, str>>;

impl Walk<'_, '_> {
    fn top_level(&mut self, name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        let place = self.lines.place(&name.span());
        let section: &str = name.get_ref();
        if section == "portal" {
            self.layer.names_portals = true;
            return self.portals(&place, value);
        }
        let Some(keys) = schema::section(section) else { return self.unknown(place, section, value.get_ref()) };
        let Some(table) = value.get_ref().as_table() else {
            return self.report.mistake(place, section, "is a section", format!("write [{section}]"));
        };
        let values = self.table(section, &format!("[{section}]"), keys, table);
        self.layer.sections.extend(values.into_iter().map(|(key, value)| (format!("{section}.{key}"), value)));
    }

    fn unknown(&mut self, place: Place, section: &str, value: &DeValue<'_>) {
        if let Some(what) = schema::not_yet(section) {
            return self.not_yet(place, section, what);
        }
        let kind = if matches!(value, DeValue::Table(_) | DeValue::Array(_)) { "section" } else { "key" };
        self.report.mistake(place, section, format!("is an unknown {kind}"), schema::section_advice(section));
    }

    fn portals(&mut self, place: &Place, value: &Spanned<DeValue<'_>>) {
        for (at, (place, table)) in self.tables(place, value, "portal", "[[portal]]").into_iter().enumerate() {
            let path = format!("portal[{at}]");
            let values = self.table(&path, "[[portal]]", schema::PORTAL, table);
            let brand = table.get_key_value("brand").and_then(|(name, value)| self.portal_brand(&path, name, value));
            let mut rules = Vec::new();
            if let Some((name, list)) = table.get_key_value("rule") {
                let place = self.lines.place(&name.span());
                for (at, (place, table)) in self.tables(&place, list, "portal.rule", "[[portal.rule]]").into_iter().enumerate() {
                    let values = self.table(&format!("{path}.rule[{at}]"), "[[portal.rule]]", schema::RULE, table);
                    rules.push(InnerTable { place, values });
                }
            }
            self.layer.portals.push(PortalTable { place, values, brand, rules });
        }
    }

    fn portal_brand(&mut self, portal: &str, name: &Name<'_>, value: &Spanned<DeValue<'_>>) -> Option<InnerTable> {
        let (place, path) = (self.lines.place(&name.span()), format!("{portal}.brand"));
        let Some(table) = value.get_ref().as_table() else {
            self.report.mistake(place, path, "is a section", "write [portal.brand]");
            return None;
        };
        let values = self.table(&path, "[portal.brand]", schema::PORTAL_BRAND, table);
        Some(InnerTable { place, values })
    }

    /// The tables of an array of tables, each with its place.
    fn tables<'v, 'i>(
        &mut self,
        place: &Place,
        value: &'v Spanned<DeValue<'i>>,
        path: &str,
        written: &str,
    ) -> Vec<(Place, &'v DeTable<'i>)> {
        let Some(items) = value.get_ref().as_array() else {
            self.report.mistake(place.clone(), path, "may occur several times", format!("write {written}, with two brackets"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            let place = self.lines.place(&item.span());
            match item.get_ref().as_table() {
                Some(table) => tables.push((place, table)),
                None => self.report.mistake(place, path, "is no table", format!("write {written}")),
            }
        }
        tables
    }

    fn table(&mut self, path: &str, written: &str, keys: &[Key], table: &DeTable<'_>) -> Map<String, Value> {
        let mut values = Map::new();
        for (name, value) in table {
            let key: &str = name.get_ref();
            if ["brand", "rule"].contains(&key) && written == "[[portal]]" {
                continue;
            }
            let place = self.lines.place(&name.span());
            let full = format!("{path}.{key}");
            match (schema::find(keys, key), schema::not_yet(&full)) {
                (Some(standard), _) => {
                    let value = self.value(&place, &full, standard, value);
                    values.insert(key.to_owned(), value);
                }
                (None, Some(what)) => self.not_yet(place, &full, what),
                (None, None) => self.report.mistake(place, full, "is an unknown key", schema::advice(key, written, keys)),
            }
        }
        values
    }

    /// A value of the right kind; or nil, which is set but to nothing that can be judged further.
    fn value(&mut self, place: &Place, path: &str, standard: Standard, value: &Spanned<DeValue<'_>>) -> Value {
        let origin = self.lines.number(&value.span()).to_string();
        let kind = match (standard, value.get_ref()) {
            (Standard::Text(_) | Standard::NoText, DeValue::String(text)) => Ok(ValueKind::String(text.to_string())),
            (Standard::Flag(_), DeValue::Boolean(flag)) => Ok(ValueKind::Boolean(*flag)),
            (Standard::Number(_), DeValue::Integer(number)) => i64::from_str_radix(number.as_str(), number.radix())
                .map(ValueKind::I64)
                .map_err(|_| "a number that is too large".to_owned()),
            (Standard::List(_) | Standard::NoList, DeValue::Array(items)) => self.list(items).map(ValueKind::Array),
            (Standard::Links | Standard::NoLinks, DeValue::Array(items)) => self.links(items).map(ValueKind::Array),
            (_, other) => Err(described(other).to_owned()),
        };
        let kind = kind.unwrap_or_else(|found| {
            self.report.mistake(place.clone(), path, format!("is {found}"), format!("give {}", standard.expected()));
            ValueKind::Nil
        });
        Value::new(Some(&origin), kind)
    }

    fn list(&self, items: &DeArray<'_>) -> Result<Vec<Value>, String> {
        let text = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
            DeValue::String(text) => {
                Ok(Value::new(Some(&self.lines.number(&item.span()).to_string()), ValueKind::String(text.to_string())))
            }
            other => Err(format!("a list with {} in it", described(other))),
        };
        items.iter().map(text).collect()
    }

    /// Tables with a `text` and a `url` and nothing else.
    fn links(&self, items: &DeArray<'_>) -> Result<Vec<Value>, String> {
        let link = |item: &Spanned<DeValue<'_>>| {
            let table = item.get_ref().as_table().ok_or_else(|| format!("a list with {} in it", described(item.get_ref())))?;
            let part = |key: &str| match table.get(key).map(Spanned::get_ref) {
                Some(DeValue::String(text)) => Some((key.to_owned(), Value::new(None, ValueKind::String(text.to_string())))),
                _ => None,
            };
            let parts: Map<String, Value> = ["text", "url"].into_iter().filter_map(part).collect();
            if parts.len() != 2 || table.len() != 2 {
                return Err("a list with something in it that is not a text and a url".to_owned());
            }
            Ok(Value::new(Some(&self.lines.number(&item.span()).to_string()), ValueKind::Table(parts)))
        };
        items.iter().map(link).collect()
    }

    fn not_yet(&mut self, place: Place, path: &str, what: &str) {
        self.report.mistake(place, path, "is an unknown key", format!("{what} is not part of this version, take it out"));
    }
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
