//! Section D: TLS and HTTP/2.
