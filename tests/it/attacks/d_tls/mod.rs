//! Section D: TLS and HTTP/2.

mod certificates;
mod floods;
mod frames;
mod handshakes;
mod hosts;
mod peers;
