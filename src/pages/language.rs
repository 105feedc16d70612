//! Which language a page is in: the one that was chosen in this browser, else the one that it asks for. And the switch in the
//! footer of every page.

use std::time::Duration;

use axum::extract::{Extension, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, REFERER};

use crate::http::cookie;
use crate::language::Language;
use crate::pages::form::Fields;
use crate::pages::refusal::Refusal;
use crate::pages::{Here, PagesState, Visit, Who, reply};

/// How long a browser is asked to remember the choice: the longest that browsers accept.
const AGE: Duration = Duration::from_hours(400 * 24);

/// The language for whoever sent this.
pub fn wanted(headers: &HeaderMap) -> Language {
    let chosen = cookie::value(headers, cookie::LANGUAGE).and_then(Language::from_tag);
    let asked = || {
        let lines = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
        Language::accepted(&lines.collect::<Vec<_>>().join(","))
    };
    chosen.or_else(asked).unwrap_or_default()
}

/// POST: the choice is remembered, and the page shown again from which it was made. It changes nothing but words, so that no form
/// token is asked for.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    let language = Language::from_tag(fields.text("language")).ok_or(Refusal::NotAForm)?;
    let cookie = cookie::set(cookie::LANGUAGE, language.tag(), Some(AGE));
    Ok(reply::with_cookies(reply::see_other(&back(&state, &visit, &headers)), [cookie]))
}

/// The page that the form was on, if the browser says so: one of ours, or a page of the portal that was refused.
fn back(state: &PagesState, visit: &Visit, headers: &HeaderMap) -> String {
    const HOME: &str = "/.vestibule/";
    let from = headers.get(REFERER).and_then(|from| from.to_str().ok()).and_then(|from| from.strip_prefix(&visit.portal.origin));
    match from.filter(|path| path.len() <= 2048) {
        Some(path) if path.starts_with(HOME) => path.to_owned(),
        Some(path) if path.starts_with('/') => (state.canonical_to)(&visit.portal, path),
        _ => HOME.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn language(cookies: &[&str], accepted: &[&str]) -> Language {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(http::header::COOKIE, cookie.parse().unwrap());
        }
        for line in accepted {
            headers.append(ACCEPT_LANGUAGE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        wanted(&headers)
    }

    #[test]
    fn a_choice_wins_over_what_the_browser_asks_for() {
        assert_eq!(language(&[], &[]), Language::English);
        assert_eq!(language(&[], &["ja", "fr;q=0.2"]), Language::French);
        assert_eq!(language(&["__Host-vestibule-language=de"], &["fr"]), Language::German);
        for bad in ["", "DE", "xx", "<script>", "de; __Host-vestibule-language=es"] {
            assert_eq!(language(&[&format!("__Host-vestibule-language={bad}")], &["fr"]), Language::French, "{bad}");
        }
        assert_eq!(language(&[], &["é", "de"]), Language::German);
    }
}
