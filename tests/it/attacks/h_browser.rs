//! Section H: browsers, redirects, links, the portal on our origin. What only a browser can show stands in the journey
//! (`tests/browser/chapters/hostile.mjs`): Chromium with a portal that was taken over.

mod handoff;
mod links;
mod origin;
mod outward;
mod redirects;
