//! Puts into a request what its portal signs people in by.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::access::Permit;
use crate::access::portal::SignOn;

const USER: HeaderName = HeaderName::from_static("x-forwarded-user");
const EMAIL: HeaderName = HeaderName::from_static("x-forwarded-email");
const GROUPS: HeaderName = HeaderName::from_static("x-forwarded-groups");
const PREFERRED_USERNAME: HeaderName = HeaderName::from_static("x-forwarded-preferred-username");

/// Puts into `headers`, from which the client's own values have been taken out, what this permit's person is known by. A
/// permit without a session carries nobody.
pub fn apply(sign_on: SignOn, permit: &Permit, headers: &mut HeaderMap) {
    match sign_on {
        SignOn::None => {}
        SignOn::Headers => {
            if let Some(session) = permit.session() {
                let view = session.account.view();
                let carried = &view.carried;
                put(headers, USER, carried.user.as_ref());
                put(headers, EMAIL, carried.email.as_ref());
                put(headers, GROUPS, carried.groups.as_ref());
                put(headers, PREFERRED_USERNAME, carried.preferred_username.as_ref());
            }
        }
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: Option<&HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value.clone());
    }
}
