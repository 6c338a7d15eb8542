//! Why a row made no event: one short code for programs, one sentence for each reader.

use model::{Lang, limits};

/// Why a row was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Longer than [`limits::LINE_BYTES_MAX`]; it was not read into memory.
    LineTooLong,
    /// A quote was opened and never closed.
    QuoteOpen,
    /// Bytes that are no text in the file's encoding.
    Encoding,
    /// Another number of cells than the header.
    Cells {
        /// Columns of the header.
        expected: usize,
        /// Cells of the row.
        found: usize,
    },
    /// No JSON object.
    Json(String),
    /// No identifier of a person.
    PersonMissing,
    /// An identifier longer than [`limits::IDENTIFIER_CHARS_MAX`].
    PersonTooLong,
    /// No time; the text says where it was looked for.
    TimeMissing(String),
    /// A time that does not fit the format.
    TimeUnreadable {
        /// What stood there.
        found: String,
        /// The format in use.
        format: String,
    },
    /// A time before 1900 or after 2199.
    TimeOutOfRange(String),
    /// No event name.
    EventMissing,
    /// An event name or channel longer than [`limits::NAME_CHARS_MAX`].
    NameTooLong(String),
    /// More different event names or channels than a workspace holds.
    TooManyNames(String),
    /// An amount or a summed cell that is no finite decimal number.
    NumberUnreadable {
        /// Where it stood.
        field: String,
        /// What stood there.
        found: String,
    },
    /// A number beyond what is counted exactly.
    NumberOutOfRange {
        /// Where it stood.
        field: String,
    },
    /// A part of the event's id is missing.
    IdMissing(String),
    /// All columns that name the group are empty.
    GroupMissing,
    /// No name or no value of a series.
    SeriesMissing(String),
}

impl Flaw {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LineTooLong => "line_too_long",
            Self::QuoteOpen => "quote_open",
            Self::Encoding => "encoding",
            Self::Cells { .. } => "cells",
            Self::Json(_) => "json",
            Self::PersonMissing => "person_missing",
            Self::PersonTooLong => "person_too_long",
            Self::TimeMissing(_) => "time_missing",
            Self::TimeUnreadable { .. } => "time_unreadable",
            Self::TimeOutOfRange(_) => "time_out_of_range",
            Self::EventMissing => "event_missing",
            Self::NameTooLong(_) => "name_too_long",
            Self::TooManyNames(_) => "too_many_names",
            Self::NumberUnreadable { .. } => "number_unreadable",
            Self::NumberOutOfRange { .. } => "number_out_of_range",
            Self::IdMissing(_) => "id_missing",
            Self::GroupMissing => "group_missing",
            Self::SeriesMissing(_) => "series_missing",
        }
    }

    /// The reason in a reader's language.
    pub fn reason(&self, lang: Lang) -> String {
        match lang {
            Lang::Ko => self.korean(),
            Lang::En => self.english(),
        }
    }

    fn korean(&self) -> String {
        match self {
            Self::LineTooLong => format!("한 줄이 {}바이트보다 깁니다", limits::LINE_BYTES_MAX),
            Self::QuoteOpen => "따옴표가 열리고 닫히지 않았습니다".to_owned(),
            Self::Encoding => "파일의 인코딩으로 읽을 수 없는 바이트가 있습니다".to_owned(),
            Self::Cells { expected, found } => format!("칸이 {found}개입니다. 머리글은 {expected}개입니다"),
            Self::Json(error) => format!("JSON 객체가 아닙니다: {error}"),
            Self::PersonMissing => "고객 식별자가 없습니다".to_owned(),
            Self::PersonTooLong => {
                format!("고객 식별자가 {}자보다 깁니다", limits::IDENTIFIER_CHARS_MAX)
            }
            Self::TimeMissing(place) => format!("시각이 없습니다({place})"),
            Self::TimeUnreadable { found, format } => {
                format!("시각 `{found}`을(를) `{format}` 형식으로 읽을 수 없습니다")
            }
            Self::TimeOutOfRange(found) => format!("시각 `{found}`이(가) 1900~2199년 밖입니다"),
            Self::EventMissing => "이벤트 이름이 없습니다".to_owned(),
            Self::NameTooLong(what) => format!("{what}이(가) {}자보다 깁니다", limits::NAME_CHARS_MAX),
            Self::TooManyNames(what) => format!("서로 다른 이름이 너무 많습니다: {what}"),
            Self::NumberUnreadable { field, found } => {
                format!("{field}의 `{found}`은(는) 숫자가 아닙니다")
            }
            Self::NumberOutOfRange { field } => format!("{field}의 수가 너무 큽니다"),
            Self::IdMissing(place) => format!("이벤트 ID의 한 부분이 없습니다({place})"),
            Self::GroupMissing => "묶음을 정하는 칸이 모두 비어 있습니다".to_owned(),
            Self::SeriesMissing(place) => format!("시계열의 값이 없습니다({place})"),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::LineTooLong => format!("the line is longer than {} bytes", limits::LINE_BYTES_MAX),
            Self::QuoteOpen => "a quote is opened and never closed".to_owned(),
            Self::Encoding => "bytes that cannot be read in the file's encoding".to_owned(),
            Self::Cells { expected, found } => format!("{found} cells where the header has {expected}"),
            Self::Json(error) => format!("not a JSON object: {error}"),
            Self::PersonMissing => "no identifier of a person".to_owned(),
            Self::PersonTooLong => {
                format!("the identifier is longer than {} characters", limits::IDENTIFIER_CHARS_MAX)
            }
            Self::TimeMissing(place) => format!("no time ({place})"),
            Self::TimeUnreadable { found, format } => {
                format!("the time `{found}` does not fit the format `{format}`")
            }
            Self::TimeOutOfRange(found) => format!("the time `{found}` is outside the years 1900 to 2199"),
            Self::EventMissing => "no event name".to_owned(),
            Self::NameTooLong(what) => format!("{what} is longer than {} characters", limits::NAME_CHARS_MAX),
            Self::TooManyNames(what) => format!("too many different names: {what}"),
            Self::NumberUnreadable { field, found } => format!("`{found}` in {field} is not a number"),
            Self::NumberOutOfRange { field } => format!("the number in {field} is too large"),
            Self::IdMissing(place) => format!("a part of the event's id is missing ({place})"),
            Self::GroupMissing => "all columns that name the group are empty".to_owned(),
            Self::SeriesMissing(place) => format!("the series has no value ({place})"),
        }
    }
}
