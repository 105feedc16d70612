//! Sessions: one browser that has passed both doors, looked up in memory on every request.
pub mod health;
pub mod log;
pub mod record;
pub mod sync;
pub mod table;
pub mod window;
