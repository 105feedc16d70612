//! The command line: one file per command; talks to the store, never to HTTP.
