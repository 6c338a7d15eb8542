//! Backups of the running server.

use crate::api::{ProblemList, Started};
use crate::app::App;
use crate::auth::caller::Owner;
use crate::backups::BackupView;
use crate::failure::Result;
use axum::extract::State;
use axum::http::StatusCode;

/// Backups in the data folder, newest first.
#[utoipa::path(get, path = "/backups", tag = "operations", responses(
    (status = 200, body = Vec<BackupView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn backups(State(app): State<App>, _owner: Owner) -> Result<axum::Json<Vec<BackupView>>> {
    Ok(axum::Json(app.backups.list(&app)?))
}

/// Begins a backup in the background, into the folder `backups` of the data folder. Its id is its name.
#[utoipa::path(post, path = "/backups", tag = "operations", responses(
    (status = 202, body = Started),
    (status = 409, description = "Another one is at work.", body = ProblemList),
    (status = "4XX", body = ProblemList),
))]
pub async fn start_backup(
    State(app): State<App>,
    _owner: Owner,
) -> Result<(StatusCode, axum::Json<Started>)> {
    let id = app.backups.start(&app)?;
    Ok((StatusCode::ACCEPTED, axum::Json(Started { id })))
}
