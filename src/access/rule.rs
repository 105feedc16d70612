//! Rules: which requests of a portal ask for something other than a session with a fresh code, and which one counts.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::time::Duration;

use http::Method;
use ipnet::IpNet;

use crate::access::canon::{self, CanonError};

/// What a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Require {
    /// Nothing: anybody may.
    Nothing,
    /// A session with a fresh code.
    #[default]
    Code,
    /// Nobody may.
    Deny,
}

/// One segment of a path pattern. The order is the order of preference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    /// Decoded, as servers read it.
    Literal(Vec<u8>),
    One,
    Any,
}

/// A path pattern of whole segments: literal, `*` (exactly one), `**` (any number, also none). Anchored at both ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PathPattern {
    segments: Vec<Segment>,
    /// Ends in `/`: matches directories alone.
    directory: bool,
}

/// Why a text is no path pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The literal parts have no canonical spelling.
    #[error("{0}")]
    NotCanonical(#[from] CanonError),
    /// Spelled otherwise than requests are.
    #[error("it is not in canonical form: write {0}")]
    WriteAs(String),
    /// `*` inside a segment.
    #[error("* stands for one whole segment and ** for any number of them; {0:?} mixes it with other text")]
    StarInSegment(String),
    /// `;`: what is matched has no parameters.
    #[error("rules are matched on paths without their parameters: leave out {0:?}")]
    Parameters(String),
    /// `**` more than eight times: matching would take too long.
    #[error("more than eight ** in one pattern")]
    TooManyStars,
}

impl PathPattern {
    /// Parses `/billing/**` and the like.
    pub fn parse(text: &str, path_params: bool) -> Result<Self, PatternError> {
        let canonical = canon::path(text, path_params)?;
        if canonical != text {
            return Err(PatternError::WriteAs(canonical.into_owned()));
        }
        let mut segments = Vec::new();
        let directory = text.ends_with('/');
        for part in text.split('/').skip(1).filter(|part| !part.is_empty()) {
            segments.push(match part {
                "*" => Segment::One,
                "**" => Segment::Any,
                _ if part.contains('*') => return Err(PatternError::StarInSegment(part.to_owned())),
                _ if part.contains(';') => return Err(PatternError::Parameters(part.to_owned())),
                _ => Segment::Literal(canon::segments(part).flat_map(Cow::into_owned).collect()),
            });
        }
        if segments.iter().filter(|segment| **segment == Segment::Any).count() > 8 {
            return Err(PatternError::TooManyStars);
        }
        Ok(Self { segments, directory })
    }

    fn matches(&self, path: &str, fold: bool) -> bool {
        let ends_in_any = self.segments.last() == Some(&Segment::Any);
        // A literal end tells `/a` from `/a/`: they are two resources.
        let same_end = ends_in_any || self.segments.is_empty() || canon::is_directory(path) == self.directory;
        same_end && matches(&self.segments, canon::segments(path), fold)
    }

    /// The more specific pattern comes first: segment by segment literal, then `*`, then the end, then `**`, which also
    /// stands for nothing.
    fn preference(&self, other: &Self) -> Ordering {
        let ranks = |pattern: &'_ Self| pattern.segments.iter().map(rank).chain([END]).collect::<Vec<_>>();
        ranks(self).cmp(&ranks(other))
    }
}

/// The end of a pattern among [`rank`]s.
const END: u8 = 2;

fn rank(segment: &Segment) -> u8 {
    match segment {
        Segment::Literal(_) => 0,
        Segment::One => 1,
        Segment::Any => 3,
    }
}

/// Goes back to the last `**` alone: for whole segments that is enough, and the time stays within their product, whatever a
/// stranger sends. The path is walked, never collected: every request is held against every rule.
fn matches<'a>(pattern: &[Segment], path: impl Iterator<Item = Cow<'a, [u8]>> + Clone, fold: bool) -> bool {
    let (mut in_pattern, mut rest) = (0, path);
    // The last `**`, and the path behind what it has taken so far.
    let mut last_any = None;
    loop {
        if pattern.get(in_pattern) == Some(&Segment::Any) {
            last_any = Some((in_pattern, rest.clone()));
            in_pattern += 1;
            continue;
        }
        let Some(segment) = rest.next() else { break };
        let fits = match pattern.get(in_pattern) {
            Some(Segment::Literal(literal)) => canon::same_segment(literal, &segment, fold),
            Some(Segment::One) => true,
            Some(Segment::Any) | None => false,
        };
        match (fits, &mut last_any) {
            (true, _) => in_pattern += 1,
            // The last `**` takes one segment more.
            (false, Some((any, behind))) => {
                behind.next();
                (in_pattern, rest) = (*any + 1, behind.clone());
            }
            (false, None) => return false,
        }
    }
    pattern.iter().skip(in_pattern).all(|segment| *segment == Segment::Any)
}

/// One rule of a portal.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which paths.
    pub path: PathPattern,
    /// Which methods; empty: all. GET includes HEAD.
    pub methods: Vec<Method>,
    /// Who, beyond the portal's groups; empty: any account of the portal.
    pub groups: Vec<String>,
    /// From where; empty: anywhere.
    pub networks: Vec<IpNet>,
    /// What it asks for.
    pub require: Require,
    /// A shorter window here.
    pub reauth: Option<Duration>,
}

impl Rule {
    fn names(&self, method: &Method) -> bool {
        self.methods.is_empty()
            || self.methods.contains(method)
            || (method == Method::HEAD && self.methods.contains(&Method::GET))
    }
}

/// The rules of a portal in the order in which they are asked: the first that matches counts.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    ordered: Vec<(u32, Rule)>,
}

/// Two rules that could both count: their numbers in the config, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tie(pub usize, pub usize);

impl Rules {
    /// Orders the rules; `Err` lists the pairs that [`tie`].
    pub fn new(rules: Vec<Rule>, case_insensitive: bool) -> Result<Self, Vec<Tie>> {
        let mut ties = Vec::new();
        for (later, rule) in rules.iter().enumerate() {
            for (earlier, other) in rules.iter().enumerate().take(later) {
                if tie(rule, other, case_insensitive) {
                    ties.push(Tie(earlier + 1, later + 1));
                }
            }
        }
        if !ties.is_empty() {
            return Err(ties);
        }
        let mut ordered: Vec<(u32, Rule)> = (1..).zip(rules).collect();
        ordered.sort_by(|(_, a), (_, b)| a.path.preference(&b.path).then(a.methods.is_empty().cmp(&b.methods.is_empty())));
        Ok(Self { ordered })
    }

    /// The one rule for this method and path, with its number in the config, counted from 1. A method that no rule of a listed path names
    /// falls to the next path rule.
    pub fn select(&self, method: &Method, path: &str, case_insensitive: bool) -> Option<(u32, &Rule)> {
        self.ordered
            .iter()
            .find(|(_, rule)| rule.names(method) && rule.path.matches(path, case_insensitive))
            .map(|(number, rule)| (*number, rule))
    }
}

/// Whether nothing says which of two rules counts: all their segments are of the same kinds, some path matches both, and
/// their methods overlap while both or neither name any.
pub fn tie(a: &Rule, b: &Rule, fold: bool) -> bool {
    let same_methods = match (a.methods.is_empty(), b.methods.is_empty()) {
        (true, true) => true,
        (false, false) => a.methods.iter().any(|method| b.names(method)) || b.methods.iter().any(|method| a.names(method)),
        // Given methods count more than all: no tie.
        _ => false,
    };
    let (a, b) = (&a.path, &b.path);
    let same_kinds = a.segments.len() == b.segments.len() && a.segments.iter().map(rank).eq(b.segments.iter().map(rank));
    let same_end = a.directory == b.directory || a.segments.last() == Some(&Segment::Any);
    same_methods && same_kinds && same_end && overlap(&a.segments, &b.segments, fold)
}

/// Whether some path matches both.
fn overlap(a: &[Segment], b: &[Segment], fold: bool) -> bool {
    match (a.split_first(), b.split_first()) {
        (None, None) => true,
        (Some((Segment::Any, rest)), _) => overlap(rest, b, fold) || b.split_first().is_some_and(|(_, b)| overlap(a, b, fold)),
        (_, Some((Segment::Any, rest))) => overlap(a, rest, fold) || a.split_first().is_some_and(|(_, a)| overlap(a, b, fold)),
        (Some((a, a_rest)), Some((b, b_rest))) => same_segment(a, b, fold) && overlap(a_rest, b_rest, fold),
        _ => false,
    }
}

fn same_segment(a: &Segment, b: &Segment, fold: bool) -> bool {
    match (a, b) {
        (Segment::Literal(a), Segment::Literal(b)) => canon::same_segment(a, b, fold),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(path: &str, methods: &[Method]) -> Rule {
        Rule {
            path: PathPattern::parse(path, false).unwrap(),
            methods: methods.to_vec(),
            groups: vec![],
            networks: vec![],
            require: Require::Code,
            reauth: None,
        }
    }

    #[test]
    fn patterns_match_whole_segments_and_are_anchored() {
        for (pattern, path, matches) in [
            ("/health", "/health", true),
            ("/health", "/healthz-admin", false),
            ("/health", "/health/", false),
            ("/health/", "/health", false),
            ("/a/**", "/a", true),
            ("/a/**", "/a/", true),
            ("/a/**", "/a/b/c", true),
            ("/a/**", "/ab", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a", false),
            ("/a/*", "/a/b/c", false),
            ("/foo/**/bar", "/foo/bar", true),
            ("/foo/**/bar", "/foo/x/y/bar", true),
            ("/foo/**/bar", "/foo/x/y/bar/z", false),
            ("/**", "/", true),
            ("/", "/", true),
            ("/", "/x", false),
            ("/a:b/**", "/a%3Ab/c", true),
            ("/a%40b", "/a@b", true),
            ("/a/**", "/a;x/b;y", true),
        ] {
            assert_eq!(PathPattern::parse(pattern, false).unwrap().matches(path, false), matches, "{pattern} {path}");
        }
        assert!(PathPattern::parse("/Admin/**", false).unwrap().matches("/aDMIN/x", true));
    }

    #[test]
    fn the_most_specific_rule_counts_whatever_the_order() {
        let list = ["/**", "/", "/a", "/a/**", "/a/**/z", "/a/*/c", "/a/b/**", "/a/b/c"];
        for turn in 0..list.len() {
            let mut turned = list;
            turned.rotate_left(turn);
            let rules = Rules::new(turned.iter().map(|path| rule(path, &[])).collect(), false).unwrap();
            let pick = |path: &str| turned[rules.select(&Method::GET, path, false).unwrap().0 as usize - 1];
            assert_eq!(pick("/a/b/c"), "/a/b/c");
            assert_eq!(pick("/a/x/c"), "/a/*/c");
            assert_eq!(pick("/a/b/d"), "/a/b/**");
            assert_eq!(pick("/a/x/d"), "/a/**");
            assert_eq!(pick("/a/x/z"), "/a/**/z");
            assert_eq!(pick("/a"), "/a", "an end is more than a ** that stands for nothing");
            assert_eq!(pick("/"), "/");
            assert_eq!(pick("/x"), "/**");
        }
    }

    #[test]
    fn no_path_makes_matching_slow() {
        let pattern = PathPattern::parse("/**/a/**/a/**/a/**/zz", false).unwrap();
        // Tried by recursion into every split, this would not end in anybody's lifetime.
        assert!(!pattern.matches(&"/a".repeat(5000), false));
        assert!(pattern.matches(&("/a".repeat(5000) + "/zz"), false));
    }

    #[test]
    fn given_methods_count_before_all_and_other_methods_fall_to_the_next_path() {
        let rules =
            Rules::new(vec![rule("/a/**", &[]), rule("/a/b", &[Method::GET]), rule("/a/**", &[Method::POST])], false).unwrap();
        let pick = |method: Method, path: &str| rules.select(&method, path, false).map(|(number, _)| number);
        assert_eq!(pick(Method::GET, "/a/b"), Some(2));
        assert_eq!(pick(Method::HEAD, "/a/b"), Some(2), "GET includes HEAD");
        assert_eq!(pick(Method::POST, "/a/b"), Some(3));
        assert_eq!(pick(Method::PUT, "/a/b"), Some(1));
        assert_eq!(pick(Method::PUT, "/b"), None);
    }

    #[test]
    fn a_tie_is_reported() {
        let ties = |list: Vec<Rule>, fold| Rules::new(list, fold).err();
        assert_eq!(ties(vec![rule("/a", &[]), rule("/a", &[])], false), Some(vec![Tie(1, 2)]));
        assert_eq!(
            ties(vec![rule("/a", &[Method::GET]), rule("/a", &[Method::HEAD, Method::PUT])], false),
            Some(vec![Tie(1, 2)])
        );
        assert_eq!(ties(vec![rule("/a", &[]), rule("/A", &[])], true), Some(vec![Tie(1, 2)]));
        assert_eq!(ties(vec![rule("/a", &[]), rule("/A", &[]), rule("/a", &[Method::GET])], false), None);
        assert_eq!(ties(vec![rule("/**/a/**", &[]), rule("/**/b/**", &[])], false), Some(vec![Tie(1, 2)]), "/a/b matches both");
        for (one, other) in [("/a", "/a/"), ("/a/*", "/*/a"), ("/a/**", "/a/*"), ("/**/a", "/**/b"), ("/a/*/c", "/a/*/d")] {
            assert_eq!(ties(vec![rule(one, &[]), rule(other, &[])], false), None, "{one} {other}");
        }
        assert!(matches!(PathPattern::parse("/a*", false), Err(PatternError::StarInSegment(_))));
        assert_eq!(ties(vec![rule("/a:b", &[]), rule("/a%3Ab", &[])], false), Some(vec![Tie(1, 2)]));
        assert!(matches!(PathPattern::parse("/a;b", true), Err(PatternError::Parameters(_))));
        assert!(matches!(PathPattern::parse("/a//b", false), Err(PatternError::WriteAs(_))));
        assert!(PathPattern::parse("/a/%2e%2e/b", false).is_err());
    }
}
