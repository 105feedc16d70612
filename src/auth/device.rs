//! Known browsers: whether the browser that asks is one in which this very account has signed in fully before.

use crate::auth::authenticator::Browser;
use crate::auth::credentials::Credentials;
use crate::clock::Timestamp;
use crate::identity::Login;
use crate::ports::{StoreError, Token};

/// What the holder of this device cookie is to the account with this login id. Looks up by the cookie, never by the login id
/// that was typed, so that it can stand before the limit: a stranger has no such cookie and causes no look-up.
pub(super) async fn known_browser(
    store: &dyn Credentials,
    device: Option<&Token>,
    login: &Login,
    now: Timestamp,
) -> Result<Browser, StoreError> {
    let Some(token) = device else { return Ok(Browser::Unknown) };
    let Some((device, owner)) = store.device(&token.hash(), now).await? else { return Ok(Browser::Unknown) };
    let owner = store.account(owner).await?;
    // A device cookie of somebody else's account must not open the fast lane for this one.
    Ok(if owner.is_some_and(|owner| owner.login == *login) { Browser::Known(device) } else { Browser::Unknown })
}
