//! Forms as they arrive: the fields of one `application/x-www-form-urlencoded` body, and the token that binds a form to its route
//! and to a session for a quarter of an hour, or to the link that its page was opened with. Scripts of the portal can post forms,
//! but they can read no page of ours, and so have no token.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use secrecy::SecretString;
use subtle::ConstantTimeEq as _;
use url::form_urlencoded;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::clock::Timestamp;
use crate::keys::{FormToken, KeyRing, Purpose};
use crate::pages::refusal::Refusal;

/// The name of the field that carries the token.
pub const TOKEN_FIELD: &str = FormToken::FIELD;

const LIFE: Duration = Duration::from_mins(15);
/// A page may come from a worker whose reading was a moment ahead.
const SLACK: Duration = Duration::from_secs(5);

/// The fields of a form; wiped from memory afterwards.
#[derive(Default)]
pub struct Fields(Vec<(String, Zeroizing<String>)>);

impl Fields {
    /// The fields of a body; `None` where one is there twice: nobody's browser sends that, and two readings would be possible.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut fields = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            fields.put(name.into_owned(), value.into_owned())?;
        }
        Some(fields)
    }

    /// One more; `None` if it is there already.
    pub fn put(&mut self, name: String, value: String) -> Option<()> {
        let value = Zeroizing::new(value);
        if self.0.iter().any(|(known, _)| *known == name) {
            return None;
        }
        self.0.push((name, value));
        Some(())
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// A field's text; empty if it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.sent(name).unwrap_or_default()
    }

    /// A field's text, if it was sent at all.
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// A password.
    pub fn secret(&self, name: &str) -> SecretString {
        SecretString::from(self.text(name))
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let sent = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = sent.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::NotAForm.into());
        }
        let body = request.into_body().collect().await.map_err(|_| Response::from(Refusal::NotAForm))?.to_bytes();
        Self::parse(&body).ok_or_else(|| Refusal::NotAForm.into())
    }
}

/// What a form token turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum TokenCheck {
    /// Made for this session and route, not long ago.
    Good,
    /// Made for them, but too long ago: show the page again.
    Old,
    /// Missing or made for something else.
    Wrong,
}

/// A token for the form on `route` in this session.
pub fn token(keys: &KeyRing, session: Uuid, route: &str, now: Timestamp) -> String {
    written(keys, session.as_bytes(), route, now)
}

/// A token for the form on `route` that belongs to a link: `held` is the sealed cookie that its token was swapped for.
pub fn link_token(keys: &KeyRing, held: &str, route: &str, now: Timestamp) -> String {
    written(keys, held.as_bytes(), route, now)
}

/// Whether the form comes from the page of this link. The link itself says how long that is good.
pub fn is_of_link(keys: &KeyRing, held: &str, route: &str, sent: &str) -> bool {
    made_at(keys, held.as_bytes(), route, sent).is_some()
}

fn written(keys: &KeyRing, holder: &[u8], route: &str, now: Timestamp) -> String {
    FormToken { made: now, tag: mac(keys, holder, route, now) }.to_string()
}

/// Checks what came back.
pub fn check(keys: &KeyRing, session: Uuid, route: &str, sent: &str, now: Timestamp) -> TokenCheck {
    let Some(made) = made_at(keys, session.as_bytes(), route, sent) else { return TokenCheck::Wrong };
    if made > now + SLACK || now.since(made) >= LIFE { TokenCheck::Old } else { TokenCheck::Good }
}

/// When a token was made, if it was made for them.
fn made_at(keys: &KeyRing, holder: &[u8], route: &str, sent: &str) -> Option<Timestamp> {
    let FormToken { made, tag } = FormToken::parse(sent)?;
    bool::from(mac(keys, holder, route, made).as_slice().ct_eq(&tag)).then_some(made)
}

fn mac(keys: &KeyRing, holder: &[u8], route: &str, made: Timestamp) -> [u8; 32] {
    keys.mac(Purpose::FormToken, &[holder, route.as_bytes(), &made.secs().to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_once_each() {
        let fields = Fields::parse(b"code=123+456&saved=on&empty=").unwrap();
        assert_eq!(fields.text("code"), "123 456");
        assert!(fields.ticked("saved") && !fields.ticked("empty") && !fields.ticked("none"));
        assert_eq!((fields.sent("empty"), fields.sent("none")), (Some(""), None));
        assert!(Fields::parse(b"code=1&code=2").is_none());
        assert!(Fields::parse(b"").is_some());
    }

    #[test]
    fn a_token_is_good_for_one_session_one_route_and_a_quarter_of_an_hour() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let (mine, yours) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let now = Timestamp::from_secs(1_000_000);
        let token = token(&keys, mine, "/a", now);
        let at = |secs: i64| check(&keys, mine, "/a", &token, Timestamp::from_secs(1_000_000 + secs));
        assert_eq!((at(0), at(899), at(900), at(-60)), (TokenCheck::Good, TokenCheck::Good, TokenCheck::Old, TokenCheck::Old));
        assert_eq!(check(&keys, yours, "/a", &token, now), TokenCheck::Wrong);
        assert_eq!(check(&keys, mine, "/b", &token, now), TokenCheck::Wrong);
        let later = token.replace("1000000.", "1000001.");
        for bad in ["", ".", "1000000.", "1000000", &later, &token[..token.len() - 1]] {
            assert_eq!(check(&keys, mine, "/a", bad, now), TokenCheck::Wrong, "{bad}");
        }
    }

    #[test]
    fn a_token_of_a_link_is_good_for_that_link_and_route() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let token = link_token(&keys, "sealed", "/a", Timestamp::from_secs(1_000_000));
        assert!(is_of_link(&keys, "sealed", "/a", &token));
        for (held, route, sent) in
            [("other", "/a", &*token), ("sealed", "/b", &token), ("sealed", "/a", ""), ("sealed", "/a", "1000000.")]
        {
            assert!(!is_of_link(&keys, held, route, sent), "{held} {route} {sent}");
        }
    }
}
