//! The words of all languages, read once. They are part of the program; tests have read every one of them.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use rust_embed::Embed;
use unic_langid::LanguageIdentifier;

use crate::language::Language;

#[derive(Embed)]
#[folder = "src/language/words/"]
struct Files;

type Bundle = FluentBundle<FluentResource>;

static ALL: LazyLock<Vec<(Language, Bundle)>> =
    LazyLock::new(|| Language::ALL.into_iter().map(|language| (language, bundle(language))).collect());

fn bundle(language: Language) -> Bundle {
    let locale = language.tag().parse::<LanguageIdentifier>().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![locale]);
    // The marks around what is filled in would be copied along with it; nothing that we fill in changes direction by itself.
    bundle.set_use_isolating(false);
    let folder = format!("{}/", language.tag());
    for path in Files::iter().filter(|path| path.starts_with(&folder)) {
        let Some(file) = Files::get(&path) else { continue };
        let text = String::from_utf8_lossy(&file.data).into_owned();
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, errors)| {
            tracing::error!(%path, ?errors, "words that cannot be read");
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(%path, ?errors, "words that are there twice");
        }
    }
    bundle
}

/// A message, or the attribute of one, in this language; in English where it is missing; its key where nobody knows it.
pub(super) fn look_up(language: Language, key: &str, part: Option<&str>, args: Option<&FluentArgs<'_>>) -> Cow<'static, str> {
    [language, Language::English].into_iter().find_map(|language| format(language, key, part, args)).unwrap_or_else(|| {
        tracing::error!(key, "words that nobody has written");
        Cow::Owned(key.to_owned())
    })
}

fn format(language: Language, key: &str, part: Option<&str>, args: Option<&FluentArgs<'_>>) -> Option<Cow<'static, str>> {
    let (_, bundle) = ALL.iter().find(|(known, _)| *known == language)?;
    let message = bundle.get_message(key)?;
    let pattern = match part {
        Some(part) => message.get_attribute(part)?.value(),
        None => message.value()?,
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, args, &mut errors);
    if !errors.is_empty() {
        tracing::error!(key, language = language.tag(), ?errors, "words that were not filled in");
    }
    Some(match (text, args) {
        (Cow::Borrowed(text), None) => Cow::Borrowed(text),
        (text, _) => Cow::Owned(text.into_owned()),
    })
}
