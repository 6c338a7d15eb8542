//! Events and the people behind them.

use crate::api::{EventsQuery, GroupSize, PeopleQuery, ProblemList, TimelineQuery};
use crate::app::App;
use crate::extract::{Path, Query};
use crate::failure::{Failure, Result};
use axum::extract::State;
use model::view::{EventView, PeopleView, TimelineView};

/// Every event name with its volume, channels and properties.
#[utoipa::path(get, path = "/events", tag = "people", params(EventsQuery), responses(
    (status = 200, body = Vec<EventView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn events(
    State(_app): State<App>,
    Query(_query): Query<EventsQuery>,
) -> Result<axum::Json<Vec<EventView>>> {
    Err(Failure::internal("not connected"))
}

/// People by identifier, trait or segment.
#[utoipa::path(get, path = "/people", tag = "people", params(PeopleQuery), responses(
    (status = 200, body = PeopleView),
    (status = "4XX", body = ProblemList),
))]
pub async fn people(
    State(_app): State<App>,
    Query(_query): Query<PeopleQuery>,
) -> Result<axum::Json<PeopleView>> {
    Err(Failure::internal("not connected"))
}

/// One person's timeline, newest event first.
#[utoipa::path(get, path = "/people/{person}/timeline", tag = "people",
    params(("person" = String, Path, description = "16 hexadecimal digits, or an identifier."), TimelineQuery),
    responses(
        (status = 200, body = TimelineView),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn timeline(
    State(_app): State<App>,
    Path(_person): Path<String>,
    Query(_query): Query<TimelineQuery>,
) -> Result<axum::Json<TimelineView>> {
    Err(Failure::internal("not connected"))
}

/// Segments and personas with the number of people in them.
#[utoipa::path(get, path = "/groups", tag = "people", responses(
    (status = 200, body = Vec<GroupSize>),
    (status = "4XX", body = ProblemList),
))]
pub async fn groups(State(_app): State<App>) -> Result<axum::Json<Vec<GroupSize>>> {
    Err(Failure::internal("not connected"))
}
