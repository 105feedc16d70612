//! Forms: one reading of each field, and no token but the one that was made.

use std::sync::LazyLock;

use uuid::Uuid;
use vestibule::clock::Timestamp;
use vestibule::keys::KeyRing;
use vestibule::pages::form::{self, Fields, TokenCheck};

use super::decode;

static KEYS: LazyLock<KeyRing> = LazyLock::new(|| KeyRing::parse(&KeyRing::generate_file()).unwrap());
const NOW: Timestamp = Timestamp::from_secs(1_000_000);

/// A body.
pub fn forms(body: &[u8]) {
    let pairs: Vec<(String, String)> = body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(pair).collect();
    let twice = pairs.iter().enumerate().any(|(at, (name, _))| pairs[..at].iter().any(|(known, _)| known == name));
    match Fields::parse(body) {
        None => assert!(twice, "refused, though no field is there twice"),
        Some(fields) => {
            assert!(!twice, "a field is there twice");
            assert_eq!(fields.names().collect::<Vec<_>>(), pairs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
            for (name, value) in &pairs {
                assert_eq!((fields.sent(name), fields.text(name)), (Some(value.as_str()), value.as_str()));
                assert_eq!(fields.ticked(name), !value.is_empty());
            }
            no_token_is_guessed(fields.text(form::TOKEN_FIELD));
        }
    }
}

fn pair(pair: &[u8]) -> (String, String) {
    let (name, value) = pair.iter().position(|byte| *byte == b'=').map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
    let text = |part: &[u8]| {
        let spaced: Vec<u8> = part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        String::from_utf8_lossy(&decode::percent(&spaced)).into_owned()
    };
    (text(name), text(value))
}

/// Neither as it was sent, nor with a good token around it.
fn no_token_is_guessed(sent: &str) {
    let session = Uuid::from_u128(1);
    let good = form::token(&KEYS, session, "/a", NOW);
    let (secs, mac) = good.split_once('.').unwrap();
    for text in [sent.to_owned(), format!("{secs}.{sent}"), format!("{sent}.{mac}"), format!("{good}{sent}")] {
        let check = form::check(&KEYS, session, "/a", &text, NOW);
        // `+1000000` and `01000000` are the same number, and so the same token.
        let same = text.split_once('.').is_some_and(|(number, tag)| number.parse() == Ok(NOW.secs()) && tag == mac);
        assert!(check == TokenCheck::Wrong || same, "{text:?} is {check:?}");
    }
}
