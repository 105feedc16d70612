//! WebSocket (RFC 6455), the only protocol that a connection may be handed over to.
mod frames;
pub(super) mod handshake;
mod pipe;
pub(super) mod tunnel;
