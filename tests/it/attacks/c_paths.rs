//! Section C: path, host, method, and how rules are judged.
