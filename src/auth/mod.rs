//! Both doors: password and code, what leads through them, and what limits tries. Knows neither HTTP nor sessions.
pub mod account;
pub mod credentials;
