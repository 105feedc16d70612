//! Two rules of the same specificity that can match the same request: which of them holds would be nowhere written.

use crate::access::rule::{self, Rule};
use crate::config::model::RuleConfig;

/// The pairs of rules (by number, from 0) that tie. Rules whose pattern is none are left out: they have a complaint already.
pub(super) fn ties(rules: &[RuleConfig], path_params: bool, ignore_case: bool) -> Vec<(usize, usize)> {
    let compiled: Vec<(usize, Rule)> =
        rules.iter().enumerate().filter_map(|(number, rule)| Some((number, rule.compile(path_params).ok()?))).collect();
    let pairs = compiled.iter().enumerate().flat_map(|(at, second)| compiled.iter().take(at).map(move |first| (first, second)));
    pairs
        .filter(|(first, second)| rule::tie(&first.1, &second.1, ignore_case))
        .map(|(first, second)| (first.0, second.0))
        .collect()
}
