//! Whether a password is one that attackers try first.
//!
//! Common passwords are found twice over: by zxcvbn's own list of 30 000, and by a small list here of the words that people
//! build long ones from ("Password-2025!"), because a minimum length of 12 leaves few of the plain ones.

use std::collections::HashSet;
use std::sync::LazyLock;

use zeroize::Zeroizing;
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Score};

use crate::auth::password::Complaint;

/// How many characters the estimate reads. Its time grows much faster than its length: 100 crafted ones take a second.
const ESTIMATED: usize = 64;
/// With fewer characters than this besides the person's own words, a password is guessable.
const OWN: usize = 8;

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect());

/// What is wrong with the strength of a prepared password. `inputs`: what an attacker knows of the person.
pub(super) fn judge(password: &str, inputs: &[&str]) -> Option<Complaint> {
    let folded = Zeroizing::new(password.to_lowercase());
    let start: Zeroizing<String> = Zeroizing::new(password.chars().take(ESTIMATED).collect());
    let words = words(inputs);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let strength = zxcvbn::zxcvbn(&start, &words);
    if is_common(&folded) || is_listed(&strength, password.chars().count()) {
        Some(Complaint::Common)
    } else if strength.score() < Score::Three || is_mostly(&folded, &words) {
        Some(Complaint::Guessable)
    } else {
        None
    }
}

/// What is left without the words that belong to the person is too short to be worth guessing: `Anna.Meyer1985!`. The estimate
/// alone takes such a string of short pieces for more than it is.
fn is_mostly(folded: &str, words: &[&str]) -> bool {
    let mut words: Vec<&str> = words.iter().copied().filter(|word| word.chars().count() > 3).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let rest = words.iter().fold(Zeroizing::new(folded.to_owned()), |rest, word| Zeroizing::new(rest.replace(word, "")));
    rest.len() < folded.len() && rest.chars().count() < OWN
}

/// The inputs and the words in them: `anna.meyer@example.com` is also `anna`, `meyer` and `example`.
fn words(inputs: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = inputs.iter().map(|input| input.to_lowercase()).collect();
    let parts = inputs.iter().flat_map(|input| input.split(|c: char| !c.is_alphanumeric()));
    words.extend(parts.filter(|part| part.chars().count() > 2).map(str::to_lowercase));
    words
}

/// A common word and nothing else but digits and punctuation around it, or one that is common as it stands.
fn is_common(folded: &str) -> bool {
    let core = folded.trim_matches(|c: char| !c.is_alphabetic());
    COMMON.contains(folded) || COMMON.contains(core) || COMMON.contains(unleet(core).as_str())
}

/// The usual stand-ins taken back: `p@ssw0rd` is `password`.
fn unleet(text: &str) -> Zeroizing<String> {
    let plain = |c| match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' => 't',
        other => other,
    };
    Zeroizing::new(text.chars().map(plain).collect())
}

/// The estimate found one entry of a list and nothing else.
fn is_listed(strength: &Entropy, length: usize) -> bool {
    match strength.sequence() {
        [only] => matches!(&only.pattern, MatchPattern::Dictionary(_)) && only.token.chars().count() == length,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_folded_and_has_no_repeats() {
        let lines: Vec<&str> = include_str!("common.txt").lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.iter().all(|line| !line.is_empty() && *line == line.to_lowercase() && line.trim() == *line));
        assert_eq!(lines.len(), COMMON.len());
    }
}
