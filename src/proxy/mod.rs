//! The way upstream: a permitted request goes out, its response comes back, and both end when the permit no longer holds.
//!
//! ```text
//! forward ─ headers::request ─ routes ─ pool ─ connect        outbound: the body there
//!         └ headers::response ─ upgrade (WebSocket tunnels)   forwarded: the body back
//! pulse + watch: whatever is open is judged again on every beat
//! upstreams, health, probe: shared by all workers
//! ```
mod addr;
mod connect;
mod exchange;
mod failure;
mod forward;
mod forwarded;
mod headers;
mod health;
mod io;
mod outbound;
mod pool;
mod probe;
mod pulse;
mod routes;
mod settings;
#[cfg(test)]
mod tests;
mod upgrade;
mod upstreams;
mod watch;

pub use addr::{AddrError, Authority, HostName, UpstreamAddr};
pub use failure::{ConnectError, Failure};
pub use forward::{ForwardContext, Proxy, Worker};
pub use forwarded::{Broken, ForwardedBody};
/// What goes upstream, by itself: for tests and fuzzing, and in no release.
#[cfg(any(debug_assertions, feature = "testing"))]
pub use headers::request::build as upstream_headers;
pub use headers::request::told;
pub use outbound::RequestBody;
pub use probe::{ProbeError, Probed};
pub use pulse::BEAT;
pub use settings::{HealthPath, HealthPathError, Reuse, ReuseError, Settings};
pub use upstreams::{State, Upstreams, UpstreamsError};
