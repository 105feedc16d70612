//! Section H: browsers, redirects, links, the portal on our origin.
