//! How long data is kept.

use crate::api::{ExpiryQuery, ProblemList};
use crate::app::{App, CancelOnDrop};
use crate::auth::caller::Owner;
use crate::extract::{Json, Query};
use crate::failure::{Failure, Result};
use axum::extract::State;
use engine::expiry::{Expired, Expiry};
use serde::Deserialize;
use utoipa::ToSchema;

/// How long data is to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// Days, 1 to 36,500; `null`: for good.
    pub keep_days: Option<u32>,
}

/// How long events and dead letters are kept, what has expired, and what was taken out last.
#[utoipa::path(get, path = "/expiry", tag = "workspace", params(ExpiryQuery), responses(
    (status = 200, body = Expiry),
    (status = "4XX", body = ProblemList),
))]
pub async fn expiry(State(app): State<App>, Query(query): Query<ExpiryQuery>) -> Result<axum::Json<Expiry>> {
    Ok(axum::Json(app.engine.expiry(query.keep_days, &CancelOnDrop::default()).await?))
}

/// Sets how long data is kept. Takes nothing out yet: that is done every seven days, or by `POST /expiry/run`. Owners
/// only.
#[utoipa::path(put, path = "/expiry", tag = "workspace", request_body = Keep, responses(
    (status = 200, body = Expiry),
    (status = "4XX", body = ProblemList),
))]
pub async fn put_expiry(
    state: State<App>,
    _owner: Owner,
    Json(keep): Json<Keep>,
) -> Result<axum::Json<Expiry>> {
    state.engine.set_expiry(keep.keep_days).await?;
    expiry(state, Query(ExpiryQuery { keep_days: None })).await
}

/// Takes out what has expired, now and for good; `null` if data is kept for good. Owners only.
#[utoipa::path(post, path = "/expiry/run", tag = "workspace", responses(
    (status = 200, body = Option<Expired>),
    (status = "4XX", body = ProblemList),
))]
pub async fn expire(State(app): State<App>, _owner: Owner) -> Result<axum::Json<Option<Expired>>> {
    // Begun it is finished, whether the caller waits or not.
    let work = tokio::spawn(async move { app.engine.expire().await });
    Ok(axum::Json(work.await.map_err(Failure::internal)??))
}
