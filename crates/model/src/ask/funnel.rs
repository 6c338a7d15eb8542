//! Funnels. Steps count from 1, as people do.

use super::{Compare, Scope};
use crate::rule::EventRule;
use crate::time::{Duration, Grain};
use serde::{Deserialize, Serialize};

/// A funnel, with a closed window from the first step: ordered per person when nothing else is said
/// (ClickHouse `windowFunnel`, non-strict).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskFunnel {
    /// 2 to 32 steps.
    pub steps: Vec<EventRule>,
    /// From the first step to the last, closed.
    pub window: Duration,
    /// Who and when; the first step must fall in the period.
    #[serde(default)]
    pub scope: Scope,
    /// `channel`, or a property of the event by which people are told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<String>,
    /// Whose event's property that is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub breakdown_at: BreakdownAt,
    /// In which order steps count.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: FunnelOrder,
    /// Steps that stand at their place in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<usize>,
    /// Steps that may be passed by; neither the first nor the last, and none in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<usize>,
    /// Events that must not come between two steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<FunnelExclusion>,
    /// Which attempts of a person are tried.
    #[serde(default, skip_serializing_if = "is_default")]
    pub entry: FunnelEntry,
    /// What is counted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub count: FunnelCount,
    /// A longer gap starts the next session, where sessions are counted; 30 minutes when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Duration>,
    /// `channel`, or a property that must be the same on every step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<String>,
    /// Steps between which the time to convert is measured; the first and the last when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convert: Option<FunnelSpan>,
    /// Buckets of the trend by the start of attempts; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Grain>,
    /// Against what; the difference comes with its interval and p-value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub compare: Compare,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl AskFunnel {
    /// An ordered funnel per person.
    pub fn ordered(steps: Vec<EventRule>, window: Duration) -> Self {
        Self {
            steps,
            window,
            scope: Scope::default(),
            breakdown: None,
            breakdown_at: BreakdownAt::default(),
            order: FunnelOrder::default(),
            pinned: Vec::new(),
            optional: Vec::new(),
            exclusions: Vec::new(),
            entry: FunnelEntry::default(),
            count: FunnelCount::default(),
            gap: None,
            hold: None,
            convert: None,
            trend: None,
            compare: Compare::default(),
        }
    }

    /// Whether steps, window, scope, which starts count and a breakdown at the first step are all that is asked.
    pub fn is_plain(&self) -> bool {
        let plain = Self::ordered(Vec::new(), self.window);
        let asked =
            Self { steps: Vec::new(), scope: Scope::default(), breakdown: None, gap: None, ..self.clone() };
        let at_start = matches!(self.breakdown_at, BreakdownAt::First | BreakdownAt::Entry);
        at_start && Self { breakdown_at: BreakdownAt::First, entry: FunnelEntry::Any, ..asked } == plain
    }
}

/// In which order steps count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunnelOrder {
    /// One after the other; other events in between do not matter.
    #[default]
    Ordered,
    /// One directly after the other, with no other event of the person in between.
    Strict,
    /// As they come; the window runs from the oldest step to the newest, and the number of steps done counts.
    Any,
}

/// Which attempts of a person are tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunnelEntry {
    /// Every start; the one that gets furthest counts.
    #[default]
    Any,
    /// The first start only.
    First,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunnelCount {
    /// People.
    #[default]
    Person,
    /// Sessions.
    Session,
    /// Attempts: the next may start when one has converted, timed out or been excluded.
    Total,
}

/// Events that must not come between two steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelExclusion {
    /// Which events.
    pub when: EventRule,
    /// After this step.
    pub from: usize,
    /// Before this later one.
    pub to: usize,
    /// What it does.
    #[serde(default)]
    pub mode: FunnelExclusionMode,
}

/// What an exclusion does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunnelExclusionMode {
    /// The attempt is over; the person stays as a drop-off (Mixpanel).
    #[default]
    EndsAttempt,
    /// The person does not count, unless another attempt gets as far without it (PostHog).
    RemovesPerson,
}

/// Whose event's property breaks a funnel down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakdownAt {
    /// The first step's.
    #[default]
    First,
    /// The last step's that was reached.
    Last,
    /// Every step's: people may stand in several lines.
    Any,
    /// This step's; attempts without it are in no line.
    Step(usize),
    /// That of the person's first event of the first step in the period, whichever attempt counts.
    Entry,
}

/// Two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelSpan {
    /// The earlier one.
    pub from: usize,
    /// The later one.
    pub to: usize,
}

/// Which people of a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelPoint {
    /// The step.
    pub step: usize,
    /// Whether only those for whom it was the furthest.
    #[serde(default)]
    pub stopped: bool,
    /// Of one line of the breakdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<FunnelLabel>,
    /// Of one bucket of the trend, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<usize>,
}

/// The line of a breakdown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FunnelLabel {
    /// Its label; absent: people without a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}
