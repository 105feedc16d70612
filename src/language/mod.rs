//! Which languages we speak, which one somebody wants, and the words of each: for pages, mails and whoever else addresses people.
//! It knows no HTTP: a header arrives as text.
//!
//! The words are Fluent files (projectfluent.org), `words/LANGUAGE/TOPIC.ftl`, one per topic and language. A file that is
//! added is found by itself; `tests/it/languages.rs` fails on what is missing, unused, or filled in differently.

mod catalogue;
mod message;

pub use self::message::{Message, Said, Value, say};

/// A language that all our words are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, also for whoever asks for none of these.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Portuguese, as it is written in Brazil.
    Portuguese,
}

impl Language {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::English, Self::German, Self::French, Self::Spanish, Self::Portuguese];

    /// What we call it: in our cookie, in the store, and the name of its folder.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
        }
    }

    /// Its tag (BCP 47) for `lang=`: how it is read aloud and hyphenated.
    pub const fn lang(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            other => other.tag(),
        }
    }

    /// What it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Portuguese => "Português",
        }
    }

    /// Which way it is written, as in `dir=`. The style sheet asks for start and end, never for left and right.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::English | Self::German | Self::French | Self::Spanish | Self::Portuguese => "ltr",
        }
    }

    /// The language of exactly this tag: what we wrote down ourselves once.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// The language that an `Accept-Language` header (RFC 9110, section 12.5.4) likes best; the first one of several equals.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in header.split(',').take(MOST_RANGES) {
            let mut parts = range.split(';').map(str::trim);
            let Some(language) = parts.next().and_then(Self::of_range) else { continue };
            let Some(weight) =
                parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="))).map_or(Some(1000), weight)
            else {
                continue;
            };
            if weight > best.map_or(0, |(best, _)| best) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// By the primary subtag: `pt-BR` and `pt` are one to us. `*` asks for nothing in particular.
    fn of_range(range: &str) -> Option<Self> {
        let primary = range.split('-').next()?;
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

/// Browsers send a handful; nobody is helped by reading on.
const MOST_RANGES: usize = 32;

/// A quality value in thousandths: `0`, `0.5`, `1.000`.
fn weight(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{fraction:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_language_that_we_speak_is_taken() {
        for (header, wanted) in [
            ("de", Some(Language::German)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::German)),
            ("DE-ch", Some(Language::German)),
            ("ja,pt-BR;q=0.8,en;q=0.7", Some(Language::Portuguese)),
            ("en;q=0.5, fr;q=0.9", Some(Language::French)),
            ("en;q=0.5,es;q=0.5", Some(Language::English)),
            ("es ; q=0.001", Some(Language::Spanish)),
            ("de;q=0, fr;q=0.1", Some(Language::French)),
            ("de;q=0", None),
            ("de;q=0.0000", None),
            ("de;q=2", None),
            ("de;q=1.5", None),
            ("de;q=x,fr;q=0.2", Some(Language::French)),
            ("*", None),
            ("ja", None),
            ("den", None),
            ("", None),
            (";,;q=,,-", None),
        ] {
            assert_eq!(Language::accepted(header), wanted, "{header}");
        }
        assert_eq!(Language::accepted(&format!("{}de", "ja,".repeat(100_000))), None);
    }

    #[test]
    fn a_tag_is_read_back_exactly() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
        for tag in ["", "DE", "de-DE", "de ", "xx", "<script>"] {
            assert_eq!(Language::from_tag(tag), None, "{tag}");
        }
    }
}
