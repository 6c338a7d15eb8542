//! Questions: one document for the UI, the API and `gilmok ask`.

mod attribution;
mod trend;

pub use attribution::{AskAttribution, AskCrossSell, AskDrivers, AskHandovers, AttributionModel, TouchLabel};
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

/// The people behind a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPeople {
    /// Which number.
    pub of: Select,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
    /// Rows to skip.
    #[serde(default)]
    pub offset: usize,
    /// Rows to answer; 50 when absent, 1,000 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// A number whose people can be listed. Each [`crate::view::Figure`] that counts people carries one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "select", rename_all = "snake_case")]
pub enum Select {
    /// Everybody in the scope with any event in the period.
    Everybody,
    /// People of a journey who stand as `outcome` says.
    Journey {
        /// The journey.
        journey: Key,
        /// How they stand.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// People with a matching event in the period.
    Did {
        /// Which events.
        when: EventRule,
    },
    /// People of a segment.
    Segment {
        /// The segment.
        segment: Key,
    },
    /// People with a conversion credited to a label.
    Attribution {
        /// The question; its scope gives way to that of the list.
        of: Box<AskAttribution>,
        /// 0-based index of its model.
        model: usize,
        /// The label; absent: no touch before the conversion.
        #[serde(default)]
        label: Option<String>,
    },
    /// People of a funnel. Here and below, the question's own scope counts where the list has none.
    Funnel {
        /// The question.
        funnel: Box<AskFunnel>,
        /// Which of its numbers.
        at: FunnelPoint,
    },
    /// People of a path.
    Paths {
        /// The question.
        paths: Box<AskPaths>,
        /// Which of its numbers.
        at: PathPoint,
    },
    /// People of a cohort, or of one of its cells.
    Retention {
        /// The question.
        retention: Box<AskRetention>,
        /// The cohort, from 0.
        cohort: usize,
        /// The cell, from 0; absent: the whole cohort.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cell: Option<usize>,
        /// Those who have had the cell and did not return, instead of those who did.
        #[serde(default)]
        lost: bool,
    },
    /// People of an interval of the lifecycle.
    Lifecycle {
        /// The question.
        lifecycle: Box<AskLifecycle>,
        /// The interval, from 0.
        bucket: usize,
        /// What they are.
        phase: Phase,
    },
    /// People active in so many intervals of a span.
    Stickiness {
        /// The question.
        stickiness: Box<AskStickiness>,
        /// The span, from 0.
        span: usize,
        /// Exactly so many intervals.
        n_intervals: usize,
    },
    /// People of a cohort, or those of them counted in a cell.
    Cohorts {
        /// The question.
        cohorts: Box<AskCohorts>,
        /// The cohort, from 0.
        cohort: usize,
        /// The cell, from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cell: Option<usize>,
    },
    /// People of a variant.
    Variants {
        /// The question.
        variants: Box<AskVariants>,
        /// Names of its nodes.
        nodes: Vec<String>,
    },
    /// People with a case that stands so towards the design.
    Conformance {
        /// The question.
        conformance: Box<AskConformance>,
        /// How it stands.
        at: Standing,
    },
}

/// How people stand in a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Started a trip.
    Started,
    /// Entered the conversion stage.
    Converted,
    /// Did not.
    NotConverted,
    /// Entered the stage.
    Entered {
        /// The stage.
        stage: Key,
    },
    /// Went on from it to a later one by a touch, wherever they stand now.
    MovedOn {
        /// The stage.
        stage: Key,
    },
    /// Entered a later one and stand or ended elsewhere.
    Passed {
        /// The stage.
        stage: Key,
    },
    /// Stand or ended in an earlier one without having entered a later one.
    Back {
        /// The stage.
        stage: Key,
    },
    /// Are in it now.
    Here {
        /// The stage.
        stage: Key,
    },
    /// Ended their trip in it (in the last stage: finished).
    Dropped {
        /// The stage.
        stage: Key,
    },
    /// Entered a later stage without it.
    Skipped {
        /// The stage.
        stage: Key,
    },
    /// Went back from it to an earlier one.
    WentBack {
        /// The stage.
        stage: Key,
    },
    /// Touched a touchpoint during the trip.
    Touched {
        /// The touchpoint.
        touchpoint: Key,
    },
}

#[cfg(test)]
mod tests;
