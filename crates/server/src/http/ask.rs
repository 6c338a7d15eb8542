//! Questions: any [`Ask`], the list of journeys, and SQL.

use crate::api::{ProblemList, ScopeQuery, SqlAnswer, SqlRequest};
use crate::app::App;
use crate::extract::{Json, Query};
use crate::failure::{Failure, Result};
use axum::extract::State;
use model::ask::Ask;
use model::view::{Asked, JourneyView};

/// Answers a question: the same document as `gilmok ask` reads.
#[utoipa::path(post, path = "/ask", tag = "ask", request_body = Ask, responses(
    (status = 200, body = Asked),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long: ask for a shorter period.", body = ProblemList),
))]
pub async fn ask(State(_app): State<App>, Json(_question): Json<Ask>) -> Result<axum::Json<Asked>> {
    Err(Failure::internal("not connected"))
}

/// Every journey with its conversion and where people stand.
#[utoipa::path(get, path = "/journeys", tag = "ask", params(ScopeQuery), responses(
    (status = 200, body = Vec<JourneyView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn journeys(
    State(_app): State<App>,
    Query(_query): Query<ScopeQuery>,
) -> Result<axum::Json<Vec<JourneyView>>> {
    Err(Failure::internal("not connected"))
}

/// Answers one `SELECT` over the table `events`.
#[utoipa::path(post, path = "/sql", tag = "ask", request_body = SqlRequest, responses(
    (status = 200, body = SqlAnswer),
    (status = "4XX", body = ProblemList),
    (status = 503, description = "It took too long.", body = ProblemList),
))]
pub async fn sql(State(_app): State<App>, Json(_body): Json<SqlRequest>) -> Result<axum::Json<SqlAnswer>> {
    Err(Failure::internal("not connected"))
}
