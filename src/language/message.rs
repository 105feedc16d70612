//! Something to say, before it is known in which language: a key and what it is filled in with. Whoever finds that something is
//! wrong need not know who will read it.

use std::borrow::Cow;
use std::fmt;

use fluent_bundle::FluentArgs;

use crate::language::{Language, catalogue};

/// Something to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    key: &'static str,
    part: Option<&'static str>,
    values: Vec<(&'static str, Value)>,
}

/// Something to say: the message with this key. Keys are written out as they are, so that the tests find them.
pub const fn say(key: &'static str) -> Message {
    Message { key, part: None, values: Vec::new() }
}

impl Message {
    /// With `value` for `{ $name }`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// What to do about it: the attribute `.text` of a message that says what happened.
    #[must_use]
    pub fn text(mut self) -> Self {
        self.part = Some("text");
        self
    }

    /// The words in this language.
    pub fn in_language(&self, language: Language) -> Cow<'static, str> {
        self.filled(language, str::to_owned)
    }

    /// The same, with what is filled in passed through `encode` first: numbers and words of ours excepted.
    pub fn filled(&self, language: Language, encode: impl Fn(&str) -> String + Copy) -> Cow<'static, str> {
        if self.values.is_empty() {
            return catalogue::look_up(language, self.key, self.part, None);
        }
        let mut args = FluentArgs::with_capacity(self.values.len());
        for (name, value) in &self.values {
            match value {
                Value::Text(text) => args.set(*name, encode(text)),
                Value::Number(number) => args.set(*name, *number),
                Value::Message(message) => args.set(*name, message.filled(language, encode).into_owned()),
            }
        }
        catalogue::look_up(language, self.key, self.part, Some(&args))
    }
}

/// What a message is filled in with.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A name, an address: shown as it is.
    Text(String),
    /// Decides about singular and plural.
    Number(u64),
    /// Words of ours, like "5 minutes".
    Message(Message),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

/// Templates hand over references.
impl<T: Clone + Into<Value>> From<&T> for Value {
    fn from(value: &T) -> Self {
        value.clone().into()
    }
}

/// A message in one language: shows itself as text.
#[derive(Clone, Debug)]
pub struct Said {
    /// The language.
    pub language: Language,
    /// The message.
    pub message: Message,
}

impl Said {
    /// What to do about it.
    #[must_use]
    pub fn text(mut self) -> Self {
        self.message = self.message.text();
        self
    }

    /// With `value` for `{ $name }`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.message = self.message.with(name, value);
        self
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.in_language(self.language))
    }
}
