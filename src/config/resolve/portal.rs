//! `[[portal]]` and its rules.

use http::Method;

use super::limits::{DAY, MINUTE, SECOND};
use super::reader::{Complaint, Reader};
use super::{names, paths, texts};
use crate::config::layers::{Portal, Table};
use crate::config::model::{PortalConfig, Require, RuleConfig, SignOn, UpstreamReuse};
use crate::config::report::{Place, Report};
use crate::config::values::size;
use crate::proxy::UpstreamAddr;

/// `None`: without an address of its own it is no portal, and that was complained about.
pub(super) fn resolve(layers: &Portal, report: &mut Report, base: &std::path::Path) -> Option<PortalConfig> {
    let mut reader = Reader { table: &layers.table, report, base };
    let url = reader.required("url", "\"https://portal.example.com\"", names::portal_url);
    let hosts = reader.list("hosts", names::host_name);
    let path_params = reader.flag("path_params");
    let case_insensitive_paths = reader.flag("case_insensitive_paths");
    let sign_on = sign_on(&mut reader);
    let upstreams = upstreams(&mut reader, sign_on);
    let reuse = [("shared", UpstreamReuse::Shared), ("per-session", UpstreamReuse::PerSession), ("never", UpstreamReuse::Never)];
    let reading = paths::Reading { params: path_params, fold: case_insensitive_paths };
    let path = |text: &str| paths::canonical(text, reading);
    let health = |text: &str| if text.is_empty() { Ok(None) } else { paths::canonical(text, reading).map(Some) };
    let mut portal = PortalConfig {
        brand: None,
        hosts: Vec::new(),
        upstreams,
        sign_on,
        groups: reader.list("groups", texts::group),
        login_paths: reader.list("login_paths", path),
        logout_paths: reader.list("logout_paths", path),
        case_insensitive_paths,
        path_params,
        service_workers: reader.flag("service_workers"),
        max_body: reader.parse("max_body", body_size).unwrap_or_default(),
        connect_timeout: reader.duration("connect_timeout", &(SECOND..=MINUTE * 5)),
        response_timeout: reader.duration("response_timeout", &(SECOND..=DAY)),
        health_path: reader.parse("health_path", health).flatten(),
        upstream_reuse: reader.word("upstream_reuse", &reuse).unwrap_or(UpstreamReuse::Shared),
        rules: Vec::new(),
        url: url?,
    };
    for host in portal.url.host_str().map(str::to_owned).into_iter().chain(hosts) {
        if !portal.hosts.contains(&host) {
            portal.hosts.push(host);
        }
    }
    Some(portal)
}

fn body_size(text: &str) -> Result<u64, Complaint> {
    size(text).ok_or_else(|| Complaint::new("is no size", "give a number with B, KiB, MiB or GiB, like 100MiB"))
}

fn sign_on(reader: &mut Reader<'_>) -> SignOn {
    let known = "give \"none\" or \"headers\"";
    let sign_on = reader.parse("sign_on", |text| match text {
        "none" => Ok(SignOn::None),
        "headers" => Ok(SignOn::Headers),
        "basic" | "form" | "jwt" => Err(Complaint::new("is not part of this version", known)),
        _ => Err(Complaint::new("is not one of the words known here", known)),
    });
    sign_on.unwrap_or(SignOn::None)
}

fn upstreams(reader: &mut Reader<'_>, sign_on: SignOn) -> Vec<UpstreamAddr> {
    let base = reader.base;
    let trusts_network = reader.flag("danger_plain_upstream");
    reader.demand("upstreams", "[\"http://127.0.0.1:8081\"]");
    if reader.table.find("upstreams").is_some_and(|value| value.clone().into_array().is_ok_and(|items| items.is_empty())) {
        reader.complain("upstreams", Complaint::new("is empty", "name at least one, like \"http://127.0.0.1:8081\""));
    }
    reader.list("upstreams", |text| {
        let upstream = names::upstream(text, base)?;
        if sign_on == SignOn::Headers && upstream.is_plain_and_remote() && !trusts_network {
            let wrong = "is plain http to another machine, and with sign_on = \"headers\" whoever is in between can be anybody";
            let right = "use https or unix, or set danger_plain_upstream = true if that network is yours alone";
            return Err(Complaint::new(wrong, right));
        }
        Ok(upstream)
    })
}

/// The rules of a portal that is otherwise known.
pub(super) fn rules(layers: &Portal, portal: &PortalConfig, report: &mut Report, base: &std::path::Path) -> Vec<RuleConfig> {
    let mut rules = Vec::new();
    for table in &layers.rules {
        let mut reader = Reader { table, report, base };
        // One without a path keeps its place, so that the others keep their numbers.
        rules.push(rule(&mut reader, portal));
    }
    for (first, second) in super::ties::ties(&rules, portal.path_params, portal.case_insensitive_paths) {
        if let (Some(first), Some(second)) = (layers.rules.get(first), layers.rules.get(second)) {
            report_tie(first, second, report);
        }
    }
    for number in super::siblings::open_siblings(&rules, portal.path_params, portal.case_insensitive_paths) {
        if let (Some(table), Some(rule)) = (layers.rules.get(number), rules.get(number)) {
            let right = format!("give {}/ the same rule, or write {}/** for all below it too", rule.path, rule.path);
            let mut reader = Reader { table, report, base };
            reader.warn("path", Complaint::new("does not hold for the same path with a slash behind it", right));
        }
    }
    hint_at_case(layers, portal, &rules, &mut Reader { table: &layers.table, report, base });
    rules
}

/// A rule that takes something away takes it from one spelling alone: whoever has written one should have thought of that once.
fn hint_at_case(layers: &Portal, portal: &PortalConfig, rules: &[RuleConfig], reader: &mut Reader<'_>) {
    let takes_away = |rule: &RuleConfig| {
        rule.require == Require::Deny || rule.reauth.is_some() || !rule.groups.is_empty() || !rule.networks.is_empty()
    };
    let has_case = |rule: &RuleConfig| rule.path.contains(|c: char| c.is_ascii_alphabetic());
    let Some(at) = rules.iter().position(|rule| takes_away(rule) && has_case(rule)) else { return };
    if layers.table.is_set("case_insensitive_paths") || portal.case_insensitive_paths {
        return;
    }
    if let (Some(table), Some(rule)) = (layers.rules.get(at), rules.get(at)) {
        let wrong = format!("is not set, and {}.path = \"{}\" is held against this spelling alone", table.path, rule.path);
        let right = "write true if the portal takes other cases for the same page, as on Windows, or false if it does not";
        let key = "case_insensitive_paths";
        reader.report.warning(reader.table.place_of(key), format!("{}.{key}", reader.table.path), wrong, right);
    }
}

fn report_tie(first: &Table, second: &Table, report: &mut Report) {
    let at = match first.place_of("path") {
        Place::Line(line) => format!("{} in line {line}", first.path),
        _ => first.path.clone(),
    };
    let wrong = format!("ties with {at}: nothing says which of the two holds");
    report.mistake(second.place_of("path"), &second.path, wrong, "merge them, or tell them apart by path or methods");
}

fn rule(reader: &mut Reader<'_>, portal: &PortalConfig) -> RuleConfig {
    let path = reader.required("path", "\"/billing/**\"", |text| {
        paths::glob(text, paths::Reading { params: portal.path_params, fold: portal.case_insensitive_paths })
    });
    let words = [("nothing", Require::Nothing), ("code", Require::Code), ("deny", Require::Deny)];
    let rule = RuleConfig {
        // No pattern at all, so that a broken one ties with nothing.
        path: path.unwrap_or_default(),
        methods: reader.list("methods", method),
        groups: reader.list("groups", texts::group),
        networks: texts::networks(reader, "networks"),
        require: reader.word("require", &words).unwrap_or(Require::Deny),
        reauth: reader.table.is_set("reauth").then(|| reader.duration("reauth", &(MINUTE..=DAY * 30))),
    };
    if rule.require == Require::Nothing && !rule.groups.is_empty() {
        let right = "set require = \"code\", or take groups out";
        reader.complain("require", Complaint::new("asks for no session, but groups are known of sessions alone", right));
    }
    if rule.require != Require::Code && rule.reauth.is_some() {
        reader.warn("reauth", Complaint::new("has no effect here", "it shortens the window where require = \"code\""));
    }
    if !portal.case_insensitive_paths && rule.path.contains(|c: char| c.is_ascii_uppercase()) && !rule.path.contains('%') {
        let right = "set case_insensitive_paths = true if the portal takes both for the same page";
        reader.warn("path", Complaint::new("matches in exactly this case alone", right));
    }
    rule
}

fn method(text: &str) -> Result<Method, Complaint> {
    // One that no request can have would match nothing, and a rule that denies it would deny nothing.
    let known = text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'));
    match Method::from_bytes(text.as_bytes()) {
        Ok(_) if known && text.contains(|c: char| c.is_ascii_lowercase()) => {
            Err(Complaint::new("is not in upper case", format!("write {}", text.to_ascii_uppercase())))
        }
        Ok(method) if known => Ok(method),
        _ => Err(Complaint::new("is no method", "give methods like GET, POST, PUT, DELETE")),
    }
}
