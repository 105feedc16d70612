//! Links that admins cause and never see: an invitation, or a new link to enrol. This is the one place where they are made.
//!
//! The token goes to nobody here. Where there is a mail server, the letter to the person is put into the outbox with the audit
//! event of the act; without one an operator prints a link with `vestibule user invite`, which kills this one.

use std::time::Duration;

use crate::auth::credentials::{LinkKind, NewLink};
use crate::auth::{Settings, grant};
use crate::clock::Timestamp;

/// The link for an account, and nobody to read it.
pub fn link(has_password: bool, enrolment_window: Duration, now: Timestamp) -> NewLink {
    let kind = if has_password { LinkKind::Enrolment } else { LinkKind::Invitation };
    grant::new_link(kind, &Settings { enrolment_window, ..Settings::default() }, now).0
}
