//! The names under which this room writes the audit trail. They are an interface: people search for them, so none changes.
//!
//! | action | when | actor |
//! |---|---|---|
//! | `login.refuse` | unknown, disabled or password-less account, or a wrong password (aggregated) | anonymous |
//! | `login.no-grant` | the password was right, but not enrolled and without a grant (aggregated) | anonymous |
//! | `code.refuse` | a wrong code, in a pending login or a session (aggregated) | anonymous or the account |
//! | `password.refuse` | a wrong password inside a session (aggregated) | anonymous |
//! | `recovery.refuse` | a wrong recovery code (aggregated) | anonymous |
//! | `link.refuse` | a link or grant that is not alive (aggregated) | anonymous |
//! | `user.register` | the first password was set | the account |
//! | `mfa.enable` | a code proved the authenticator; enrolled | the account |
//! | `mfa.stage` | password and old code were right: a new secret waits in that session | the account |
//! | `mfa.replace` | a code proved the new authenticator; the old one, other sessions and browsers died | the account |
//! | `password.change` | another password; other sessions and browsers died | the account |
//! | `codes.replace` | a new set of recovery codes, the old set is dead | the account |
//! | `codes.reopen` | a code was right, but the recovery codes were never saved: back to that page | the account |
//! | `codes.save` | the person said that the recovery codes are saved | the account |
//! | `recovery.accept` | a recovery code, or texted code and mailed link (`by`), was accepted: authenticator, sessions and browsers died | the account |
//! | `recovery.text` | a texted code and a mailed link are on their way | the account |
//! | `recovery.mail` | the button behind that link was pressed | the account |
//! | `recovery.wait` | code and link were right; the recovery waits (`until`) | the account |
//! | `mobile.stage` | password and code were right: a new number may be texted | the account |
//! | `mobile.change` | a texted code proved a recovery mobile (`ending`) | the account |
//! | `mobile.remove` | the recovery mobile was removed | the account |
//! | `session.start` | both doors were passed | the account |
//! | `session.confirm` | a new code inside a session | the account |
//! | `session.hand-on` | a portal's host took a session over from the host of our pages | the account |
//! | `session.end` | signed out, ended by wrong codes or from another browser (`reason`, `ended`) | the account |
//! | `session.end-everywhere` | all sessions and known browsers, by their owner | the account |
//! | `browser.forget` | a known browser, by its owner | the account |
//! | `password.forgot` | somebody asked for a mailed link (aggregated; nobody was looked up) | anonymous |
//! | `password.reset` | a mailed link set a new password | the account |
//! | `user.freeze` | *This was not me* in a mail: disabled until an operator enables it (`reason`) | the account |
//! | `user.lock` | written by the store when unknown browsers have no code left | anonymous |

use crate::audit::{Actor, Event};
use crate::auth::account::Account;
use crate::auth::authenticator::Visitor;

pub(super) const LOGIN_REFUSE: &str = "login.refuse";
pub(super) const LOGIN_NO_GRANT: &str = "login.no-grant";
pub(super) const CODE_REFUSE: &str = "code.refuse";
pub(super) const RECOVERY_REFUSE: &str = "recovery.refuse";
pub(super) const LINK_REFUSE: &str = "link.refuse";
pub(super) const USER_REGISTER: &str = "user.register";
pub(super) const MFA_ENABLE: &str = "mfa.enable";
pub(super) const CODES_REPLACE: &str = "codes.replace";
pub(super) const CODES_REOPEN: &str = "codes.reopen";
pub(super) const CODES_SAVE: &str = "codes.save";
pub(super) const RECOVERY_ACCEPT: &str = "recovery.accept";
pub(super) const RECOVERY_TEXT: &str = "recovery.text";
pub(super) const RECOVERY_MAIL: &str = "recovery.mail";
pub(super) const RECOVERY_WAIT: &str = "recovery.wait";
pub(super) const MOBILE_STAGE: &str = "mobile.stage";
pub(super) const MOBILE_CHANGE: &str = "mobile.change";
pub(super) const MOBILE_REMOVE: &str = "mobile.remove";
pub(super) const PASSWORD_REFUSE: &str = "password.refuse";
pub(super) const PASSWORD_CHANGE: &str = "password.change";
pub(super) const MFA_STAGE: &str = "mfa.stage";
pub(super) const MFA_REPLACE: &str = "mfa.replace";
pub(super) const SIGN_OUT_EVERYWHERE: &str = "session.end-everywhere";
pub(super) const BROWSER_FORGET: &str = "browser.forget";
pub(super) const SESSION_START: &str = "session.start";
pub(super) const SESSION_CONFIRM: &str = "session.confirm";
pub(super) const SESSION_HAND_ON: &str = "session.hand-on";
pub(super) const SESSION_END: &str = "session.end";
pub(super) const PASSWORD_FORGOT: &str = "password.forgot";
pub(super) const PASSWORD_RESET: &str = "password.reset";
pub(super) const USER_FREEZE: &str = "user.freeze";

/// What somebody did who has proved to be the holder of this account.
pub(super) fn done(visitor: &Visitor, account: &Account, action: &'static str) -> Event {
    Event::new(visitor.now.wall, Actor::Account(account.login.clone()), action)
        .from(visitor.client)
        .about(account.id, &account.login)
        .with("portal", visitor.portal.as_str())
}

/// What somebody failed at. `account`: at whose door, where there is such an account. What was typed is never recorded: people
/// type passwords into the wrong field.
pub(super) fn failed(visitor: &Visitor, account: Option<&Account>, action: &'static str) -> Event {
    let event = Event::new(visitor.now.wall, Actor::Anonymous, action).from(visitor.client);
    match account {
        Some(account) => event.about(account.id, &account.login),
        None => event,
    }
}

/// Counts the outcome of an attempt to sign in: `vestibule_logins_total{result}`.
pub(super) fn count(result: &'static str) {
    metrics::counter!("vestibule_logins_total", "result" => result).increment(1);
}
