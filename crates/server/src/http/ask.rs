//! Questions: any [`Ask`], and the list of journeys.

use crate::api::{ProblemList, ScopeQuery};
use crate::app::{App, CancelOnDrop};
use crate::extract::{Json, Query};
use crate::failure::Result;
use axum::extract::State;
use model::ask::Ask;
use model::view::{Answer, Asked, JourneyView};

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
