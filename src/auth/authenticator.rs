//! The sign-in as a whole: what a page asks for, and the answers it can get. One function per act; each verifies, limits and
//! consumes in one place, whatever surface called it.
//!
//! ```text
//!             log_in                     begin_enrolment, enable      show_codes, codes_saved
//!  page one ──────────┬─ not enrolled ─▶ Setup ─────────────────────▶ Codes ──────────┐
//!                     │  and a grant       ▲                            ▲             │
//!                     │                    │ recover                    │ codes never │
//!                     │                    │ (grant of 15 min)          │ saved       │
//!                     └─ enrolled ───────▶ Verify ──────────────────────┴─────────────┤
//!                                          ▲ │ verify                                 │
//!                                          │ └─────────▶ session                      │
//!                                          └──────────────────────────────────────────┘
//! ```
//! Between Codes and Verify, where texts are sent, a recovery mobile may be bound; it has no stage of its own, because it can be
//! skipped. Recovery takes a recovery code, or a texted code and a mailed link (`ask_for_recovery_text`, `recover_by_text`).
//!
//! Inside a session, `change_password`, `begin_replacement` with `replace_authenticator`, `renew_codes`, and `text_new_number` with
//! `confirm_new_number` each take password and code in one request (`prove`).
//!
//! A recovery that was left half-way leads from page one to Verify, too, where nothing but a recovery by text goes on: there is no
//! authenticator to verify with.
//!
//! A password alone leads to Verify or, with a grant, to Setup; it never shows a secret or a recovery code of an enrolled
//! account.

mod change_password;
mod codes;
mod confirm;
mod enrol;
mod hand_on;
mod leave;
mod link;
mod log_in;
mod mailed;
mod mobile;
mod own_codes;
mod own_sessions;
mod recover;
mod recover_by_text;
mod replace;
mod step_up;
mod verify;

use std::fmt;
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use tracing::Instrument as _;

use crate::auth::Settings;
use crate::auth::credentials::Credentials;
use crate::auth::handoffs::Handoffs;
use crate::auth::mobiles::Mobiles;
use crate::auth::pool::{Limits, Pool, Queue};
use crate::auth::stage::Bench;
use crate::auth::texts::Texts;
use crate::auth::tickets::Tickets;
use crate::auth::turns::Turns;
use crate::auth::{device, grant};
use crate::clock::Reading;
use crate::keys::KeyRing;
use crate::ports::Token;

pub use self::hand_on::HandOn;
pub use crate::auth::handoffs::HandedOn;
pub use crate::notify::mobile::NumberError;
pub use crate::notify::text::Letterhead;

pub use crate::auth::answer::{
    AuthError, Browser, ConfirmStep, EnableStep, Enrolment, ForgotStep, GrantView, LinkStep, PasswordStep, RecoverStep,
    RegisterStep, ResetStep, SignedIn, Standing, TicketView, VerifyStep, Visitor,
};
pub use crate::auth::mobile_answer::{ChangeStep, MobileView, NumberProof, NumberStep, NumberUnfit, RemoveStep, TextStep};
pub use crate::auth::own_answer::{
    Belongings, Factors, NewCodes, NotProved, PasswordChange, Renewed, ReplaceStart, ReplaceStep, StagedCodes, StagedEnrolment,
};

/// The sign-in. Clones share everything.
#[derive(Clone)]
pub struct Authenticator {
    store: Arc<dyn Credentials>,
    /// What the links in mails lead to; none where no mail is ever sent.
    tickets: Option<Arc<dyn Tickets>>,
    /// Recovery mobiles, and the way of texts; none where no text is ever sent.
    mobiles: Option<TextDesk>,
    /// The tickets between the host of our own pages and those of portals; none where nothing is handed on.
    handoffs: Option<Arc<dyn Handoffs>>,
    keys: Arc<KeyRing>,
    settings: Arc<ArcSwap<Settings>>,
    pool: Pool,
    /// Before page one: strangers' attempts in parallel wait here, not for the store's one writing connection, where they would
    /// make everybody wait.
    door: Queue,
    /// Inside a session: codes that come at once are looked at one after the other.
    turns: Arc<Turns>,
}

/// Where mobiles are kept, and the way of texts, which a reload may change.
type TextDesk = (Arc<dyn Mobiles>, Arc<ArcSwapOption<Texts>>);

/// How many attempts at page one are at work at once: enough to keep the hashing pool busy.
const AT_THE_DOOR: usize = 32;

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authenticator")
    }
}

impl Authenticator {
    /// On this store, with these keys. Settings may be swapped at any time; an act reads them once. Only the size of the
    /// hashing pool is read here and now.
    pub fn new(store: Arc<dyn Credentials>, keys: Arc<KeyRing>, settings: Arc<ArcSwap<Settings>>) -> Self {
        let limits = settings.load().hashing;
        let door = Queue::new(Limits { threads: limits.threads.max(AT_THE_DOOR), ..limits });
        Self {
            store,
            tickets: None,
            mobiles: None,
            handoffs: None,
            keys,
            settings,
            pool: Pool::new(limits),
            door,
            turns: Arc::new(Turns::new()),
        }
    }

    /// With what the links in mails lead to.
    #[must_use]
    pub fn with_tickets(mut self, tickets: Arc<dyn Tickets>) -> Self {
        self.tickets = Some(tickets);
        self
    }

    /// With recovery mobiles, and whatever sends texts now.
    #[must_use]
    pub fn with_texts(mut self, mobiles: Arc<dyn Mobiles>, texts: Arc<ArcSwapOption<Texts>>) -> Self {
        self.mobiles = Some((mobiles, texts));
        self
    }

    /// With the tickets by which a session is handed on to a portal's host.
    #[must_use]
    pub fn with_handoffs(mut self, handoffs: Arc<dyn Handoffs>) -> Self {
        self.handoffs = Some(handoffs);
        self
    }

    /// Whether a browser with these cookies was here before with somebody's leave: has signed in, or has opened a link. Told
    /// without the store, so that it can stand before everything; whether that leave still holds is not asked.
    pub fn expects(&self, device: Option<&Token>, grant: Option<&str>, now: Reading) -> bool {
        device.is_some_and(|device| device::is_ours(&self.keys, device))
            || grant.is_some_and(|grant| grant::open(&self.keys, grant, now.secure).is_some())
    }

    fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    fn bench<'a>(&'a self, settings: &'a Settings, visitor: &'a Visitor) -> Bench<'a> {
        Bench { store: &*self.store, keys: &self.keys, settings, visitor }
    }
}

/// Runs an act that consumes something as a task of its own: when the client goes away, the future that awaits it is dropped,
/// but the act is not cut between the code that was spent and the answer.
async fn uncut<T, F>(act: F) -> Result<T, AuthError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, AuthError>> + Send + 'static,
{
    match tokio::spawn(act.in_current_span()).await {
        Ok(done) => done,
        // On its way as if there were no task between: whoever made the page sees to it.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(AuthError::Internal("it was cut".to_owned())),
    }
}
