//! Links and grants: the only right to enrol. A link is made for the registered person and swapped for a sealed cookie when it
//! is opened; the cookie names a row in the store, and only that row decides whether the grant still lives.
//!
//! The cookie is sealed although it holds no secret: a browser cannot make one for a row that it was never sent to, and a
//! copied database shows no value that a browser would send.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::auth::Settings;
use crate::auth::credentials::{LinkId, LinkKind, NewLink};
use crate::clock::Timestamp;
use crate::keys::{self, KeyRing, Purpose};
use crate::ports::Token;

/// What the seal is bound to, beyond its purpose.
const IDENTITY: &[u8] = b"grant";
/// Bytes sealed: the link's id and the expiry in milliseconds.
const PLAIN_LEN: usize = 16 + 8;
/// No sealed grant is longer; anything that is, is not looked at.
const MAX_COOKIE: usize = 256;

/// A link about to be made, and its token: whoever calls this holds the only copy. `now`: secure time.
pub fn new_link(kind: LinkKind, settings: &Settings, now: Timestamp) -> (NewLink, Token) {
    let token = Token::generate();
    (new_link_with(kind, &token, settings, now), token)
}

/// The same with a token that was made elsewhere.
pub fn new_link_with(kind: LinkKind, token: &Token, settings: &Settings, now: Timestamp) -> NewLink {
    let life = match kind {
        LinkKind::Invitation | LinkKind::Enrolment => settings.enrolment_window,
        LinkKind::Recovery => settings.recovery_window,
    };
    NewLink { id: LinkId(keys::new_id(now)), token: token.hash(), kind, created: now, expires: now + life }
}

/// Where the link leads, below the portal's address. A recovery grant is never handed out as a link; it has no page of its
/// own, and [`crate::auth::authenticator::Authenticator::open_link`] opens none.
pub fn link_path(kind: LinkKind, token: &Token) -> String {
    let page = match kind {
        LinkKind::Invitation => "register",
        LinkKind::Enrolment | LinkKind::Recovery => "enrol",
    };
    format!("/.vestibule/{page}/{}", token.reveal())
}

/// The value of the grant cookie: the link's id and end, sealed.
pub fn seal(keys: &KeyRing, link: LinkId, expires: Timestamp) -> String {
    let mut plain = Vec::with_capacity(PLAIN_LEN);
    plain.extend(link.0.as_bytes());
    plain.extend(expires.millis().to_be_bytes());
    URL_SAFE_NO_PAD.encode(keys.seal(Purpose::GrantCookie, IDENTITY, &plain))
}

/// The link that a cookie names, if it is one of ours and its time has not run out. Whether the link lives, the store says.
pub fn open(keys: &KeyRing, cookie: &str, now: Timestamp) -> Option<LinkId> {
    if cookie.len() > MAX_COOKIE {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(cookie).ok()?;
    let plain = keys.open(Purpose::GrantCookie, IDENTITY, &sealed).ok()?;
    let (id, expires) = plain.split_at_checked(16)?;
    let expires = Timestamp::from_millis(i64::from_be_bytes(expires.try_into().ok()?));
    (now < expires).then_some(LinkId(Uuid::from_slice(id).ok()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    #[test]
    fn a_link_lives_for_the_enrolment_window_and_its_path_names_its_page() {
        let settings = Settings::default();
        let (link, token) = new_link(LinkKind::Invitation, &settings, NOW);
        assert_eq!((link.token, link.created), (token.hash(), NOW));
        assert_eq!(link.expires.since(NOW), Duration::from_hours(7 * 24));
        assert_eq!(link_path(LinkKind::Invitation, &token), format!("/.vestibule/register/{}", token.reveal()));
        assert_eq!(link_path(LinkKind::Enrolment, &token), format!("/.vestibule/enrol/{}", token.reveal()));
        let (recovery, _) = new_link(LinkKind::Recovery, &settings, NOW);
        assert_eq!(recovery.expires.since(NOW), Duration::from_mins(15));
    }

    #[test]
    fn a_grant_cookie_opens_until_its_end_and_only_unchanged() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let link = LinkId(keys::new_id(NOW));
        let end = NOW + Duration::from_mins(1);
        let cookie = seal(&keys, link, end);
        assert_eq!(open(&keys, &cookie, NOW), Some(link));
        assert_eq!(open(&keys, &cookie, end - Duration::from_millis(1)), Some(link));
        assert_eq!(open(&keys, &cookie, end), None);
        let other = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        assert_eq!(open(&other, &cookie, NOW), None);
        for bad in ["", "x", "====", &format!("{cookie}A"), &cookie[1..], &"A".repeat(5000)] {
            assert_eq!(open(&keys, bad, NOW), None, "{bad}");
        }
    }
}
