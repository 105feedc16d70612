//! The pages as a browser meets them, over a store of one account: every request goes through `Pages::answer`.

mod browser;
mod flows;
mod markup;
mod refusals;
mod store;
