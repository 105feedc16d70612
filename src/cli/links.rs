//! Links for a person: made here, printed once on stdout, and written down nowhere else.

use serde::Serialize;

use super::desk::Desk;
use crate::auth::account::Account;
use crate::auth::credentials::{LinkKind, NewLink};
use crate::auth::{Settings, grant};
use crate::clock::Reading;
use crate::config::Config;
use crate::config::model::PortalConfig;
use crate::identity::{AccountId, Login};
use crate::keys;
use crate::notify::mail::{Mail, MailId, Posting};
use crate::ports::Token;

/// A link that is about to be stored, and what its person gets.
pub(super) struct Issued {
    pub link: NewLink,
    pub printed: Printed,
    id: MailId,
    enrol: bool,
}

impl Issued {
    /// The mail that brings this very link, for the account it was made for.
    pub(super) fn mail(&self, account: AccountId) -> Posting {
        let mail = Mail::Invitation { account, enrol: self.enrol };
        Posting { id: self.id, ..Posting::new(mail, self.link.created, self.link.expires) }
    }
}

/// What is printed of a link; the keys are an interface.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Printed {
    pub login: String,
    pub link: String,
    pub expires_at: String,
}

/// A link for somebody in these groups: to register where there is no password yet, to enrol where there is one.
pub(super) fn issue(desk: &Desk, login: &Login, groups: &[String], has_password: bool, now: Reading) -> Issued {
    let kind = if has_password { LinkKind::Enrolment } else { LinkKind::Invitation };
    let settings = Settings { enrolment_window: desk.enrolment_window, ..Settings::default() };
    // A link that a mail may bring is made from the mail's id, so that the one that is printed and the one that is sent are one.
    let id = MailId(keys::new_id(now.secure));
    let token = id.link(&desk.config.store.keys);
    let link = grant::new_link_with(kind, &token, &settings, now.secure);
    let printed = Printed {
        login: login.to_string(),
        link: address(&desk.config, groups, kind, &token),
        expires_at: link.expires.to_string(),
    };
    Issued { link, printed, id, enrol: has_password }
}

/// The same for an account that exists.
pub(super) fn issue_for(desk: &Desk, account: &Account, now: Reading) -> Issued {
    issue(desk, &account.login, &account.groups, account.password.is_some(), now)
}

fn address(config: &Config, groups: &[String], kind: LinkKind, token: &Token) -> String {
    let mine = |portal: &&PortalConfig| portal.groups.is_empty() || portal.groups.iter().any(|group| groups.contains(group));
    let portal = config.portals.iter().find(mine).or(config.portals.first());
    let base = portal.map_or("", |portal| config.pages_at(portal).as_str().trim_end_matches('/'));
    format!("{base}{}", grant::link_path(kind, token))
}
