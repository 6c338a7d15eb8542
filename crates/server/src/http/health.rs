//! Health, and the API's own document.

use crate::api::Health;
use crate::app::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "api", security(()), responses(
    (status = 200, description = "OpenAPI 3.1.", body = Object),
))]
pub async fn openapi() -> Response {
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

/// The process runs.
pub async fn healthz() -> axum::Json<Health> {
    axum::Json(health("ok"))
}

/// The process can answer: its database does.
pub async fn readyz(State(app): State<App>) -> (StatusCode, axum::Json<Health>) {
    match app.engine.meta.setting("workspace").await {
        Ok(_) => (StatusCode::OK, axum::Json(health("ok"))),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(health("database")))
        }
    }
}

fn health(status: &str) -> Health {
    Health { status: status.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}
