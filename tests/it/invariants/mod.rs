//! Properties that hold for whatever is tried: generated, with a small model that says what must happen.
mod admission;
mod portals;
