//! What went wrong, where, and how to mend it, in Korean and English.

use crate::Text;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing was done.
    Error,
    /// It was done; read this before you trust it.
    Warning,
}

/// Where a problem stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Place {
    /// File name as the user gave it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// 1-based line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u64>,
    /// Path inside the document, such as `stages[2].touchpoints[0].when`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut gap = "";
        if let Some(file) = &self.file {
            write!(f, "{file}")?;
            gap = ":";
        }
        if let Some(line) = self.line {
            write!(f, "{gap}{line}")?;
            gap = " ";
        }
        if let Some(path) = &self.path {
            write!(f, "{}{path}", if gap.is_empty() { "" } else { " " })?;
        }
        Ok(())
    }
}

/// One problem: a stable code for programs, and words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// Stable, such as `journey.unknown_stage`.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// What happened.
    pub message: Text,
    /// What to do about it.
    pub remedy: Text,
    /// Where.
    #[serde(rename = "where", skip_serializing_if = "is_nowhere", default)]
    pub place: Place,
}

fn is_nowhere(place: &Place) -> bool {
    *place == Place::default()
}

impl Problem {
    /// An error with its words: `(ko, en)` for the message and for the remedy.
    pub fn error(
        code: &str,
        message: (impl Into<String>, impl Into<String>),
        remedy: (impl Into<String>, impl Into<String>),
    ) -> Self {
        Self {
            code: code.to_owned(),
            severity: Severity::Error,
            message: Text::both(message.0, message.1),
            remedy: Text::both(remedy.0, remedy.1),
            place: Place::default(),
        }
    }

    /// The same as a warning.
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Adds the path inside the document.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.place.path = Some(path.into());
        self
    }

    /// Adds the file.
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.place.file = Some(file.into());
        self
    }

    /// Adds the 1-based line.
    pub fn on_line(mut self, line: u64) -> Self {
        self.place.line = Some(line);
        self
    }
}

impl fmt::Display for Problem {
    /// English first, then Korean: a log line both can read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::Lang::{En, Ko};
        if !is_nowhere(&self.place) {
            write!(f, "{}: ", self.place)?;
        }
        write!(f, "{} {}", self.message.get(En), self.remedy.get(En))?;
        write!(f, "\n  {} {}", self.message.get(Ko), self.remedy.get(Ko))?;
        write!(f, " [{}]", self.code)
    }
}

impl std::error::Error for Problem {}

/// One or more problems; having this as an error means that nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problems(pub Vec<Problem>);

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
