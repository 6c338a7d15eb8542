//! Imports: preview, background jobs with progress, rejects.

use crate::api::{ImportView, Preview, PreviewRequest, ProblemList, StartImport, Started};
use crate::app::App;
use crate::extract::{Json, Path};
use crate::failure::{Failure, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

/// What a file looks like, a guess at its mapping, and the first rows as events. Stores nothing.
#[utoipa::path(post, path = "/imports/preview", tag = "imports", request_body = PreviewRequest, responses(
    (status = 200, body = Preview),
    (status = "4XX", body = ProblemList),
))]
pub async fn preview_import(
    State(_app): State<App>,
    Json(_body): Json<PreviewRequest>,
) -> Result<axum::Json<Preview>> {
    Err(Failure::internal("not connected"))
}

/// Imports, newest first.
#[utoipa::path(get, path = "/imports", tag = "imports", responses(
    (status = 200, body = Vec<ImportView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn imports(State(_app): State<App>) -> Result<axum::Json<Vec<ImportView>>> {
    Err(Failure::internal("not connected"))
}

/// Begins an import in the background. Importing the same file by the same mapping again adds nothing.
#[utoipa::path(post, path = "/imports", tag = "imports", request_body = StartImport, responses(
    (status = 202, body = Started),
    (status = "4XX", body = ProblemList),
))]
pub async fn start_import(
    State(_app): State<App>,
    Json(_body): Json<StartImport>,
) -> Result<(StatusCode, axum::Json<Started>)> {
    Err(Failure::internal("not connected"))
}

/// One import, with its progress.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = String, Path)), responses(
    (status = 200, body = ImportView),
    (status = "4XX", body = ProblemList),
))]
pub async fn import(State(_app): State<App>, Path(_id): Path<String>) -> Result<axum::Json<ImportView>> {
    Err(Failure::internal("not connected"))
}

/// Stops an import. What its last checkpoint stored stays; importing the file again goes on from there.
#[utoipa::path(post, path = "/imports/{id}/cancel", tag = "imports", params(("id" = String, Path)), responses(
    (status = 204, description = "Stopping, or over already."),
    (status = "4XX", body = ProblemList),
))]
pub async fn cancel_import(State(_app): State<App>, Path(_id): Path<String>) -> Result<StatusCode> {
    Err(Failure::internal("not connected"))
}

/// The rows an import refused, with line and reason.
#[utoipa::path(get, path = "/imports/{id}/rejects.csv", tag = "imports", params(("id" = String, Path)), responses(
    (status = 200, description = "The rows as an attachment.", body = String, content_type = "text/csv"),
    (status = "4XX", body = ProblemList),
))]
pub async fn import_rejects(State(_app): State<App>, Path(_id): Path<String>) -> Result<Response> {
    Err(Failure::internal("not connected"))
}
