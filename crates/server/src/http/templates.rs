//! Usual journeys to start from.

use crate::api::{MadeFromTemplate, ProblemList, UseTemplate};
use crate::app::App;
use crate::auth::caller::Editor;
use crate::extract::{Json, Path};
use crate::failure::{Class, Failure, Result};
use axum::extract::State;
use engine::EngineError;
use engine::documents::ApplyOptions;
use engine::templates::Template;
use model::{DocumentBody, Key, Kind};

/// Usual journeys to start from.
#[utoipa::path(get, path = "/templates", tag = "templates", responses(
    (status = 200, body = Vec<Template>),
    (status = "4XX", body = ProblemList),
))]
pub async fn templates() -> Result<axum::Json<Vec<Template>>> {
    Ok(axum::Json(engine::templates::all()))
}

/// Makes a journey and its map of a template.
#[utoipa::path(post, path = "/templates/{template}/use", tag = "templates",
    params(("template" = String, Path)),
    request_body = UseTemplate,
    responses(
        (status = 200, body = MadeFromTemplate),
        (status = 409, description = "The key is taken.", body = ProblemList),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn use_template(
    State(app): State<App>,
    Editor(caller): Editor,
    Path(template): Path<String>,
    Json(body): Json<UseTemplate>,
) -> Result<axum::Json<MadeFromTemplate>> {
    let key = body.key.unwrap_or_else(|| Key::from_name(&body.name));
    let made = engine::templates::make(&template, &key, &body.name)?;
    for document in &made {
        if is_taken(&app, document.kind(), document.key()).await? {
            return Err(Failure::say(
                Class::Conflict,
                "document.exists",
                (format!("키 `{key}`를 이미 쓰고 있습니다."), format!("The key `{key}` is taken.")),
                ("다른 이름이나 키를 고르세요.", "Choose another name or key."),
            ));
        }
    }
    let options = ApplyOptions { dry_run: false, allow_unknown_events: true };
    app.engine.apply(&made, &caller.account.email, options).await?;
    let of_kind = |kind| {
        let found = made.iter().find(|document: &&DocumentBody| document.kind() == kind);
        found.map_or_else(|| key.clone(), |document| document.key().clone())
    };
    Ok(axum::Json(MadeFromTemplate { journey: of_kind(Kind::Journey), map: of_kind(Kind::Map) }))
}

async fn is_taken(app: &App, kind: Kind, key: &Key) -> Result<bool> {
    match app.engine.document(kind, key).await {
        Ok(_) => Ok(true),
        Err(EngineError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
