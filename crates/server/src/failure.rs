//! What went wrong, in words for people, with one class that both the HTTP status and the exit code follow from.

use crate::api::ProblemList;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{Lang, Problem, Problems};

/// The kind of a failure: one for each thing the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Mend the request: it could not be read.
    Malformed,
    /// Mend the input or the definition: it was read and is wrong.
    Invalid,
    /// Sign in.
    SignIn,
    /// Ask somebody who may.
    Forbidden,
    /// Name something that exists.
    NotFound,
    /// Read what is there now, then decide.
    Conflict,
    /// Stop the other process.
    Locked,
    /// Use another method.
    WrongMethod,
    /// Send less.
    TooLarge,
    /// Send another type.
    UnsupportedType,
    /// Wait.
    TooMany,
    /// Try again later, or ask for less.
    Busy,
    /// Restore a backup.
    Corrupt,
    /// Nothing: somebody stopped it on purpose.
    Cancelled,
    /// Report it.
    Internal,
}

impl Class {
    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict | Self::Locked => StatusCode::CONFLICT,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
            Self::Corrupt | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The exit code of the command line, as in `docs/cli.md`.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::NotFound => 3,
            Self::Locked | Self::Conflict => 4,
            Self::Corrupt => 5,
            Self::Cancelled => 130,
            Self::Internal | Self::Busy => 70,
            _ => 1,
        }
    }
}

/// A failure on its way to a person: nothing was done.
#[derive(Debug)]
pub struct Failure(Box<Inner>);

#[derive(Debug)]
struct Inner {
    class: Class,
    problems: Vec<Problem>,
    current_version: Option<i64>,
    retry_after_s: Option<u64>,
}

/// Short form used throughout the server.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure of one problem.
    pub fn new(class: Class, problem: Problem) -> Self {
        Self::many(class, Problems(vec![problem]))
    }

    /// A failure of several problems.
    pub fn many(class: Class, problems: Problems) -> Self {
        Self(Box::new(Inner { class, problems: problems.0, current_version: None, retry_after_s: None }))
    }

    /// A failure whose words are `(ko, en)` for what happened and `(ko, en)` for what to do.
    pub fn say(
        class: Class,
        code: &str,
        message: (impl Into<String>, impl Into<String>),
        remedy: (impl Into<String>, impl Into<String>),
    ) -> Self {
        Self::new(class, Problem::error(code, message, remedy))
    }

    /// Adds the version that is in force.
    pub fn with_current_version(mut self, version: i64) -> Self {
        self.0.current_version = Some(version);
        self
    }

    /// Adds how long to wait.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Its class.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// Its problems, at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// The words in one language, for a terminal.
    pub fn text(&self, lang: Lang) -> String {
        self.0.problems.iter().map(|problem| problem_text(problem, lang)).collect::<Vec<_>>().join("\n")
    }

    /// The answer's body.
    pub fn body(&self) -> ProblemList {
        ProblemList { problems: self.0.problems.clone(), current_version: self.0.current_version }
    }

    /// Something of the program itself broke. The reason goes to the log, not to the caller.
    pub fn internal(reason: impl std::fmt::Display) -> Self {
        tracing::error!(%reason, "internal failure");
        Self::say(
            Class::Internal,
            "internal",
            (
                "프로그램 내부에서 오류가 났습니다. 저장된 것은 그대로입니다.",
                "Something broke inside Gilmok. What was stored is kept.",
            ),
            ("서버 로그를 확인하고 다시 시도하세요.", "Look into the server's log and try again."),
        )
    }

    /// The machine refused to read or write a file.
    pub fn io(what: &std::path::Path, error: &std::io::Error) -> Self {
        let class = match error.kind() {
            std::io::ErrorKind::NotFound => Class::NotFound,
            std::io::ErrorKind::StorageFull => Class::Busy,
            _ => Class::Invalid,
        };
        let path = what.display();
        Self::say(
            class,
            "file.io",
            (
                format!("파일 `{path}`을(를) 열거나 쓸 수 없습니다: {error}."),
                format!("The file `{path}` cannot be read or written: {error}."),
            ),
            (
                "경로와 권한, 남은 디스크 공간을 확인하세요.",
                "Check the path, its permissions and the free disk space.",
            ),
        )
    }
}

/// A problem as lines for a terminal: where, what, what to do.
pub fn problem_text(problem: &Problem, lang: Lang) -> String {
    let place = problem.place.to_string();
    let gap = if place.is_empty() { "" } else { ": " };
    format!("{place}{gap}{} [{}]\n  → {}", problem.message.get(lang), problem.code, problem.remedy.get(lang))
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::many(Class::Invalid, problems)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::new(Class::Invalid, problem)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.0.class.status(), Json(self.body())).into_response();
        if let Some(seconds) = self.0.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
