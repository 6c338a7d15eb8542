//! Import mappings: how the columns of a file become events, traits or cost series.

use crate::{Key, Text, Value, rule::OneOrMany};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How one kind of file becomes events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Its key; part of each made event's id, so that the same file imported twice adds nothing.
    pub key: Key,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// How the file is written; what is absent is detected.
    #[serde(default)]
    pub file: FileFormat,
    /// Other files whose columns are looked up by a key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lookups: BTreeMap<String, Lookup>,
    /// Rows that are kept; all tests must hold. A row left out is counted as skipped, not rejected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<RowTest>,
    /// Several lines made one event. The other fields then read the group's first line and its sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// What the rows become.
    #[serde(flatten)]
    pub target: Target,
}

/// What the rows become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Events of people.
    Events(Box<EventTarget>),
    /// A daily cost or reach series that belongs to nobody.
    Series(SeriesTarget),
}

/// How a row becomes an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventTarget {
    /// Whose event.
    pub person: PersonSource,
    /// When.
    pub time: TimeSource,
    /// Event name.
    pub event: Source,
    /// Columns that together name the event for ever; absent: mapping, line number and content of the row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<Source>,
    /// Channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Source>,
    /// Amount in whole currency units; negative for refunds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Source>,
    /// Property key → where it comes from.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, Property>,
    /// Trait key → where it comes from. Rows with traits also make an `identify` event; a mapping whose event
    /// is the constant `identify` makes only that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub traits: BTreeMap<String, Property>,
}

/// Whose event it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonSource {
    /// Known identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Source>,
    /// Identifier before one is known (a cookie, a device). With both, the two are linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<Source>,
    /// What to do with rows that have neither.
    #[serde(default)]
    pub missing: MissingPerson,
}

/// Rows without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingPerson {
    /// They go to the rejects with the reason.
    #[default]
    Reject,
    /// Each distinct event id becomes a person of its own, marked anonymous.
    Keep,
}

/// When it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeSource {
    /// Where the time stands.
    #[serde(flatten)]
    pub source: SourceFields,
    /// `strptime` pattern, `iso`, or `epoch_s`, `epoch_ms`, `epoch_us`; absent: detected from the first rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// IANA zone of times written without an offset; the workspace's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// Where a value comes from: a column's name, or one of the forms below.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Source {
    /// The column of this name.
    Column(String),
    /// A fuller form.
    Fields(SourceFields),
}

/// The fuller form of a source: exactly one of `column`, `constant`, `template`, `product`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SourceFields {
    /// Name of a column, of the file or of `lookup`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Name of the lookup the column stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<String>,
    /// The same for every row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// Text with columns in braces, such as `{platform}_{event}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Two or more numeric columns multiplied (quantity × unit price). In a group the lines' products are summed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub product: Vec<String>,
    /// Values replaced by others, such as codes by words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub replace: BTreeMap<String, String>,
}

/// Where a property comes from, and its type where the guess is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Property {
    /// The column of this name, type by its values.
    Column(String),
    /// A fuller form.
    Typed(TypedProperty),
}

/// The fuller form of a property.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TypedProperty {
    /// Where it comes from.
    #[serde(flatten)]
    pub source: SourceFields,
    /// Its type; by the column's values when absent.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<crate::event::ValueKind>,
}

/// A test on a row's cell, before anything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowTest {
    /// Column.
    pub column: String,
    /// The comparison.
    #[serde(default)]
    pub op: crate::rule::Op,
    /// What it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<OneOrMany<Value>>,
}

/// Several lines made one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Columns whose equal values make lines one event, in any order of lines.
    pub by: Vec<String>,
    /// Columns that are summed over the lines; other columns keep the first line's value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sum: Vec<String>,
    /// Name of a new column with the number of lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
}

/// Another file whose columns are looked up by key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// File name, relative to the imported file.
    pub file: String,
    /// Key column of that file.
    pub key: String,
    /// Column of the imported file with the same values; named like `key` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// How a row becomes a day's value of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesTarget {
    /// Series name, such as `ad_spend`.
    pub name: Source,
    /// Day.
    pub time: TimeSource,
    /// Value.
    pub value: Source,
    /// Channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Source>,
    /// Campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Source>,
}

/// How a file is written; each absent field is detected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileFormat {
    /// Kind of file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Character between cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Encoding label such as `utf-8`, `euc-kr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Column names of a file without a header line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Cells that mean “nothing”, besides empty ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// Kinds of files. Each may be compressed with gzip or zstd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Cells between commas or another delimiter.
    Csv,
    /// Cells between tabs.
    Tsv,
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Source {
    /// The fuller form of either.
    pub fn fields(&self) -> SourceFields {
        match self {
            Self::Column(column) => SourceFields { column: Some(column.clone()), ..SourceFields::default() },
            Self::Fields(fields) => fields.clone(),
        }
    }
}

impl Property {
    /// The fuller form of either.
    pub fn typed(&self) -> TypedProperty {
        match self {
            Self::Column(column) => TypedProperty {
                source: SourceFields { column: Some(column.clone()), ..SourceFields::default() },
                kind: None,
            },
            Self::Typed(typed) => typed.clone(),
        }
    }
}
