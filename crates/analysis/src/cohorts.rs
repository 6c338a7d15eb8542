//! Cohort table: what the people who started in the same interval do and are worth, interval by interval.
//!
//! # Semantics
//!
//! A person belongs to the cohort of their first start row ever, if it lies in one of the first
//! `n_cohorts` intervals. Counted rows (at or after the start, in row order) belong to the interval of
//! their time; cell `k` is `k` intervals after the cohort's own. A cell that is not over at `as_of_us`
//! is incomplete. The rows must hold each person's whole history.

use crate::plan::{PlanError, bucket_of, check_bounds};
use crate::rows::{Column, Rows};

/// A valid plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortPlan {
    bounds_us: Vec<i64>,
    n_cohorts: usize,
    starts: Option<u64>,
    counted: Option<u64>,
    as_of_us: i64,
}

impl CohortPlan {
    /// `starts`, `counted`: mask bits, `None` = any row.
    ///
    /// # Errors
    /// [`PlanError::Boundaries`] for boundaries that do not ascend or are fewer than cohorts need;
    /// [`PlanError::TableSize`] for more than a million cells.
    pub fn new(
        bounds_us: Vec<i64>,
        n_cohorts: usize,
        starts: Option<u64>,
        counted: Option<u64>,
        as_of_us: i64,
    ) -> Result<Self, PlanError> {
        check_bounds(&bounds_us)?;
        if n_cohorts == 0 || n_cohorts >= bounds_us.len() {
            return Err(PlanError::Boundaries);
        }
        let n_cells = n_cohorts.saturating_mul(bounds_us.len() - 1);
        if n_cells > 1 << 20 {
            return Err(PlanError::TableSize { got: n_cells });
        }
        Ok(Self { bounds_us, n_cohorts, starts, counted, as_of_us })
    }

    fn n_intervals(&self) -> usize {
        self.bounds_us.len() - 1
    }

    /// The first start ever of a person and its cohort.
    fn start(&self, rows: &Rows<'_>, mut own: std::ops::Range<usize>) -> Option<(usize, usize)> {
        let first = own.find(|&row| self.starts.is_none_or(|bits| rows.mask[row] & bits != 0))?;
        let time_us = rows.time_us[first];
        let cohort = bucket_of(&self.bounds_us[..=self.n_cohorts], time_us)?;
        (time_us <= self.as_of_us).then_some((first, cohort))
    }
}

/// One cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CohortCell {
    /// People of the cohort with a counted row.
    pub people: u64,
    /// Counted rows.
    pub events: u64,
    /// Sum of their amounts, hundredths.
    pub amount: i128,
}

/// One cohort of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortRow {
    /// People.
    pub people: u64,
    /// Cells from the cohort's own interval to the last.
    pub cells: Vec<CohortCell>,
    /// The first so many cells are over.
    pub n_complete: usize,
}

impl CohortRow {
    /// Mean amount per person of the cohort up to and with each cell, hundredths: the value so far.
    pub fn cumulative_amount(&self) -> Vec<f64> {
        let mut sum = 0;
        let mean = |cell: &CohortCell| {
            sum += cell.amount;
            if self.people == 0 { 0.0 } else { sum as f64 / self.people as f64 }
        };
        self.cells.iter().map(mean).collect()
    }
}

/// Mergeable table by cohort, then interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortState {
    people: Vec<u64>,
    cells: Vec<CohortCell>,
}

/// Counts whole persons with their whole history.
///
/// Needs mask if the plan has bits; sums amounts if the column is there. O(rows).
pub fn fold(rows: Rows<'_>, plan: &CohortPlan) -> CohortState {
    let needs_mask = plan.starts.is_some() || plan.counted.is_some();
    rows.check(if needs_mask { &[Column::Mask] } else { &[] });
    let n_intervals = plan.n_intervals();
    let mut state = CohortState::empty(plan);
    for (_, own) in rows.persons() {
        let Some((first, cohort)) = plan.start(&rows, own.clone()) else { continue };
        state.people[cohort] += 1;
        let cells = &mut state.cells[cohort * n_intervals..][..n_intervals];
        let (mut interval, mut counted_in) = (cohort, usize::MAX);
        for row in first..own.end {
            let time_us = rows.time_us[row];
            if time_us > plan.as_of_us {
                break;
            }
            if plan.counted.is_some_and(|bits| rows.mask[row] & bits == 0) {
                continue;
            }
            while interval < n_intervals && plan.bounds_us[interval + 1] <= time_us {
                interval += 1;
            }
            let Some(cell) = cells.get_mut(interval) else { break };
            cell.people += u64::from(counted_in != interval);
            counted_in = interval;
            cell.events += 1;
            cell.amount += rows.amount_at(row).map_or(0, i128::from);
        }
    }
    state
}

impl CohortState {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        size_of_val(self.people.as_slice()) + size_of_val(self.cells.as_slice())
    }

    /// The table of nobody; neutral in [`CohortState::merge`].
    pub fn empty(plan: &CohortPlan) -> Self {
        let n_cells = plan.n_cohorts * plan.n_intervals();
        Self { people: vec![0; plan.n_cohorts], cells: vec![CohortCell::default(); n_cells] }
    }

    /// Joins the counts of two disjoint sets of persons. Panics if the plans' shapes differ.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        assert_eq!(self.cells.len(), other.cells.len(), "states of one plan");
        self.people.iter_mut().zip(other.people).for_each(|(own, people)| *own += people);
        for (own, cell) in self.cells.iter_mut().zip(other.cells) {
            own.people += cell.people;
            own.events += cell.events;
            own.amount += cell.amount;
        }
        self
    }

    /// The answer, by cohort.
    pub fn finish(self, plan: &CohortPlan) -> Vec<CohortRow> {
        let over = plan.bounds_us[1..].partition_point(|&end_us| end_us <= plan.as_of_us);
        let row = |(cohort, (people, cells)): (usize, (u64, &[CohortCell]))| CohortRow {
            people,
            cells: cells[cohort..].to_vec(),
            n_complete: over.saturating_sub(cohort),
        };
        self.people
            .into_iter()
            .zip(self.cells.chunks_exact(plan.n_intervals()))
            .enumerate()
            .map(row)
            .collect()
    }
}

/// The people of a cohort, or with `cell` those counted in it: their keys in row order; as many as
/// counted. Needs person and what counting needs.
pub fn select(rows: Rows<'_>, plan: &CohortPlan, cohort: usize, cell: Option<usize>) -> Vec<u64> {
    rows.check(&[Column::Person]);
    let mut selected = Vec::new();
    for (who, own) in rows.persons() {
        let Some((first, own_cohort)) = plan.start(&rows, own.clone()) else { continue };
        let counts = |row: usize| plan.counted.is_none_or(|bits| rows.mask[row] & bits != 0);
        let in_cell = |cell: usize| {
            let Some(span) = plan.bounds_us.get(cohort + cell..=cohort + cell + 1) else { return false };
            let inside = |row: usize| {
                let time_us = rows.time_us[row];
                (span[0]..span[1]).contains(&time_us) && time_us <= plan.as_of_us
            };
            (first..own.end).any(|row| inside(row) && counts(row))
        };
        if own_cohort == cohort && cell.is_none_or(in_cell) {
            selected.push(rows.persons[who]);
        }
    }
    selected
}

#[cfg(test)]
mod tests;
