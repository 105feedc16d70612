//! A rule for `/x` does not hold for `/x/`, which many portals take for the same page: whoever means both should know.

use http::Method;

use crate::access::rule::{Require, Rules};
use crate::config::model::RuleConfig;

/// The rules (by number, from 0) whose path ends in a literal, and whose page with a slash behind it is easier to reach than it is
/// itself, or reached by others. What asks for nothing is left out: with a slash it can only be harder.
pub(super) fn open_siblings(rules: &[RuleConfig], path_params: bool, ignore_case: bool) -> Vec<usize> {
    let numbered: Vec<(usize, &RuleConfig)> =
        rules.iter().enumerate().filter(|(_, rule)| rule.compile(path_params).is_ok()).collect();
    let compiled = numbered.iter().filter_map(|(_, rule)| rule.compile(path_params).ok()).collect();
    // Rules that tie have a complaint already.
    let Ok(ordered) = Rules::new(compiled, ignore_case) else { return Vec::new() };
    let holds_at = |method: &Method, path: &str| {
        let (number, _) = ordered.select(method, path, ignore_case)?;
        numbered.get(usize::try_from(number).ok()?.checked_sub(1)?).map(|(_, rule)| *rule)
    };
    let is_open = |rule: &RuleConfig| {
        let Some(sibling) = sibling(&rule.path).filter(|_| rule.require != Require::Nothing) else { return false };
        let methods = if rule.methods.is_empty() { &[Method::GET, Method::POST][..] } else { &rule.methods };
        methods.iter().any(|method| !same_terms(rule, holds_at(method, &sibling)))
    };
    numbered.iter().filter(|(_, rule)| is_open(rule)).map(|(number, _)| *number).collect()
}

/// A path that the pattern would match, with a slash behind it; none where the pattern ends in a slash or a star.
fn sibling(pattern: &str) -> Option<String> {
    let last = pattern.rsplit('/').next().filter(|last| !last.is_empty() && !last.contains('*'))?;
    let path: Vec<&str> = pattern.split('/').map(|segment| if segment.contains('*') { "x" } else { segment }).collect();
    Some(path.join("/") + "/").filter(|path| path.ends_with(&format!("/{last}/")))
}

fn same_terms(rule: &RuleConfig, other: Option<&RuleConfig>) -> bool {
    match other {
        Some(other) => {
            (rule.require, rule.reauth) == (other.require, other.reauth)
                && (&rule.groups, &rule.networks) == (&other.groups, &other.networks)
        }
        // No rule at all: a session with a fresh code.
        None => rule.require == Require::Code && rule.reauth.is_none() && rule.groups.is_empty() && rule.networks.is_empty(),
    }
}
