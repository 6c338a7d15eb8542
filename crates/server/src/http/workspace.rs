//! The workspace's settings.

use crate::api::ProblemList;
use crate::app::App;
use crate::auth::caller::Owner;
use crate::extract::Json;
use crate::failure::Result;
use axum::extract::State;
use model::workspace::Workspace;

/// The settings every number is read by.
#[utoipa::path(get, path = "/workspace", tag = "workspace", responses(
    (status = 200, body = Workspace),
    (status = "4XX", body = ProblemList),
))]
pub async fn workspace(State(app): State<App>) -> Result<axum::Json<Workspace>> {
    Ok(axum::Json(app.engine.workspace().await?))
}

/// Changes them. Owners only.
#[utoipa::path(put, path = "/workspace", tag = "workspace", request_body = Workspace, responses(
    (status = 200, body = Workspace),
    (status = "4XX", body = ProblemList),
))]
pub async fn put_workspace(
    State(app): State<App>,
    _owner: Owner,
    Json(workspace): Json<Workspace>,
) -> Result<axum::Json<Workspace>> {
    app.engine.set_workspace(&workspace).await?;
    Ok(axum::Json(workspace))
}
