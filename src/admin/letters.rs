//! Links that admins cause and never see: an invitation, or a new link to enrol. This is the one place where they are made.
//!
//! Where there is a mail server, the mail to the person is put into the outbox with the audit event of the act, and the link is
//! made from its id; without one the token goes to nobody, and an operator prints a link with `vestibule user invite`, which
//! kills this one.

use std::time::Duration;

use crate::auth::credentials::{LinkKind, NewLink};
use crate::auth::{Settings, grant};
use crate::clock::Reading;
use crate::identity::AccountId;
use crate::keys::{self, KeyRing};
use crate::notify::mail::{Mail, MailId, Notice, Posting, Scene};

/// How people hear of what admins do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letters {
    /// How long links live.
    pub enrolment_window: Duration,
    /// Whether there is a mail server.
    pub mail: bool,
}

impl Letters {
    /// A link for an account, and the mail that brings it.
    pub fn link(self, keys: &KeyRing, account: AccountId, has_password: bool, now: Reading) -> (NewLink, Option<Posting>) {
        let kind = if has_password { LinkKind::Enrolment } else { LinkKind::Invitation };
        let settings = Settings { enrolment_window: self.enrolment_window, ..Settings::default() };
        let id = MailId(keys::new_id(now.secure));
        let link = grant::new_link_with(kind, &id.link(keys), &settings, now.secure);
        let mail = Mail::Invitation { account, enrol: has_password };
        let posting = Posting { id, ..Posting::new(mail, link.created, link.expires) };
        (link, self.mail.then_some(posting))
    }

    /// The mail that tells somebody what was done to their account, or asked for.
    pub fn notice(self, account: AccountId, what: Notice, scene: Scene, now: Reading) -> Option<Posting> {
        self.mail.then(|| Posting::notice(account, what, scene, now.secure))
    }
}
