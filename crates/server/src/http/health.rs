//! Health, and the API's own document.

use crate::app::App;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "api", security(()), responses(
    (status = 200, description = "OpenAPI 3.1.", body = Object),
))]
pub async fn openapi(State(_app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi_text()).into_response()
}

/// The OpenAPI document as it is published in `docs/openapi.json`.
pub fn openapi_text() -> String {
    // The descriptions are doc comments: their links mean nothing outside Rust.
    let text = super::document().to_pretty_json().unwrap_or_default();
    let mut text = text.replace("[`", "`").replace("`]", "`").replace("crate::", "").replace("Self::", "");
    text.push('\n');
    text
}
