//! The workspace's settings.

use crate::api::ProblemList;
use crate::app::App;
use crate::extract::Json;
use crate::failure::{Failure, Result};
use axum::extract::State;
use model::workspace::Workspace;

/// The settings every number is read by.
#[utoipa::path(get, path = "/workspace", tag = "workspace", responses(
    (status = 200, body = Workspace),
    (status = "4XX", body = ProblemList),
))]
pub async fn workspace(State(_app): State<App>) -> Result<axum::Json<Workspace>> {
    Err(Failure::internal("not connected"))
}

/// Changes them. Owners only.
#[utoipa::path(put, path = "/workspace", tag = "workspace", request_body = Workspace, responses(
    (status = 200, body = Workspace),
    (status = "4XX", body = ProblemList),
))]
pub async fn put_workspace(
    State(_app): State<App>,
    Json(_body): Json<Workspace>,
) -> Result<axum::Json<Workspace>> {
    Err(Failure::internal("not connected"))
}
