//! Why an event was refused: a stable code, where it went wrong, what happened and how to mend it.

use super::json::{DEPTH_MAX, Fault, What};
use super::{BATCH_EVENTS_MAX, EVENT_BYTES_MAX};
use model::limits::{CHANNELS_MAX, EVENT_NAMES_MAX, IDENTIFIER_CHARS_MAX, NAME_CHARS_MAX};
use model::{Place, Text};
use serde::{Deserialize, Serialize};

/// What became of an event that was refused. It is kept as a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verdict {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Stable, such as `event.no_person`.
    pub code: String,
    /// What is wrong.
    pub message: Text,
    /// How to mend it.
    pub remedy: Text,
    /// Where, such as `batch[3].userId`.
    #[serde(rename = "where")]
    pub place: Place,
}

/// Why an event is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No JSON.
    Json(Fault),
    /// Bytes that are no UTF-8.
    Encoding { at: usize },
    /// More bytes than [`EVENT_BYTES_MAX`].
    TooLarge { n_bytes: usize },
    /// JSON, but no object.
    NotObject,
    /// No `type`.
    NoType,
    /// A `type` that is none of the Segment spec's calls.
    UnknownType(String),
    /// A `track` call without `event`.
    NoName,
    /// A name longer than [`NAME_CHARS_MAX`].
    NameTooLong { field: &'static str },
    /// A field that is no text, or no object.
    FieldType { field: &'static str, wanted: Wanted },
    /// No identifier of a person.
    NoPerson,
    /// An `alias` call without the identifier it was known by before.
    NoPreviousId,
    /// An identifier longer than [`IDENTIFIER_CHARS_MAX`].
    IdTooLong { field: &'static str },
    /// Half a character in an identifier or a name: two different ones would become one.
    HalfCharacter { field: &'static str },
    /// A time that cannot be read.
    Time { field: &'static str, found: String },
    /// A time before 1900 or after 2199.
    TimeRange { field: &'static str, found: String },
    /// A revenue that is no number.
    Amount { found: String },
    /// An amount beyond what is counted exactly.
    AmountRange { field: &'static str },
    /// A key of a property longer than [`NAME_CHARS_MAX`].
    KeyTooLong { key: String },
    /// More different event names than a workspace holds.
    TooManyNames,
    /// More different channels than a workspace holds.
    TooManyChannels,
    /// The body, or the rest of it, is no JSON.
    Broken(Option<Fault>),
    /// JSON, but without events.
    NoEvents,
}

/// What a field has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A text.
    Text,
    /// A text or a whole number.
    TextOrNumber,
    /// An object.
    Object,
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Json(fault)
    }
}

/// Korean, then English.
type Words = (String, String);

fn words(ko: impl Into<String>, en: impl Into<String>) -> Words {
    (ko.into(), en.into())
}

impl Refusal {
    /// Stable, for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Json(Fault::TooDeep) => "event.too_deep",
            Self::Json(_) => "event.json",
            Self::Encoding { .. } => "event.encoding",
            Self::TooLarge { .. } => "event.too_large",
            Self::NotObject => "event.not_object",
            Self::NoType => "event.no_type",
            Self::UnknownType(_) => "event.unknown_type",
            Self::NoName => "event.no_name",
            Self::NameTooLong { .. } => "event.name_too_long",
            Self::FieldType { .. } => "event.field_type",
            Self::NoPerson => "event.no_person",
            Self::NoPreviousId => "event.no_previous_id",
            Self::IdTooLong { .. } => "event.id_too_long",
            Self::HalfCharacter { .. } => "event.half_character",
            Self::Time { .. } => "event.time",
            Self::TimeRange { .. } => "event.time_range",
            Self::Amount { .. } => "event.amount",
            Self::AmountRange { .. } => "event.amount_range",
            Self::KeyTooLong { .. } => "event.key_too_long",
            Self::TooManyNames => "event.too_many_names",
            Self::TooManyChannels => "event.too_many_channels",
            Self::Broken(_) => "batch.json",
            Self::NoEvents => "batch.no_events",
        }
    }

    /// The field at fault.
    fn field(&self) -> Option<&str> {
        match self {
            Self::NoType | Self::UnknownType(_) => Some("type"),
            Self::NoName => Some("event"),
            Self::NoPerson => Some("userId"),
            Self::NoPreviousId => Some("previousId"),
            Self::Amount { .. } => Some("properties.revenue"),
            Self::NameTooLong { field }
            | Self::FieldType { field, .. }
            | Self::IdTooLong { field }
            | Self::HalfCharacter { field }
            | Self::Time { field, .. }
            | Self::TimeRange { field, .. }
            | Self::AmountRange { field } => Some(field),
            _ => None,
        }
    }

    /// The verdict on the event at `index`.
    pub(super) fn verdict(&self, index: usize) -> Verdict {
        let ((message_ko, message_en), (remedy_ko, remedy_en)) = self.words();
        let path = match (self, self.field()) {
            (Self::Broken(_) | Self::NoEvents, _) => "batch".to_owned(),
            (_, Some(field)) => format!("batch[{index}].{field}"),
            (_, None) => format!("batch[{index}]"),
        };
        Verdict {
            index,
            code: self.code().to_owned(),
            message: Text::both(message_ko, message_en),
            remedy: Text::both(remedy_ko, remedy_en),
            place: Place { path: Some(path), ..Place::default() },
        }
    }

    fn words(&self) -> (Words, Words) {
        match self {
            Self::Json(_)
            | Self::Encoding { .. }
            | Self::TooLarge { .. }
            | Self::NotObject
            | Self::Broken(_)
            | Self::NoEvents => self.words_of_form(),
            Self::NoPerson
            | Self::NoPreviousId
            | Self::IdTooLong { .. }
            | Self::HalfCharacter { .. }
            | Self::FieldType { .. } => self.words_of_person(),
            Self::Time { .. } | Self::TimeRange { .. } | Self::Amount { .. } | Self::AmountRange { .. } => {
                self.words_of_values()
            }
            _ => self.words_of_content(),
        }
    }

    fn words_of_form(&self) -> (Words, Words) {
        match self {
            Self::Json(Fault::TooDeep) => (
                words(
                    format!("객체와 배열이 {DEPTH_MAX}겹보다 깊습니다."),
                    format!("Objects and arrays are nested deeper than {DEPTH_MAX}."),
                ),
                words(
                    "속성을 평평하게 하거나 글로 바꾸어 보내세요.",
                    "Flatten the property, or send it as a text.",
                ),
            ),
            Self::Encoding { at } => (
                words(
                    format!("{at}번째 바이트가 UTF-8이 아닙니다."),
                    format!("The byte at {at} is not UTF-8."),
                ),
                words("본문을 UTF-8로 보내세요.", "Send the body as UTF-8."),
            ),
            Self::TooLarge { n_bytes } => (
                words(
                    format!("이벤트가 {n_bytes}바이트입니다. {EVENT_BYTES_MAX}바이트까지 받습니다."),
                    format!("The event has {n_bytes} bytes; at most {EVENT_BYTES_MAX} are taken."),
                ),
                words("큰 속성을 빼고 보내세요.", "Leave large properties out."),
            ),
            Self::NotObject => (
                words("이벤트가 JSON 객체가 아닙니다.", "The event is no JSON object."),
                words("`{\"type\": \"track\", …}`처럼 보내세요.", "Send it as `{\"type\": \"track\", …}`."),
            ),
            Self::NoEvents => (
                words("본문에 `batch` 배열이 없습니다.", "The body has no array `batch`."),
                words("`{\"batch\": […]}`로 보내세요.", "Send `{\"batch\": […]}`."),
            ),
            Self::Json(fault) | Self::Broken(Some(fault)) => {
                let (ko, en) = fault_words(*fault);
                let (what_ko, what_en) = if matches!(self, Self::Json(_)) {
                    ("이벤트가", "event")
                } else {
                    ("본문이", "body")
                };
                (
                    words(
                        format!("{what_ko} 올바른 JSON이 아닙니다: {ko}."),
                        format!("The {what_en} is no JSON: {en}."),
                    ),
                    words(
                        "글을 이어 붙이지 말고 JSON 라이브러리로 만드세요. NaN과 Infinity는 JSON에 없습니다.",
                        "Make it with a JSON library instead of joining texts. JSON has no NaN and no Infinity.",
                    ),
                )
            }
            _ => (
                words(
                    "본문의 나머지를 이벤트로 나눌 수 없습니다.",
                    "The rest of the body could not be told apart into events.",
                ),
                words(
                    "본문 전체가 끊기지 않은 JSON인지 확인하고 다시 보내세요. 이미 받은 이벤트는 다시 더해지지 않습니다.",
                    "Check that the whole body is JSON and complete, and send it again. What was taken is not added twice.",
                ),
            ),
        }
    }

    fn words_of_person(&self) -> (Words, Words) {
        match self {
            Self::NoPreviousId => (
                words("alias에 `previousId`가 없습니다.", "The alias has no `previousId`."),
                words(
                    "전에 쓰던 식별자를 `previousId`에 넣으세요.",
                    "Put the identifier used before into `previousId`.",
                ),
            ),
            Self::IdTooLong { field } => (
                words(
                    format!("`{field}`이(가) {IDENTIFIER_CHARS_MAX}자보다 깁니다."),
                    format!("`{field}` is longer than {IDENTIFIER_CHARS_MAX} characters."),
                ),
                words("짧은 식별자를 쓰세요.", "Use a shorter identifier."),
            ),
            Self::HalfCharacter { field } => (
                words(
                    format!("`{field}`에 반쪽 문자(짝이 없는 서로게이트)가 있습니다."),
                    format!("`{field}` holds half a character (a lone surrogate)."),
                ),
                words(
                    "글을 자를 때 문자 경계에서 자르세요.",
                    "Cut texts between characters, not within them.",
                ),
            ),
            Self::FieldType { field, wanted } => {
                let (ko, en) = match wanted {
                    Wanted::Text => (["글이", "글로"], "a text"),
                    Wanted::TextOrNumber => (["글이나 정수가", "글이나 정수로"], "a text or a whole number"),
                    Wanted::Object => (["객체가", "객체로"], "an object"),
                };
                (
                    words(format!("`{field}`이(가) {} 아닙니다.", ko[0]), format!("`{field}` is not {en}.")),
                    words(format!("`{field}`을(를) {} 보내세요.", ko[1]), format!("Send `{field}` as {en}.")),
                )
            }
            _ => (
                words(
                    "누구의 이벤트인지 없습니다: `userId`도 `anonymousId`도 비어 있습니다.",
                    "It says nobody: both `userId` and `anonymousId` are missing or empty.",
                ),
                words("둘 가운데 하나를 넣으세요.", "Set one of the two."),
            ),
        }
    }

    fn words_of_content(&self) -> (Words, Words) {
        match self {
            Self::NoType => (words("`type`이 없습니다.", "It has no `type`."), words(TYPES_KO, TYPES_EN)),
            Self::UnknownType(found) => (
                words(
                    format!("`type`의 `{found}`을(를) 모릅니다."),
                    format!("The `type` `{found}` is unknown."),
                ),
                words(TYPES_KO, TYPES_EN),
            ),
            Self::NoName => (
                words("track에 `event`가 없습니다.", "The track call has no `event`."),
                words("`event`에 이벤트 이름을 넣으세요.", "Name the event in `event`."),
            ),
            Self::NameTooLong { field } => (
                words(
                    format!("`{field}`이(가) {NAME_CHARS_MAX}자보다 깁니다."),
                    format!("`{field}` is longer than {NAME_CHARS_MAX} characters."),
                ),
                words(
                    "바뀌는 값은 이름 대신 속성에 넣으세요.",
                    "Put what varies into a property, not into the name.",
                ),
            ),
            Self::KeyTooLong { key } => (
                words(
                    format!("속성 이름 `{key}`이(가) {NAME_CHARS_MAX}자보다 깁니다."),
                    format!("The property key `{key}` is longer than {NAME_CHARS_MAX} characters."),
                ),
                words(
                    "값은 이름 대신 속성값에 넣으세요.",
                    "Put what varies into the value, not into the key.",
                ),
            ),
            Self::TooManyNames => (
                words(
                    format!("서로 다른 이벤트 이름이 {EVENT_NAMES_MAX}개를 넘습니다."),
                    format!("There are more than {EVENT_NAMES_MAX} different event names."),
                ),
                words(
                    "바뀌는 값은 이름 대신 속성에 넣으세요.",
                    "Put what varies into a property, not into the name.",
                ),
            ),
            _ => (
                words(
                    format!("서로 다른 채널이 {CHANNELS_MAX}개를 넘습니다."),
                    format!("There are more than {CHANNELS_MAX} different channels."),
                ),
                words(
                    "바뀌는 값은 채널 대신 속성에 넣으세요.",
                    "Put what varies into a property, not into the channel.",
                ),
            ),
        }
    }

    fn words_of_values(&self) -> (Words, Words) {
        match self {
            Self::Time { field, found } => (
                words(
                    format!("`{field}`의 `{found}`은(는) 시각이 아닙니다."),
                    format!("`{found}` in `{field}` is no time."),
                ),
                words(
                    "`2026-03-02T09:30:00.000Z` 같은 ISO 8601이나 1970년부터의 밀리초로 보내세요.",
                    "Send ISO 8601 such as `2026-03-02T09:30:00.000Z`, or milliseconds since 1970.",
                ),
            ),
            Self::TimeRange { field, found } => (
                words(
                    format!("`{field}`의 `{found}`은(는) 1900~2199년 밖입니다."),
                    format!("`{found}` in `{field}` is outside the years 1900 to 2199."),
                ),
                words(
                    "시각을 고치거나, 모르면 `timestamp`를 빼고 보내세요.",
                    "Mend the time, or leave `timestamp` out if it is unknown.",
                ),
            ),
            Self::Amount { found } => (
                words(
                    format!("`revenue`의 `{found}`은(는) 숫자가 아닙니다."),
                    format!("`{found}` in `revenue` is no number."),
                ),
                words("12000이나 12.50처럼 숫자로 보내세요.", "Send a number such as 12000 or 12.50."),
            ),
            _ => (
                words(
                    format!("`{}`의 수가 너무 큽니다.", self.field().unwrap_or_default()),
                    format!("The number in `{}` is too large.", self.field().unwrap_or_default()),
                ),
                words(
                    "통화 단위의 금액인지 확인하세요.",
                    "Check that it is an amount in units of the currency.",
                ),
            ),
        }
    }
}

const TYPES_KO: &str = "track, identify, page, screen, group, alias 가운데 하나를 쓰세요.";
const TYPES_EN: &str = "Use one of track, identify, page, screen, group, alias.";

fn fault_words(fault: Fault) -> Words {
    let Fault::Syntax { at, what } = fault else {
        return words(format!("{DEPTH_MAX}겹보다 깊습니다"), format!("it is nested deeper than {DEPTH_MAX}"));
    };
    let (ko, en) = match what {
        What::End => ("중간에 끝납니다", "it ends too early"),
        What::Key => ("따옴표 친 키가 있어야 합니다", "a key in quotes is missing"),
        What::Colon => ("콜론이 있어야 합니다", "a colon is missing"),
        What::Comma => ("쉼표나 닫는 괄호가 있어야 합니다", "a comma or a closing bracket is missing"),
        What::Value => ("값이 아닙니다", "this is no value"),
        What::Number => ("숫자가 아닙니다", "this is no number"),
        What::Escape => ("잘못된 이스케이프입니다", "this is no escape"),
        What::Control => ("이스케이프하지 않은 제어 문자입니다", "a control character is not escaped"),
        What::Behind => ("끝난 뒤에 더 있습니다", "something stands behind its end"),
    };
    words(format!("{at}번째 바이트에서 {ko}"), format!("at byte {at} {en}"))
}

/// The refusal of a request with more events than [`BATCH_EVENTS_MAX`]: nothing of it was taken.
pub(super) fn too_many_events() -> model::Problem {
    model::Problem::error(
        "batch.too_many",
        (
            format!("한 번에 이벤트 {BATCH_EVENTS_MAX}개까지 받습니다. 아무것도 받지 않았습니다."),
            format!("A batch holds at most {BATCH_EVENTS_MAX} events. Nothing of it was taken."),
        ),
        ("나누어 보내세요.", "Send it in several batches."),
    )
    .at("batch")
}

/// The refusal of a request whose context would have to be read again and again.
pub(super) fn large_context() -> model::Problem {
    model::Problem::error(
        "batch.large_context",
        (
            "모든 이벤트에 붙는 `context`가 이벤트 수에 비해 너무 큽니다. 아무것도 받지 않았습니다.",
            "The `context` for all events is too large for so many events. Nothing of it was taken.",
        ),
        ("`context`를 줄이거나 나누어 보내세요.", "Make `context` smaller, or send several batches."),
    )
    .at("context")
}

/// The refusal of a request without a body.
pub(super) fn empty_body() -> model::Problem {
    model::Problem::error(
        "batch.empty",
        ("본문이 비어 있습니다.", "The body is empty."),
        ("`{\"batch\": […]}`를 보내세요.", "Send `{\"batch\": […]}`."),
    )
}
