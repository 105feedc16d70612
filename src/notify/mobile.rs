//! A recovery mobile: a phone number in E.164, of a kind that texts can be sent to, in a country that the operator allows.

use std::fmt;
use std::str::FromStr as _;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type, country};

/// No number of E.164 is longer: fifteen digits. What people put between them is counted too.
const LONGEST_INPUT: usize = 40;

/// The calling codes that texts may be sent to, without the plus: `1`, `44`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CallingCodes(Vec<u16>);

impl CallingCodes {
    /// Of codes that exist; whoever configures them has asked [`is_calling_code`].
    pub fn new(codes: Vec<u16>) -> Self {
        Self(codes)
    }

    /// The region whose national spelling may be used: the first of the only code there is.
    fn home(&self) -> Option<country::Id> {
        let [only] = self.0.as_slice() else { return None };
        DATABASE.region(only)?.first().and_then(|region| country::Id::from_str(region).ok())
    }

    /// The codes as people write them.
    pub fn shown(&self) -> String {
        self.0.iter().map(|code| format!("+{code}")).collect::<Vec<_>>().join(", ")
    }
}

/// Whether some country has this calling code (ITU-T E.164).
pub fn is_calling_code(code: u16) -> bool {
    DATABASE.by_code(&code).is_some()
}

/// Why a text is no number to send texts to. What the person typed is in none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// No country has such a number.
    #[error("it is no phone number")]
    NotANumber,
    /// The operator does not send texts there.
    #[error("its country is not allowed")]
    Country,
    /// A landline, a premium number: nothing that a text is sent to.
    #[error("it is not of a kind that gets texts")]
    Kind,
}

/// A phone number, `+` and up to fifteen digits (ITU-T E.164). Shown to nobody in full, also not in debug output.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mobile(String);

impl Mobile {
    /// Reads what a person typed. With one allowed calling code the national spelling does; else it begins with a plus, or 00.
    pub fn parse(text: &str, allowed: &CallingCodes) -> Result<Self, NumberError> {
        let text = text.trim();
        if text.is_empty()
            || text.len() > LONGEST_INPUT
            || !text.chars().all(is_written_in_numbers)
            || text.matches('+').count() > 1
        {
            return Err(NumberError::NotANumber);
        }
        if text.rfind('+').is_some_and(|at| at > 0) {
            return Err(NumberError::NotANumber);
        }
        let plus = text.strip_prefix("00").map(|rest| format!("+{rest}"));
        let text = plus.as_deref().unwrap_or(text);
        let number = phonenumber::parse(allowed.home(), text).map_err(|_| NumberError::NotANumber)?;
        if !phonenumber::is_valid(&number) || number.extension().is_some() {
            return Err(NumberError::NotANumber);
        }
        if !allowed.0.contains(&number.code().value()) {
            return Err(NumberError::Country);
        }
        match number.number_type(&DATABASE) {
            Type::Mobile | Type::FixedLineOrMobile => Ok(Self(number.format().mode(Mode::E164).to_string())),
            _ => Err(NumberError::Kind),
        }
    }

    /// From its stored form, which came from [`Mobile::as_e164`]. `None`: it is none.
    pub fn stored(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('+')?;
        let fits = (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }

    /// Whether texts may still be sent there: an operator may have taken its country off the list.
    pub fn is_allowed(&self, allowed: &CallingCodes) -> bool {
        phonenumber::parse(None, &self.0).is_ok_and(|number| allowed.0.contains(&number.code().value()))
    }

    /// The whole number, for the store (sealed) and for whoever delivers the text.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// What its owner recognizes it by: the last two digits.
    pub fn ending(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default()
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mobile(…{})", self.ending())
    }
}

/// ASCII digits and what stands between them. No letters: neither extensions nor words that spell a number.
fn is_written_in_numbers(character: char) -> bool {
    character.is_ascii_digit() || matches!(character, '+' | ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{2011}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(codes: &[u16]) -> CallingCodes {
        CallingCodes::new(codes.to_vec())
    }

    fn read(text: &str, codes: &[u16]) -> Result<String, NumberError> {
        Mobile::parse(text, &allowed(codes)).map(|mobile| mobile.as_e164().to_owned())
    }

    #[test]
    fn one_number_has_one_form_however_it_is_written() {
        for text in ["+1 203-555-0123", "001 203 555 0123", " +1 (203) 555-0123 ", "+1.203.555.0123", "+12035550123"] {
            assert_eq!(read(text, &[1, 44]).as_deref(), Ok("+12035550123"), "{text}");
        }
        assert_eq!(read("203-555-0123", &[1]).as_deref(), Ok("+12035550123"), "at home");
        assert_eq!(read("203-555-0123", &[1, 44]), Err(NumberError::NotANumber), "whose home?");
        assert_eq!(read("07400 123456", &[44]).as_deref(), Ok("+447400123456"));
        assert_eq!(read("+49 1512 3456789", &[49]).as_deref(), Ok("+4915123456789"));
    }

    #[test]
    fn only_allowed_countries_and_numbers_that_get_texts() {
        assert_eq!(read("+44 7400 123456", &[1]), Err(NumberError::Country));
        assert_eq!(read("+1 900 555 0123", &[1]), Err(NumberError::Kind), "premium");
        assert_eq!(read("+1 800 555 0123", &[1]), Err(NumberError::Kind), "toll-free");
        assert_eq!(read("+44 20 7946 0018", &[44]), Err(NumberError::Kind), "a landline");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let long = "1".repeat(41);
        for text in [
            "",
            " ",
            "+",
            "12",
            "+1",
            "call me",
            "+1 203 555 0123 x5",
            "+1 203 555 0123;ext=5",
            "tel:+12035550123",
            "+1203555012３",
            "+1 203 555\r\n0123",
            "+999 123 456 789",
            "++12035550123",
            long.as_str(),
        ] {
            assert_eq!(read(text, &[1]), Err(NumberError::NotANumber), "{text:?}");
        }
    }

    #[test]
    fn it_is_stored_whole_and_shown_in_part() {
        let mobile = Mobile::parse("+12035550123", &allowed(&[1])).unwrap();
        assert_eq!(Mobile::stored(mobile.as_e164()), Some(mobile.clone()));
        assert_eq!(mobile.ending(), "23");
        assert!(!format!("{mobile:?}").contains("5550"));
        for bent in ["", "12035550123", "+", "+12x", "+1234567890123456"] {
            assert_eq!(Mobile::stored(bent), None, "{bent}");
        }
        assert!(mobile.is_allowed(&allowed(&[44, 1])) && !mobile.is_allowed(&allowed(&[44])));
        assert!(is_calling_code(1) && is_calling_code(44) && !is_calling_code(999) && !is_calling_code(0));
    }
}
