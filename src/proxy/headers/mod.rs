//! Headers both ways: what must not pass is taken out first, then what is ours is put in.
mod cookies;
pub(super) mod location;
mod names;
pub(super) mod request;
pub(super) mod response;
