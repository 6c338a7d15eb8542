//! Files the browser sends, kept until they are imported or thrown away.

use crate::api::{ProblemList, UploadQuery, Uploaded};
use crate::app::App;
use crate::extract::{Path, Query};
use crate::failure::{Failure, Result};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;

/// Takes in a file: the body is its bytes as they are.
#[utoipa::path(post, path = "/uploads", tag = "imports", params(UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, body = Uploaded),
        (status = 413, description = "Larger than the server takes.", body = ProblemList),
        (status = "4XX", body = ProblemList),
        (status = 503, description = "The disk is full.", body = ProblemList),
    )
)]
pub async fn upload(
    State(_app): State<App>,
    Query(_query): Query<UploadQuery>,
    _body: Body,
) -> Result<axum::Json<Uploaded>> {
    Err(Failure::internal("not connected"))
}

/// Throws an upload away.
#[utoipa::path(delete, path = "/uploads/{upload}", tag = "imports", params(("upload" = String, Path)), responses(
    (status = 204, description = "Gone."),
    (status = "4XX", body = ProblemList),
))]
pub async fn delete_upload(State(_app): State<App>, Path(_upload): Path<String>) -> Result<StatusCode> {
    Err(Failure::internal("not connected"))
}
