//! Which keys exist, of which kind they are and what holds where nobody sets them. Everything else is derived from these tables.

/// What holds where nobody sets a key; also tells its kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standard {
    Text(&'static str),
    Flag(bool),
    Number(i64),
    List(&'static [&'static str]),
    /// A text that has no default.
    NoText,
    /// A list that has no default.
    NoList,
    /// A list of links, each a table with a text and an address; empty by default.
    Links,
    /// The same without a default.
    NoLinks,
}

impl Standard {
    /// What a file or a variable has to hold, in words.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text(_) | Self::NoText => "a text in quotes",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a whole number",
            Self::List(_) | Self::NoList => "a list of texts, [\"like\", \"this\"]",
            Self::Links | Self::NoLinks => "a list of links, [{ text = \"Imprint\", url = \"https://example.com/imprint\" }]",
        }
    }
}

/// A key and its default.
pub(super) type Key = (&'static str, Standard);

use Standard::{Flag, Links, List, NoLinks, NoList, NoText, Number, Text};

/// The sections that occur once.
pub(super) const SECTIONS: &[(&str, &[Key])] = &[
    (
        "listen",
        &[
            ("https", Text("[::]:8443")),
            ("http", Text("off")),
            ("admin", Text("off")),
            ("ops", Text("127.0.0.1:9901")),
            ("workers", Number(0)),
            ("trusted_proxies", List(&[])),
            ("proxy_protocol_from", List(&[])),
            ("drain", Text("30s")),
        ],
    ),
    (
        "tls",
        &[
            ("certificate", Text("certs/portal.pem")),
            ("private_key", Text("certs/portal.key")),
            ("self_signed", Flag(false)),
            ("hsts", Text("180d")),
        ],
    ),
    (
        "store",
        &[("url", Text("sqlite://vestibule.db")), ("master_key_file", Text("vestibule.key")), ("outage_grace", Text("15m"))],
    ),
    ("session", &[("idle", Text("off")), ("lifetime", Text("180d")), ("download_grace", Text("10m"))]),
    (
        "mfa",
        &[
            ("issuer", Text("IT support portal")),
            ("reauth_window", Text("30d")),
            ("enrolment_window", Text("7d")),
            ("unlock", Text("code")),
            ("sms_recovery_delay", Text("off")),
        ],
    ),
    ("password", &[("min_length", Number(12)), ("classes", List(&["lower", "upper", "digit", "special"]))]),
    (
        "limits",
        &[
            ("anonymous_per_client", Text("200/s burst 400")),
            ("requests_per_session", Text("200/s burst 400")),
            ("failures_per_client", Text("30/m burst 60")),
            ("connections_per_client", Number(1024)),
            ("connections", Number(20_000)),
            ("exempt", List(&[])),
        ],
    ),
    (
        "mail",
        &[
            ("smtp", Text("")),
            ("password_file", Text("")),
            ("from", Text("")),
            ("ca_file", Text("")),
            ("danger_plain", Flag(false)),
        ],
    ),
    (
        "sms",
        &[
            ("provider", Text("off")),
            ("countries", List(&[])),
            ("daily_limit", Number(500)),
            ("ca_file", Text("")),
            ("account", Text("")),
            ("token_file", Text("")),
            ("from", Text("")),
            ("api", Text("https://api.twilio.com")),
            ("url", Text("")),
            ("method", Text("POST")),
            ("headers", List(&[])),
            ("headers_file", Text("")),
            ("content_type", Text("application/json")),
            ("body", Text("")),
            ("success", Text("")),
        ],
    ),
    ("park", &[("max_body", Text("1MiB")), ("keep", Text("10m"))]),
    ("pages", &[("url", Text(""))]),
    ("admin", &[("url", Text(""))]),
    ("log", &[("format", Text("auto")), ("access", Flag(true))]),
    ("telemetry", &[("server_timing", Flag(false))]),
    (
        "brand",
        &[
            ("name", Text("IT support portal")),
            ("logo", Text("")),
            ("accent", Text("#1f6feb")),
            ("help", Text("")),
            ("links", Links),
        ],
    ),
];

/// The keys of `[[portal]]`, without its rules.
pub(super) const PORTAL: &[Key] = &[
    ("url", NoText),
    ("hosts", List(&[])),
    ("upstreams", NoList),
    ("sign_on", Text("headers")),
    ("danger_plain_upstream", Flag(false)),
    ("groups", List(&[])),
    ("login_paths", List(&[])),
    ("logout_paths", List(&[])),
    ("case_insensitive_paths", Flag(false)),
    ("path_params", Flag(false)),
    ("service_workers", Flag(false)),
    ("max_body", Text("100MiB")),
    ("connect_timeout", Text("5s")),
    ("response_timeout", Text("60s")),
    ("health_path", Text("")),
    ("upstream_reuse", Text("shared")),
];

/// The keys of `[portal.brand]`: those of `[brand]`, which hold where nobody sets them here.
pub(super) const PORTAL_BRAND: &[Key] =
    &[("name", NoText), ("logo", NoText), ("accent", NoText), ("help", NoText), ("links", NoLinks)];

/// The keys of `[[portal.rule]]`.
pub(super) const RULE: &[Key] = &[
    ("path", NoText),
    ("methods", List(&[])),
    ("groups", List(&[])),
    ("networks", List(&[])),
    ("require", Text("code")),
    ("reauth", NoText),
];

/// Keys and sections that other versions know, and what to say about them here.
const NOT_YET: &[(&str, &str)] = &[("tls.acme", "getting certificates by ACME")];

/// What this key or section would be for, if it is one that this version does not have.
pub(super) fn not_yet(path: &str) -> Option<&'static str> {
    NOT_YET.iter().find(|(name, _)| *name == path).map(|(_, what)| *what)
}

/// The keys of a section that occurs once.
pub(super) fn section(name: &str) -> Option<&'static [Key]> {
    SECTIONS.iter().find(|(section, _)| *section == name).map(|(_, keys)| *keys)
}

/// The default of one key among `keys`.
pub(super) fn find(keys: &[Key], name: &str) -> Option<Standard> {
    keys.iter().find(|(key, _)| *key == name).map(|(_, standard)| *standard)
}

/// Advice for an unknown key: where it belongs, or what it may have meant, or what there is.
pub(super) fn advice(unknown: &str, place: &str, keys: &[Key]) -> String {
    if let Some((near, likeness)) = nearest(unknown, keys.iter().map(|(name, _)| *name))
        && likeness > 0.6
    {
        return format!("did you mean {near}?");
    }
    let elsewhere = SECTIONS.iter().find(|(_, keys)| find(keys, unknown).is_some()).map(|(section, _)| format!("[{section}]"));
    let elsewhere = elsewhere.or_else(|| find(PORTAL, unknown).map(|_| "[[portal]]".to_owned()));
    let elsewhere = elsewhere.or_else(|| find(RULE, unknown).map(|_| "[[portal.rule]]".to_owned()));
    match elsewhere {
        Some(section) => format!("it belongs to {section}"),
        None => format!("the keys of {place} are {}", join(keys.iter().map(|(name, _)| *name))),
    }
}

/// Advice for an unknown section.
pub(super) fn section_advice(unknown: &str) -> String {
    let names = || SECTIONS.iter().map(|(name, _)| *name).chain(["portal"]);
    if let Some((section, _)) = SECTIONS.iter().find(|(_, keys)| find(keys, unknown).is_some()) {
        return format!("it belongs to [{section}]");
    }
    match nearest(unknown, names()) {
        Some((near, likeness)) if likeness > 0.6 => format!("did you mean {near}?"),
        _ => format!("the sections are {}", join(names())),
    }
}

fn nearest<'a>(unknown: &str, names: impl Iterator<Item = &'a str>) -> Option<(&'a str, f64)> {
    let likeness = |name: &'a str| (name, strsim::normalized_damerau_levenshtein(unknown, name));
    names.map(likeness).max_by(|a, b| a.1.total_cmp(&b.1))
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_names_the_nearest_key_then_the_right_section_then_all_keys() {
        let mfa = section("mfa").unwrap();
        assert_eq!(advice("reauth_windw", "[mfa]", mfa), "did you mean reauth_window?");
        assert_eq!(advice("lifetime", "[mfa]", mfa), "it belongs to [session]");
        assert_eq!(
            advice("zzz", "[session]", section("session").unwrap()),
            "the keys of [session] are idle, lifetime, download_grace"
        );
        assert_eq!(section_advice("sesion"), "did you mean session?");
        assert_eq!(section_advice("https"), "it belongs to [listen]");
    }
}
