//! Rules that say which events count.

use crate::Value;
use serde::{Deserialize, Serialize};

/// One value or a list of them; a single value may stand without brackets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// Just one.
    One(T),
    /// Any of these.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them as a slice.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// An event counts when its name is one of `event`, its channel one of `channel` (where given),
/// and every filter of `where` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// Event names; any of them.
    pub event: OneOrMany<String>,
    /// Channels; any of them. Absent: every channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<OneOrMany<String>>,
    /// Filters on properties; all of them.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
}

impl EventRule {
    /// A rule on one event name alone.
    pub fn named(event: &str) -> Self {
        Self { event: OneOrMany::One(event.to_owned()), channel: None, filters: Vec::new() }
    }
}

/// A test on one property. `amount` and `channel` name the event's own columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Property key.
    pub property: String,
    /// The comparison.
    #[serde(default)]
    pub op: Op,
    /// What it is compared with; any of a list for `is`, `contains`, `starts_with`; none of it for `is_not`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<OneOrMany<Value>>,
}

/// Comparisons. Texts compare exactly, numbers by size; a missing property fails all but `missing` and `is_not`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Equal to any of the values.
    #[default]
    Is,
    /// Equal to none of them.
    IsNot,
    /// Text that contains any of them.
    Contains,
    /// Text that starts with any of them.
    StartsWith,
    /// Above.
    Gt,
    /// At least.
    Gte,
    /// Below.
    Lt,
    /// At most.
    Lte,
    /// Has any value.
    Exists,
    /// Has none.
    Missing,
}
