//! `/.vestibule/state`: for pages of the portal that want to warn before the window closes. No data but the time left.

use axum::extract::Extension;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode};

use crate::pages::Who;
use crate::pages::refusal::Refusal;

/// Seconds of the reauthorization window that are left.
const LEFT: &str = "vestibule-window-left";
/// What a request would need to pass again.
const REQUIRED: &str = "vestibule-required";

/// GET.
pub async fn show(Extension(visit): Who) -> Result<Response, Refusal> {
    if visit.is_unknown() {
        return Err(Refusal::Away);
    }
    let (status, left, required) = match (&visit.inside, visit.fresh()) {
        (_, Some(inside)) => (StatusCode::NO_CONTENT, inside.window_left(visit.now.secure).as_secs(), None),
        (Some(_), None) => (StatusCode::UNAUTHORIZED, 0, Some("code")),
        (None, None) => (StatusCode::UNAUTHORIZED, 0, Some("login")),
    };
    let mut response = status.into_response();
    response.headers_mut().insert(LEFT, HeaderValue::from(left));
    if let Some(required) = required {
        response.headers_mut().insert(REQUIRED, HeaderValue::from_static(required));
        response.headers_mut().insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static("Vestibule"));
    }
    Ok(response)
}
