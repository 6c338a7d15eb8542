//! Imports: preview, background jobs with progress, rejects.

use crate::api::{ImportView, PreviewRequest, ProblemList, StartImport, Started};
use crate::app::App;
use crate::auth::caller::Editor;
use crate::extract::{Json, Path};
use crate::failure::{Class, Failure, Result};
use crate::uploads;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::import::Preview;
use tokio::io::AsyncReadExt;

/// What a file looks like, a guess at its mapping, and the first rows as events. Stores nothing.
#[utoipa::path(post, path = "/imports/preview", tag = "imports", request_body = PreviewRequest, responses(
    (status = 200, body = Preview),
    (status = "4XX", body = ProblemList),
))]
pub async fn preview_import(
    State(app): State<App>,
    _editor: Editor,
    Json(body): Json<PreviewRequest>,
) -> Result<axum::Json<Preview>> {
    let upload = uploads::find(&app, &body.upload).await?;
    let file = uploads::stage(&app, &upload, body.mapping.as_ref()).await?;
    let preview = engine::import::preview(&app.engine, &file, &upload.file_name, body.mapping).await?;
    Ok(axum::Json(preview))
}

/// Imports, newest first.
#[utoipa::path(get, path = "/imports", tag = "imports", responses(
    (status = 200, body = Vec<ImportView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn imports(State(app): State<App>) -> Result<axum::Json<Vec<ImportView>>> {
    Ok(axum::Json(app.jobs.list(&app).await?))
}

/// Begins an import in the background. Importing the same file by the same mapping again adds nothing.
#[utoipa::path(post, path = "/imports", tag = "imports", request_body = StartImport, responses(
    (status = 202, body = Started),
    (status = "4XX", body = ProblemList),
))]
pub async fn start_import(
    State(app): State<App>,
    _editor: Editor,
    Json(body): Json<StartImport>,
) -> Result<(StatusCode, axum::Json<Started>)> {
    let upload = uploads::find(&app, &body.upload).await?;
    let job = app.jobs.start(&app, upload, body.mapping).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(Started { id: job.id.clone() })))
}

/// One import, with its progress.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = String, Path)), responses(
    (status = 200, body = ImportView),
    (status = "4XX", body = ProblemList),
))]
pub async fn import(State(app): State<App>, Path(id): Path<String>) -> Result<axum::Json<ImportView>> {
    Ok(axum::Json(app.jobs.find(&id)?.view()))
}

/// Stops an import. What its last checkpoint stored stays; importing the file again goes on from there.
#[utoipa::path(post, path = "/imports/{id}/cancel", tag = "imports", params(("id" = String, Path)), responses(
    (status = 204, description = "Stopping, or over already."),
    (status = "4XX", body = ProblemList),
))]
pub async fn cancel_import(
    State(app): State<App>,
    _editor: Editor,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    app.jobs.find(&id)?.cancel();
    Ok(StatusCode::NO_CONTENT)
}

/// The rows an import refused, with line and reason.
#[utoipa::path(get, path = "/imports/{id}/rejects.csv", tag = "imports", params(("id" = String, Path)), responses(
    (status = 200, description = "The rows as an attachment.", body = String, content_type = "text/csv"),
    (status = "4XX", body = ProblemList),
))]
pub async fn import_rejects(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let job = app.jobs.find(&id)?;
    let rejects = job.rejects().ok_or_else(|| {
        Failure::say(
            Class::NotFound,
            "import.no_rejects",
            ("거절된 행이 없습니다.", "No row was refused."),
            (
                "가져오기가 끝난 뒤 거절된 행이 있을 때만 받을 수 있습니다.",
                "There is a file only when an import is over and refused rows.",
            ),
        )
    })?;
    let file = tokio::fs::File::open(rejects).await.map_err(|error| Failure::io(rejects, &error))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"rejects.csv\""),
    ];
    Ok((headers, axum::body::Body::from_stream(chunks(file))).into_response())
}

/// A file a piece at a time: it may be larger than memory.
fn chunks(file: tokio::fs::File) -> impl futures::Stream<Item = std::io::Result<axum::body::Bytes>> {
    futures::stream::try_unfold(file, |mut file| async move {
        let mut chunk = Vec::with_capacity(64 << 10);
        let n_bytes = file.read_buf(&mut chunk).await?;
        Ok((n_bytes > 0).then(|| (chunk.into(), file)))
    })
}
