//! Parts of a request, refused as problems when they cannot be read.

use crate::failure::{Class, Failure};
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// A JSON body.
pub struct Json<T>(pub T);

/// The query string.
pub struct Query<T>(pub T);

/// The variables of the path.
pub struct Path<T>(pub T);

/// A body as it is, within the limit of its route.
pub struct Raw(pub axum::body::Bytes);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Failure::say(
                Class::UnsupportedType,
                "request.type",
                ("본문이 JSON이 아닙니다.", "The body is not JSON."),
                (
                    "`content-type: application/json`으로 보내세요.",
                    "Send it with `content-type: application/json`.",
                ),
            )),
            Err(JsonRejection::BytesRejection(rejection)) => Err(body_failure(&rejection)),
            Err(rejection) => {
                // Well-formed JSON of a wrong shape is a wrong definition; anything else is no request.
                let class = if matches!(rejection, JsonRejection::JsonDataError(_)) {
                    Class::Invalid
                } else {
                    Class::Malformed
                };
                Err(unreadable(class, "request.body", "본문", "body", &cause(&rejection)))
            }
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let bytes = axum::body::Bytes::from_request(request, state).await;
        bytes.map(Self).map_err(|rejection| body_failure(&rejection))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(unreadable(
                Class::Malformed,
                "request.query",
                "질의 문자열",
                "query string",
                &cause(&rejection),
            )),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            // A path that names nothing possible names nothing that exists.
            Err(rejection) => {
                Err(unreadable(Class::NotFound, "request.path", "주소", "path", &cause(&rejection)))
            }
        }
    }
}

/// The innermost reason: the outer ones repeat that something could not be read.
fn cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string()
}

fn unreadable(class: Class, code: &str, what_ko: &str, what_en: &str, reason: &str) -> Failure {
    Failure::say(
        class,
        code,
        (
            format!("요청의 {what_ko}을(를) 읽을 수 없습니다: {reason}."),
            format!("The request's {what_en} cannot be read: {reason}."),
        ),
        ("`/api/v1/openapi.json`의 형식과 비교해 고치세요.", "Compare it with `/api/v1/openapi.json`."),
    )
}

fn body_failure(rejection: &BytesRejection) -> Failure {
    let status = rejection.status();
    if status == Class::TooLarge.status() {
        return too_large("요청 본문", "request body");
    }
    unreadable(Class::Malformed, "request.body", "본문", "body", &cause(rejection))
}

/// More bytes than a route takes.
pub fn too_large(what_ko: &str, what_en: &str) -> Failure {
    Failure::say(
        Class::TooLarge,
        "request.too_large",
        (
            format!("{what_ko}이(가) 허용된 크기보다 큽니다."),
            format!("The {what_en} is larger than allowed."),
        ),
        (
            "더 작게 나누어 보내거나 서버의 한도를 올리세요.",
            "Send less at once, or raise the server's limit.",
        ),
    )
}
