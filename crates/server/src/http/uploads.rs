//! Files the browser sends, kept until they are imported or thrown away.

use crate::api::{ProblemList, UploadQuery, Uploaded};
use crate::app::App;
use crate::auth::caller::Editor;
use crate::extract::{Path, Query, too_large};
use crate::failure::Result;
use crate::uploads;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};

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
    State(app): State<App>,
    Editor(caller): Editor,
    Query(query): Query<UploadQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<axum::Json<Uploaded>> {
    let said_bytes =
        headers.get(header::CONTENT_LENGTH).and_then(|said| said.to_str().ok()?.parse::<u64>().ok());
    if said_bytes.is_some_and(|bytes| bytes > app.settings.upload_bytes_max) {
        return Err(too_large("파일", "file"));
    }
    let upload = uploads::receive(&app, &query.name, &caller.account.email, body.into_data_stream()).await?;
    Ok(axum::Json(Uploaded { upload: upload.id, file: upload.file_name, bytes: upload.size_bytes }))
}

/// Throws an upload away.
#[utoipa::path(delete, path = "/uploads/{upload}", tag = "imports", params(("upload" = String, Path)), responses(
    (status = 204, description = "Gone."),
    (status = "4XX", body = ProblemList),
))]
pub async fn delete_upload(
    State(app): State<App>,
    _editor: Editor,
    Path(upload): Path<String>,
) -> Result<StatusCode> {
    let upload = uploads::find(&app, &upload).await?;
    uploads::remove(&app, &upload).await?;
    Ok(StatusCode::NO_CONTENT)
}
