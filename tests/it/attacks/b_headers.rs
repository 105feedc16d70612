//! Section B: forged identity and forwarding headers.
