//! Questions: one document for the UI, the API and `gilmok ask`.

mod attribution;
mod trend;

pub use attribution::{
    AskAttribution, AskCrossSell, AskDrivers, AskHandovers, AttributionModel, HandoverPoint, StayEnd,
    TouchLabel,
};
pub use people::{AskPeople, Outcome, PeopleSort, Select};
pub use trend::{TrendFormula, TrendMeasure, TrendSeries};

use crate::{
    Key,
    rule::EventRule,
    time::{Duration, Grain, Period},
};
use serde::{Deserialize, Serialize};

mod funnel;
mod nodes;
mod paths;
mod people;
mod retention;
mod variants;

pub use funnel::{
    AskFunnel, BreakdownAt, FunnelCount, FunnelEntry, FunnelExclusion, FunnelExclusionMode, FunnelLabel,
    FunnelOrder, FunnelPoint, FunnelSpan,
};
pub use nodes::{NodeGroup, NodeSplit, Nodes, clean_url, name_matches};
pub use paths::{AskPaths, PathPoint};
pub use retention::{
    AskCohorts, AskLifecycle, AskRetention, AskStickiness, Phase, RetentionClock, RetentionMeasure,
};
pub use variants::{AskConformance, AskVariants, CaseUnit, DesignPlace, Standing};

/// Who and when: rules every number of an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Days; absent: all time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// In place of a period that stays: the last so many days, up to and with the day of the newest event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Duration>,
    /// Key of a segment; absent: everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<Key>,
    /// Key of a persona, as one more segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persona: Option<Key>,
}

/// What the scope is compared with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// Nothing.
    #[default]
    Nothing,
    /// The period of the same length just before.
    Previous,
    /// Another scope: another period, segment or persona.
    Scope(Scope),
}

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// A whole map with its numbers.
    Map(AskMap),
    /// The stages of a journey.
    Stages(AskStages),
    /// A funnel.
    Funnel(AskFunnel),
    /// Paths.
    Paths(AskPaths),
    /// Retention.
    Retention(AskRetention),
    /// New, returning, resurrecting and dormant people.
    Lifecycle(AskLifecycle),
    /// In how many intervals people are active.
    Stickiness(AskStickiness),
    /// Cohorts and what they are worth.
    Cohorts(AskCohorts),
    /// Variants.
    Variants(AskVariants),
    /// Designed against actual.
    Conformance(AskConformance),
    /// Which event follows which.
    Transitions(AskTransitions),
    /// Events, people and amount by channel.
    Channels(AskChannels),
    /// Events, people and amount over time.
    Trend(AskTrend),
    /// Conversions divided among the touches before them.
    Attribution(AskAttribution),
    /// Channels that follow each other, break and work.
    Handovers(AskHandovers),
    /// Items the same people have.
    CrossSell(AskCrossSell),
    /// Events that go with converting.
    Drivers(AskDrivers),
    /// A metric's value and history.
    Metric(AskMetric),
    /// The people behind a number.
    People(AskPeople),
}

impl Ask {
    /// Who and when it is about.
    pub fn scope(&self) -> &Scope {
        match self {
            Self::Map(ask) => &ask.scope,
            Self::Stages(ask) => &ask.scope,
            Self::Funnel(ask) => &ask.scope,
            Self::Paths(ask) => &ask.scope,
            Self::Retention(ask) => &ask.scope,
            Self::Lifecycle(ask) => &ask.scope,
            Self::Stickiness(ask) => &ask.scope,
            Self::Cohorts(ask) => &ask.scope,
            Self::Variants(ask) => &ask.scope,
            Self::Conformance(ask) => &ask.scope,
            Self::Transitions(ask) => &ask.scope,
            Self::Channels(ask) => &ask.scope,
            Self::Trend(ask) => &ask.scope,
            Self::Attribution(ask) => &ask.scope,
            Self::Handovers(ask) => &ask.scope,
            Self::CrossSell(ask) => &ask.scope,
            Self::Drivers(ask) => &ask.scope,
            Self::Metric(ask) => &ask.scope,
            Self::People(ask) => &ask.scope,
        }
    }
}

/// A whole map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskMap {
    /// The map.
    pub map: Key,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
    /// Against what.
    #[serde(default)]
    pub compare: Compare,
}

/// The stages of a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskStages {
    /// The journey.
    pub journey: Key,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
    /// Against what.
    #[serde(default)]
    pub compare: Compare,
}

/// Consecutive events of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskTransitions {
    /// Longest time between two events that counts, closed; 30 minutes when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Duration>,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
    /// Rows of the answer; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// Events by channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskChannels {
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// Events over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskTrend {
    /// Which events; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<EventRule>,
    /// Buckets; by the length of the period when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// One line for each of `channel`, `event` or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<TrendBreakdown>,
    /// Several series in place of `when`, 26 at most: `A`, `B`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<TrendSeries>,
    /// Lines computed from the series.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formulas: Vec<TrendFormula>,
    /// Each value as the mean of this many buckets up to its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smooth: Option<usize>,
    /// Each value as the sum of all up to its own.
    #[serde(default)]
    pub cumulative: bool,
    /// Against what; series and formulas only.
    #[serde(default)]
    pub compare: Compare,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// What the lines of a trend are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TrendBreakdown {
    /// One for each channel.
    Channel,
    /// One for each event name.
    Event,
}

/// A metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskMetric {
    /// The metric.
    pub metric: Key,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
    /// Against what.
    #[serde(default)]
    pub compare: Compare,
}

#[cfg(test)]
mod tests;
