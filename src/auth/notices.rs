//! What a person is told by mail about what happened to their account. The mail goes into the transaction of what it tells, by
//! way of the audit event; without a mail server there is none.

use crate::auth::Settings;
use crate::auth::account::Account;
use crate::auth::authenticator::Visitor;
use crate::notify::mail::{Notice, Posting, Scene};

/// Tells the owner of `account` what this visitor has done.
pub fn tell(settings: &Settings, visitor: &Visitor, account: &Account, what: Notice) -> Option<Posting> {
    let scene = Scene {
        at: visitor.now.wall.millis(),
        client: Some(visitor.client.to_canonical()),
        agent: visitor.agent.clone(),
        portal: Some(visitor.portal.clone()),
    };
    settings.mail.then(|| Posting::notice(account.id, what, scene, visitor.now.secure))
}

/// The same where it has happened to somebody who had been inside before: what a newcomer does for the first time surprises
/// nobody.
pub fn tell_regulars(settings: &Settings, visitor: &Visitor, account: &Account, what: Notice) -> Option<Posting> {
    tell(settings, visitor, account, what).filter(|_| account.last_sign_in.is_some())
}
