//! Documents: every definition, with its versions.

use crate::api::{Applied, ApplyQuery, DocumentsQuery, ProblemList, PutDocument};
use crate::app::App;
use crate::extract::{Json, Path, Query, Raw};
use crate::failure::{Failure, Result};
use axum::extract::State;
use axum::http::StatusCode;
use model::{Document, Key, Kind};

/// The documents in force, by kind and key.
#[utoipa::path(get, path = "/documents", tag = "documents", params(DocumentsQuery), responses(
    (status = 200, body = Vec<Document>),
    (status = "4XX", body = ProblemList),
))]
pub async fn documents(
    State(_app): State<App>,
    Query(_query): Query<DocumentsQuery>,
) -> Result<axum::Json<Vec<Document>>> {
    Err(Failure::internal("not connected"))
}

/// Applies documents: all of them or none. The body is YAML (several between `---` lines) or one JSON document.
#[utoipa::path(post, path = "/documents/apply", tag = "documents", params(ApplyQuery),
    request_body(content((String = "application/yaml"), (model::DocumentBody = "application/json"))),
    responses(
        (status = 200, body = Vec<Applied>),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn apply_documents(
    State(_app): State<App>,
    Query(_query): Query<ApplyQuery>,
    Raw(_body): Raw,
) -> Result<axum::Json<Vec<Applied>>> {
    Err(Failure::internal("not connected"))
}

/// One document in force.
#[utoipa::path(get, path = "/documents/{kind}/{key}", tag = "documents",
    params(("kind" = Kind, Path), ("key" = String, Path)),
    responses(
        (status = 200, body = Document),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn document(
    State(_app): State<App>,
    Path((_kind, _key)): Path<(Kind, Key)>,
) -> Result<axum::Json<Document>> {
    Err(Failure::internal("not connected"))
}

/// Writes one document, if the version it was made on is still in force.
#[utoipa::path(put, path = "/documents/{kind}/{key}", tag = "documents",
    params(("kind" = Kind, Path), ("key" = String, Path)),
    request_body = PutDocument,
    responses(
        (status = 200, body = Document),
        (status = 409, description = "Another version is in force: `document.conflict`.", body = ProblemList),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn put_document(
    State(_app): State<App>,
    Path((_kind, _key)): Path<(Kind, Key)>,
    Json(_body): Json<PutDocument>,
) -> Result<axum::Json<Document>> {
    Err(Failure::internal("not connected"))
}

/// Deletes a document. Its history stays; writing it again brings it back.
#[utoipa::path(delete, path = "/documents/{kind}/{key}", tag = "documents",
    params(("kind" = Kind, Path), ("key" = String, Path)),
    responses(
        (status = 204, description = "Deleted."),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn delete_document(
    State(_app): State<App>,
    Path((_kind, _key)): Path<(Kind, Key)>,
) -> Result<StatusCode> {
    Err(Failure::internal("not connected"))
}

/// Every version of a document, newest first.
#[utoipa::path(get, path = "/documents/{kind}/{key}/history", tag = "documents",
    params(("kind" = Kind, Path), ("key" = String, Path)),
    responses(
        (status = 200, body = Vec<Document>),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn document_history(
    State(_app): State<App>,
    Path((_kind, _key)): Path<(Kind, Key)>,
) -> Result<axum::Json<Vec<Document>>> {
    Err(Failure::internal("not connected"))
}
