//! One person's data out, for good or to read; and who is the same person as whom.

use crate::api::{LinksQuery, ProblemList};
use crate::app::App;
use crate::auth::caller::{Editor, Owner};
use crate::extract::{Json, Path, Query};
use crate::failure::{Class, Failure, Result};
use axum::extract::State;
use axum::http::{StatusCode, header};
use engine::person::{Erasure, ExportedLink, PersonExport};
use serde::{Deserialize, Serialize};
use store::Identifier;
use utoipa::ToSchema;

/// Everything stored about a person: events with all properties and identifiers as they came, links, dead letters.
#[utoipa::path(get, path = "/people/{person}/export", tag = "people",
    params(("person" = String, Path, description = "16 hexadecimal digits.")),
    responses(
        (status = 200, description = "As an attachment.", body = PersonExport),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn export_person(
    State(app): State<App>,
    _editor: Editor,
    Path(person): Path<String>,
) -> Result<([(header::HeaderName, String); 1], axum::Json<PersonExport>)> {
    let export = app.engine.export_person(&person).await?;
    let name = format!("attachment; filename=\"person-{}.json\"", export.person);
    Ok(([(header::CONTENT_DISPOSITION, name)], axum::Json(export)))
}

/// Takes everything about a person out, for good. The answer says what is left for somebody to decide.
#[utoipa::path(post, path = "/people/{person}/erase", tag = "people",
    params(("person" = String, Path, description = "16 hexadecimal digits.")),
    responses(
        (status = 200, body = Erasure),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn erase_person(
    State(app): State<App>,
    _owner: Owner,
    Path(person): Path<String>,
) -> Result<axum::Json<Erasure>> {
    // Begun it is finished, whether the caller waits or not: half an erasure would be worse than a slow one.
    let work = tokio::spawn(async move { app.engine.erase_person(&person).await });
    Ok(axum::Json(work.await.map_err(Failure::internal)??))
}

/// An identifier; exactly one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Id {
    /// Known after login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// A cookie, a device, a receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
}

impl Id {
    fn read(self, at: &str) -> Result<Identifier> {
        match (self.user_id, self.anonymous_id) {
            (Some(id), None) if !id.is_empty() => Ok(Identifier::User(id)),
            (None, Some(id)) if !id.is_empty() => Ok(Identifier::Anonymous(id)),
            _ => Err(Failure::new(
                Class::Invalid,
                model::Problem::error(
                    "identity.one_id",
                    (
                        "`user_id`와 `anonymous_id` 가운데 정확히 하나가 있어야 합니다.",
                        "Exactly one of `user_id` and `anonymous_id` is needed.",
                    ),
                    ("식별자 하나를 적으세요.", "Write one identifier."),
                )
                .at(at),
            )),
        }
    }
}

/// Two identifiers of one person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The identifier that is linked.
    pub from: Id,
    /// The identifier it is linked to.
    pub into: Id,
}

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Merged {
    /// Id of the link, by which it is taken back.
    pub link: i64,
}

/// A link to take back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmerge {
    /// Its id.
    pub link: i64,
}

/// Says that two identifiers are one person, for all of history. Who said so is kept with the link.
#[utoipa::path(post, path = "/identity/merge", tag = "people", request_body = Merge, responses(
    (status = 200, body = Merged),
    (status = "4XX", body = ProblemList),
))]
pub async fn merge(
    State(app): State<App>,
    Editor(caller): Editor,
    Json(body): Json<Merge>,
) -> Result<axum::Json<Merged>> {
    let (from, into) = (body.from.read("from")?, body.into.read("into")?);
    let link = app.engine.merge(&from, &into, &caller.account.email).await?;
    Ok(axum::Json(Merged { link }))
}

/// Takes a link back, for all of history: one made by hand or one found in events, which do not bring it again.
#[utoipa::path(post, path = "/identity/unmerge", tag = "people", request_body = Unmerge, responses(
    (status = 204, description = "The identifiers are persons of their own."),
    (status = "4XX", body = ProblemList),
))]
pub async fn unmerge(
    State(app): State<App>,
    Editor(caller): Editor,
    Json(body): Json<Unmerge>,
) -> Result<StatusCode> {
    app.engine.unmerge(body.link, &caller.account.email).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Links from or to an identifier, oldest first, those that were refused or undone too.
#[utoipa::path(get, path = "/identity/links", tag = "people", params(LinksQuery), responses(
    (status = 200, body = Vec<ExportedLink>),
    (status = "4XX", body = ProblemList),
))]
pub async fn links(
    State(app): State<App>,
    _editor: Editor,
    Query(query): Query<LinksQuery>,
) -> Result<axum::Json<Vec<ExportedLink>>> {
    Ok(axum::Json(app.engine.links(&query.id).await?))
}
