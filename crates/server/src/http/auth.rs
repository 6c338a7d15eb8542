//! Accounts and sessions.

use crate::api::{AuthState, Login, ProblemList, SetUp};
use crate::app::App;
use crate::extract::Json;
use crate::failure::{Failure, Result};
use axum::extract::State;

/// Who is asking, and whether an account has to be made first.
#[utoipa::path(get, path = "/auth/state", tag = "auth", security(()), responses(
    (status = 200, body = AuthState),
))]
pub async fn auth_state(State(_app): State<App>) -> Result<axum::Json<AuthState>> {
    Err(Failure::internal("not connected"))
}

/// Makes the first account, the owner, and signs in. Works once.
#[utoipa::path(post, path = "/auth/setup", tag = "auth", security(()), request_body = SetUp, responses(
    (status = 200, description = "Signed in: the session cookie is set.", body = AuthState),
    (status = "4XX", body = ProblemList),
))]
pub async fn set_up(State(_app): State<App>, Json(_body): Json<SetUp>) -> Result<axum::Json<AuthState>> {
    Err(Failure::internal("not connected"))
}

/// Signs in: sets the session cookie. Wrong tries slow down by address and e-mail.
#[utoipa::path(post, path = "/auth/login", tag = "auth", security(()), request_body = Login, responses(
    (status = 200, description = "Signed in: the session cookie is set.", body = AuthState),
    (status = "4XX", body = ProblemList),
))]
pub async fn log_in(State(_app): State<App>, Json(_body): Json<Login>) -> Result<axum::Json<AuthState>> {
    Err(Failure::internal("not connected"))
}

/// Ends the session.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", security(()), responses(
    (status = 204, description = "Signed out."),
))]
pub async fn log_out(State(_app): State<App>) -> Result<()> {
    Err(Failure::internal("not connected"))
}
