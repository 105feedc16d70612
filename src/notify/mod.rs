//! What people are told outside of the browser: by mail, and by text. Who has something to tell puts it into the audit event of what it
//! tells, so that both are stored in one transaction; a task of its own sends it.
//!
//! ```text
//!   act ── Event::telling(Posting) ──► store (outbox, sealed) ──► sender ── claim ──► letter (words, link) ──► smtp
//!                                         ▲                        │
//!                                         └── sent: erased │ later │ given up: kind and error stay for the operator
//! ```
//!
//! A mail is sent at least once: a process that dies between the server's answer and the note of it sends it again, under the
//! same `Message-ID` and with the same link.

mod browser;
mod letter;
pub mod mail;
pub mod mobile;
pub mod outbox;
pub mod outlet;
pub mod sender;
pub mod sms;
pub mod smtp;
pub mod text;
pub mod words;

pub use letter::Place;
