//! Recovery codes: ten of 80 random bits each, in Crockford's base32, every one good once. The store has only keyed hashes of
//! them, so neither a copied database nor a list of all codes tells one without the key file.

use std::fmt::Write as _;

use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::keys::{self, KeyRing, Purpose};
use crate::language::{Language, Message, say};
use crate::notify::words::moment;

/// How many codes a set has.
pub const SET: usize = 10;
/// Characters in a code, hyphens not counted: 80 bits.
const LEN: usize = 16;
/// What is not even looked at: no spacing of a code is that long.
const MAX_TYPED: usize = 128;
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static CROCKFORD: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str(ALPHABET);
    #[expect(clippy::expect_used, reason = "32 different ASCII symbols are an alphabet")]
    specification.encoding().expect("Crockford's alphabet is one")
});

/// A recovery code in its one spelling: sixteen characters of the alphabet, without hyphens.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// A new one.
    pub fn generate() -> Self {
        let bytes = Zeroizing::new(keys::random::<10>());
        Self(Zeroizing::new(CROCKFORD.encode(&*bytes)))
    }

    /// What somebody typed: any case, with spaces and hyphens anywhere, `O` for zero, `I` and `L` for one.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED {
            return None;
        }
        let mut code = Zeroizing::new(String::with_capacity(LEN));
        for c in typed.chars().filter(|c| !matches!(c, ' ' | '-')) {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if code.len() == LEN || !ALPHABET.contains(c) {
                return None;
            }
            code.push(c);
        }
        (code.len() == LEN).then_some(Self(code))
    }

    /// As people see it: `XXXX-XXXX-XXXX-XXXX`.
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LEN + 3));
        for (at, c) in self.0.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            text.push(c);
        }
        text
    }

    /// What the store keeps: bound to the account, so that nobody's own code opens another account.
    pub fn hash(&self, keys: &KeyRing, account: AccountId) -> [u8; 32] {
        keys.mac(Purpose::RecoveryCode, &[account.0.as_bytes(), self.0.as_bytes()])
    }
}

/// A new set: the codes, and what the store keeps of them.
pub fn new_set(keys: &KeyRing, account: AccountId) -> (Vec<RecoveryCode>, Vec<[u8; 32]>) {
    let codes: Vec<RecoveryCode> = (0..SET).map(|_| RecoveryCode::generate()).collect();
    let hashes = codes.iter().map(|code| code.hash(keys, account)).collect();
    (codes, hashes)
}

/// A set on one line each, as it is sealed for the pending login.
pub fn to_lines(codes: &[RecoveryCode]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(codes.len() * (LEN + 4)));
    for code in codes {
        text.push_str(&code.reveal());
        text.push('\n');
    }
    text
}

/// The text file that people keep, in their language and in the operator's name.
pub fn text_file(language: Language, brand: &str, login: &Login, made: Timestamp, codes: &[String]) -> String {
    let said = |message: Message| message.in_language(language).into_owned();
    let title = said(say("codes-file-title"));
    let mut text = format!("{title}\n{}\n\n", "=".repeat(title.chars().count()));
    // One line each, whatever the operator is called.
    let brand: String = brand.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let date = moment(made);
    for line in [
        say("codes-file-for").with("brand", brand),
        say("codes-file-login").with("login", login.as_str()),
        say("codes-file-made").with("date", date),
    ] {
        let _ = writeln!(text, "{}", said(line));
    }
    let _ = writeln!(text, "\n{}", wrapped(&said(say("codes-file-lead"))));
    for code in codes {
        let _ = writeln!(text, "    {code}");
    }
    let _ = writeln!(text, "\n{}", wrapped(&said(say("codes-file-warning"))));
    text.push_str(&wrapped(&said(say("codes-file-keep"))));
    // Windows' Notepad is where many will open it.
    text.replace('\n', "\r\n")
}

/// In lines that fit on a sheet, each with its end.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 76;
    let (mut lines, mut length) = (String::new(), 0);
    for word in text.split(' ') {
        let width = word.chars().count();
        if length > 0 && length + 1 + width > WIDTH {
            lines.push('\n');
            length = 0;
        }
        if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += width;
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_code_reads_in_four_groups_and_parses_back() {
        let code = RecoveryCode::generate();
        let text = code.reveal();
        assert_eq!(text.len(), 19);
        assert!(text.split('-').all(|group| group.len() == 4));
        assert_eq!(*RecoveryCode::parse(&text).unwrap().0, *code.0);
    }

    #[test]
    fn parsing_forgives_what_people_do() {
        let code = RecoveryCode::parse("0123-4567-89AB-CD1F").unwrap();
        for typed in ["0123456789abcd1f", " o123 4567 89ab cdif ", "0123-4567-89ab-cdLf", "O123-4567--89AB-CDlF"] {
            assert_eq!(*RecoveryCode::parse(typed).unwrap().0, *code.0, "{typed}");
        }
        for bad in [
            "",
            "0123-4567-89AB-CD1",
            "0123-4567-89AB-CD1F0",
            "0123-4567-89AB-CDUF",
            "0123-4567-89AB-CD1Ｆ",
            "0123_4567_89AB_CD1F",
            "123456",
        ] {
            assert!(RecoveryCode::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_code_hashes_differently_for_every_account_and_key() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let (anna, bert) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let code = RecoveryCode::generate();
        assert_eq!(code.hash(&keys, anna), RecoveryCode::parse(&code.reveal()).unwrap().hash(&keys, anna));
        assert_ne!(code.hash(&keys, anna), code.hash(&keys, bert));
        let other = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        assert_ne!(code.hash(&keys, anna), code.hash(&other, anna));
    }

    #[test]
    fn a_set_is_ten_different_ones_and_the_file_has_them_all() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let (codes, hashes) = new_set(&keys, AccountId(Uuid::from_u128(1)));
        let different: std::collections::HashSet<_> = hashes.iter().collect();
        assert_eq!((codes.len(), different.len()), (10, 10));
        let lines: Vec<String> = to_lines(&codes).lines().map(str::to_owned).collect();
        let login = Login::parse("anna@example.com").unwrap();
        for (language, said) in [
            (Language::English, ["Recovery codes", "14 November 2023", "Each of these codes"]),
            (Language::German, ["Wiederherstellungscodes", "14. November 2023", "Jeder dieser Codes"]),
            (Language::French, ["Codes de récupération", "14 novembre 2023", "Chacun de ces codes"]),
            (Language::Spanish, ["Códigos de recuperación", "14 de noviembre de 2023", "Cada uno de estos códigos"]),
            (Language::Portuguese, ["Códigos de recuperação", "14 de novembro de 2023", "Cada um destes códigos"]),
        ] {
            let file = text_file(language, "Acme\nHelp desk", &login, Timestamp::from_secs(1_700_000_000), &lines);
            assert!(lines.iter().all(|line| file.contains(&format!("    {line}\r\n"))), "{file}");
            for part in said.into_iter().chain(["Acme Help desk", "anna@example.com"]) {
                assert!(file.contains(part), "{part}: {file}");
            }
            assert!(file.ends_with("\r\n") && !file.replace("\r\n", "").contains(['\r', '\n']), "{file:?}");
            assert!(file.lines().all(|line| line.chars().count() <= 76), "{file}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_yields_one_spelling(typed in "\\PC{0,40}") {
            if let Some(code) = RecoveryCode::parse(&typed) {
                prop_assert_eq!(&*RecoveryCode::parse(&code.reveal()).unwrap().0, &*code.0);
            }
        }
    }
}
