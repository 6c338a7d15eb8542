//! People: lists of them, and which of an answer's numbers they stand behind.

use super::{
    AskAttribution, AskCohorts, AskConformance, AskCrossSell, AskDrivers, AskFunnel, AskHandovers,
    AskLifecycle, AskPaths, AskRetention, AskStickiness, AskVariants, FunnelPoint, HandoverPoint, PathPoint,
    Phase, Scope, Standing,
};
use crate::Key;
use crate::rule::EventRule;
use crate::segment::PersonRule;
use serde::{Deserialize, Serialize};

/// The people behind a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPeople {
    /// Which number.
    pub of: Select,
    /// Who and when.
    #[serde(default)]
    pub scope: Scope,
    /// By what they are listed.
    #[serde(default)]
    pub sort: PeopleSort,
    /// The oldest first, instead of the newest.
    #[serde(default)]
    pub oldest_first: bool,
    /// Rows to skip.
    #[serde(default)]
    pub offset: usize,
    /// Rows to answer; 50 when absent, 1,000 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

/// What a list of people is sorted by; those without it stand last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeopleSort {
    /// When they last did what was asked for.
    #[default]
    LastSeen,
    /// When they came into it.
    Entered,
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
    /// People of a rule that is not kept as a segment, such as one that is being written.
    Rule {
        /// Who belongs.
        #[schema(no_recursion)]
        rule: Box<PersonRule>,
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
    /// People of a hand-over, of a stay in a channel, or of a channel at a stage.
    Handovers {
        /// The question.
        handovers: Box<AskHandovers>,
        /// Which of its numbers.
        at: HandoverPoint,
    },
    /// People who have both items of a pair.
    CrossSell {
        /// The question.
        cross_sell: Box<AskCrossSell>,
        /// The first item.
        item: String,
        /// The second.
        other: String,
    },
    /// People who entered and converted, or did not.
    Drivers {
        /// The question.
        drivers: Box<AskDrivers>,
        /// Only those with this event in between.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event: Option<String>,
        /// Those who converted.
        succeeded: bool,
    },
}

impl Select {
    /// The scope the question in it was asked in; `None` where it brings none of its own.
    pub fn scope(&self) -> Option<&Scope> {
        match self {
            Self::Funnel { funnel, .. } => Some(&funnel.scope),
            Self::Paths { paths, .. } => Some(&paths.scope),
            Self::Retention { retention, .. } => Some(&retention.scope),
            Self::Lifecycle { lifecycle, .. } => Some(&lifecycle.scope),
            Self::Stickiness { stickiness, .. } => Some(&stickiness.scope),
            Self::Cohorts { cohorts, .. } => Some(&cohorts.scope),
            Self::Variants { variants, .. } => Some(&variants.scope),
            Self::Conformance { conformance, .. } => Some(&conformance.scope),
            Self::Handovers { handovers, .. } => Some(&handovers.scope),
            Self::CrossSell { cross_sell, .. } => Some(&cross_sell.scope),
            Self::Drivers { drivers, .. } => Some(&drivers.scope),
            Self::Attribution { of, .. } => Some(&of.scope),
            Self::Everybody
            | Self::Journey { .. }
            | Self::Did { .. }
            | Self::Segment { .. }
            | Self::Rule { .. } => None,
        }
    }

    /// The journey it needs.
    pub fn journey(&self) -> Option<&Key> {
        match self {
            Self::Journey { journey, .. } => Some(journey),
            Self::Handovers { handovers, .. } => handovers.journey.as_ref(),
            Self::Variants { variants, .. } => variants.of.journey(),
            Self::Conformance { conformance, .. } => conformance.of.journey(),
            _ => None,
        }
    }
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
