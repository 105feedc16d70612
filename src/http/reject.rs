//! Every refusal that a client can see, and how it reads for a program. (What a person sees is made by `pages`.)

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::language::{Language, say};

/// Who is asking, and so in which form to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A browser that shows the answer to a person.
    Person,
    /// fetch, XHR, WebSocket, API client.
    Program,
}

impl Audience {
    /// A navigation by Fetch metadata; without it, whoever accepts HTML by name.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let person = match text("sec-fetch-mode") {
            Some(mode) => mode.eq_ignore_ascii_case("navigate"),
            None => headers.get_all(header::ACCEPT).iter().any(|accept| accept.to_str().is_ok_and(names_html)),
        };
        if person && !headers.contains_key(header::UPGRADE) { Self::Person } else { Self::Program }
    }
}

fn names_html(accept: &str) -> bool {
    accept.split(',').any(|part| part.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")))
}

/// What a client must do before it may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// Sign in.
    Login,
    /// Enter a fresh code.
    Code,
}

impl Required {
    const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Code => "code",
        }
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    /// The key of its words, short and public: what happened, and as `.text` what to do next.
    pub words: &'static str,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// Which limit, for `RateLimit` headers: its name, how many at once, in how many seconds they come back.
    pub limit: Option<(&'static str, u32, u64)>,
    /// The connection must not be used again: its state is not certain.
    pub close: bool,
}

impl Refusal {
    const fn new(status: StatusCode, words: &'static str) -> Self {
        Self { status, words, retry_after: None, limit: None, close: false }
    }

    /// What happened, for the log and for programs.
    pub fn cause(&self) -> String {
        say(self.words).in_language(Language::English).into_owned()
    }

    /// 400.
    pub const BAD_REQUEST: Self = Self { close: true, ..Self::new(StatusCode::BAD_REQUEST, "refused-bad-request") };
    /// 403.
    pub const FORBIDDEN: Self = Self::new(StatusCode::FORBIDDEN, "refused-forbidden");
    /// 403 for a form from elsewhere.
    pub const FOREIGN_FORM: Self = Self::new(StatusCode::FORBIDDEN, "refused-foreign-form");
    /// 403 for a script of a service worker.
    pub const SERVICE_WORKER: Self = Self::new(StatusCode::FORBIDDEN, "refused-service-worker");
    /// 405.
    pub const METHOD: Self = Self::new(StatusCode::METHOD_NOT_ALLOWED, "refused-method");
    /// 405 for CONNECT and TRACE.
    pub const METHOD_REFUSED: Self = Self { close: true, ..Self::METHOD };
    /// 408.
    pub const TIMEOUT: Self = Self { close: true, ..Self::new(StatusCode::REQUEST_TIMEOUT, "refused-timeout") };
    /// 413.
    pub const TOO_LARGE: Self = Self { close: true, ..Self::new(StatusCode::PAYLOAD_TOO_LARGE, "refused-too-large") };
    /// 414.
    pub const TARGET_TOO_LONG: Self = Self::new(StatusCode::URI_TOO_LONG, "refused-too-long");
    /// 421.
    pub const UNKNOWN_HOST: Self = Self::new(StatusCode::MISDIRECTED_REQUEST, "refused-unknown-host");
    /// 429.
    pub const TOO_MANY: Self = Self::new(StatusCode::TOO_MANY_REQUESTS, "refused-too-many");
    /// 501.
    pub const NOT_IMPLEMENTED: Self = Self::new(StatusCode::NOT_IMPLEMENTED, "refused-not-implemented");
    /// 500.
    pub const INTERNAL: Self = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "refused-internal");
    /// 502.
    pub const BAD_GATEWAY: Self = Self::new(StatusCode::BAD_GATEWAY, "refused-bad-gateway");
    /// 503, while the portal does not answer.
    pub const PORTAL_DOWN: Self =
        Self { retry_after: Some(Duration::from_secs(10)), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-portal-down") };
    /// 503, while our own store does not answer.
    pub const STORE_DOWN: Self =
        Self { retry_after: Some(Duration::from_secs(10)), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-store-down") };
    /// 503, overloaded.
    pub const BUSY: Self =
        Self { retry_after: Some(Duration::from_secs(2)), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "refused-crowded") };
    /// 504.
    pub const GATEWAY_TIMEOUT: Self = Self::new(StatusCode::GATEWAY_TIMEOUT, "refused-gateway-timeout");

    /// With a time to try again.
    #[must_use]
    pub const fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

/// RFC 9457.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
}

fn problem(status: StatusCode, body: &Problem<'_>) -> Response<Bytes> {
    let json = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Bytes::from(json));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A refusal for a program: `application/problem+json` (RFC 9457), always in English.
pub fn for_program(refusal: &Refusal, request_id: &str) -> Response<Bytes> {
    let mut response = problem(
        refusal.status,
        &Problem {
            r#type: "about:blank",
            title: &refusal.cause(),
            status: refusal.status.as_u16(),
            detail: &say(refusal.words).text().in_language(Language::English),
            request_id,
            required: None,
            location: None,
        },
    );
    mark(&mut response, refusal);
    response
}

/// What every form of a refusal carries: when to try again, which limit, whether the connection ends.
pub fn mark<B>(response: &mut Response<B>, refusal: &Refusal) {
    let headers = response.headers_mut();
    if let Some(wait) = refusal.retry_after {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    if let Some((name, quota, window)) = refusal.limit {
        let wait = refusal.retry_after.map_or(1, |wait| wait.as_secs() + 1);
        for (header, value) in
            [("ratelimit", format!("\"{name}\";r=0;t={wait}")), ("ratelimit-policy", format!("\"{name}\";q={quota};w={window}"))]
        {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header, value);
            }
        }
    }
    if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    }
    if refusal.close {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// The answer to a program that has to sign in or to enter a code first.
pub fn unauthorized(required: Required, location: &str, request_id: &str) -> Response<Bytes> {
    let (title, detail) = match required {
        Required::Login => ("Sign in first", "No session, or it has ended. Open the location in a browser and sign in."),
        Required::Code => {
            ("Enter a new code first", "The reauthorization window has passed. Open the location in a browser and enter a code.")
        }
    };
    let mut response = problem(
        StatusCode::UNAUTHORIZED,
        &Problem {
            r#type: "about:blank",
            title,
            status: 401,
            detail,
            request_id,
            required: Some(required.word()),
            location: Some(location),
        },
    );
    let headers = response.headers_mut();
    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Vestibule"));
    headers.insert("vestibule-required", HeaderValue::from_static(required.word()));
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    response
}

/// 303 to one of our pages, for a person.
pub fn see_other(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(header::LOCATION, location);
    }
    response
}
