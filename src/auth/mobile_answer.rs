//! What binding a recovery mobile and recovering by text can answer, as in [`super::answer`].

use std::time::Duration;

use crate::auth::own_answer::{NotProved, Renewed};
use crate::clock::Timestamp;
use crate::notify::mobile::NumberError;

/// A recovery mobile as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MobileView {
    /// Its last two digits.
    pub ending: String,
    /// From when on it opens a recovery; `None`: it does already.
    pub waits_until: Option<Timestamp>,
}

/// Why a number was not texted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberUnfit {
    /// It is none that texts are sent to.
    Wrong(NumberError),
    /// The gateway does not send to it, or it has had enough for today.
    Refused,
    /// The gateway cannot be reached.
    Away,
    /// Too many were asked for; try again then.
    SlowDown(Duration),
}

/// After a number was given in the wizard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum NumberStep {
    /// A code is on its way; the number's last two digits.
    Texted(String),
    /// It is not.
    Unfit(NumberUnfit),
    /// The pending login is gone, or no mobile can be bound in it.
    Gone,
}

/// After a number was given in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum ChangeStep {
    /// A code is on its way; the number's last two digits.
    Texted(String),
    /// It is not. `spent`: the code of the authenticator was used for it.
    Unfit {
        /// Why.
        why: NumberUnfit,
        /// See above.
        spent: bool,
    },
    /// Password or code were not right.
    NotProved(NotProved),
    /// No texts are sent here.
    Off,
}

/// After the texted code that proves a number. `T`: what goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum NumberProof<T> {
    /// It is bound.
    Bound(T),
    /// Not six digits; nothing was counted.
    Malformed,
    /// Wrong; so many tries are left.
    Wrong {
        /// Left.
        left: u32,
    },
    /// No number waits for a code, or no longer.
    Gone,
}

/// After *Remove*.
#[derive(Debug)]
#[must_use]
pub enum RemoveStep {
    /// There is none any more.
    Removed(Renewed),
    /// Password or code were not right.
    NotProved(NotProved),
}

/// After a step of a recovery by text.
#[derive(Debug)]
#[must_use]
pub enum TextStep {
    /// If there is a mobile, code and link are on their way.
    Asked,
    /// Texts and mails are not sent here.
    Off,
    /// Accepted, as with a recovery code.
    Accepted {
        /// Value of the grant cookie.
        grant: String,
    },
    /// The code was right; the button in the mail was not pressed yet.
    OpenTheMail,
    /// Both were right; it has to wait until then.
    Waits(Timestamp),
    /// Not six digits; nothing was counted.
    Malformed,
    /// Wrong; so many tries are left.
    Wrong {
        /// Tries left.
        left: u32,
    },
    /// The same was sent twice at once: go on to set-up.
    Repeated,
    /// The account is locked for browsers that it does not know.
    Locked,
    /// The pending login is gone: sign in again.
    Gone,
    /// Too many failures, or too many texts were asked for.
    SlowDown(Duration),
}
