//! Accounts and sessions.

use crate::api::{AuthState, Login, ProblemList, SetUp};
use crate::app::{App, Setup, meta_failure};
use crate::auth::caller::{self, Caller, Peer};
use crate::auth::{password, session};
use crate::extract::{Json, Path};
use crate::failure::{Class, Failure, Result};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use meta::{MetaError, NewUser};
use model::workspace::Workspace;
use std::net::IpAddr;

/// An answer with the header that sets or clears the session cookie.
type WithCookie<T> = ([(HeaderName, HeaderValue); 1], T);

/// Who is asking, and whether an account has to be made first.
#[utoipa::path(get, path = "/auth/state", tag = "auth", security(()), responses(
    (status = 200, body = AuthState),
))]
pub async fn auth_state(State(app): State<App>, headers: HeaderMap) -> Result<axum::Json<AuthState>> {
    let caller = caller::find(&app, &headers).await?;
    Ok(axum::Json(state_of(&app, caller).await?))
}

/// Makes the first account, the owner, and signs in. Works once.
#[utoipa::path(post, path = "/auth/setup", tag = "auth", security(()), request_body = SetUp, responses(
    (status = 200, description = "Signed in: the session cookie is set.", body = AuthState),
    (status = 409, description = "There is an account already.", body = ProblemList),
    (status = "4XX", body = ProblemList),
))]
pub async fn set_up(
    State(app): State<App>,
    Peer(address): Peer,
    Json(body): Json<SetUp>,
) -> Result<WithCookie<axum::Json<AuthState>>> {
    check_setup_code(&app, address, body.code.as_deref())?;
    if !app.engine.meta.users().await.map_err(meta_failure)?.is_empty() {
        return Err(set_up_already());
    }
    let email = check_email(&body.email)?;
    password::check(&body.password, &email)?;
    let defaults = Workspace::default();
    let workspace = Workspace {
        name: some_text(&body.workspace).unwrap_or(defaults.name),
        zone: body.zone.unwrap_or(defaults.zone),
        currency: body.currency.unwrap_or(defaults.currency),
        lang: body.lang,
        ..defaults
    };
    app.engine.set_workspace(&workspace).await?;
    let password_hash = app.passwords.hash(&body.password).await?;
    let name = some_text(&body.name).unwrap_or_else(|| email.clone());
    let owner =
        NewUser { login: &email, name: &name, role: meta::Role::Owner, password_hash: &password_hash };
    let made = app.engine.meta.create_first_owner(owner, app.engine.clock.now_us()).await;
    let user = made.map_err(|error| match error {
        MetaError::Exists(_) => set_up_already(),
        error => meta_failure(error),
    })?;
    tracing::info!("the owner's account was made");
    sign_in(&app, &user).await
}

/// Signs in: sets the session cookie. Wrong tries slow down by address and e-mail.
#[utoipa::path(post, path = "/auth/login", tag = "auth", security(()), request_body = Login, responses(
    (status = 200, description = "Signed in: the session cookie is set.", body = AuthState),
    (status = 401, description = "The e-mail address or the password is wrong.", body = ProblemList),
    (status = 429, description = "Too many wrong tries: wait as `Retry-After` says.", body = ProblemList),
    (status = "4XX", body = ProblemList),
))]
pub async fn log_in(
    State(app): State<App>,
    Peer(address): Peer,
    headers: HeaderMap,
    Json(body): Json<Login>,
) -> Result<WithCookie<axum::Json<AuthState>>> {
    let email = body.email.trim();
    begin_try(&app, address, email)?;
    let user = app.engine.meta.user_by_login(email).await.map_err(meta_failure)?;
    let stored = user.as_ref().map(|user| user.password_hash.as_str());
    let fits = body.password.len() <= 4 * password::CHARS_MAX
        && app.passwords.verify(&body.password, stored).await?;
    // An account that is switched off answers like one that does not exist.
    let Some(user) = user.filter(|user| fits && !user.disabled) else {
        tracing::warn!(%address, "a wrong try at signing in");
        return Err(Failure::say(
            Class::SignIn,
            "auth.wrong",
            ("전자우편 주소나 비밀번호가 틀렸습니다.", "The e-mail address or the password is wrong."),
            ("확인하고 다시 입력하세요.", "Check them and type them again."),
        ));
    };
    app.guesses.right(address, email);
    if let Some(old) = session::token_of(&headers, app.settings.secure()) {
        app.engine.meta.delete_session(&session::token_hash(old)).await.map_err(meta_failure)?;
    }
    sign_in(&app, &user).await
}

/// Ends the session.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", security(()), responses(
    (status = 204, description = "Signed out."),
))]
pub async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<WithCookie<StatusCode>> {
    let secure = app.settings.secure();
    if let Some(token) = session::token_of(&headers, secure) {
        app.engine.meta.delete_session(&session::token_hash(token)).await.map_err(meta_failure)?;
    }
    Ok(([(header::SET_COOKIE, session::clear_cookie(secure))], StatusCode::NO_CONTENT))
}

/// Follows a one-time sign-in link. Not part of the API: only `gilmok demo` makes such links.
pub async fn open_link(State(app): State<App>, Path(token): Path<String>) -> Result<Response> {
    let home = app.settings.home.as_deref().unwrap_or("/");
    let Some(user_id) = app.links.follow(&token, app.engine.clock.now_us()) else {
        return Ok(Redirect::to(home).into_response()); // Used before: the cookie is there, or the page asks to sign in.
    };
    let cookie = new_session(&app, user_id).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(home)).into_response())
}

async fn sign_in(app: &App, user: &meta::User) -> Result<WithCookie<axum::Json<AuthState>>> {
    let cookie = new_session(app, user.id).await?;
    let caller = Caller { account: caller::account(user) };
    Ok(([(header::SET_COOKIE, cookie)], axum::Json(state_of(app, Some(caller)).await?)))
}

async fn new_session(app: &App, user_id: i64) -> Result<HeaderValue> {
    let (token, now_us) = (session::new_token(), app.engine.clock.now_us());
    let expires_us = now_us + session::LASTS_S * 1_000_000;
    let hash = session::token_hash(&token);
    let made = app.engine.meta.create_session(&hash, user_id, expires_us, now_us).await;
    made.map_err(meta_failure)?;
    Ok(session::set_cookie(&token, app.settings.secure()))
}

async fn state_of(app: &App, caller: Option<Caller>) -> Result<AuthState> {
    let setup_needed = caller.is_none() && app.engine.meta.users().await.map_err(meta_failure)?.is_empty();
    let workspace = if caller.is_some() { app.engine.workspace().await? } else { Workspace::default() };
    Ok(AuthState {
        setup_needed,
        setup_code_needed: setup_needed && app.settings.setup != Setup::Open,
        user: caller.map(|caller| caller.account),
        workspace,
    })
}

fn begin_try(app: &App, address: IpAddr, email: &str) -> Result<()> {
    let now_us = app.engine.clock.now_us();
    if let Some(seconds) = app.guesses.wait_s(address, email, now_us) {
        return Err(Failure::say(
            Class::TooMany,
            "auth.too_many",
            (
                format!("틀린 시도가 많았습니다. {seconds}초 뒤에 다시 할 수 있습니다."),
                format!("There were too many wrong tries: wait {seconds} s."),
            ),
            ("기다린 뒤 다시 입력하세요.", "Wait, then try again."),
        )
        .retry_after(seconds));
    }
    app.guesses.begin(address, email, now_us);
    Ok(())
}

fn check_setup_code(app: &App, address: IpAddr, code: Option<&str>) -> Result<()> {
    let Setup::Code(hash) = &app.settings.setup else { return Ok(()) };
    begin_try(app, address, "setup")?;
    // Hashes are compared, so the time taken says nothing about the code.
    if code.is_some_and(|code| session::token_hash(code.trim()) == *hash) {
        app.guesses.right(address, "setup");
        return Ok(());
    }
    Err(Failure::say(
        Class::Forbidden,
        "auth.setup_code",
        ("설정 코드가 틀렸습니다.", "The setup code is wrong."),
        (
            "서버를 시작한 콘솔에 나온 코드를 입력하세요.",
            "Enter the code printed on the console the server was started from.",
        ),
    ))
}

fn set_up_already() -> Failure {
    Failure::say(
        Class::Conflict,
        "auth.set_up_already",
        ("이미 계정이 있습니다.", "There is an account already."),
        ("로그인하세요.", "Sign in."),
    )
}

/// An address with something on both sides of one `@`; the rest is for the mail server to judge.
fn check_email(email: &str) -> Result<String> {
    let email = email.trim();
    let fits = email.len() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if fits {
        return Ok(email.to_owned());
    }
    Err(Failure::say(
        Class::Invalid,
        "account.bad_email",
        ("전자우편 주소가 아닙니다.", "This is no e-mail address."),
        ("`name@example.com`처럼 쓰세요.", "Write it like `name@example.com`."),
    ))
}

fn some_text(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(model::limits::NAME_CHARS_MAX).collect();
    (!text.is_empty()).then_some(text)
}
