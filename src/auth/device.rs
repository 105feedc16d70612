//! Known browsers: whether the browser that asks is one that this very account has reason to expect.
//!
//! Half of a device cookie is a MAC over the other half. So a cookie that was made up is told from one of ours without asking
//! the store, and nobody without one of ours gets any further than a stranger does. Whether it still lives, and whose it is, the
//! store alone says.

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::auth::authenticator::{Browser, Visitor};
use crate::auth::credentials::Credentials;
use crate::auth::grant;
use crate::identity::Login;
use crate::keys::{self, KeyRing, Purpose};
use crate::ports::{StoreError, Token};

/// Random bytes at the start of a device cookie; as many of the MAC follow.
const RANDOM: usize = 16;

/// A new value for the device cookie.
pub(super) fn mint(keys: &KeyRing) -> Token {
    let random = Zeroizing::new(keys::random::<RANDOM>());
    let mut bytes = Zeroizing::new([0; 32]);
    for (byte, made) in bytes.iter_mut().zip(random.iter().chain(&mac(keys, &*random))) {
        *byte = *made;
    }
    Token::of_bytes(&bytes)
}

/// Whether this value was made here; no word on whether it still lives.
pub(super) fn is_ours(keys: &KeyRing, token: &Token) -> bool {
    let bytes = token.bytes();
    let (random, tag) = bytes.split_at(RANDOM);
    let made = mac(keys, random);
    made.split_at(RANDOM).0.ct_eq(tag).into()
}

fn mac(keys: &KeyRing, random: &[u8]) -> [u8; 32] {
    keys.mac(Purpose::DeviceCookie, &[random])
}

/// What the browser of this visitor is to the account with this login id. Looks up by what the cookies say, never by the login
/// id that was typed, so that it can stand before the limit: a stranger has no such cookie and causes no look-up.
pub(super) async fn browser(
    store: &dyn Credentials,
    keys: &KeyRing,
    visitor: &Visitor,
    login: &Login,
) -> Result<Browser, StoreError> {
    let now = visitor.now.secure;
    if let Some(token) = visitor.device.as_ref().filter(|token| is_ours(keys, token))
        && let Some((device, owner)) = store.device(&token.hash(), now).await?
        && store.account(owner).await?.is_some_and(|owner| owner.login == *login)
    {
        return Ok(Browser::Known(device));
    }
    if let Some(id) = visitor.grant.as_ref().and_then(|cookie| grant::open(keys, cookie, now))
        && let Some(link) = store.link(id, now).await?
        && store.account(link.account).await?.is_some_and(|owner| owner.login == *login)
    {
        return Ok(Browser::Invited(link.id));
    }
    // A cookie of somebody else's account opens no fast lane for this one.
    Ok(Browser::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_cookie_is_told_from_one_that_was_made_up() {
        let keys = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        let token = mint(&keys);
        assert!(is_ours(&keys, &token) && is_ours(&keys, &Token::parse(token.reveal()).unwrap()));
        assert_ne!(token.reveal(), mint(&keys).reveal());
        assert!(!is_ours(&keys, &Token::generate()));
        let other = KeyRing::parse(&KeyRing::generate_file()).unwrap();
        assert!(!is_ours(&other, &token));
        for at in 0..32 {
            let mut bytes = token.bytes();
            bytes[at] ^= 1;
            assert!(!is_ours(&keys, &Token::of_bytes(&bytes)), "{at}");
        }
    }
}
