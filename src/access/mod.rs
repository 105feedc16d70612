//! Who may do what: a request parsed once into a canonical [`Target`], judged once by the [`Policy`], and the [`Permit`] that
//! forwarding demands.
pub mod canon;
mod fold;
pub mod host;
pub mod permit;
pub mod policy;
pub mod portal;
pub mod rule;
pub mod target;

pub use permit::Permit;
pub use policy::{Decision, Policy};
pub use portal::Portal;
pub use target::Target;
