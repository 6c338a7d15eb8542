//! Lifecycle: who is new, returning, resurrecting or dormant in each interval.
//!
//! # Semantics
//!
//! A person is *active* in an interval with a matching row in it. An active person is **new** where the
//! first row they ever had, matching or not, lies in the interval; else **returning** if active in the
//! interval before; else **resurrecting**. A person active in the interval before and not in this one
//! is **dormant** here, once: not again in the next. So `active = new + returning + resurrecting` and
//! `dormant = active before - returning`.
//!
//! The first of the caller's intervals lies before the range and is only read. Intervals come from a
//! calendar (zone, week start): adding 24 hours breaks where the clocks change. An interval that is
//! not over at `as_of_us` is incomplete: its dormant people may still come. One that has not begun
//! counts nobody. The rows must hold each person's whole history.

use crate::activity::intervals;
use crate::plan::{PlanError, check_bounds};
use crate::rows::{Column, Rows};

/// A valid plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecyclePlan {
    bounds_us: Vec<i64>,
    active: Option<u64>,
    as_of_us: i64,
}

impl LifecyclePlan {
    /// `bounds_us`: three or more, strictly ascending; the first interval is the one before the range.
    /// `active`: mask bits of rows that make active, `None` = any row.
    ///
    /// # Errors
    /// [`PlanError::Boundaries`].
    pub fn new(bounds_us: Vec<i64>, active: Option<u64>, as_of_us: i64) -> Result<Self, PlanError> {
        check_bounds(&bounds_us)?;
        if bounds_us.len() < 3 {
            return Err(PlanError::Boundaries);
        }
        Ok(Self { bounds_us, active, as_of_us })
    }

    /// Intervals of the range.
    pub fn n_intervals(&self) -> usize {
        self.bounds_us.len() - 2
    }

    /// Intervals of the range, the first ones, that have begun: all that states follow from of “now”, but for rows later
    /// than it, which do not exist.
    pub fn n_begun(&self) -> usize {
        self.bounds_us[1..=self.n_intervals()].partition_point(|&bound_us| bound_us <= self.as_of_us)
    }
}

/// What a person is in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Active, and their first row ever is in it.
    New,
    /// Active, and in the interval before.
    Returning,
    /// Active, neither of these.
    Resurrecting,
    /// Active in the interval before only.
    Dormant,
}

/// People of one interval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LifecyclePoint {
    /// First ever.
    pub new: u64,
    /// Also active before.
    pub returning: u64,
    /// Back after a break.
    pub resurrecting: u64,
    /// Gone since the interval before.
    pub dormant: u64,
    /// Whether the interval is over.
    pub is_complete: bool,
}

impl LifecyclePoint {
    /// People active in the interval.
    pub fn active(&self) -> u64 {
        self.new + self.returning + self.resurrecting
    }

    /// `(new + resurrecting) / dormant`: above 1 the number of active people grows. `None` without dormant.
    pub fn quick_ratio(&self) -> Option<f64> {
        (self.dormant > 0).then(|| (self.new + self.resurrecting) as f64 / self.dormant as f64)
    }
}

/// Mergeable counts by interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleState(Vec<[u64; 4]>);

/// Hands every interval of the range in which the person is something to `each`, ascending.
fn phases(
    rows: &Rows<'_>,
    own: std::ops::Range<usize>,
    plan: &LifecyclePlan,
    n_begun: usize,
    mut each: impl FnMut(usize, Phase),
) {
    let first_us = rows.time_us[own.start];
    // Intervals are counted from the one before the range: `at` there is `at - 1` here.
    let mut latest: Option<usize> = None;
    let bounds_us = &plan.bounds_us;
    intervals(rows, own, bounds_us, plan.active, plan.as_of_us, |at, _| {
        if let Some(before) = latest
            && before + 1 < at
        {
            each(before, Phase::Dormant);
        }
        let is_new = (bounds_us[at]..bounds_us[at + 1]).contains(&first_us);
        if at > 0 {
            each(
                at - 1,
                match latest {
                    _ if is_new => Phase::New,
                    Some(before) if before + 1 == at => Phase::Returning,
                    _ => Phase::Resurrecting,
                },
            );
        }
        latest = Some(at);
    });
    if let Some(before) = latest.filter(|&before| before < n_begun) {
        each(before, Phase::Dormant);
    }
}

/// Counts whole persons with their whole history. Needs mask if the plan has bits. O(rows).
pub fn fold(rows: Rows<'_>, plan: &LifecyclePlan) -> LifecycleState {
    rows.check(if plan.active.is_some() { &[Column::Mask] } else { &[] });
    let mut state = LifecycleState::empty(plan);
    let n_begun = plan.n_begun();
    for (_, own) in rows.persons() {
        phases(&rows, own, plan, n_begun, |interval, phase| state.0[interval][phase as usize] += 1);
    }
    state
}

impl LifecycleState {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        size_of_val(self.0.as_slice())
    }

    /// The counts of nobody; neutral in [`LifecycleState::merge`].
    pub fn empty(plan: &LifecyclePlan) -> Self {
        Self(vec![[0; 4]; plan.n_intervals()])
    }

    /// Joins the counts of two disjoint sets of persons. Panics if the plans' shapes differ.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        assert_eq!(self.0.len(), other.0.len(), "states of one plan");
        for (own, counts) in self.0.iter_mut().zip(other.0) {
            own.iter_mut().zip(counts).for_each(|(own, count)| *own += count);
        }
        self
    }

    /// One point per interval of the range.
    pub fn finish(self, plan: &LifecyclePlan) -> Vec<LifecyclePoint> {
        let point = |(at, [new, returning, resurrecting, dormant]): (usize, [u64; 4])| LifecyclePoint {
            new,
            returning,
            resurrecting,
            dormant,
            is_complete: plan.bounds_us[at + 2] <= plan.as_of_us,
        };
        self.0.into_iter().enumerate().map(point).collect()
    }
}

/// The people of one number: their keys in row order; as many as [`fold`] counts. Needs person and
/// what counting needs.
pub fn select(rows: Rows<'_>, plan: &LifecyclePlan, interval: usize, phase: Phase) -> Vec<u64> {
    rows.check(if plan.active.is_some() { &[Column::Person, Column::Mask] } else { &[Column::Person] });
    let mut selected = Vec::new();
    for (who, own) in rows.persons() {
        phases(&rows, own, plan, plan.n_begun(), |at, is| {
            if (at, is) == (interval, phase) {
                selected.push(rows.persons[who]);
            }
        });
    }
    selected
}

#[cfg(test)]
mod tests;
