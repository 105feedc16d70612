//! What every page has around it: brand, style, script, and what went wrong with the form it shows again.

use std::sync::Arc;

use crate::pages::assets::ASSETS;
use crate::pages::brand::Brand;

/// Something to mend in a form.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The field it is about; empty: the form as a whole.
    pub field: &'static str,
    /// What happened: stands on top and is announced.
    pub headline: &'static str,
    /// What to do: stands at the field, or on top where there is none.
    pub text: String,
}

impl Problem {
    /// About one field.
    pub fn at(field: &'static str, headline: &'static str, text: impl Into<String>) -> Self {
        Self { field, headline, text: text.into() }
    }

    /// About the form as a whole.
    pub fn on_top(headline: &'static str, text: impl Into<String>) -> Self {
        Self::at("", headline, text)
    }
}

/// What every page has around it.
pub struct Frame {
    /// Name, logo, accent, help.
    pub brand: Arc<Brand>,
    /// Path of the style sheet.
    pub style: &'static str,
    /// Path of the script.
    pub script: &'static str,
    /// What went wrong.
    pub problem: Option<Problem>,
}

impl Frame {
    /// The frame of a page that is shown for the first time.
    pub fn new(brand: Arc<Brand>) -> Self {
        Self { brand, style: &ASSETS.style, script: &ASSETS.script, problem: None }
    }

    /// The same with a problem to mend.
    #[must_use]
    pub fn with(mut self, problem: Option<Problem>) -> Self {
        self.problem = problem;
        self
    }

    /// What to do about this field, if it is the one.
    pub fn wrong(&self, field: &str) -> Option<&str> {
        self.problem.as_ref().filter(|problem| problem.field == field).map(|problem| problem.text.as_str())
    }
}
