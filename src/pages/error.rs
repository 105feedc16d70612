//! The page of a refusal, also for whatever the gate itself has to refuse: a pure function, so that a worker can call it.

use std::sync::Arc;

use askama::Template;

use crate::pages::brand::Brand;
use crate::pages::frame::Frame;

/// Where to go from an error page.
#[derive(Clone, Copy, Debug)]
pub struct Action<'a> {
    /// The button.
    pub label: &'a str,
    /// Where it leads.
    pub href: &'a str,
    /// Whether it leaves the frame that the page may be in.
    pub top: bool,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    headline: &'a str,
    text: &'a str,
    request_id: &'a str,
    action: Option<Action<'a>>,
}

/// The HTML of an error page: what happened, what to do next, and a number to ask for help with. It goes out with
/// [`crate::pages::reply::guard_page`]'s headers.
pub fn page(brand: &Arc<Brand>, headline: &str, text: &str, request_id: &str, action: Option<Action<'_>>) -> String {
    let page = ErrorPage { frame: Frame::new(Arc::clone(brand)), headline, text, request_id, action };
    page.render().unwrap_or_else(|_| "Something went wrong. Please try again.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::brand::BrandSettings;

    #[test]
    fn an_error_page_escapes_what_it_is_given() {
        let brand =
            Brand::new(BrandSettings { name: "<b>&".to_owned(), help: "\"<i>".to_owned(), ..BrandSettings::default() }).unwrap();
        let html = page(&brand, "<script>1", "a & b", "'\"><x>", Some(Action { label: "<u>", href: "\"/x", top: false }));
        for tag in ["<b>", "<i>", "<script>1", "<x>", "<u>", "href=\"\"/x"] {
            assert!(!html.contains(tag), "{tag} in {html}");
        }
    }
}
