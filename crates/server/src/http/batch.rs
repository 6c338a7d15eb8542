//! `POST /v1/batch`: the one route that senders outside reach, by a write key and from any site.

use crate::api::ProblemList;
use crate::app::App;
use crate::failure::{Class, Failure, Result};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::EngineError;
use engine::ingest::unpack::Packing;
use engine::ingest::{BODY_BYTES_MAX, Receipt, write_key};
use meta::Source;
use std::sync::Arc;
use store::StoreError;

/// Takes events, as the Segment spec's `batch` call: `{"batch": [{"type": "track", …}], "sentAt": …}`.
///
/// When the answer is 200, each event is on disk: accepted, or rejected with a verdict and kept as a dead letter.
/// The write key is the user name of Basic authentication, a Bearer token, or `writeKey` in the body. The body may be
/// compressed with gzip, br or zstd; it holds at most 16 MiB unpacked and 20,000 events. An event sent again is stored once.
#[utoipa::path(post, path = "/v1/batch", tag = "ingest", operation_id = "send_batch",
    request_body(content = Object, description = "A batch of the Segment spec.", content_type = "application/json"),
    security(("write_key" = []), ("write_key_bearer" = [])),
    responses(
        (status = 200, body = Receipt),
        (status = 400, body = ProblemList, description = "Empty, broken off, or not compressed as it says."),
        (status = 401, body = ProblemList, description = "No key, or one that does not count."),
        (status = 413, body = ProblemList, description = "More than 16 MiB unpacked, or more than 20,000 events."),
        (status = 415, body = ProblemList, description = "An encoding that is not understood."),
        (status = 429, body = ProblemList, description = "Faster than the source may send; see `Retry-After`."),
        (status = 503, body = ProblemList, description = "Disk full or overloaded, nothing was taken; see `Retry-After`."),
    )
)]
pub async fn send_batch(State(app): State<App>, request: Request) -> Result<axum::Json<Receipt>> {
    let (parts, body) = request.into_parts();
    let named = key_of(&parts.headers);
    let source = match &named {
        Some(key) => Some(source_of(&app, key).await?),
        None => None,
    };
    let packing = packing_of(&parts.headers)?;
    let said =
        parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if said.is_some_and(|n_bytes: u64| n_bytes > BODY_BYTES_MAX as u64) {
        return Err(crate::intake::too_large());
    }
    let mut held = app.intake.read(body, packing).await?;
    let source = match source {
        Some(source) => source,
        // Browsers that send with a beacon cannot set a header.
        None => source_of(&app, &write_key(&held.bytes).ok_or_else(no_key)?).await?,
    };
    app.intake.may_send(source.id, app.settings.source_rate_max, app.engine.clock.now_us())?;
    let receipt = app.engine.ingest(&source, std::mem::take(&mut held.bytes)).await;
    let receipt = receipt.map_err(|error| refused(&app, error))?;
    app.intake.sent(source.id, receipt.accepted + receipt.rejected);
    Ok(axum::Json(receipt))
}

/// A failure of the store on its way out; a log that has stopped ends the server.
pub fn refused(app: &App, error: EngineError) -> Failure {
    if matches!(error, EngineError::Store(StoreError::Stopped)) {
        app.intake.stop();
    }
    let EngineError::Problems(problems) = error else { return error.into() };
    match problems.0.first().map(|problem| problem.code.as_str()) {
        Some("batch.too_many" | "batch.large_context") => Failure::many(Class::TooLarge, problems),
        Some("batch.empty") => Failure::many(Class::Malformed, problems),
        _ => problems.into(),
    }
}

async fn source_of(app: &App, key: &str) -> Result<Arc<Source>> {
    app.engine.source_of_key(key).await?.ok_or_else(no_key)
}

/// The write key a request names in its headers.
fn key_of(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, rest) = given.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Some(String::new());
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    Some(pair.split_once(':').map_or(pair.as_str(), |(user, _)| user).to_owned())
}

fn packing_of(headers: &HeaderMap) -> Result<Packing> {
    let named = headers.get(header::CONTENT_ENCODING).map_or("", |name| name.to_str().unwrap_or("?"));
    Packing::of(named).ok_or_else(|| {
        Failure::say(
            Class::UnsupportedType,
            "batch.encoding",
            (
                format!("`Content-Encoding: {named}`을(를) 모릅니다."),
                format!("`Content-Encoding: {named}` is unknown."),
            ),
            ("gzip, br, zstd 가운데 하나를 쓰거나 압축하지 마세요.", "Use gzip, br or zstd, or none."),
        )
    })
}

fn no_key() -> Failure {
    Failure::say(
        Class::SignIn,
        "ingest.key",
        (
            "쓰기 키가 없거나, 모르는 키이거나, 폐기된 키입니다. 아무것도 받지 않았습니다.",
            "There is no write key, or it is unknown or revoked. Nothing was taken.",
        ),
        (
            "소스의 키를 Basic 인증의 사용자 이름이나 `Authorization: Bearer`로 보내세요. 키는 `gilmok sources add`로 만듭니다.",
            "Send the source's key as the user name of Basic authentication or as `Authorization: Bearer`. `gilmok sources add` makes one.",
        ),
    )
}

/// Lets pages of every site send: a key may only write, and no cookie counts here.
pub async fn any_site(request: Request, next: Next) -> Response {
    let is_preflight = request.method() == axum::http::Method::OPTIONS;
    let mut response =
        if is_preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after");
    set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    if unauthorized {
        set(header::WWW_AUTHENTICATE, "Bearer");
    }
    if is_preflight {
        set(header::ACCESS_CONTROL_ALLOW_METHODS, "POST");
        set(header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, content-encoding");
        set(header::ACCESS_CONTROL_MAX_AGE, "86400");
    }
    response
}
