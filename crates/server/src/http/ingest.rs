//! What comes in: its sources and their keys, its figures, and its dead letters.

use super::batch::refused;
use crate::api::{DeadLettersQuery, MakeSource, ProblemList, ReplayAll};
use crate::app::App;
use crate::auth::caller::Editor;
use crate::auth::session::new_token;
use crate::extract::{Json, Path, Query, Raw};
use crate::failure::Result;
use axum::extract::State;
use axum::http::StatusCode;
use engine::ingest::{DeadLetterList, DeadLetterWhole, IngestView, Replay, SourceMade, SourceView};
use meta::DeadLetterFilter;

/// Dead letters in a list, when nothing is said.
const PAGE: u32 = 50;

/// What came in since the server started, minute by minute of the last hour, and how the log is.
#[utoipa::path(get, path = "/ingest", tag = "ingest", responses(
    (status = 200, body = IngestView),
    (status = "4XX", body = ProblemList),
))]
pub async fn ingest(State(app): State<App>) -> axum::Json<IngestView> {
    axum::Json(app.engine.ingest_view())
}

/// Sources, revoked ones too.
#[utoipa::path(get, path = "/sources", tag = "ingest", responses(
    (status = 200, body = Vec<SourceView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn sources(State(app): State<App>) -> Result<axum::Json<Vec<SourceView>>> {
    Ok(axum::Json(app.engine.sources().await?))
}

/// Makes a source and its write key. The key is in this answer and never again.
#[utoipa::path(post, path = "/sources", tag = "ingest", request_body = MakeSource, responses(
    (status = 201, body = SourceMade),
    (status = 409, body = ProblemList, description = "A source of this name exists."),
    (status = "4XX", body = ProblemList),
))]
pub async fn make_source(
    State(app): State<App>,
    Editor(caller): Editor,
    Json(body): Json<MakeSource>,
) -> Result<(StatusCode, axum::Json<SourceMade>)> {
    let author = &caller.account.email;
    let made = app.engine.create_source(&body.name, &body.channel, author, new_write_key()).await?;
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// A write key: recognisable, and 256 bits nobody can guess.
pub fn new_write_key() -> String {
    format!("gk_{}", new_token())
}

/// Revokes a source's key at once. Its events stay.
#[utoipa::path(delete, path = "/sources/{id}", tag = "ingest", params(("id" = i64, Path)), responses(
    (status = 204, description = "Revoked."),
    (status = "4XX", body = ProblemList),
))]
pub async fn revoke_source(
    State(app): State<App>,
    _editor: Editor,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    app.engine.revoke_source(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Events that were refused, newest first. Those of the last seconds may be missing.
#[utoipa::path(get, path = "/dead-letters", tag = "ingest", params(DeadLettersQuery), responses(
    (status = 200, body = DeadLetterList),
    (status = "4XX", body = ProblemList),
))]
pub async fn dead_letters(
    State(app): State<App>,
    Query(query): Query<DeadLettersQuery>,
) -> Result<axum::Json<DeadLetterList>> {
    let filter = DeadLetterFilter {
        code: query.code.as_deref(),
        source: query.source.as_deref(),
        replayed: query.replayed,
    };
    let list = app.engine.dead_letters(filter, query.before, query.limit.unwrap_or(PAGE)).await;
    Ok(axum::Json(list.map_err(|error| refused(&app, error))?))
}

/// One of them with what came, and what is wrong with it today.
#[utoipa::path(get, path = "/dead-letters/{id}", tag = "ingest", params(("id" = i64, Path)), responses(
    (status = 200, body = DeadLetterWhole),
    (status = "4XX", body = ProblemList),
))]
pub async fn dead_letter(State(app): State<App>, Path(id): Path<i64>) -> Result<axum::Json<DeadLetterWhole>> {
    Ok(axum::Json(app.engine.dead_letter(id).await?))
}

/// Sends one through the door again: as it came, or mended if the request has a body. It is accepted as a whole or
/// not at all.
#[utoipa::path(post, path = "/dead-letters/{id}/replay", tag = "ingest", params(("id" = i64, Path)),
    request_body(content = Option<Object>, description = "The mended event or batch.", content_type = "application/json"),
    responses(
        (status = 200, body = Replay),
        (status = 409, body = ProblemList, description = "It was replayed before."),
        (status = 422, body = ProblemList, description = "It is refused again, or was cut and is not mended."),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn replay_dead_letter(
    State(app): State<App>,
    _editor: Editor,
    Path(id): Path<i64>,
    Raw(body): Raw,
) -> Result<axum::Json<Replay>> {
    let mended = (!body.is_empty()).then(|| body.to_vec());
    let replay = app.engine.replay(id, mended).await;
    Ok(axum::Json(replay.map_err(|error| refused(&app, error))?))
}

/// Replays all that wait, of a code or a source. Those refused again stay.
#[utoipa::path(post, path = "/dead-letters/replay", tag = "ingest", request_body = ReplayAll, responses(
    (status = 200, body = Replay),
    (status = "4XX", body = ProblemList),
))]
pub async fn replay_dead_letters(
    State(app): State<App>,
    _editor: Editor,
    Json(body): Json<ReplayAll>,
) -> Result<axum::Json<Replay>> {
    let filter =
        DeadLetterFilter { code: body.code.as_deref(), source: body.source.as_deref(), replayed: false };
    let replay = app.engine.replay_all(filter).await;
    Ok(axum::Json(replay.map_err(|error| refused(&app, error))?))
}

/// Throws one away.
#[utoipa::path(delete, path = "/dead-letters/{id}", tag = "ingest", params(("id" = i64, Path)), responses(
    (status = 204, description = "Gone."),
    (status = "4XX", body = ProblemList),
))]
pub async fn delete_dead_letter(
    State(app): State<App>,
    _editor: Editor,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    app.engine.delete_dead_letter(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
