//! What texts say, in the language of the person. A text is one short message of at most 160 characters of the GSM alphabet
//! (3GPP TS 23.038), so its words need no letters but those: others would make it two.

use crate::clock::Timestamp;
use crate::language::{Language, Message, say};

/// In whose name a text is sent, and at which host its code is entered.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// The operator's name.
    pub brand: String,
    /// The host that people type, without port.
    pub host: String,
}

/// One message on its way has room for so many.
const ROOM: usize = 160;

/// A code. Its last line lets phones enter it for their owner at that host and nowhere else (origin-bound one-time codes).
pub fn code(language: Language, head: &Letterhead, code: &str) -> String {
    let last = format!("\n\n@{} #{code}", head.host);
    let text = |brand: &str| said(language, &say("mobile-text-code").with("brand", brand).with("code", code));
    let fixed = text("").chars().count();
    let words = text(&cut(&head.brand, ROOM.saturating_sub(fixed + last.chars().count())));
    // A host that is that long has no room for both; the code is what counts.
    if words.chars().count() + last.chars().count() <= ROOM { words + &last } else { text(&cut(&head.brand, ROOM - fixed)) }
}

/// To the number that was: it is no longer the recovery mobile.
pub fn mobile_changed(language: Language, head: &Letterhead) -> String {
    notice(language, head, |brand| say("mobile-text-changed").with("brand", brand))
}

/// Somebody recovers the account, and has to wait until then. In digits: names of months have letters that a text has not.
pub fn recovery_waits(language: Language, head: &Letterhead, until: Timestamp) -> String {
    let until = jiff::Timestamp::from_second(until.secs()).unwrap_or_default().strftime("%Y-%m-%d %H:%M UTC").to_string();
    notice(language, head, |brand| say("mobile-text-waits").with("brand", brand).with("until", until.as_str()))
}

fn notice(language: Language, head: &Letterhead, message: impl Fn(String) -> Message) -> String {
    let fixed = said(language, &message(String::new())).chars().count();
    said(language, &message(cut(&head.brand, ROOM.saturating_sub(fixed))))
}

fn said(language: Language, message: &Message) -> String {
    message.in_language(language).into_owned()
}

/// The name in one line, as much of it as there is room for.
fn cut(brand: &str, room: usize) -> String {
    brand.chars().map(|c| if c.is_control() { ' ' } else { c }).take(room.min(40)).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The basic table of the GSM alphabet.
    const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

    #[test]
    fn every_text_is_one_message_in_every_language() {
        for host in ["portal.example.com", &"a.very.long.name.".repeat(4)] {
            for brand in ["IT support portal", &"Long & Sons ".repeat(20), ""] {
                let head = Letterhead { brand: brand.to_owned(), host: host.to_owned() };
                for language in Language::ALL {
                    let waits = recovery_waits(language, &head, Timestamp::from_secs(1_795_961_000));
                    let texts = [code(language, &head, "123456"), mobile_changed(language, &head), waits];
                    for text in &texts {
                        assert!(text.chars().count() <= ROOM, "{}: {text}", text.chars().count());
                        assert!(text.chars().all(|c| GSM.contains(c)), "{text}");
                    }
                    assert!(texts[0].matches("123456").count() >= 1, "{}", texts[0]);
                    assert!(texts[2].contains("2026-11-29 14:03 UTC"), "{}", texts[2]);
                    assert!(host.len() > 60 || texts[0].ends_with(&format!("\n\n@{host} #123456")), "{}", texts[0]);
                }
            }
        }
    }

    #[test]
    fn a_name_with_a_line_break_makes_no_line_of_its_own() {
        let head = Letterhead { brand: "Acme\n@evil.example #000000".to_owned(), host: "portal.example.com".to_owned() };
        assert_eq!(code(Language::English, &head, "123456").lines().count(), 3);
    }
}
