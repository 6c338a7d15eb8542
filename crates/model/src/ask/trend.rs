//! Series of a trend and what is computed from them.

use crate::{Text, rule::EventRule};
use serde::{Deserialize, Serialize};

/// One series: its place in the question gives its letter, `A` the first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrendSeries {
    /// Its name; the letter when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Which events; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<EventRule>,
    /// What of them.
    #[serde(default)]
    pub measure: TrendMeasure,
    /// Which number `sum` and `average` are of: a property; `amount` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
}

/// What a series measures in each bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrendMeasure {
    /// Events.
    #[default]
    Count,
    /// Distinct people.
    People,
    /// Sum of the number.
    Sum,
    /// Its mean over the events that have it.
    Average,
    /// Events per person.
    PerPerson,
}

/// A line computed from the series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrendFormula {
    /// Its name; the formula itself when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Such as `A / B * 100`; see [`crate::Arithmetic`].
    pub formula: String,
}
