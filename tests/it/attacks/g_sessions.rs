//! Section G: sessions, the window, what stays open.

mod ends;
mod tokens;
mod window;
