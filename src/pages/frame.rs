//! What every page has around it: brand, language, style, script, and what went wrong with the form it shows again.

use std::fmt;
use std::sync::Arc;

use askama::filters::HtmlSafe;

use crate::language::{Language, Message, Said, Value, say};
use crate::pages::assets::ASSETS;
use crate::pages::brand::Brand;

/// Something to mend in a form.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The field it is about; empty: the form as a whole.
    pub field: &'static str,
    /// What happened: stands on top and is announced.
    pub headline: Message,
    /// What to do, sentence by sentence: stands at the field, or on top where there is none.
    pub text: Vec<Message>,
}

impl Problem {
    /// About one field: the message says what happened, its `.text` what to do.
    pub fn at(field: &'static str, message: Message) -> Self {
        Self { field, headline: message.clone(), text: vec![message.text()] }
    }

    /// About the form as a whole.
    pub fn on_top(message: Message) -> Self {
        Self::at("", message)
    }
}

/// What every page has around it.
pub struct Frame {
    /// Name, logo, accent, help.
    pub brand: Arc<Brand>,
    /// The person's language.
    pub language: Language,
    /// All languages, for the switch; empty: the page has none.
    pub languages: &'static [Language],
    /// Path of the style sheet.
    pub style: &'static str,
    /// Path of the script.
    pub script: &'static str,
    /// Texts are sent, so that the wizard has a step for a mobile.
    pub texts: bool,
    /// What went wrong.
    pub problem: Option<Problem>,
    /// How long the page can be used, where it lapses.
    pub holds: Option<Message>,
}

impl Frame {
    /// The frame of a page that is shown for the first time.
    pub fn new(brand: Arc<Brand>, language: Language) -> Self {
        let (style, script) = (&ASSETS.style, &ASSETS.script);
        Self { brand, language, languages: &Language::ALL, style, script, texts: false, problem: None, holds: None }
    }

    /// The same with a problem to mend.
    #[must_use]
    pub fn with(mut self, problem: Option<Problem>) -> Self {
        self.problem = problem;
        self
    }

    /// The same with how long it can be used.
    #[must_use]
    pub fn holding(mut self, holds: Message) -> Self {
        self.holds = Some(holds);
        self
    }

    /// Whether this field has the focus when the page opens: the one to mend, or else the one that is `wanted`. A problem of the
    /// form as a whole has it itself, on top.
    pub fn focus(&self, field: &str, wanted: bool) -> bool {
        self.problem.as_ref().map_or(wanted, |problem| problem.field == field)
    }

    /// What to do about this field, if it is the one.
    pub fn wrong(&self, field: &str) -> Option<String> {
        self.problem.as_ref().filter(|problem| problem.field == field).map(|problem| self.remedy(problem))
    }

    /// What to do about it.
    pub fn remedy(&self, problem: &Problem) -> String {
        problem.text.iter().map(|message| message.in_language(self.language)).collect::<Vec<_>>().join(" ")
    }

    /// The message with this key, in the person's language; escaped like any text.
    pub const fn t(&self, key: &'static str) -> Said {
        Said { language: self.language, message: say(key) }
    }

    /// A message that somebody else has chosen, in the person's language.
    pub fn say(&self, message: &Message) -> Said {
        Said { language: self.language, message: message.clone() }
    }

    /// The message with this key, which has markup of ours in it. What it is filled in with is escaped.
    pub const fn html(&self, key: &'static str) -> Markup {
        Markup(self.t(key))
    }
}

/// A message with markup of ours: what it is filled in with is escaped, the message itself is not. Tests hold which tags there are.
pub struct Markup(Said);

impl Markup {
    /// With `value` for `{ $name }`.
    #[must_use]
    pub fn with(self, name: &'static str, value: impl Into<Value>) -> Self {
        Self(self.0.with(name, value))
    }
}

impl HtmlSafe for Markup {}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message.filled(self.0.language, escape))
    }
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&#38;"),
            '<' => safe.push_str("&#60;"),
            '>' => safe.push_str("&#62;"),
            '"' => safe.push_str("&#34;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
