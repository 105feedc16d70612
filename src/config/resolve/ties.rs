//! Two rules of the same specificity that can match the same request: which of them holds would be nowhere written.

use http::Method;

use crate::config::model::RuleConfig;

/// The first pair of rules (by number, from 0) that tie.
///
/// Patterns are compared segment by segment, literal before `*` before `**`; so two tie when all their segments are of the same
/// kinds, some path matches both, and their methods overlap while both or neither are named.
pub(super) fn ties(rules: &[RuleConfig], ignore_case: bool) -> Vec<(usize, usize)> {
    let patterns: Vec<Vec<String>> = rules.iter().map(|rule| segments(&rule.path, ignore_case)).collect();
    let mut found = Vec::new();
    for (second, (rule, pattern)) in rules.iter().zip(&patterns).enumerate() {
        for (first, (earlier, earlier_pattern)) in rules.iter().zip(&patterns).enumerate().take(second) {
            if same_kinds(pattern, earlier_pattern) && overlap(pattern, earlier_pattern) && same_methods(rule, earlier) {
                found.push((first, second));
            }
        }
    }
    found
}

fn segments(path: &str, ignore_case: bool) -> Vec<String> {
    let path = if ignore_case { path.to_ascii_lowercase() } else { path.to_owned() };
    path.split('/').skip(1).map(str::to_owned).collect()
}

#[derive(PartialEq, Eq)]
enum Kind {
    Literal,
    One,
    Any,
}

fn kind(segment: &str) -> Kind {
    match segment {
        "*" => Kind::One,
        "**" => Kind::Any,
        _ => Kind::Literal,
    }
}

fn same_kinds(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| kind(a) == kind(b))
}

/// Whether some path matches both patterns.
fn overlap(a: &[String], b: &[String]) -> bool {
    match (a.split_first(), b.split_first()) {
        (None, None) => true,
        (Some((head, rest)), _) if head == "**" => {
            overlap(rest, b) || b.split_first().is_some_and(|(_, b_rest)| overlap(a, b_rest))
        }
        (_, Some((head, rest))) if head == "**" => {
            overlap(a, rest) || a.split_first().is_some_and(|(_, a_rest)| overlap(a_rest, b))
        }
        (Some((a, a_rest)), Some((b, b_rest))) => (a == "*" || b == "*" || a == b) && overlap(a_rest, b_rest),
        _ => false,
    }
}

fn same_methods(a: &RuleConfig, b: &RuleConfig) -> bool {
    match (a.methods.is_empty(), b.methods.is_empty()) {
        (true, true) => true,
        (false, false) => a
            .methods
            .iter()
            .any(|method| covers(&b.methods, method) || (method == Method::GET && covers(&b.methods, &Method::HEAD))),
        _ => false,
    }
}

/// Whether `methods` name this one; GET includes HEAD.
fn covers(methods: &[Method], method: &Method) -> bool {
    methods.iter().any(|named| named == method || (named == Method::GET && method == Method::HEAD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::Require;

    fn rule(path: &str, methods: &[&str]) -> RuleConfig {
        let methods = methods.iter().map(|method| method.parse().unwrap()).collect();
        RuleConfig { path: path.to_owned(), methods, groups: vec![], networks: vec![], require: Require::Code, reauth: None }
    }

    fn tie(a: (&str, &[&str]), b: (&str, &[&str])) -> bool {
        !ties(&[rule(a.0, a.1), rule(b.0, b.1)], false).is_empty()
    }

    #[test]
    fn rules_tie_when_nothing_tells_them_apart() {
        assert!(tie(("/a", &[]), ("/a", &[])));
        assert!(tie(("/a/*", &["GET", "POST"]), ("/a/*", &["POST", "PUT"])));
        assert!(tie(("/a", &["GET"]), ("/a", &["HEAD"])), "GET includes HEAD");
        assert!(tie(("/a", &["HEAD"]), ("/a", &["GET"])));
        assert!(tie(("/**/a/**", &[]), ("/**/b/**", &[])), "/a/b matches both");
        assert!(!ties(&[rule("/A", &[]), rule("/a", &[])], true).is_empty());
    }

    #[test]
    fn rules_that_something_tells_apart_do_not_tie() {
        assert!(!tie(("/a", &[]), ("/b", &[])));
        assert!(!tie(("/a", &[]), ("/a/", &[])));
        assert!(!tie(("/a", &[]), ("/a", &["GET"])), "methods given beat all");
        assert!(!tie(("/a", &["GET"]), ("/a", &["POST"])));
        assert!(!tie(("/a/*", &[]), ("/*/a", &[])), "the first segment decides");
        assert!(!tie(("/a/**", &[]), ("/a/*", &[])));
        assert!(!tie(("/a/**", &[]), ("/a", &[])));
        assert!(!tie(("/**/a", &[]), ("/**/b", &[])), "no path ends in both");
        assert!(!tie(("/a/*/c", &[]), ("/a/*/d", &[])));
        assert!(!tie(("/A", &[]), ("/a", &[])));
    }
}
