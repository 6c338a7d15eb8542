//! Questions: any [`Ask`], and the list of journeys.

use crate::api::{AskProgress, ProblemList, ScopeQuery};
use crate::app::App;
use crate::auth::caller::Caller;
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
pub async fn ask(
    State(app): State<App>,
    caller: Caller,
    Json(question): Json<Ask>,
) -> Result<axum::Json<Asked>> {
    let answer = app.engine.ask(&question, &app.asking.begin(&caller)).await?;
    Ok(axum::Json(Asked { question, answer: Answer::clone(&answer) }))
}

/// How far the questions are that the account has asked and that are not answered yet: questions, journeys, maps and SQL.
#[utoipa::path(get, path = "/ask/progress", tag = "ask", responses((status = 200, body = AskProgress)))]
pub async fn ask_progress(State(app): State<App>, caller: Caller) -> axum::Json<AskProgress> {
    let running = app.asking.of(&caller);
    let (mut n_done, mut n_buckets) = (0, 0);
    for (done, planned) in running.iter().map(store::Cancel::buckets) {
        (n_done, n_buckets) = (n_done + done, n_buckets + planned);
    }
    axum::Json(AskProgress { n_questions: running.len(), n_buckets, n_done })
}

/// Every journey with its conversion and where people stand.
#[utoipa::path(get, path = "/journeys", tag = "ask", params(ScopeQuery), responses(
    (status = 200, body = Vec<JourneyView>),
    (status = "4XX", body = ProblemList),
))]
pub async fn journeys(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ScopeQuery>,
) -> Result<axum::Json<Vec<JourneyView>>> {
    Ok(axum::Json(app.engine.journeys(&query.scope()?, &app.asking.begin(&caller)).await?))
}
