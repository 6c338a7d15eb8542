//! Metrics: named numbers over events and cost series.

use crate::{Key, Text, rule::EventRule};
use serde::{Deserialize, Serialize};

/// A named number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its key.
    pub key: Key,
    /// Its name.
    pub name: Text,
    /// What it means and why it is watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// How it is computed.
    pub formula: Formula,
    /// How it is written.
    #[serde(default)]
    pub unit: Unit,
    /// Which way is good.
    #[serde(default)]
    pub good: Direction,
    /// The value to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
}

/// How a metric is computed from the events of a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// Events that match.
    Count(EventRule),
    /// Distinct people with a matching event.
    People(EventRule),
    /// Sum of a number over matching events.
    Sum(Over),
    /// Mean of a number over matching events that have it.
    Mean(Over),
    /// Share of promoters (9–10) less share of detractors (0–6), in points, of a 0–10 score.
    Nps(Over),
    /// Sum of a cost series, optionally of one channel.
    Cost(CostOf),
    /// One metric divided by another; absent where the divisor is 0.
    #[schema(no_recursion)]
    Ratio {
        /// Above the line.
        of: Box<Formula>,
        /// Below the line.
        to: Box<Formula>,
    },
}

/// A number of matching events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Over {
    /// Which events.
    pub when: EventRule,
    /// Which number: a property, or `amount`.
    #[serde(default = "amount")]
    pub property: String,
}

fn amount() -> String {
    "amount".to_owned()
}

/// A cost series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CostOf {
    /// Series name, such as `ad_spend`.
    pub series: String,
    /// Only this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A plain number.
    #[default]
    Number,
    /// People.
    People,
    /// Events.
    Events,
    /// 0–1, written as a percentage.
    Share,
    /// The workspace's currency, in its whole units.
    Money,
    /// Seconds, written as a length of time.
    Seconds,
    /// Points such as NPS, with a sign.
    Points,
    /// A score such as 3.8.
    Score,
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    #[default]
    Up,
    /// Less is better.
    Down,
    /// Neither.
    None,
}
