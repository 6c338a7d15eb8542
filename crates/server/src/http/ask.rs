//! Questions: any [`Ask`], the list of journeys, and SQL.

use crate::api::{ProblemList, ScopeQuery, SqlRequest};
use crate::app::{App, CancelOnDrop};
use crate::extract::{Json, Query};
use crate::failure::Result;
use axum::extract::State;
use engine::sql::{SqlAnswer, SqlLimits};
use model::ask::Ask;
use model::view::{Answer, Asked, JourneyView};

/// Rows of a SQL answer when the question names no number.
const SQL_ROWS: usize = 1_000;

/// Answers a question: the same document as `gilmok ask` reads.
#[utoipa::path(post, path = "/ask", tag = "ask", request_body = Ask, responses(
    (status = 200, body = Asked),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long: ask for a shorter period.", body = ProblemList),
))]
pub async fn ask(State(app): State<App>, Json(question): Json<Ask>) -> Result<axum::Json<Asked>> {
    let answer = app.engine.ask(&question, &CancelOnDrop::default()).await?;
    Ok(axum::Json(Asked { question, answer: Answer::clone(&answer) }))
}

/// Every journey with its conversion and where people stand.
#[utoipa::path(get, path = "/journeys", tag = "ask", params(ScopeQuery), responses(
    (status = 200, body = Vec<JourneyView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn journeys(
    State(app): State<App>,
    Query(query): Query<ScopeQuery>,
) -> Result<axum::Json<Vec<JourneyView>>> {
    Ok(axum::Json(app.engine.journeys(&query.scope()?, &CancelOnDrop::default()).await?))
}

/// Answers one `SELECT` over the table `events`.
#[utoipa::path(post, path = "/sql", tag = "ask", request_body = SqlRequest, responses(
    (status = 200, body = SqlAnswer),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long.", body = ProblemList),
))]
pub async fn sql(State(app): State<App>, Json(body): Json<SqlRequest>) -> Result<axum::Json<SqlAnswer>> {
    let usual = SqlLimits::default();
    let limits = SqlLimits {
        rows_max: body.limit.unwrap_or(SQL_ROWS).min(usual.rows_max),
        time_max: usual.time_max.min(app.settings.answer_timeout),
        ..usual
    };
    Ok(axum::Json(app.engine.sql(&body.query, limits, &CancelOnDrop::default()).await?))
}
