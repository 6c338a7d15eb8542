//! Events, people and values per time bucket: the raw material of every metric over time.
//!
//! # Semantics
//!
//! A row belongs to the bucket `[bounds[i], bounds[i + 1])` of its time; rows outside all buckets do
//! not exist. People are distinct per bucket and per label; the totals over all buckets are distinct
//! too, so they are not the sum of the buckets. Buckets come from the caller's calendar (zone, week
//! start, months), nothing here knows one. To show the largest labels and an honest "other", fold once
//! for the totals, give all other rows one common label, and fold again: distinct people never add up.

use std::collections::BTreeMap;

use crate::plan::{PlanError, bucket_of, check_bounds};
use crate::rows::{Column, NO_AMOUNT, Rows};

/// A valid plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendPlan {
    bounds_us: Vec<i64>,
    include: Option<u64>,
}

impl TrendPlan {
    /// `bounds_us`: two or more, strictly ascending. `include`: only rows with one of these mask bits;
    /// `None` = every row, the mask is not read.
    ///
    /// # Errors
    /// [`PlanError::Boundaries`].
    pub fn new(bounds_us: Vec<i64>, include: Option<u64>) -> Result<Self, PlanError> {
        check_bounds(&bounds_us)?;
        if bounds_us.is_empty() {
            return Err(PlanError::Boundaries);
        }
        Ok(Self { bounds_us, include })
    }

    /// Number of buckets.
    pub fn n_buckets(&self) -> usize {
        self.bounds_us.len() - 1
    }
}

/// Parallel columns a trend may read beside [`Rows`]; empty = absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrendColumns<'a> {
    /// Label of each row.
    pub labels: &'a [u32],
    /// Value of each row as an integer in the caller's unit, `i64::MIN` where absent. Empty: the amount
    /// column of the rows is the value, if it is there.
    pub values: &'a [i64],
}

/// What one bucket, or all of them together, holds. Exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrendPoint {
    /// Rows.
    pub events: u64,
    /// Distinct people.
    pub people: u64,
    /// Rows with a value.
    pub n_values: u64,
    /// Sum of the values.
    pub sum: i128,
}

impl TrendPoint {
    /// Mean value; `None` without values.
    pub fn average(&self) -> Option<f64> {
        (self.n_values > 0).then(|| self.sum as f64 / self.n_values as f64)
    }

    fn merge(self, other: Self) -> Self {
        Self {
            events: self.events + other.events,
            people: self.people + other.people,
            n_values: self.n_values + other.n_values,
            sum: self.sum + other.sum,
        }
    }

    fn add(&mut self, is_new: bool, value: Option<i64>) {
        self.events += 1;
        self.people += u64::from(is_new);
        if let Some(value) = value {
            self.n_values += 1;
            self.sum += i128::from(value);
        }
    }
}

/// One line of a trend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Series {
    /// One point per bucket.
    pub points: Vec<TrendPoint>,
    /// All buckets together, people distinct over all of them.
    pub total: TrendPoint,
}

impl Series {
    fn empty(plan: &TrendPlan) -> Self {
        Self { points: vec![TrendPoint::default(); plan.n_buckets()], total: TrendPoint::default() }
    }

    fn merge(self, other: Self) -> Self {
        let points = self.points.into_iter().zip(other.points).map(|(a, b)| a.merge(b)).collect();
        Self { points, total: self.total.merge(other.total) }
    }
}

/// Mergeable trend: everybody, and by label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendState {
    all: Series,
    by_label: BTreeMap<u32, Series>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrendAnswer {
    /// All rows, whatever their label. A person with two labels counts once here.
    pub all: Series,
    /// In label order; empty without labels.
    pub by_label: Vec<(u32, Series)>,
}

/// A series with the last person seen in each point.
struct Stamped {
    series: Series,
    stamps: Vec<usize>,
    total_stamp: usize,
}

impl Stamped {
    fn new(plan: &TrendPlan) -> Self {
        let stamps = vec![usize::MAX; plan.n_buckets()];
        Self { series: Series::empty(plan), stamps, total_stamp: usize::MAX }
    }

    fn add(&mut self, bucket: usize, who: usize, value: Option<i64>) {
        self.series.points[bucket].add(self.stamps[bucket] != who, value);
        self.series.total.add(self.total_stamp != who, value);
        self.stamps[bucket] = who;
        self.total_stamp = who;
    }
}

/// Counts whole persons.
///
/// Needs mask if the plan includes by mask. O(rows log buckets) at worst, O(rows) as the rows of a
/// person ascend; memory O(buckets × labels).
pub fn fold(rows: Rows<'_>, columns: TrendColumns<'_>, plan: &TrendPlan) -> TrendState {
    rows.check(if plan.include.is_some() { &[Column::Mask] } else { &[] });
    let TrendColumns { labels, values } = columns;
    assert!(labels.is_empty() || labels.len() == rows.n_rows(), "one label per row");
    assert!(values.is_empty() || values.len() == rows.n_rows(), "one value per row");
    let mut all = Stamped::new(plan);
    let mut by_label: BTreeMap<u32, Stamped> = BTreeMap::new();
    for (who, own) in rows.persons() {
        let mut current: Option<usize> = None;
        for row in own {
            if plan.include.is_some_and(|bits| rows.mask[row] & bits == 0) {
                continue;
            }
            let time_us = rows.time_us[row];
            // Most rows share the bucket of the row before.
            let same = current.filter(|&bucket| time_us < plan.bounds_us[bucket + 1]);
            current = same.or_else(|| bucket_of(&plan.bounds_us, time_us));
            let Some(bucket) = current else { continue };
            let value = match values.get(row) {
                Some(&value) => Some(value).filter(|&value| value != NO_AMOUNT),
                None => rows.amount_at(row),
            };
            all.add(bucket, who, value);
            if let Some(&label) = labels.get(row) {
                by_label.entry(label).or_insert_with(|| Stamped::new(plan)).add(bucket, who, value);
            }
        }
    }
    let by_label = by_label.into_iter().map(|(label, stamped)| (label, stamped.series)).collect();
    TrendState { all: all.series, by_label }
}

impl TrendState {
    /// The trend of nobody; neutral in [`TrendState::merge`].
    pub fn empty(plan: &TrendPlan) -> Self {
        Self { all: Series::empty(plan), by_label: BTreeMap::new() }
    }

    /// Joins the counts of two disjoint sets of persons. Panics if the plans' shapes differ.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        assert_eq!(self.all.points.len(), other.all.points.len(), "states of one plan");
        for (label, series) in other.by_label {
            let merged = match self.by_label.remove(&label) {
                None => series,
                Some(own) => own.merge(series),
            };
            self.by_label.insert(label, merged);
        }
        Self { all: self.all.merge(other.all), by_label: self.by_label }
    }

    /// The answer.
    pub fn finish(self) -> TrendAnswer {
        TrendAnswer { all: self.all, by_label: self.by_label.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests;
