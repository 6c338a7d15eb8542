//! What stands before every route: which hosts are ours, which requests may change something, how long an answer
//! may take; and which headers stand on every answer.

use crate::app::{App, Settings};
use crate::auth::session::new_token;
use crate::failure::{Class, Failure, Result};
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses requests that came by a foreign name (DNS rebinding) and changes asked for by a foreign page (CSRF).
pub async fn own_site(State(app): State<App>, request: Request, next: Next) -> Result<Response> {
    let host = host_of(&request).to_lowercase();
    if !is_own_host(&host, &app.settings) {
        return Err(Failure::say(
            Class::Forbidden,
            "request.foreign_host",
            (
                format!("이 서버는 `{host}`(이)라는 이름을 쓰지 않습니다."),
                format!("This server does not go by the name `{host}`."),
            ),
            (
                "`--public-url`로 밖에서 쓰는 주소를 알려 주세요.",
                "Name the address people use with `--public-url`.",
            ),
        ));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_same_origin(request.headers(), &host, &app.settings) {
        return Err(Failure::say(
            Class::Forbidden,
            "request.foreign_origin",
            (
                "다른 사이트에서 보낸 요청이라 받지 않았습니다.",
                "The request came from another site and was refused.",
            ),
            ("Gilmok 화면에서 다시 시도하세요.", "Try again from Gilmok's own pages."),
        ));
    }
    Ok(next.run(request).await)
}

/// The host a request is sent to; empty when it names none.
fn host_of(request: &Request) -> &str {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    named.or_else(|| request.uri().authority().map(Authority::as_str)).unwrap_or_default()
}

/// A server on this machine alone answers to the names of this machine; with a public address, to that one too.
/// Elsewhere without a public address any name will do: we cannot know it.
fn is_own_host(host: &str, settings: &Settings) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    let is_local = name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    match &settings.public_url {
        Some(url) => is_local || url.authority() == host,
        None => is_local || !settings.loopback,
    }
}

/// Browsers say where a request comes from, by `Sec-Fetch-Site` or at least by `Origin`; what says neither is no
/// browser, and so carries nobody's cookies by accident.
fn is_same_origin(headers: &HeaderMap, host: &str, settings: &Settings) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let from_site = text(&HeaderName::from_static("sec-fetch-site"));
    if from_site.is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    text(&header::ORIGIN).is_none_or(|origin| {
        let origin = origin.to_lowercase();
        let of_host = origin == format!("http://{host}") || origin == format!("https://{host}");
        of_host || settings.public_url.as_ref().is_some_and(|url| url.origin() == origin)
    })
}

/// Ends a request that takes too long; dropping its handler stops its scan. An upload may take as long as it needs
/// while bytes keep coming.
pub async fn in_time(State(app): State<App>, request: Request, next: Next) -> Result<Response> {
    if request.uri().path() == "/api/v1/uploads" {
        return Ok(next.run(request).await);
    }
    let limit = app.settings.answer_timeout;
    tokio::time::timeout(limit, next.run(request)).await.map_err(|_| {
        Failure::say(
            Class::Busy,
            "request.timeout",
            (
                format!("{}초 안에 답하지 못해 멈추었습니다.", limit.as_secs()),
                format!("It took longer than {} s and was stopped.", limit.as_secs()),
            ),
            (
                "기간을 줄이거나 잠시 뒤에 다시 시도하세요.",
                "Ask for a shorter period, or try again in a while.",
            ),
        )
        .retry_after(10)
    })
}

/// A number used once, by which the page may add styles of its own.
#[derive(Clone)]
pub struct Nonce(pub String);

/// Puts the security headers on an answer that has none of its own.
pub async fn headers(mut request: Request, next: Next) -> Response {
    let nonce = Nonce(new_token());
    let is_api = request.uri().path().starts_with("/api/");
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let policy = format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{}'; style-src-attr 'unsafe-inline'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
        nonce.0
    );
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    if is_api {
        // Answers hold people's data: neither a proxy nor a shared computer's disk keeps them.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// What a panic answers: the same shape as every other failure.
#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
pub fn panicked(reason: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = reason.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| reason.downcast_ref::<&str>().copied()).unwrap_or("no words");
    Failure::internal(format!("a handler panicked: {text}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Settings {
        let url = "https://journeys.example.com".parse().unwrap();
        Settings { loopback: false, public_url: Some(url), ..Settings::local() }
    }

    #[test]
    fn hosts() {
        let anywhere = Settings { loopback: false, ..Settings::local() };
        for (host, local, open, named) in [
            ("localhost:7070", true, true, true),
            ("127.0.0.1:7070", true, true, true),
            ("[::1]:7070", true, true, true),
            ("gilmok.localhost", true, true, true),
            ("evil.example", false, true, false), // A foreign name that was made to point here.
            ("localhost.evil.example", false, true, false),
            ("journeys.example.com", false, true, true),
            ("", false, false, false),
        ] {
            assert_eq!(is_own_host(host, &Settings::local()), local, "{host}");
            assert_eq!(is_own_host(host, &anywhere), open, "{host}");
            assert_eq!(is_own_host(host, &public()), named, "{host}");
        }
    }

    #[test]
    fn origins() {
        let check = |headers: &[(&'static str, &'static str)], expected: bool| {
            let map = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            assert_eq!(is_same_origin(&map.collect(), "localhost:7070", &public()), expected, "{headers:?}");
        };
        check(&[], true); // curl.
        check(&[("origin", "http://localhost:7070"), ("sec-fetch-site", "same-origin")], true);
        check(&[("origin", "https://journeys.example.com")], true); // Behind a proxy that renames the host.
        check(&[("origin", "http://localhost:8080")], false); // Another port is another site.
        check(&[("origin", "https://evil.example")], false);
        check(&[("origin", "null")], false); // A sandboxed frame.
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("sec-fetch-site", "same-site")], false);
    }
}
