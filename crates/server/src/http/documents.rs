//! Documents: every definition, with its versions.

use crate::api::{ApplyQuery, DocumentsQuery, ProblemList, PutDocument};
use crate::app::App;
use crate::auth::caller::Editor;
use crate::extract::{Json, Path, Query, Raw};
use crate::failure::{Class, Failure, Result};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use engine::documents::{Applied, ApplyOptions};
use model::{Document, DocumentBody, Key, Kind};

/// The documents in force, by kind and key.
#[utoipa::path(get, path = "/documents", tag = "documents", params(DocumentsQuery), responses(
    (status = 200, body = Vec<Document>),
    (status = "4XX", body = ProblemList),
))]
pub async fn documents(
    State(app): State<App>,
    Query(query): Query<DocumentsQuery>,
) -> Result<axum::Json<Vec<Document>>> {
    let kinds = query.kind.map_or_else(|| Kind::ALL.to_vec(), |kind| vec![kind]);
    let mut documents = Vec::new();
    for kind in kinds {
        documents.extend(app.engine.documents(kind).await?);
    }
    Ok(axum::Json(documents))
}

/// Applies documents: all of them or none. The body is YAML (several between `---` lines) or one JSON document.
#[utoipa::path(post, path = "/documents/apply", tag = "documents", params(ApplyQuery),
    request_body(content((String = "application/yaml"), (DocumentBody = "application/json"))),
    responses(
        (status = 200, body = Vec<Applied>),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn apply_documents(
    State(app): State<App>,
    Editor(caller): Editor,
    Query(query): Query<ApplyQuery>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<axum::Json<Vec<Applied>>> {
    let bodies = read_bodies(&headers, &body)?;
    let options = ApplyOptions { dry_run: query.dry_run, allow_unknown_events: query.allow_unknown_events };
    Ok(axum::Json(app.engine.apply(&bodies, &caller.account.email, options).await?))
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
    State(app): State<App>,
    Path((kind, key)): Path<(Kind, Key)>,
) -> Result<axum::Json<Document>> {
    Ok(axum::Json(app.engine.document(kind, &key).await?))
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
    State(app): State<App>,
    Editor(caller): Editor,
    Path((kind, key)): Path<(Kind, Key)>,
    Json(put): Json<PutDocument>,
) -> Result<axum::Json<Document>> {
    if put.body.kind() != kind || *put.body.key() != key {
        return Err(Failure::say(
            Class::Invalid,
            "document.other_address",
            (
                format!("문서의 종류와 키가 주소 `{}/{key}`와 다릅니다.", kind.as_str()),
                format!(
                    "The document's kind and key are not those of the address `{}/{key}`.",
                    kind.as_str()
                ),
            ),
            ("주소나 문서 가운데 하나를 고치세요.", "Change the address or the document."),
        ));
    }
    let base_version = Some(put.base_version.unwrap_or(0));
    Ok(axum::Json(app.engine.put(&put.body, base_version, &caller.account.email).await?))
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
    State(app): State<App>,
    Editor(caller): Editor,
    Path((kind, key)): Path<(Kind, Key)>,
) -> Result<StatusCode> {
    app.engine.delete(kind, &key, &caller.account.email).await?;
    Ok(StatusCode::NO_CONTENT)
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
    State(app): State<App>,
    Path((kind, key)): Path<(Kind, Key)>,
) -> Result<axum::Json<Vec<Document>>> {
    Ok(axum::Json(app.engine.history(kind, &key).await?))
}

/// Reads a body by its type: JSON holds one document or a list, all else is YAML.
fn read_bodies(headers: &HeaderMap, body: &[u8]) -> Result<Vec<DocumentBody>> {
    let text = std::str::from_utf8(body).map_err(|error| {
        Failure::say(
            Class::Malformed,
            "document.encoding",
            (
                format!("문서가 UTF-8이 아닙니다({}번째 바이트).", error.valid_up_to() + 1),
                format!("The document is not UTF-8 (byte {}).", error.valid_up_to() + 1),
            ),
            ("UTF-8로 저장해 다시 보내세요.", "Save it as UTF-8 and send it again."),
        )
    })?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let bodies = match (kind.contains("json"), text.trim_start().starts_with('[')) {
        (true, true) => model::read_json::<Vec<DocumentBody>>(text, None)?,
        (true, false) => vec![model::read_json::<DocumentBody>(text, None)?],
        (false, _) => model::read_yaml(text, None)?,
    };
    if bodies.is_empty() {
        return Err(Failure::say(
            Class::Invalid,
            "document.none",
            ("적용할 문서가 없습니다.", "There is no document to apply."),
            (
                "`kind:`와 `key:`로 시작하는 문서를 보내세요.",
                "Send documents that begin with `kind:` and `key:`.",
            ),
        ));
    }
    Ok(bodies)
}
