//! How a request's body is framed: in one way only, the same for us and for the upstream, or it is no request.
//!
//! hyper and httparse read HTTP/1.1 before anything here does, and refuse most of what is ambiguous: they answer 400 and close. This
//! is what they leave, and what becomes of it. What is taken is taken because nothing of a head is ever passed on as it came: the
//! request upstream is written anew, from what was understood.
//!
//! | what | what hyper does | what becomes of it |
//! |---|---|---|
//! | `Content-Length` and `Transfer-Encoding` | forgets the length, reads chunks, closes after the answer | taken: one request upstream, in chunks of ours. Nobody here can see that there was a length |
//! | a transfer coding before `chunked`, or `chunked` twice | takes the last one | 501, closed ([`check`]) |
//! | any other transfer coding; any on HTTP/1.0 | 400, closed | |
//! | several equal `Content-Length` | makes one of them | taken: one line upstream |
//! | different ones, lists, signs, anything but digits | 400, closed | |
//! | HTTP/1.0 without a length, where a body is usual | takes it for none | 400, closed ([`check`]): its body may end where the connection does |
//! | a chunk's extensions, white space behind its size | passes over them, 16 KiB per body at most | taken: they stay here |
//! | bare LF in a chunk's size line, a bad or overflowing size | an error in the body | 400, closed; upstream the request is broken off |
//! | bare LF at the end of a line of the head; empty lines before it | takes them (RFC 9112, section 2.2) | taken: CRLF upstream |
//! | bare CR, NUL, folded lines, white space before a colon or a name | 400, closed | |
//! | trailers | reads them | dropped: names in them would pass by the checks on headers |
//! | HTTP/2: framing fields of HTTP/1.1, a length that is wrong | an error of the stream | broken off upstream, if it had begun |
//!
//! `tests/it/attacks/a_framing` holds each line of it.

use http::request::Parts;
use http::{Method, Version, header};

use crate::http::reject::Refusal;

/// What is wrong with the framing of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misframed {
    /// A transfer coding besides one plain `chunked` (RFC 9112, section 6.1).
    Coding,
    /// HTTP/1.0 without a length where a body is usual (RFC 1945, section 8.3).
    NoLength,
}

impl Misframed {
    /// One word for the record.
    pub fn cause(self) -> &'static str {
        match self {
            Self::Coding => "transfer-encoding",
            Self::NoLength => "no-length",
        }
    }

    /// What the client gets. The connection ends: nobody can say what comes next on it.
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Coding => Refusal { close: true, ..Refusal::NOT_IMPLEMENTED },
            Self::NoLength => Refusal::BAD_REQUEST,
        }
    }
}

/// Refuses what could be framed in two ways and what hyper lets through all the same.
pub fn check(head: &Parts) -> Result<(), Misframed> {
    let mut codings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    let coding = codings.next();
    if codings.next().is_some() || coding.is_some_and(|only| !only.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked")) {
        return Err(Misframed::Coding);
    }
    if head.version < Version::HTTP_11
        && matches!(head.method, Method::POST | Method::PUT | Method::PATCH)
        && !head.headers.contains_key(header::CONTENT_LENGTH)
    {
        return Err(Misframed::NoLength);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn checked(version: Version, method: &str, headers: &[(&str, &str)]) -> Result<(), Misframed> {
        let request = Request::builder().version(version).method(method);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        check(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn one_plain_chunked_or_a_length() {
        let coding = |values: &[&str]| {
            let headers: Vec<_> = values.iter().map(|value| ("transfer-encoding", *value)).collect();
            checked(Version::HTTP_11, "POST", &headers)
        };
        assert_eq!((coding(&[]), coding(&["chunked"]), coding(&["Chunked\t"])), (Ok(()), Ok(()), Ok(())));
        for values in [&["chunked", "chunked"][..], &["gzip, chunked"], &["chunked, chunked"], &[""], &["chunked", "gzip"]] {
            assert_eq!(coding(values), Err(Misframed::Coding), "{values:?}");
        }
        assert_eq!(checked(Version::HTTP_10, "POST", &[]), Err(Misframed::NoLength));
        assert_eq!(checked(Version::HTTP_10, "POST", &[("content-length", "0")]), Ok(()));
        assert_eq!(checked(Version::HTTP_10, "GET", &[]), Ok(()));
        assert_eq!(checked(Version::HTTP_2, "POST", &[]), Ok(()));
    }
}
