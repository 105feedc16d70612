//! Section A: message framing, smuggling, reuse of connections.
