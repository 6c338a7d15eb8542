//! Ordered funnels: how many people reached step 0, 1, … n-1 inside a time window.
//!
//! # Semantics: ordered, non-strict (ClickHouse `windowFunnel`, PostHog "ordered")
//!
//! * An *attempt* is a row of step 0 inside the period, then later rows of step 1, 2, … in row order;
//!   other rows in between do not matter. One row never fills two steps of an attempt.
//! * The window is closed and measured from step 0: exactly `window_us` later still counts. Later
//!   steps may lie beyond the period, but not beyond `as_of`.
//! * A person reaches the furthest step of any attempt, so a restart may convert. Times and label are
//!   those of the attempt that first got there, with the freshest step 0 that could; within it each
//!   step is taken at its first row.
//! * A breakdown labels the person by the row of step 0; it never cuts the sequence.
//! * Same timestamp: rows keep their order.
//!
//! [`modes`] has the other orders, optional steps, exclusions and units; this is the fast plain case.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::plan::{Period, PlanError, check_duration};
use crate::rows::{Column, Rows};
use crate::spread::{Durations, Spread};

pub mod modes;

const MAX_STEPS: usize = 32;

/// A valid funnel: bit `i` of the mask is step `i`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunnelPlan {
    n_steps: usize,
    window_us: i64,
    period: Period,
    as_of_us: i64,
}

impl FunnelPlan {
    /// 1 to 32 steps; step 0 must lie in `period`; rows later than `as_of_us` are ignored.
    ///
    /// # Errors
    /// [`PlanError`] for a wrong number of steps, a negative window or a reversed period.
    pub fn new(n_steps: usize, window_us: i64, period: Period, as_of_us: i64) -> Result<Self, PlanError> {
        if !(1..=MAX_STEPS).contains(&n_steps) {
            return Err(PlanError::StepCount { got: n_steps });
        }
        check_duration("window", Some(window_us))?;
        period.check()?;
        Ok(Self { n_steps, window_us, period, as_of_us })
    }

    /// Number of steps.
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }
}

/// The attempt that counts for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Steps reached, 1 or more.
    pub n_reached: usize,
    /// Row of step 0.
    pub start_row: usize,
    times_us: [i64; MAX_STEPS],
}

impl Attempt {
    /// Times of the steps reached, ascending.
    pub fn times_us(&self) -> &[i64] {
        &self.times_us[..self.n_reached]
    }
}

/// The attempt that counts for the person whose rows are `own`; `None` without a step 0. Needs mask.
///
/// Slot `k` holds the attempt with the latest start among those that reached step `k`. Overwriting
/// is right: of two attempts at one step, the later start has more window left. O(rows).
pub fn walk(rows: &Rows<'_>, own: Range<usize>, plan: &FunnelPlan) -> Option<Attempt> {
    let mut slots: [Option<Attempt>; MAX_STEPS] = [None; MAX_STEPS];
    let mut best: Option<Attempt> = None;
    let steps = u64::MAX >> (64 - plan.n_steps);
    for row in own {
        let (time_us, mut matched) = (rows.time_us[row], rows.mask[row] & steps);
        if matched == 0 {
            continue;
        }
        if time_us > plan.as_of_us {
            break;
        }
        // Highest step first, so that a row that fills step k cannot be the k-1 before it too.
        while matched != 0 {
            let k = 63 - matched.leading_zeros() as usize;
            matched &= !(1 << k);
            let reached = if k == 0 {
                plan.period.contains(time_us).then(|| {
                    let mut times_us = [0; MAX_STEPS];
                    times_us[0] = time_us;
                    Attempt { n_reached: 1, start_row: row, times_us }
                })
            } else {
                advance(slots[k - 1], slots[k], time_us, plan.window_us)
            };
            let Some(attempt) = reached else { continue };
            slots[k] = Some(attempt);
            if best.is_none_or(|best| attempt.n_reached > best.n_reached) {
                best = Some(attempt);
                if attempt.n_reached == plan.n_steps {
                    return best;
                }
            }
        }
    }
    best
}

/// The attempt waiting for this step takes it, unless the window is over or it had the step already.
fn advance(before: Option<Attempt>, there: Option<Attempt>, time_us: i64, window_us: i64) -> Option<Attempt> {
    let mut attempt = before?;
    let in_window = time_us <= attempt.times_us[0].saturating_add(window_us);
    let taken = there.is_some_and(|there| there.start_row == attempt.start_row);
    if !in_window || taken {
        return None;
    }
    attempt.times_us[attempt.n_reached] = time_us;
    attempt.n_reached += 1;
    Some(attempt)
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct StepCounts {
    reached: u64,
    from_start: Durations,
    from_previous: Durations,
}

/// Mergeable counts of a funnel by label; a funnel without breakdown has the one label 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunnelState {
    by_label: BTreeMap<u32, Vec<StepCounts>>,
}

/// One step of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunnelStep {
    /// People who reached this step or further. Never more than the step before.
    pub people: u64,
    /// Time from step 0 of those people; `None` at step 0 and where nobody came.
    pub from_start: Option<Spread>,
    /// Time from the step before.
    pub from_previous: Option<Spread>,
}

/// The answer: everybody, and by label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunnelAnswer {
    /// One row per step, all labels together.
    pub steps: Vec<FunnelStep>,
    /// `(label, steps)` in label order; people of the labels add up to `steps`.
    pub by_label: Vec<(u32, Vec<FunnelStep>)>,
}

/// Counts whole persons.
///
/// Needs mask. `labels` is parallel to the rows, or empty for no breakdown. Rows of no step may be
/// left out. O(rows), no allocation per person but the growth of the kept durations.
pub fn fold(rows: Rows<'_>, labels: &[u32], plan: &FunnelPlan) -> FunnelState {
    rows.check(&[Column::Mask]);
    assert!(labels.is_empty() || labels.len() == rows.n_rows(), "one label per row");
    let mut state = FunnelState::default();
    for (_, own) in rows.persons() {
        let Some(attempt) = walk(&rows, own, plan) else { continue };
        let label = labels.get(attempt.start_row).copied().unwrap_or(0);
        let counts = state.by_label.entry(label);
        let steps = counts.or_insert_with(|| vec![StepCounts::default(); plan.n_steps]);
        let times_us = attempt.times_us();
        for (k, step) in steps.iter_mut().enumerate().take(times_us.len()) {
            step.reached += 1;
            if k > 0 {
                step.from_start.push(times_us[k] - times_us[0]);
                step.from_previous.push(times_us[k] - times_us[k - 1]);
            }
        }
    }
    state
}

impl FunnelState {
    /// Joins the counts of two disjoint sets of persons, same plan.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (label, steps) in other.by_label {
            let merged = match self.by_label.remove(&label) {
                None => steps,
                Some(own) => own.into_iter().zip(steps).map(|(a, b)| a.merge(b)).collect(),
            };
            self.by_label.insert(label, merged);
        }
        self
    }

    /// One state per label, each under label 0: for callers whose label codes mean something within one
    /// call only and who merge by what they stand for.
    pub fn split(self) -> impl Iterator<Item = (u32, Self)> {
        self.by_label
            .into_iter()
            .map(|(label, steps)| (label, Self { by_label: BTreeMap::from([(0, steps)]) }))
    }

    /// The answer: percentiles for the durations.
    pub fn finish(self, plan: &FunnelPlan) -> FunnelAnswer {
        let mut total = vec![StepCounts::default(); plan.n_steps];
        for steps in self.by_label.values() {
            for (sum, step) in total.iter_mut().zip(steps) {
                *sum = std::mem::take(sum).merge(step.clone());
            }
        }
        let finish = |steps: Vec<StepCounts>| steps.into_iter().map(StepCounts::finish).collect();
        let by_label = self.by_label.into_iter().map(|(label, steps)| (label, finish(steps))).collect();
        FunnelAnswer { steps: finish(total), by_label }
    }
}

impl StepCounts {
    fn merge(self, other: Self) -> Self {
        Self {
            reached: self.reached + other.reached,
            from_start: self.from_start.merge(other.from_start),
            from_previous: self.from_previous.merge(other.from_previous),
        }
    }

    fn finish(self) -> FunnelStep {
        FunnelStep {
            people: self.reached,
            from_start: self.from_start.spread(),
            from_previous: self.from_previous.spread(),
        }
    }
}

/// Whom to select.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selector {
    /// `people` of step `k`.
    Reached(usize),
    /// Reached step `k` but not `k + 1`.
    StoppedAt(usize),
}

/// One selected person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// Time of step 0 of the attempt that counts.
    pub start_us: i64,
    /// Time of the furthest step.
    pub last_step_us: i64,
    /// Steps reached.
    pub n_reached: usize,
}

/// The people of one number, in row order; as many as [`fold`] counts. Needs person and mask.
pub fn select(rows: Rows<'_>, plan: &FunnelPlan, selector: Selector) -> Vec<Selected> {
    rows.check(&[Column::Person, Column::Mask]);
    let mut selected = Vec::new();
    for (who, own) in rows.persons() {
        let person = rows.persons[who];
        let Some(attempt) = walk(&rows, own, plan) else { continue };
        let wanted = match selector {
            Selector::Reached(k) => attempt.n_reached > k,
            Selector::StoppedAt(k) => attempt.n_reached == k + 1,
        };
        if wanted {
            let (times_us, n_reached) = (attempt.times_us(), attempt.n_reached);
            let (start_us, last_step_us) = (times_us[0], times_us[n_reached - 1]);
            selected.push(Selected { person, start_us, last_step_us, n_reached });
        }
    }
    selected
}

#[cfg(test)]
mod tests;
