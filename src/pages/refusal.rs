//! Every way in which a page says no. Handlers return the cause; the outermost layer turns it into a page for a person and into
//! a problem document (RFC 9457) for anything else.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::auth::authenticator::AuthError;
use crate::http::reject;
use crate::ports::StoreError;

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such page of ours.
    NotFound,
    /// The page knows another method.
    Method,
    /// A form from elsewhere.
    Foreign,
    /// A form of another session or page.
    Token,
    /// A script asks for a page.
    Script,
    /// Inside another page.
    Frame,
    /// On the admin pages, by somebody who is no admin.
    NotAdmin,
    /// On the admin pages, for what is done at a portal.
    AtPortal,
    /// Somebody came back from the host of our pages with what is good for nothing here.
    Handoff,
    /// Not one well-formed form.
    NotAForm,
    /// Too many failures from this address; try again after that.
    Slow(Duration),
    /// Too much at once; try again after that.
    Busy(Duration),
    /// The store does not answer.
    Away,
    /// A fault of ours.
    Fault,
}

impl Refusal {
    /// The status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Foreign | Self::Token | Self::Handoff | Self::Script | Self::NotAdmin | Self::AtPortal => StatusCode::FORBIDDEN,
            Self::Frame => StatusCode::UNAUTHORIZED,
            Self::NotAForm => StatusCode::BAD_REQUEST,
            Self::Slow(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy(_) | Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The key of its words: what happened, and as `.text` what to do next.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotFound => "refused-not-found",
            Self::Method => "refused-page-method",
            Self::Foreign => "refused-foreign",
            Self::Token => "refused-token",
            Self::Script => "refused-script",
            Self::Frame => "refused-frame",
            Self::NotAdmin => "refused-not-admin",
            Self::AtPortal => "refused-at-portal",
            Self::Handoff => "refused-handoff",
            Self::NotAForm => "refused-not-a-form",
            Self::Slow(_) => "refused-slow",
            Self::Busy(_) => "refused-crowded",
            Self::Away => "refused-away",
            Self::Fault => "refused-fault",
        }
    }

    /// The same in the gate's own vocabulary.
    pub fn plainly(self) -> reject::Refusal {
        reject::Refusal { status: self.status(), words: self.words(), retry_after: self.retry_after(), limit: None, close: false }
    }

    const fn retry_after(self) -> Option<Duration> {
        match self {
            Self::Slow(wait) | Self::Busy(wait) => Some(wait),
            Self::Away => Some(Duration::from_secs(5)),
            _ => None,
        }
    }
}

/// The status and the cause; the words are put in by the outermost layer.
impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        let mut response = refusal.status().into_response();
        response.extensions_mut().insert(refusal);
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.into()
    }
}

/// An act that could not be carried out; the cause is in the log by now, the person learns only what to do.
impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Busy => Self::Busy(Duration::from_secs(2)),
            AuthError::Store(StoreError::Unavailable(cause)) => {
                tracing::warn!(%cause, "a page could not reach the store");
                Self::Away
            }
            other => {
                tracing::error!(cause = %other, "a page failed");
                Self::Fault
            }
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        AuthError::Store(error).into()
    }
}
