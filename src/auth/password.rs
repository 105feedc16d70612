//! What a password may be, and its one normal form. The same preparation at setting and at comparing, so that a password typed
//! on another keyboard or system is the same password.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::auth::strength;

/// Longer ones are not looked at: in bytes, before anything else is done with them.
pub const MAX_BYTES: usize = 1024;
/// From this length on a passphrase needs no classes.
const PASSPHRASE: usize = 20;
/// The machine word for "the two do not match", which is no rule of this module but stands among the rules on the page.
pub const MATCH: &str = "match";

/// A class of characters that a password must have one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// `a` to `z`.
    Lower,
    /// `A` to `Z`.
    Upper,
    /// `0` to `9`.
    Digit,
    /// Neither letter nor digit, in any script.
    Special,
}

impl Class {
    /// Its name in the config file and on the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
            Self::Digit => "digit",
            Self::Special => "special",
        }
    }

    fn has(self, c: char) -> bool {
        match self {
            Self::Lower => c.is_ascii_lowercase(),
            Self::Upper => c.is_ascii_uppercase(),
            Self::Digit => c.is_ascii_digit(),
            Self::Special => !c.is_alphanumeric(),
        }
    }
}

/// What a new password must be (`[password]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Characters, at least.
    pub min_length: usize,
    /// One of each, unless it has [`Rules::waived_from`] characters.
    pub classes: Vec<Class>,
}

impl Rules {
    /// From so many characters on no classes are asked for.
    pub const fn waived_from(&self) -> usize {
        PASSPHRASE
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self { min_length: 12, classes: vec![Class::Lower, Class::Upper, Class::Digit, Class::Special] }
    }
}

/// What is wrong with a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Complaint {
    /// Too short.
    Length,
    /// A class is missing.
    Missing(Class),
    /// On everybody's list.
    Common,
    /// Found within a few billion guesses by somebody who knows the account.
    Guessable,
    /// The login id is part of it.
    ContainsLogin,
    /// More than [`MAX_BYTES`].
    TooLong,
    /// A control character, for example NUL: not every system can type it again.
    ForbiddenCharacter,
}

impl Complaint {
    /// The word by which templates and the page's script know the rule. Never changes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Missing(class) => class.word(),
            Self::Common => "common",
            Self::Guessable => "guessable",
            Self::ContainsLogin => "login",
            Self::TooLong => "too-long",
            Self::ForbiddenCharacter => "character",
        }
    }
}

/// The normal form of a password, after RFC 8265 (`OpaqueString`): every space an ASCII space, NFC, nothing cut, case kept.
/// Refuses what is too long to look at and control characters.
pub fn prepare(typed: &str) -> Result<Zeroizing<String>, Complaint> {
    if typed.len() > MAX_BYTES {
        return Err(Complaint::TooLong);
    }
    if typed.chars().any(char::is_control) {
        return Err(Complaint::ForbiddenCharacter);
    }
    Ok(Zeroizing::new(typed.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc().collect()))
}

/// Unicode's space separators (general category Zs).
const fn is_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Everything that is wrong with a new password; nothing: it may be set. `inputs`: what an attacker knows of the person, the
/// login id first.
pub fn check(rules: &Rules, password: &str, inputs: &[&str]) -> Vec<Complaint> {
    let password = match prepare(password) {
        Ok(password) => password,
        Err(complaint) => return vec![complaint],
    };
    let length = password.chars().count();
    let mut complaints = Vec::new();
    if length < rules.min_length {
        complaints.push(Complaint::Length);
    }
    if length < rules.waived_from() {
        let missing = rules.classes.iter().filter(|class| !password.chars().any(|c| class.has(c)));
        complaints.extend(missing.map(|class| Complaint::Missing(*class)));
    }
    let folded = Zeroizing::new(password.to_lowercase());
    if inputs.first().is_some_and(|login| !login.is_empty() && folded.contains(&login.to_lowercase())) {
        complaints.push(Complaint::ContainsLogin);
    }
    complaints.extend(strength::judge(&password, inputs));
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(password: &str) -> Vec<Complaint> {
        check(&Rules::default(), password, &["anna.meyer@example.com", "Anna Meyer", "IT support portal"])
    }

    #[test]
    fn good_ones_pass() {
        for password in [
            "kR7#vQz2!mLp",
            "Tangerine-Lamp-42x",
            "vier Pinguine tanzen leise Walzer",
            "Fjord-Kelp-91-quilt",
            "Übergrößen Möbel: 3 Türen",
        ] {
            assert_eq!(complaints(password), [], "{password}");
        }
    }

    #[test]
    fn each_rule_speaks_for_itself() {
        assert!(complaints("kR7#vQz2!mL").contains(&Complaint::Length));
        for (password, class) in [
            ("KR7#VQZ2!MLPX", Class::Lower),
            ("kr7#vqz2!mlpx", Class::Upper),
            ("kRx#vQzy!mLpx", Class::Digit),
            ("kR7xvQz2ymLpx", Class::Special),
        ] {
            assert_eq!(complaints(password), [Complaint::Missing(class)], "{password}");
        }
        assert_eq!(complaints("kR7éñüvQz2mLpx"), [Complaint::Missing(Class::Special)], "letters of any script are letters");
    }

    #[test]
    fn classes_are_waived_from_twenty_characters_on() {
        let passphrase = "quilt fjord kelp lam";
        assert_eq!(passphrase.chars().count(), 20);
        assert_eq!(complaints(passphrase), []);
        assert!(complaints("quilt fjord kelp la").contains(&Complaint::Missing(Class::Upper)));
    }

    #[test]
    fn common_and_guessable_ones_are_refused() {
        for password in ["Password-2025!", "P@ssw0rd1234!", "Welcome2024!!", "Qwertyuiop123!", "Administrator1!"] {
            assert!(complaints(password).contains(&Complaint::Common), "{password}: {:?}", complaints(password));
        }
        for password in
            ["aaaaaaaaaaaaaaaaaaaaaaaa", "Anna.Meyer1985!", "Abcdefgh1234!", "abcabcabcabcabcabcabc", "ExampleExample1!"]
        {
            let found = complaints(password);
            assert!(found.contains(&Complaint::Guessable) || found.contains(&Complaint::Common), "{password}: {found:?}");
        }
        assert!(complaints("x9-ANNA.meyer@example.com-Q7").contains(&Complaint::ContainsLogin));
    }

    #[test]
    fn what_cannot_be_looked_at_is_refused_alone() {
        assert_eq!(complaints(&"x".repeat(1025)), [Complaint::TooLong]);
        for c in ["\0", "\n", "\t", "\u{7f}", "\u{85}"] {
            assert_eq!(complaints(&format!("kR7#vQz2!mLp{c}")), [Complaint::ForbiddenCharacter], "{c:?}");
        }
        assert_eq!(complaints(&"kR7#vQz2!mLp ".repeat(78)), [], "1014 bytes are fine");
    }

    #[test]
    fn one_password_has_one_form_and_length_counts_characters() {
        assert_eq!(*prepare("Zu\u{308}rich\u{a0}See").unwrap(), "Zürich See");
        assert_eq!(*prepare(" MiXed ").unwrap(), " MiXed ", "nothing is cut, case is kept");
        let rules = Rules { min_length: 12, classes: Vec::new() };
        assert!(!check(&rules, "日本語日本茶富士山桜花見", &[]).contains(&Complaint::Length));
        assert!(check(&rules, "e\u{301}".repeat(8).as_str(), &[]).contains(&Complaint::Length), "8 after NFC");
    }

    #[test]
    fn words_are_stable() {
        let all = [
            (Complaint::Length, "length"),
            (Complaint::Missing(Class::Lower), "lower"),
            (Complaint::Missing(Class::Upper), "upper"),
            (Complaint::Missing(Class::Digit), "digit"),
            (Complaint::Missing(Class::Special), "special"),
            (Complaint::Common, "common"),
            (Complaint::Guessable, "guessable"),
            (Complaint::ContainsLogin, "login"),
            (Complaint::TooLong, "too-long"),
            (Complaint::ForbiddenCharacter, "character"),
        ];
        assert!(all.iter().all(|(complaint, word)| complaint.word() == *word));
    }
}
