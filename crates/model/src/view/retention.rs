//! Retention, lifecycle, stickiness and cohorts.

use super::{About, Figure};
use serde::{Deserialize, Serialize};

/// Retention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RetentionView {
    /// Edges of the cells in intervals after the start: cell `i` is `edges[i]..edges[i + 1]`.
    pub edges: Vec<usize>,
    /// By cohort.
    pub cohorts: Vec<RetentionRowView>,
    /// By cell: share over all cohorts, of what is complete only.
    pub averages: Vec<Figure>,
    /// About the answer.
    pub about: About,
}

/// A cohort.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RetentionRowView {
    /// Start of its interval, microseconds.
    pub start_us: i64,
    /// People.
    pub n_people: u64,
    /// Cells.
    pub cells: Vec<RetentionCellView>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RetentionCellView {
    /// People who returned.
    pub n_people: u64,
    /// People for whom the cell is over.
    pub n_had: u64,
    /// Those of them who returned.
    pub people_had: u64,
    /// Share of those for whom it is over; where it is not over for all, of the whole cohort so far.
    pub share: Option<f64>,
    /// Whether it is over for the whole cohort.
    pub is_complete: bool,
}

/// Lifecycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LifecycleView {
    /// Start of each interval, microseconds.
    pub buckets: Vec<i64>,
    /// By interval.
    pub points: Vec<LifecyclePointView>,
    /// About the answer.
    pub about: About,
}

/// People of one interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LifecyclePointView {
    /// First event ever.
    pub new: u64,
    /// Also active in the interval before.
    pub returning: u64,
    /// Back after a break.
    pub resurrecting: u64,
    /// Gone since the interval before.
    pub dormant: u64,
    /// `(new + resurrecting) / dormant`.
    pub quick_ratio: Option<f64>,
    /// Whether the interval is over.
    pub is_complete: bool,
}

/// Stickiness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StickinessView {
    /// By span.
    pub spans: Vec<StickinessSpanView>,
    /// About the answer.
    pub about: About,
}

/// One span, such as a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StickinessSpanView {
    /// Its start, microseconds.
    pub start_us: i64,
    /// People active in it.
    pub n_people: u64,
    /// People active in exactly 1, 2, … intervals.
    pub by_intervals: Vec<u64>,
    /// Mean people per interval that has begun, such as DAU.
    pub per_interval: Option<f64>,
    /// That by the people of the span, such as DAU/MAU.
    pub ratio: Option<f64>,
    /// Whether the span is over.
    pub is_complete: bool,
}

/// Cohorts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CohortsView {
    /// By cohort.
    pub cohorts: Vec<CohortRowView>,
    /// About the answer.
    pub about: About,
}

/// A cohort.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CohortRowView {
    /// Start of its interval, microseconds.
    pub start_us: i64,
    /// People.
    pub n_people: u64,
    /// Cells from its own interval on.
    pub cells: Vec<CohortCellView>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CohortCellView {
    /// People counted.
    pub n_people: u64,
    /// Events counted.
    pub n_events: u64,
    /// Their amount in whole currency units.
    pub amount: f64,
    /// Amount per person of the cohort up to and with this cell.
    pub value_so_far: f64,
    /// Whether the interval is over.
    pub is_complete: bool,
}
