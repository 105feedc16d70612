//! `/.vestibule/assets/`: style, script, logo and accent under names that change with their content.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::pages::Here;
use crate::pages::assets::ASSETS;
use crate::pages::refusal::Refusal;

/// GET.
pub async fn show(State(state): Here, Path(name): Path<String>) -> Response {
    let brands = state.brands.load();
    let Some(asset) = ASSETS.find(&name).or_else(|| brands.find(&name)) else { return Refusal::NotFound.into() };
    let headers = [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, asset.bytes.clone()).into_response()
}
