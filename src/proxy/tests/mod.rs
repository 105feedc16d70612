//! The proxy between real sockets: a client that writes raw bytes, an upstream that keeps and answers exact bytes, a clock that
//! is moved by hand.
mod bodies;
mod connections;
mod identity;
mod requests;
mod responses;
mod secure;
mod stage;
mod streams;
mod tunnels;
mod wire;
