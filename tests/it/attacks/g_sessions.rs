//! Section G: sessions, the window, what stays open.
