//! Usual journeys to start from.

use crate::api::{MadeFromTemplate, ProblemList, Template, UseTemplate};
use crate::app::App;
use crate::extract::{Json, Path};
use crate::failure::{Failure, Result};
use axum::extract::State;

/// Usual journeys to start from.
#[utoipa::path(get, path = "/templates", tag = "templates", responses(
    (status = 200, body = Vec<Template>),
    (status = "4XX", body = ProblemList),
))]
pub async fn templates(State(_app): State<App>) -> Result<axum::Json<Vec<Template>>> {
    Err(Failure::internal("not connected"))
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
    State(_app): State<App>,
    Path(_template): Path<String>,
    Json(_body): Json<UseTemplate>,
) -> Result<axum::Json<MadeFromTemplate>> {
    Err(Failure::internal("not connected"))
}
