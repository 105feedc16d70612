//! The HTTP vocabulary that gateway, pages, proxy and net share: who the client is, what a cookie says, how a refusal reads.
pub mod audience;
pub mod client_ip;
pub mod cookie;
pub mod framing;
pub mod reject;
