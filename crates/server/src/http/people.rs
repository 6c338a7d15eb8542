//! Events and the people behind them.

use crate::api::{EventsQuery, PeopleQuery, ProblemList, TimelineQuery};
use crate::app::{App, CancelOnDrop};
use crate::auth::caller::Editor;
use crate::extract::{Json, Path, Query};
use crate::failure::Result;
use axum::extract::State;
use axum::http::header;
use model::ask::AskPeople;
use model::view::{EventView, GroupSize, PeopleView, TimelineView};

/// Every event name with its volume, channels and properties.
#[utoipa::path(get, path = "/events", tag = "people", params(EventsQuery), responses(
    (status = 200, body = Vec<EventView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn events(
    State(app): State<App>,
    Query(query): Query<EventsQuery>,
) -> Result<axum::Json<Vec<EventView>>> {
    let events = app.engine.events(&CancelOnDrop::default()).await?;
    let Some(search) = query.search.map(|search| search.trim().to_lowercase()) else {
        return Ok(axum::Json(events));
    };
    let found = events.into_iter().filter(|event| event.name.to_lowercase().contains(&search));
    Ok(axum::Json(found.collect()))
}

/// People by identifier, trait or segment.
#[utoipa::path(get, path = "/people", tag = "people", params(PeopleQuery), responses(
    (status = 200, body = PeopleView),
    (status = "4XX", body = ProblemList),
))]
pub async fn people(
    State(app): State<App>,
    Query(query): Query<PeopleQuery>,
) -> Result<axum::Json<PeopleView>> {
    let (search, limit) = (query.search.as_deref().unwrap_or_default(), query.limit.unwrap_or(50));
    let cancel = CancelOnDrop::default();
    let scope = query.scope()?;
    Ok(axum::Json(app.engine.find_people(search, &scope, query.offset, limit, &cancel).await?))
}

/// Everybody behind a number as CSV for spreadsheets, in the order asked for: person, user_id, anonymous_id, last_seen,
/// entered (UTC). The page of the question does not count.
#[utoipa::path(post, path = "/people/export", tag = "people", request_body = AskPeople, responses(
    (status = 200, description = "The file.", content((Vec<u8> = "text/csv"))),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long: ask for a shorter period.", body = ProblemList),
))]
pub async fn export_people(
    State(app): State<App>,
    _editor: Editor,
    Json(question): Json<AskPeople>,
) -> Result<([(header::HeaderName, &'static str); 2], Vec<u8>)> {
    let file = app.engine.export_people(&question, &CancelOnDrop::default()).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"people.csv\""),
    ];
    Ok((headers, file))
}

/// One person's timeline, newest event first.
#[utoipa::path(get, path = "/people/{person}/timeline", tag = "people",
    params(("person" = String, Path, description = "16 hexadecimal digits."), TimelineQuery),
    responses(
        (status = 200, body = TimelineView),
        (status = "4XX", body = ProblemList),
    )
)]
pub async fn timeline(
    State(app): State<App>,
    Path(person): Path<String>,
    Query(query): Query<TimelineQuery>,
) -> Result<axum::Json<TimelineView>> {
    let limit = query.limit.unwrap_or(100);
    Ok(axum::Json(app.engine.timeline(&person, limit, query.before_us).await?))
}

/// Segments and personas with the number of people in them.
#[utoipa::path(get, path = "/groups", tag = "people", responses(
    (status = 200, body = Vec<GroupSize>),
    (status = "4XX", body = ProblemList),
))]
pub async fn groups(State(app): State<App>) -> Result<axum::Json<Vec<GroupSize>>> {
    Ok(axum::Json(app.engine.groups(&CancelOnDrop::default()).await?))
}
