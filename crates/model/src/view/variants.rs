//! Variants and conformance.

use super::{About, Figure};
use crate::ask::Standing;
use serde::{Deserialize, Serialize};

/// Variants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VariantsView {
    /// All cases.
    pub n_cases: u64,
    /// Distinct people with a case.
    pub n_people: u64,
    /// Distinct variants.
    pub n_variants: u64,
    /// The most frequent.
    pub rows: Vec<VariantRow>,
    /// About the answer.
    pub about: About,
}

/// One variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VariantRow {
    /// Names of its nodes.
    pub nodes: Vec<String>,
    /// Cases that follow it.
    pub n_cases: u64,
    /// Distinct people among them.
    pub n_people: u64,
    /// Median time from the first node to the last.
    pub median_time: Figure,
    /// 90th percentile of it.
    pub p90_time: Figure,
}

/// Designed against actual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConformanceView {
    /// Share of cases that fit, with its interval.
    pub fit: Figure,
    /// Share of cases that fit and are finished.
    pub fit_finished: Figure,
    /// By standing; those of nobody are absent.
    pub standings: Vec<DeviationView>,
    /// About the answer.
    pub about: About,
}

/// How many stand so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviationView {
    /// How.
    pub at: Standing,
    /// Cases.
    pub n_cases: u64,
    /// Distinct people.
    pub n_people: u64,
}
