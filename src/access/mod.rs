//! Who may do what: a request parsed once into a canonical [`Target`], judged once by the policy, and the [`Permit`] that
//! forwarding demands.
pub mod permit;
pub mod portal;
pub mod target;

pub use permit::Permit;
pub use portal::Portal;
pub use target::Target;
