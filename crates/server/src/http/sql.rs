//! SQL: an answer to show, or a file to take away.

use crate::api::{ProblemList, SqlDownload, SqlRequest};
use crate::app::App;
use crate::asking::Question;
use crate::auth::caller::Caller;
use crate::extract::Json;
use crate::failure::{Failure, Result};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use engine::sql::{SqlAnswer, SqlFile, SqlLimits};
use futures::StreamExt;

/// Rows of an answer when the question names no number.
const ROWS: usize = 1_000;

/// Answers one `SELECT` over the tables `events`, `persons`, `sessions`, `journeys`, `feedback` and `costs`.
#[utoipa::path(post, path = "/sql", tag = "ask", request_body = SqlRequest, responses(
    (status = 200, body = SqlAnswer),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long.", body = ProblemList),
))]
pub async fn sql(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<SqlRequest>,
) -> Result<axum::Json<SqlAnswer>> {
    let usual = SqlLimits::default();
    let limits = SqlLimits {
        rows_max: body.limit.unwrap_or(ROWS).min(usual.rows_max),
        time_max: usual.time_max.min(app.settings.answer_timeout),
        ..usual
    };
    Ok(axum::Json(app.engine.sql(&body.query, limits, &app.asking.begin(&caller)).await?))
}

/// Answers one `SELECT` with a file, sent while it is made: up to ten million rows in ten minutes. A transfer that
/// breaks off is not whole.
#[utoipa::path(post, path = "/sql/download", tag = "ask", request_body = SqlDownload, responses(
    (status = 200, description = "The file.", content(
        (Vec<u8> = "text/csv"),
        (Vec<u8> = "application/vnd.apache.parquet"),
    )),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long.", body = ProblemList),
))]
pub async fn sql_download(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<SqlDownload>,
) -> Result<Response> {
    let (format, question) = (body.format, app.asking.begin(&caller));
    let file = app.engine.sql_file(&body.query, format, SqlLimits::of_file(), &question).await?;
    let name = format!("attachment; filename=\"gilmok.{}\"", format.extension());
    let name = HeaderValue::from_str(&name).map_err(Failure::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, name),
    ];
    // Compression asks once more after the end, which `unfold` does not bear.
    let chunks = futures::stream::unfold((file, question), next_chunk).fuse();
    Ok((headers, Body::from_stream(chunks)).into_response())
}

/// The next bytes. An error breaks the transfer off, so that nobody takes a part for the whole.
async fn next_chunk(
    (mut file, question): (SqlFile, Question),
) -> Option<(Result<Bytes, std::io::Error>, (SqlFile, Question))> {
    let chunk = file.next().await?.map(Bytes::from).map_err(|error| {
        tracing::warn!(%error, "a download broke off");
        std::io::Error::other(error)
    });
    Some((chunk, (file, question)))
}
