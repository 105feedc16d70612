//! Both doors: password and code, what leads through them, and what limits tries. Knows neither HTTP nor sessions.
pub mod account;
mod answer;
pub mod authenticator;
pub mod budget;
pub mod credentials;
mod device;
pub mod events;
pub mod grant;
pub mod hashing;
pub mod imported;
mod mobile_answer;
pub mod mobiles;
pub mod notices;
mod own_answer;
pub mod password;
mod pool;
pub mod qr;
pub mod recovery;
pub mod self_service;
mod settings;
mod stage;
mod strength;
pub mod texts;
pub mod tickets;
pub mod totp;

pub use pool::Limits as HashLimits;
pub use settings::Settings;
