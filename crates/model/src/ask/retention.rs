//! Retention, lifecycle, stickiness and cohorts.

use super::Scope;
use crate::rule::EventRule;
use crate::time::Grain;
use serde::{Deserialize, Serialize};

/// Who comes back, how long after the start. Starts lie in the period.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRetention {
    /// What starts; absent: any event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<EventRule>,
    /// What is a return; absent: any event.
    #[serde(default, rename = "return", skip_serializing_if = "Option::is_none")]
    pub comeback: Option<EventRule>,
    /// Length of an interval, and cohorts; by the length of the period when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// How time after the start is cut.
    #[serde(default)]
    pub clock: RetentionClock,
    /// Intervals after the cohort's own, 1 to 366; 12 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intervals: Option<usize>,
    /// Brackets instead: ascending edges in intervals, such as `[0, 1, 4, 8]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brackets: Vec<usize>,
    /// Which returns count.
    #[serde(default)]
    pub measure: RetentionMeasure,
    /// Whether a person joins every cohort they start in, or that of their first start ever only.
    #[serde(default)]
    pub recurring: bool,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// How time after a start is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionClock {
    /// By the workspace's days, weeks or months.
    #[default]
    Calendar,
    /// By each start's own clock: days of 24 hours, weeks of 7 and months of 30 of them.
    Rolling,
}

/// Which returns count for an interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionMeasure {
    /// Those inside it.
    #[default]
    On,
    /// Those inside it or later.
    OnOrAfter,
    /// Those inside it, with one inside every interval before it.
    Streak,
}

/// Who is new, returning, resurrecting or dormant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskLifecycle {
    /// What makes active; absent: any event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<EventRule>,
    /// Intervals; by the length of the period when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// What a person is in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Active, first event ever inside it.
    New,
    /// Active, and in the interval before.
    Returning,
    /// Active again after a break.
    Resurrecting,
    /// Active in the interval before, not in it.
    Dormant,
}

/// In how many intervals of a larger one people are active.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskStickiness {
    /// What makes active; absent: any event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<EventRule>,
    /// The intervals: days when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// The larger ones, longer than `grain`: months when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Grain>,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}

/// What the people who started in the same interval do and are worth later.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskCohorts {
    /// What starts, first time ever; absent: any event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<EventRule>,
    /// What is counted; absent: every event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<EventRule>,
    /// Cohorts and intervals; by the length of the period when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
}
