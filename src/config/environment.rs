//! The environment as a layer over the file: `VESTIBULE__SECTION__KEY`, lists separated by commas. Every mistake names its
//! variable.

use std::ffi::OsString;

use config::{Environment, Map, Source as _, Value, ValueKind};

use super::report::{Place, Report, shown};
use super::schema::{self, Standard};

const PREFIX: &str = "VESTIBULE__";

/// The values by `section.key`; what cannot be one goes to `report`.
pub(super) fn read(vars: impl IntoIterator<Item = (OsString, OsString)>, report: &mut Report) -> Map<String, Value> {
    let mut given = Map::new();
    for (name, value) in vars {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)).map(str::to_owned) else { continue };
        match value.into_string() {
            Ok(value) if name == name.to_ascii_uppercase() => drop(given.insert(name, value)),
            Ok(_) => report.mistake(
                Place::Variable(name.clone()),
                "",
                "is not in upper case",
                format!("write {}", name.to_ascii_uppercase()),
            ),
            Err(_) => report.mistake(Place::Variable(name), "", "is not UTF-8", "give plain text"),
        }
    }
    let layer = Environment::with_prefix("VESTIBULE").prefix_separator("__").separator("__").source(Some(given));
    // Its only error is a value that is not UTF-8, and those were left out above.
    let found = layer.collect().unwrap_or_default();
    found.into_iter().filter_map(|(path, value)| judge(&path, value, report).map(|value| (path, value))).collect()
}

fn judge(path: &str, value: Value, report: &mut Report) -> Option<Value> {
    let variable = format!("{PREFIX}{}", path.replace('.', "__").to_ascii_uppercase());
    let place = Place::Variable(variable.clone());
    let (section, key) = path.split_once('.').unwrap_or((path, ""));
    if section == "portal" {
        report.mistake(place, "", "sets a portal, and portals are set in the file alone", "write it under [[portal]]");
        return None;
    }
    let Some(keys) = schema::section(section) else {
        let wrong = format!("names an unknown section, {section}");
        report.mistake(place, "", wrong, later(section).unwrap_or_else(|| schema::section_advice(section)));
        return None;
    };
    let Some(standard) = schema::find(keys, key) else {
        let advice = later(path).unwrap_or_else(|| schema::advice(key, &format!("[{section}]"), keys));
        report.mistake(place, "", format!("names an unknown key, {path}"), advice);
        return None;
    };
    if matches!(standard, Standard::Links | Standard::NoLinks) {
        report.mistake(place, "", "sets links, and links are set in the file alone", format!("write {key} under [{section}]"));
        return None;
    }
    let text = value.into_string().unwrap_or_default();
    let Some(kind) = typed(standard, &text, &variable) else {
        let subject = format!("{path} = \"{}\"", shown(&text));
        report.mistake(place, subject, format!("is not {}", standard.expected()), format!("give {}", standard.expected()));
        return None;
    };
    Some(Value::new(Some(&variable), kind))
}

fn later(path: &str) -> Option<String> {
    schema::not_yet(path).map(|what| format!("{what} is not part of this version, take it out"))
}

fn typed(standard: Standard, text: &str, variable: &str) -> Option<ValueKind> {
    match standard {
        Standard::Text(_) | Standard::NoText => Some(ValueKind::String(text.to_owned())),
        Standard::Flag(_) => text.parse().ok().map(ValueKind::Boolean),
        Standard::Number(_) => text.parse().ok().map(ValueKind::I64),
        Standard::List(_) | Standard::NoList => {
            let items = text.split(',').map(str::trim).filter(|_| !text.trim().is_empty());
            let origin = variable.to_owned();
            Some(ValueKind::Array(items.map(|item| Value::new(Some(&origin), ValueKind::String(item.to_owned()))).collect()))
        }
        // Refused before.
        Standard::Links | Standard::NoLinks => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(vars: &[(&str, &str)]) -> (Map<String, Value>, Vec<String>) {
        let mut report = Report::new("f".to_owned());
        let values = read(vars.iter().map(|(name, value)| (name.into(), value.into())), &mut report);
        report.sort();
        let lines = report.mistake_lines().collect();
        (values, lines)
    }

    #[test]
    fn values_take_the_kind_of_their_key() {
        let (values, mistakes) = read_all(&[
            ("VESTIBULE__MFA__REAUTH_WINDOW", "1h"),
            ("VESTIBULE__LISTEN__WORKERS", "4"),
            ("VESTIBULE__LOG__ACCESS", "false"),
            ("VESTIBULE__LISTEN__TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("VESTIBULE__LIMITS__EXEMPT", ""),
            ("VESTIBULE_CONFIG", "x"),
            ("PATH", "/bin"),
        ]);
        assert_eq!(mistakes, Vec::<String>::new());
        assert_eq!(values.len(), 5);
        assert_eq!(values["listen.workers"].kind, ValueKind::I64(4));
        assert_eq!(values["log.access"].kind, ValueKind::Boolean(false));
        assert_eq!(values["mfa.reauth_window"].origin(), Some("VESTIBULE__MFA__REAUTH_WINDOW"));
        let list = values["listen.trusted_proxies"].clone().into_array().unwrap();
        assert_eq!(list.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.0/8", "::1"]);
        assert_eq!(values["limits.exempt"].clone().into_array().unwrap().len(), 0);
    }

    #[test]
    fn every_mistake_names_its_variable() {
        let (_, mistakes) = read_all(&[
            ("VESTIBULE__LISTEN__WORKERS", "many"),
            ("VESTIBULE__MFA__REAUTH_WINDWO", "1h"),
            ("VESTIBULE__NOPE__X", "1"),
            ("VESTIBULE__PORTAL__0__URL", "https://x"),
            ("VESTIBULE__log__format", "text"),
        ]);
        assert_eq!(
            mistakes,
            [
                "VESTIBULE__LISTEN__WORKERS: listen.workers = \"many\" is not a whole number: give a whole number",
                "VESTIBULE__MFA__REAUTH_WINDWO: names an unknown key, mfa.reauth_windwo: did you mean reauth_window?",
                "VESTIBULE__NOPE__X: names an unknown section, nope: the sections are listen, tls, store, session, mfa, password, \
                 limits, mail, sms, park, pages, admin, log, telemetry, brand, portal",
                "VESTIBULE__PORTAL__0__URL: sets a portal, and portals are set in the file alone: write it under [[portal]]",
                "VESTIBULE__log__format: is not in upper case: write VESTIBULE__LOG__FORMAT",
            ]
        );
    }
}
