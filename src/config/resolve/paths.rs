//! Paths as an operator may write them: in the one spelling that requests are matched in, so that a rule means what it says.

use super::reader::Complaint;
use crate::access::canon::{self, CanonError};

const LONGEST: usize = 2048;

/// How a portal reads paths: `path_params`, `case_insensitive_paths`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reading {
    pub params: bool,
    pub fold: bool,
}

/// A path that requests are compared with, in canonical form.
pub(super) fn canonical(text: &str, reading: Reading) -> Result<String, Complaint> {
    for segment in segments(text)? {
        if segment.contains('*') {
            return Err(Complaint::new("has a *, and this is no pattern", "name one path; patterns are for [[portal.rule]]"));
        }
        judge_segment(segment, reading)?;
    }
    Ok(text.to_owned())
}

/// A pattern over segments: literals in canonical form, `*` for one, `**` for any number.
pub(super) fn glob(text: &str, reading: Reading) -> Result<String, Complaint> {
    let segments = segments(text)?;
    if segments.windows(2).any(|pair| pair == ["**", "**"]) {
        return Err(Complaint::new("has ** twice in a row", "write ** once, it stands for any number of segments"));
    }
    for segment in segments {
        if segment.contains('*') && segment != "*" && segment != "**" {
            let right = "* stands for one whole segment and ** for any number of them, like /reports/*/pdf or /billing/**";
            return Err(Complaint::new("has a * inside of a segment", right));
        }
        judge_segment(segment, reading)?;
    }
    Ok(text.to_owned())
}

fn segments(text: &str) -> Result<Vec<&str>, Complaint> {
    let Some(rest) = text.strip_prefix('/') else {
        let right =
            if text.contains("://") { "give the path alone, from its first /".to_owned() } else { format!("write /{text}") };
        return Err(Complaint::new("does not begin with /", right));
    };
    if text.len() > LONGEST {
        return Err(Complaint::new("is longer than 2048 bytes", "give a shorter path"));
    }
    if text.contains(['?', '#']) {
        return Err(Complaint::new("has a query or fragment", "give the path alone, up to the ? or #"));
    }
    let segments: Vec<&str> = rest.split('/').collect();
    // An empty last one is a path that ends in a slash.
    if segments.iter().rev().skip(1).any(|segment| segment.is_empty()) {
        return Err(Complaint::new("has an empty segment", "write one / where there are two"));
    }
    if segments.first().is_some_and(|first| first.eq_ignore_ascii_case(".vestibule")) {
        return Err(Complaint::new("is one of our own paths, which never reach a portal", "name a path of the portal"));
    }
    Ok(segments)
}

/// Refuses a literal segment that is not in canonical form.
fn judge_segment(segment: &str, reading: Reading) -> Result<(), Complaint> {
    if matches!(segment, "." | "..") {
        return Err(Complaint::new("has a . or .. segment", "write the path that it leads to"));
    }
    let path = format!("/{segment}");
    let canonical = canon::portal_path(&path, reading.params, reading.fold).map_err(refused)?;
    let written = canonical.trim_start_matches('/');
    if written != segment {
        let right = format!("write {written} for {segment}");
        return Err(Complaint::new("is not in the spelling that requests are compared in", right));
    }
    Ok(())
}

/// Requests with it are refused, so that a path with it would never match.
fn refused(error: CanonError) -> Complaint {
    match error {
        CanonError::PathParameter => {
            Complaint::new("has a ;, and requests with one are refused", "set path_params = true if the portal needs it")
        }
        CanonError::BadEscape => {
            Complaint::new("has a % that is not followed by two hexadecimal digits", "write %25 for a percent sign")
        }
        // "the path has a backslash" and the like.
        other => Complaint::new(
            format!("{}, and requests with it are refused", other.to_string().trim_start_matches("the path ")),
            "name a path without it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_paths_and_patterns_pass_unchanged() {
        for text in ["/", "/login", "/login/", "/a/b-c_d~e.f", "/b%C3%BCro", "/a:b@c", "/index.php", "/..a", "/a%2Ab"] {
            assert_eq!(canonical(text, Reading::default()).as_deref(), Ok(text));
            assert_eq!(glob(text, Reading::default()).as_deref(), Ok(text));
        }
        for text in ["/**", "/*", "/billing/**", "/a/*/b/**", "/**/edit"] {
            assert_eq!(glob(text, Reading::default()).as_deref(), Ok(text));
            assert!(canonical(text, Reading::default()).is_err());
        }
        assert!(canonical("/a;b", Reading { params: true, fold: false }).is_ok());
        let on_windows = glob("/admin./**", Reading { params: false, fold: true }).unwrap_err();
        assert!(on_windows.wrong.starts_with("has a name that Windows takes for another one"), "{}", on_windows.wrong);
        assert!(glob("/admin./**", Reading::default()).is_ok());
    }

    #[test]
    fn whatever_a_request_could_not_match_is_refused() {
        for (text, wrong) in [
            ("", "does not begin with /"),
            ("billing", "does not begin with /"),
            ("https://x/billing", "does not begin with /"),
            ("/a//b", "has an empty segment"),
            ("//", "has an empty segment"),
            ("/a/../b", "has a . or .. segment"),
            ("/a/.", "has a . or .. segment"),
            ("/a/%2e%2e/b", "has dot segments that are encoded or lead above the root, and requests with it are refused"),
            ("/a%2fb", "has an encoded slash, and requests with it are refused"),
            ("/a%5Cb", "has a backslash, and requests with it are refused"),
            ("/a%00", "has a control character or space, and requests with it are refused"),
            ("/a%0d%0ab", "has a control character or space, and requests with it are refused"),
            ("/a\\b", "has a backslash, and requests with it are refused"),
            ("/a;b", "has a ;, and requests with one are refused"),
            ("/a?b", "has a query or fragment"),
            ("/a#b", "has a query or fragment"),
            ("/a%zz", "has a % that is not followed by two hexadecimal digits"),
            ("/a%4", "has a % that is not followed by two hexadecimal digits"),
            ("/%61", "is not in the spelling that requests are compared in"),
            ("/b%c3%bcro", "is not in the spelling that requests are compared in"),
            ("/büro", "is not in the spelling that requests are compared in"),
            ("/a b", "has a control character or space, and requests with it are refused"),
            ("/*.php", "has a * inside of a segment"),
            ("/a/**/**", "has ** twice in a row"),
            ("/***", "has a * inside of a segment"),
            ("/.vestibule/login", "is one of our own paths, which never reach a portal"),
            ("/.VESTIBULE", "is one of our own paths, which never reach a portal"),
        ] {
            assert_eq!(glob(text, Reading::default()).map_err(|complaint| complaint.wrong), Err(wrong.to_owned()), "{text}");
        }
        assert_eq!(glob("/büro", Reading::default()).unwrap_err().right, "write b%C3%BCro for büro");
    }
}
