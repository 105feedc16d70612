//! Section G: sessions, the window, what stays open.

mod ends;
mod held_back;
mod tokens;
mod window;
