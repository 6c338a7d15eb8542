//! Events, people and values per time bucket: the raw material of every metric over time.
//!
//! # Semantics
//!
//! A row belongs to the bucket `[bounds[i], bounds[i + 1])` of its time; rows outside all buckets do
//! not exist. People are distinct per bucket and per label; the totals over all buckets are distinct
//! too, so they are not the sum of the buckets. Buckets come from the caller's calendar (zone, week
//! start, months), nothing here knows one. To show the largest labels and an honest "other", fold once
//! for the totals, give all other rows one common label, and fold again: distinct people never add up.

mod transform;

pub use transform::{cumulative, moving_average};

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::plan::{PlanError, bucket_of, check_bounds};
use crate::rows::{Amounts, Column, NO_AMOUNT, Rows};

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

/// A cell of one label and bucket while persons go by.
#[derive(Clone, Copy, Default)]
struct Cell {
    events: u64,
    people: u32,
    /// The last person who came here, plus 1: distinct people without a set.
    last: u32,
}

/// Which row of cells belongs to a label.
enum Slots {
    /// Codes are few: by code.
    Dense(Vec<u32>),
    Sparse(FxHashMap<u32, u32>),
}

/// Dense counts by label and bucket; a label gets its row of cells when it is first seen.
struct Table {
    n_buckets: usize,
    slots: Slots,
    labels: Vec<u32>,
    cells: Vec<Cell>,
    /// `(values, sum)` of each cell; empty without a column of values.
    values: Vec<(u64, i128)>,
    has_values: bool,
    /// Distinct people of each label over all buckets.
    totals: Vec<(u64, u32)>,
}

const NO_SLOT: u32 = u32::MAX;
/// Labels below are found by index, others by hash.
const DENSE_LABELS: usize = 1 << 16;

impl Table {
    fn new(n_buckets: usize, largest_label: u32, has_values: bool) -> Self {
        let n_labels = largest_label as usize + 1;
        let slots = if n_labels <= DENSE_LABELS {
            Slots::Dense(vec![NO_SLOT; n_labels])
        } else {
            Slots::Sparse(FxHashMap::default())
        };
        let (labels, cells, values, totals) = Default::default();
        Self { n_buckets, slots, labels, cells, values, has_values, totals }
    }

    #[inline]
    fn slot(&mut self, label: u32) -> usize {
        let known = match &self.slots {
            Slots::Dense(slots) => slots[label as usize],
            Slots::Sparse(slots) => slots.get(&label).copied().unwrap_or(NO_SLOT),
        };
        if known == NO_SLOT { self.new_slot(label) } else { known as usize }
    }

    #[cold]
    fn new_slot(&mut self, label: u32) -> usize {
        let slot = self.labels.len();
        match &mut self.slots {
            Slots::Dense(slots) => slots[label as usize] = slot as u32,
            Slots::Sparse(slots) => drop(slots.insert(label, slot as u32)),
        }
        self.labels.push(label);
        self.totals.push((0, 0));
        let n_cells = self.labels.len() * self.n_buckets;
        self.cells.resize(n_cells, Cell::default());
        if self.has_values {
            self.values.resize(n_cells, (0, 0));
        }
        slot
    }

    /// The cell of a label and bucket, where a person now has rows; the person is counted if new there.
    #[inline]
    fn enter(&mut self, label: u32, bucket: usize, stamp: u32) -> usize {
        let slot = self.slot(label);
        let at = slot * self.n_buckets + bucket;
        let cell = &mut self.cells[at];
        // Whether a person is new here is a coin toss to the processor: adding 0 or 1 is faster than a branch.
        cell.people += u32::from(cell.last != stamp);
        cell.last = stamp;
        let (people, last) = &mut self.totals[slot];
        *people += u64::from(*last != stamp);
        *last = stamp;
        at
    }

    #[inline]
    fn add_events(&mut self, at: usize, n_events: u64) {
        if n_events > 0 {
            self.cells[at].events += n_events;
        }
    }

    fn series(&self, slot: usize) -> Series {
        let point = |bucket: usize| {
            let at = slot * self.n_buckets + bucket;
            let (n_values, sum) = self.values.get(at).copied().unwrap_or_default();
            let Cell { events, people, .. } = self.cells[at];
            TrendPoint { events, people: u64::from(people), n_values, sum }
        };
        let points: Vec<TrendPoint> = (0..self.n_buckets).map(point).collect();
        let total = points.iter().fold(TrendPoint::default(), |sum, &point| sum.merge(point));
        Series { points, total: TrendPoint { people: self.totals[slot].0, ..total } }
    }
}

/// Counts whole persons.
///
/// Needs mask if the plan includes by mask. O(rows); a person's rows ascend, so that the bucket is searched for
/// only where it changes. Memory O(buckets × labels seen).
pub fn fold(rows: Rows<'_>, columns: TrendColumns<'_>, plan: &TrendPlan) -> TrendState {
    rows.check(if plan.include.is_some() { &[Column::Mask] } else { &[] });
    let TrendColumns { labels, values } = columns;
    let n_rows = rows.n_rows();
    assert!(labels.is_empty() || labels.len() == n_rows, "one label per row");
    assert!(values.is_empty() || values.len() == n_rows, "one value per row");
    if !labels.is_empty() {
        let largest = labels.iter().copied().max().unwrap_or(0);
        by_include(&rows, values, plan, largest, |row| labels[row]).into_state(true)
    } else {
        by_include(&rows, values, plan, 0, |_| 0).into_state(false)
    }
}

/// As [`fold`], with the label of each row as a narrow code, such as its channel: half the bytes to read. Values are the
/// amounts, if the column is there.
pub fn fold_by_code(rows: Rows<'_>, codes: &[u16], plan: &TrendPlan) -> TrendState {
    rows.check(if plan.include.is_some() { &[Column::Mask] } else { &[] });
    assert_eq!(codes.len(), rows.n_rows(), "one code per row");
    let largest = codes.iter().copied().max().unwrap_or(0);
    by_include(&rows, &[], plan, u32::from(largest), |row| u32::from(codes[row])).into_state(true)
}

fn by_include(
    rows: &Rows<'_>,
    values: &[i64],
    plan: &TrendPlan,
    largest_label: u32,
    label: impl Fn(usize) -> u32,
) -> Counts {
    let has_values = !values.is_empty() || !matches!(rows.amount, Amounts::Absent);
    let table = Table::new(plan.n_buckets(), largest_label, has_values);
    let mut counts = Counts { table, people: vec![0; plan.n_buckets()], total_people: 0 };
    let included = |row: usize| plan.include.is_none_or(|bits| rows.mask[row] & bits != 0);
    match plan.include {
        None => counts.walk(rows, &plan.bounds_us, &label, |_| true),
        Some(_) => counts.walk(rows, &plan.bounds_us, &label, included),
    }
    if has_values {
        let value = |row: usize| match values.get(row) {
            Some(&value) => Some(value).filter(|&value| value != NO_AMOUNT),
            None => rows.amount_at(row),
        };
        // A column of values may have one in any row.
        let amount = if values.is_empty() { rows.amount } else { Amounts::Absent };
        counts.add_values(&Rows { amount, ..*rows }, &plan.bounds_us, label, included, value);
    }
    counts
}

/// Counts by label, and the distinct people of all labels together.
struct Counts {
    table: Table,
    people: Vec<u64>,
    total_people: u64,
}

impl Counts {
    #[inline]
    fn walk(
        &mut self,
        rows: &Rows<'_>,
        bounds_us: &[i64],
        label: impl Fn(usize) -> u32,
        is_included: impl Fn(usize) -> bool,
    ) {
        let (first_us, last_us) = (bounds_us[0], bounds_us[bounds_us.len() - 1]);
        for (who, own) in rows.persons() {
            let stamp = who as u32 + 1;
            // No bucket yet: the end of the time before all buckets.
            let (mut bucket, mut end_us) = (usize::MAX, first_us);
            // Rows come in runs of one label and bucket: a run looks its cell up once.
            let (mut at, mut run_label, mut n_run) = (0, 0, 0);
            for row in own {
                if !is_included(row) {
                    continue;
                }
                let (time_us, label) = (rows.time_us[row], label(row));
                if time_us >= end_us {
                    if time_us >= last_us {
                        break;
                    }
                    self.total_people += u64::from(bucket == usize::MAX);
                    let next = bucket.wrapping_add(1);
                    let is_next = time_us < bounds_us[next + 1];
                    bucket =
                        if is_next { next } else { bounds_us.partition_point(|&bound| bound <= time_us) - 1 };
                    end_us = bounds_us[bucket + 1];
                    self.people[bucket] += 1;
                } else if bucket == usize::MAX {
                    continue;
                } else if label == run_label {
                    n_run += 1;
                    continue;
                }
                self.table.add_events(at, n_run);
                at = self.table.enter(label, bucket, stamp);
                (run_label, n_run) = (label, 1);
            }
            self.table.add_events(at, n_run);
        }
    }

    /// Adds the values, which few rows have: on a way of its own, so that the others pay nothing for them. Every cell is
    /// there since [`Counts::walk`].
    fn add_values(
        &mut self,
        rows: &Rows<'_>,
        bounds_us: &[i64],
        label: impl Fn(usize) -> u32,
        is_included: impl Fn(usize) -> bool,
        value: impl Fn(usize) -> Option<i64>,
    ) {
        let mut bucket = 0;
        for (_, own) in rows.persons() {
            for row in rows.rows_with_amounts(own) {
                let Some(value) = value(row).filter(|_| is_included(row)) else { continue };
                let time_us = rows.time_us[row];
                // Mostly the bucket of the value before.
                if !(bounds_us[bucket]..bounds_us[bucket + 1]).contains(&time_us) {
                    let Some(found) = bucket_of(bounds_us, time_us) else { continue };
                    bucket = found;
                }
                let slot = self.table.slot(label(row));
                let (n_values, sum) = &mut self.table.values[slot * self.table.n_buckets + bucket];
                *n_values += 1;
                *sum += i128::from(value);
            }
        }
    }

    fn into_state(self, has_labels: bool) -> TrendState {
        let n_buckets = self.table.n_buckets;
        let mut all = Series { points: vec![TrendPoint::default(); n_buckets], total: TrendPoint::default() };
        let mut by_label = BTreeMap::new();
        for (slot, &label) in self.table.labels.iter().enumerate() {
            let series = self.table.series(slot);
            all = all.merge(series.clone());
            if has_labels {
                by_label.insert(label, series);
            }
        }
        // People of several labels are one person here.
        all.points.iter_mut().zip(self.people).for_each(|(point, people)| point.people = people);
        all.total.people = self.total_people;
        TrendState { all, by_label }
    }
}

impl TrendState {
    /// About how much memory it takes.
    pub fn size_bytes(&self) -> usize {
        let points = |series: &Series| size_of::<Series>() + series.points.len() * size_of::<TrendPoint>();
        points(&self.all) + self.by_label.values().map(points).sum::<usize>()
    }

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
