//! Maps with their numbers, on the screen and as files.

use crate::api::{ExportQuery, MapQuery, ProblemList};
use crate::app::App;
use crate::extract::{Path, Query};
use crate::failure::{Failure, Result};
use axum::extract::State;
use axum::response::Response;
use model::Key;
use model::view::MapView;

/// A map with its numbers.
#[utoipa::path(get, path = "/maps/{key}", tag = "maps", params(("key" = String, Path), MapQuery), responses(
    (status = 200, body = MapView),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long: ask for a shorter period.", body = ProblemList),
))]
pub async fn map(
    State(_app): State<App>,
    Path(_key): Path<Key>,
    Query(_query): Query<MapQuery>,
) -> Result<axum::Json<MapView>> {
    Err(Failure::internal("not connected"))
}

/// A map as a file to keep, print or send.
#[utoipa::path(get, path = "/maps/{key}/export", tag = "maps",
    params(("key" = String, Path), ExportQuery),
    responses(
        (status = 200, description = "The file, as an attachment.", content(
            (String = "image/svg+xml"),
            (String = "image/png"),
            (String = "application/pdf"),
            (MapView = "application/json"),
            (String = "application/yaml"),
        )),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn export_map(
    State(_app): State<App>,
    Path(_key): Path<Key>,
    Query(_query): Query<ExportQuery>,
) -> Result<Response> {
    Err(Failure::internal("not connected"))
}
