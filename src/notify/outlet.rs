//! The demo's way of mails and texts: shown to whoever has started it, and sent to nobody.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::notify::letter::Letter;
use crate::notify::mobile::Mobile;
use crate::notify::sms::{Gateway, TextError};

/// Shows what would have been sent. Clones show in the same place.
#[derive(Clone)]
pub struct Outlet(Arc<dyn Fn(&str) + Send + Sync>);

impl Outlet {
    /// `show` gets a few lines at a time; what people are called may stand in them.
    pub fn new(show: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(show))
    }

    /// A mail.
    pub(super) fn mail(&self, to: &str, letter: &Letter) {
        self.show(&format!("a mail to {to}"), &format!("Subject: {}\n\n{}", letter.subject, letter.text));
    }

    fn show(&self, what: &str, text: &str) {
        let lines: Vec<String> = text.trim_end().lines().map(|line| format!("  | {line}\n")).collect();
        (self.0)(&format!("\n  Demo: {what}. It was shown here and sent to nobody.\n{}", lines.concat()));
    }
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outlet")
    }
}

#[async_trait]
impl Gateway for Outlet {
    async fn send(&self, to: &Mobile, text: &str) -> Result<(), TextError> {
        self.show(&format!("a text to {}", to.as_e164()), text);
        Ok(())
    }
}
