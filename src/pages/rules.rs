//! The password rules as the registration page lists them; the page's script ticks them off by the same words.

use crate::auth::password::{self, Class, Complaint};
use crate::language::{Message, say};

/// One line of the list.
#[derive(Clone, Debug)]
pub struct Rule {
    /// By which the script knows it.
    pub word: &'static str,
    /// What it asks for.
    pub text: Message,
    /// Found broken in what was sent.
    pub broken: bool,
}

/// The list.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Characters, at least.
    pub min_length: usize,
    /// From so many on, no classes are asked for.
    pub passphrase: usize,
    /// The lines.
    pub list: Vec<Rule>,
}

impl Rules {
    /// For these settings, with what was found broken.
    pub fn new(rules: &password::Rules, broken: &[Complaint]) -> Self {
        let asked = std::iter::once(Complaint::Length).chain(rules.classes.iter().copied().map(Complaint::Missing));
        let list = asked.map(|complaint| Rule {
            word: complaint.word(),
            text: text(complaint, rules.min_length),
            broken: broken.contains(&complaint),
        });
        Self { min_length: rules.min_length, passphrase: rules.waived_from(), list: list.collect() }
    }
}

fn text(complaint: Complaint, min_length: usize) -> Message {
    match complaint {
        Complaint::Missing(Class::Lower) => say("password-lower"),
        Complaint::Missing(Class::Upper) => say("password-upper"),
        Complaint::Missing(Class::Digit) => say("password-digit"),
        Complaint::Missing(Class::Special) => say("password-special"),
        _ => say("password-length").with("number", min_length),
    }
}
