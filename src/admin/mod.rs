//! What admins do to accounts and settings: the acts, which of them wait a day, and the port to whatever keeps all that. Knows
//! neither HTTP nor how a page looks; the command line comes here too.
//!
//! ```text
//!  page ─► Office::ask ─► judge ─┬─ AtOnce ───► effects + audit        one transaction, the judgement too
//!                                └─ AfterADay ─► kept, mail to all
//!                                                  ├─ Cancel
//!                                                  └─ Office::carry_out_due ─► effects + audit: by the app's upkeep, if whoever
//!                                                                              asked is still an admin under the same epoch
//!  command line ─► Office::carry_out ─► effects + audit
//! ```

pub mod act;
pub mod letters;
pub mod office;

pub use self::act::{Act, Cancelled, Deed, Delayed, Facts, Hand, Newcomer, Outcome, Speed, judge};
pub use self::office::{Census, Day, Find, Found, Matching, Office, TrailQuery};
