//! What admins do to accounts and settings: the acts, which of them wait a day, and the port to whatever keeps all that. Knows
//! neither HTTP nor how a page looks; the command line comes here too.
//!
//! ```text
//!  page ─► Act ─► judge ─┬─ At once ──────────────────► Office::carry_out ─► effects + audit, one transaction
//!                        └─ AfterADay ─► Office::delay      ▲
//!                                          │ mail to all    │ the app's upkeep, when due: only if whoever asked
//!                                          └─ Cancel        └ is still an admin under the same epoch
//! ```

pub mod act;
pub mod letters;
pub mod office;

pub use self::act::{Act, Cancelled, Deed, Delayed, Hand, Newcomer, Outcome, Speed, judge};
pub use self::office::{Census, Day, Find, Found, Matching, Office, TrailQuery};
