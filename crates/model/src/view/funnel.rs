//! Funnels.

use super::{About, Figure};
use serde::{Deserialize, Serialize};

/// A funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FunnelView {
    /// All people, then one for each value of the breakdown.
    pub lines: Vec<FunnelLine>,
    /// All people of the comparison.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compared: Option<Box<FunnelLine>>,
    /// Start of each bucket of the trend, microseconds.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub buckets: Vec<i64>,
    /// About the answer.
    pub about: About,
}

/// One line of a funnel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FunnelLine {
    /// Value of the breakdown; absent for all people together or a missing value.
    pub label: Option<String>,
    /// People who reached each step or further (did it, if it is optional; did so many, in any order).
    pub reached: Vec<u64>,
    /// People whose furthest step it is.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub stopped: Vec<u64>,
    /// What is counted per step: people, sessions or attempts.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub units: Vec<u64>,
    /// Share of the first step that reached the last, of what is counted, with its interval.
    pub conversion: Figure,
    /// Median time from the first step to the last.
    pub median_time: Figure,
    /// 90th percentile of it.
    pub p90_time: Figure,
    /// Median time from the step before, by step; without a value for the first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub step_times: Vec<Figure>,
    /// Time between the two steps asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub convert: Option<ConvertView>,
    /// By bucket of the trend: what is counted per step.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub trend: Vec<Vec<u64>>,
    /// Conversion against that of everybody else in the breakdown, or of the comparison.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub differs: Option<DifferenceView>,
}

/// Time to convert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConvertView {
    /// Those who did both steps.
    pub n: u64,
    /// 10th, 25th, 50th, 75th and 90th percentile, seconds.
    pub quantiles: Vec<f64>,
    /// Lower edge of the first bin, seconds.
    pub from: f64,
    /// Width of a bin, seconds.
    pub width: f64,
    /// Those in each bin.
    pub counts: Vec<u64>,
}

/// The difference of two shares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DifferenceView {
    /// This share less the other.
    pub difference: f64,
    /// Lower end of its 95 % interval (Newcombe).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Two-sided p-value of the two-proportion z-test.
    pub p: f64,
    /// It, adjusted for the number of lines tested (Benjamini–Hochberg).
    pub q: f64,
}
