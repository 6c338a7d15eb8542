//! Who is calling. Routes are closed unless they stand among the open ones: a middleware asks for a session
//! before any handler runs, and a handler that changes something asks for the role by its argument.

use super::session;
use crate::api::{Account, Role};
use crate::app::App;
use crate::failure::{Class, Failure, Result};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The signed-in account behind a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub account: Account,
}

/// A caller who may write.
pub struct Editor(pub Caller);

/// A caller who may do everything.
pub struct Owner(pub Caller);

/// The address a request comes from.
pub struct Peer(pub IpAddr);

/// The account of a request's session, if it has one that still counts.
pub async fn find(app: &App, headers: &axum::http::HeaderMap) -> Result<Option<Caller>> {
    let Some(token) = session::token_of(headers, app.settings.secure()) else { return Ok(None) };
    let user = app.engine.meta.session_user(&session::token_hash(token), app.engine.clock.now_us()).await;
    let user = user.map_err(crate::app::meta_failure)?;
    Ok(user.map(|user| Caller { account: account(&user) }))
}

/// What of a stored account is shown.
pub fn account(user: &meta::User) -> Account {
    let role = match user.role {
        meta::Role::Owner => Role::Owner,
        meta::Role::Editor => Role::Editor,
        meta::Role::Viewer => Role::Viewer,
    };
    Account { name: user.name.clone(), email: user.login.clone(), role }
}

/// Lets only signed-in callers through.
pub async fn require_session(State(app): State<App>, mut request: Request, next: Next) -> Result<Response> {
    let caller = find(&app, request.headers()).await?.ok_or_else(sign_in)?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn sign_in() -> Failure {
    Failure::say(
        Class::SignIn,
        "auth.sign_in",
        ("로그인이 필요합니다.", "You have to sign in."),
        ("로그인한 뒤 다시 시도하세요.", "Sign in, then try again."),
    )
}

fn with_role(parts: &Parts, needed: Role) -> Result<Caller> {
    let caller = parts.extensions.get::<Caller>().cloned().ok_or_else(sign_in)?;
    if caller.account.role >= needed {
        return Ok(caller);
    }
    Err(Failure::say(
        Class::Forbidden,
        "auth.role",
        ("이 일을 할 권한이 없습니다.", "Your account may not do this."),
        ("소유자에게 권한을 요청하세요.", "Ask the owner for the right to do it."),
    ))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        with_role(parts, Role::Viewer)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Editor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        with_role(parts, Role::Editor).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        with_role(parts, Role::Owner).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, std::convert::Infallible> {
        let from = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        // Without a socket (in tests) all callers count as one address, which is the stricter reading.
        Ok(Self(from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())))
    }
}
