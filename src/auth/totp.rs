//! One-time codes (RFC 6238): SHA-1, six digits, 30 seconds, one step of tolerance either way. The profile that every
//! authenticator app accepts; others are silently misread by some.
//!
//! Says which step matched. That a step counts once is not decided here but by the store, in one conditional update.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use totp_rs::{Algorithm, Builder, Totp, TotpError};
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::keys;

/// Seconds in a step.
pub const STEP: u64 = 30;
/// How many bytes a new secret has: 160 bits, as RFC 4226 recommends.
pub const SECRET_LEN: usize = 20;
/// How long a name may be in the address: what still makes a code that phones can scan.
const MAX_NAME: usize = 64;
/// What is not even looked at: no spacing of six digits is that long.
const MAX_TYPED: usize = 64;

/// Six ASCII digits that somebody typed.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

impl Code {
    /// Takes ASCII spaces and hyphens out, once; what is left is six ASCII digits or no code at all. Everything that compares,
    /// counts or remembers codes takes this type, so a code has one spelling.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED {
            return None;
        }
        let digits: Zeroizing<String> = Zeroizing::new(typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect());
        (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(Self(digits))
    }

    /// The six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// A new secret.
pub fn generate_secret() -> Zeroizing<[u8; SECRET_LEN]> {
    Zeroizing::new(keys::random())
}

/// The secret as people and apps read it: base32 without padding (RFC 4648).
pub fn base32(secret: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(BASE32_NOPAD.encode(secret))
}

/// The step that this code belongs to, if it is right at this wall time: the running one, the one before or the one after.
/// Each comparison takes the same time whatever was typed.
pub fn check(secret: &[u8], code: &Code, wall: Timestamp) -> Option<u64> {
    profile(secret).build_noncompliant().check(&code.0, seconds(wall))
}

/// The code of a secret at a wall time: for tests and for `demo`, which has no phone.
pub fn code_at(secret: &[u8], wall: Timestamp) -> Zeroizing<String> {
    Zeroizing::new(profile(secret).build_noncompliant().generate(seconds(wall)).to_string())
}

/// Whole seconds until the step after this one begins; at least 1.
pub fn wait_after(step: u64, wall: Timestamp) -> u64 {
    step.saturating_add(1).saturating_mul(STEP).saturating_sub(seconds(wall)).max(1)
}

/// The `otpauth://` address that apps scan. A colon separates issuer and account there and may stand in neither.
pub fn otpauth(secret: &[u8], issuer: &str, account: &str) -> Result<Zeroizing<String>, TotpError> {
    let totp: Totp =
        profile(secret).with_issuer(Some(name(issuer, "Vestibule"))).with_account_name(name(account, "account")).build()?;
    totp.to_url().map(Zeroizing::new)
}

fn name(text: &str, fallback: &str) -> String {
    let clean: String = text.chars().map(|c| if c == ':' || c.is_control() { ' ' } else { c }).take(MAX_NAME).collect();
    let clean = clean.trim();
    if clean.is_empty() { fallback.to_owned() } else { clean.to_owned() }
}

fn profile(secret: &[u8]) -> Builder {
    Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_step_duration(STEP).with_skew(1).with_secret(secret)
}

fn seconds(wall: Timestamp) -> u64 {
    u64::try_from(wall.secs()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the SHA-1 secret, and the last six of its eight digits.
    const RFC_SECRET: &[u8] = b"12345678901234567890";
    const RFC_VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    #[test]
    fn the_vectors_of_rfc_6238() {
        for (at, expected) in RFC_VECTORS {
            let wall = Timestamp::from_secs(at);
            assert_eq!(&*code_at(RFC_SECRET, wall), expected);
            assert_eq!(check(RFC_SECRET, &code(expected), wall), Some(at.unsigned_abs() / STEP));
        }
    }

    #[test]
    fn one_step_of_tolerance_and_no_more_and_the_step_is_the_codes_own() {
        let right = code("050471");
        let step = 1_111_111_111 / 30;
        for (shift, expected) in [(-60, None), (-30, Some(step)), (0, Some(step)), (30, Some(step)), (60, None)] {
            assert_eq!(check(RFC_SECRET, &right, Timestamp::from_secs(1_111_111_111 + shift)), expected, "{shift}");
        }
    }

    #[test]
    fn a_code_has_one_spelling() {
        for typed in ["123456", "123 456", "123-456", " 1 2 3-4 5 6 ", "1-2-3-4-5-6"] {
            assert_eq!(&*code(typed).0, "123456", "{typed}");
        }
        let long = format!("123456{}", " ".repeat(100));
        for typed in
            ["", "12345", "1234567", "+12345", "12345a", "１２３４５６", "123\u{a0}456", "123\t456", "123456\n", "123_456", &long]
        {
            assert!(Code::parse(typed).is_none(), "{typed:?}");
        }
    }

    #[test]
    fn the_address_names_issuer_and_account_without_a_colon() {
        let url = otpauth(RFC_SECRET, "IT: support & more", "anna@example.com").unwrap();
        assert!(url.starts_with("otpauth://totp/IT%20%20support%20%26%20more:anna%40example"), "{}", *url);
        assert!(url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{}", *url);
        assert!(!url.contains('+'));
        assert!(otpauth(RFC_SECRET, " : ", "").unwrap().contains("Vestibule"));
        assert!(otpauth(RFC_SECRET, &"x".repeat(4000), &"é".repeat(4000)).unwrap().len() < 700);
    }

    #[test]
    fn the_wait_runs_to_the_step_after_the_used_one() {
        let at = Timestamp::from_secs(3000 + 12);
        assert_eq!(wait_after(100, at), 18);
        assert_eq!(wait_after(101, at), 48, "a phone that runs ahead");
        assert_eq!(wait_after(99, at), 1);
    }

    #[test]
    fn secrets_have_160_bits_and_differ() {
        let (one, other) = (generate_secret(), generate_secret());
        assert_ne!(*one, *other);
        assert_eq!(base32(&*one).len(), 32);
    }
}
