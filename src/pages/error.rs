//! The page of a refusal, also for whatever the gate itself has to refuse: a pure function, so that a worker can call it.

use std::sync::Arc;

use askama::Template;

use crate::language::{Language, Message};
use crate::pages::brand::Brand;
use crate::pages::frame::Frame;

/// Where to go from an error page.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// The button: the key of its words.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'a str,
    /// Whether it leaves the frame that the page may be in.
    pub top: bool,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    words: &'a Message,
    advice: Message,
    request_id: &'a str,
    action: Option<Action<'a>>,
}

/// The HTML of an error page: what happened, what to do next (the message's `.text`), and a number to ask for help with. It goes
/// out with [`crate::pages::reply::guard_page`]'s headers.
pub fn page(brand: &Arc<Brand>, language: Language, words: &Message, request_id: &str, action: Option<Action<'_>>) -> String {
    let mut frame = Frame::new(Arc::clone(brand), language);
    if action.is_some_and(|action| action.top) {
        // Inside another page no form of ours can be sent.
        frame.languages = &[];
    }
    let page = ErrorPage { frame, words, advice: words.clone().text(), request_id, action };
    page.render().unwrap_or_else(|_| "Something went wrong. Please try again.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::say;
    use crate::pages::brand::BrandSettings;

    #[test]
    fn an_error_page_escapes_what_it_is_given() {
        let brand =
            Brand::new(BrandSettings { name: "<b>&".to_owned(), help: "\"<i>".to_owned(), ..BrandSettings::default() }).unwrap();
        let words = say("sign-out-what").with("portal", "<script>1");
        let action = Action { label: "try-again", href: "\"/x", top: false };
        let html = page(&brand, Language::English, &words, "'\"><x>", Some(action));
        for tag in ["<b>", "<i>", "<script>1", "<x>", "href=\"\"/x"] {
            assert!(!html.contains(tag), "{tag} in {html}");
        }
    }
}
