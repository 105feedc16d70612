//! Recovery codes: ten of 80 random bits each, in Crockford's base32, every one good once. The store has only keyed hashes of
//! them, so neither a copied database nor a list of all codes tells one without the key file.

use std::fmt::Write as _;

use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::keys::{self, KeyRing, Purpose};

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

/// The text file that people keep.
pub fn text_file(portal: &str, login: &Login, made: Timestamp, codes: &[String]) -> String {
    let date = made.to_string();
    let date = date.split('T').next().unwrap_or_default();
    let mut text = format!(
        "Recovery codes\n==============\n\nPortal:  {portal}\nAccount: {login}\nMade:    {date}\n\n\
         Each of these codes lets you in once if you lose your authenticator app:\n\n"
    );
    for code in codes {
        let _ = writeln!(text, "    {code}");
    }
    text.push_str(
        "\nWhoever has one of them and your password can take over your account.\n\
         Print this page or keep it in a password manager, not on the phone that shows\n\
         your codes, and do not send it to anybody. A newer set replaces this one.\n",
    );
    // Windows' Notepad is where many will open it.
    text.replace('\n', "\r\n")
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
        let file = text_file("IT support portal", &login, Timestamp::from_secs(1_700_000_000), &lines);
        assert!(lines.iter().all(|line| file.contains(line)));
        for part in ["IT support portal", "anna@example.com", "2023-11-14", "Recovery codes"] {
            assert!(file.contains(part), "{part}");
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
