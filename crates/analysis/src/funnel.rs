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
use crate::spread::{Durations, Spread, spreads};

pub mod modes;

const MAX_STEPS: usize = 32;

/// A valid funnel: bit `i` of the mask is step `i`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunnelPlan {
    n_steps: usize,
    window_us: i64,
    period: Period,
    as_of_us: i64,
    first_entry: bool,
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
        Ok(Self { n_steps, window_us, period, as_of_us, first_entry: false })
    }

    /// The same funnel, but only the first step 0 of a person in the period starts an attempt (Mixpanel's default).
    #[must_use]
    pub fn with_first_entry(self) -> Self {
        Self { first_entry: true, ..self }
    }

    /// Number of steps.
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }
}

/// The attempt that counts for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt<'w> {
    /// Row of step 0.
    pub start_row: usize,
    /// Times of the steps reached, one or more, ascending.
    pub times_us: &'w [i64],
}

impl Attempt<'_> {
    /// Steps reached, 1 or more.
    pub fn n_reached(&self) -> usize {
        self.times_us.len()
    }
}

/// Walks persons, one after the other. Holds what a walk needs, so that a person costs nothing but their rows.
///
/// Place `k + 1` holds the attempt with the latest start among those that reached step `k`. Overwriting
/// is right: of two attempts at one step, the later start has more window left. Place 0 holds the attempt that
/// the row at hand would begin, so that every step is taken alike: from the place before it, with one test.
pub struct Walker<'p> {
    plan: &'p FunnelPlan,
    /// By place: the last instant at which the next step may be taken; [`NEVER`] where there is no attempt.
    until_us: [i64; MAX_STEPS + 1],
    /// By place: the row its attempt started at.
    start_row: [usize; MAX_STEPS + 1],
    /// By place: the times of its attempt.
    times_us: Vec<[i64; MAX_STEPS]>,
    /// The best attempt so far.
    best_us: [i64; MAX_STEPS],
}

/// No row.
const NONE: usize = usize::MAX;
/// Before any row.
const NEVER: i64 = i64::MIN;

impl<'p> Walker<'p> {
    /// A walker for a plan.
    pub fn new(plan: &'p FunnelPlan) -> Self {
        Self {
            plan,
            until_us: [NEVER; MAX_STEPS + 1],
            start_row: [NONE; MAX_STEPS + 1],
            times_us: vec![[0; MAX_STEPS]; plan.n_steps + 1],
            best_us: [0; MAX_STEPS],
        }
    }

    /// The attempt that counts for the person whose rows are `own`; `None` without a step 0. Needs mask.
    /// O(rows × steps they match).
    pub fn walk(&mut self, rows: &Rows<'_>, own: Range<usize>) -> Option<Attempt<'_>> {
        let FunnelPlan { n_steps, window_us, period, as_of_us, first_entry } = *self.plan;
        self.until_us[..=n_steps].fill(NEVER);
        self.start_row[..=n_steps].fill(NONE);
        let steps = u64::MAX >> (64 - n_steps);
        let (mut n_best, mut best_row) = (0, NONE);
        for row in own {
            // With one attempt only, nothing but its next step can happen.
            let awaited = if first_entry { 1 << n_best } else { steps };
            let (time_us, mut matched) = (rows.time_us[row], rows.mask[row] & awaited);
            if matched == 0 {
                continue;
            }
            if time_us > as_of_us {
                break;
            }
            // Most rows are another start, and no better than the one before.
            if matched == 1 && n_best > 0 {
                if period.contains(time_us) {
                    self.until_us[1] = time_us.saturating_add(window_us);
                    self.start_row[1] = row;
                    self.times_us[1][0] = time_us;
                }
                continue;
            }
            self.until_us[0] =
                if period.contains(time_us) { time_us.saturating_add(window_us) } else { NEVER };
            self.start_row[0] = row;
            // Highest step first, so that a row that fills step k cannot be the k-1 before it too.
            while matched != 0 {
                let k = 63 - matched.leading_zeros() as usize;
                matched &= !(1 << k);
                // Not if the window is over, or the attempt had the step already.
                if (time_us > self.until_us[k]) | (self.start_row[k] == self.start_row[k + 1]) {
                    continue;
                }
                self.until_us[k + 1] = self.until_us[k];
                self.start_row[k + 1] = self.start_row[k];
                let (before, after) = self.times_us.split_at_mut(k + 1);
                copy_first(&mut after[0], &before[k], k);
                after[0][k] = time_us;
                if k < n_best {
                    continue;
                }
                n_best = k + 1;
                best_row = self.start_row[k];
                copy_first(&mut self.best_us, &self.times_us[n_best], n_best);
                if n_best == n_steps {
                    return Some(Attempt { start_row: best_row, times_us: &self.best_us[..n_best] });
                }
            }
        }
        (n_best > 0).then_some(Attempt { start_row: best_row, times_us: &self.best_us[..n_best] })
    }
}

/// Copies the first `n` times, perhaps more: a few words of fixed number are copied faster than exactly as many as needed.
#[inline]
fn copy_first(to: &mut [i64; MAX_STEPS], from: &[i64; MAX_STEPS], n: usize) {
    match n {
        0..=4 => to[..4].copy_from_slice(&from[..4]),
        5..=8 => to[..8].copy_from_slice(&from[..8]),
        _ => *to = *from,
    }
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
    assert!(labels.is_empty() || labels.len() == rows.n_rows(), "one label per row");
    fold_with(&rows, plan, |_, start_row| labels.get(start_row).copied().unwrap_or(0))
}

/// As [`fold`], with one label per *person*, such as that of their first start ([`first_starts`]).
pub fn fold_by_person(rows: Rows<'_>, labels: &[u32], plan: &FunnelPlan) -> FunnelState {
    assert_eq!(labels.len(), rows.n_persons(), "one label per person");
    fold_with(&rows, plan, |who, _| labels[who])
}

fn fold_with(rows: &Rows<'_>, plan: &FunnelPlan, label: impl Fn(usize, usize) -> u32) -> FunnelState {
    rows.check(&[Column::Mask]);
    let mut state = FunnelState::default();
    let mut walker = Walker::new(plan);
    for (who, own) in rows.persons() {
        let Some(attempt) = walker.walk(rows, own) else { continue };
        let counts = state.by_label.entry(label(who, attempt.start_row));
        let steps = counts.or_insert_with(|| vec![StepCounts::default(); plan.n_steps]);
        let times_us = attempt.times_us;
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

/// Of every person, kept or not, the first row of step 0 in the period: whether it began an attempt that counts or not.
pub fn first_starts(rows: &Rows<'_>, period: Period) -> Vec<Option<usize>> {
    rows.person_starts.windows(2).map(|pair| first_start(rows, pair[0]..pair[1], period)).collect()
}

fn first_start(rows: &Rows<'_>, mut own: Range<usize>, period: Period) -> Option<usize> {
    own.find(|&row| rows.mask[row] & 1 == 1 && period.contains(rows.time_us[row]))
}

impl FunnelState {
    /// About how much memory it takes: 8 bytes for each duration.
    pub fn size_bytes(&self) -> usize {
        let durations = |step: &StepCounts| step.from_start.len() + step.from_previous.len();
        self.by_label.values().flatten().map(|step| size_of::<StepCounts>() + durations(step) * 8).sum()
    }

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
        if self.by_label.len() == 1 {
            // The one label is everybody: its durations are ranked once, and not copied.
            let by_label: Vec<_> =
                self.by_label.into_iter().map(|(label, steps)| (label, finish(steps))).collect();
            return FunnelAnswer { steps: by_label[0].1.clone(), by_label };
        }
        let mut total = vec![StepCounts::default(); plan.n_steps];
        for steps in self.by_label.values() {
            for (sum, step) in total.iter_mut().zip(steps) {
                *sum = std::mem::take(sum).merge(step.clone());
            }
        }
        let by_label = self.by_label.into_iter().map(|(label, steps)| (label, finish(steps))).collect();
        FunnelAnswer { steps: finish(total), by_label }
    }
}

fn finish(steps: Vec<StepCounts>) -> Vec<FunnelStep> {
    let (mut reached, mut durations) = (Vec::new(), Vec::new());
    for step in steps {
        reached.push(step.reached);
        durations.extend([step.from_start, step.from_previous]);
    }
    let spreads = spreads(durations);
    let step = |(people, spreads): (u64, &[Option<Spread>])| FunnelStep {
        people,
        from_start: spreads[0],
        from_previous: spreads[1],
    };
    reached.into_iter().zip(spreads.chunks(2)).map(step).collect()
}

impl StepCounts {
    fn merge(self, other: Self) -> Self {
        Self {
            reached: self.reached + other.reached,
            from_start: self.from_start.merge(other.from_start),
            from_previous: self.from_previous.merge(other.from_previous),
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
    let (mut selected, mut walker) = (Vec::new(), Walker::new(plan));
    for (who, own) in rows.persons() {
        let person = rows.persons[who];
        let Some(attempt) = walker.walk(&rows, own) else { continue };
        let n_reached = attempt.n_reached();
        let wanted = match selector {
            Selector::Reached(k) => n_reached > k,
            Selector::StoppedAt(k) => n_reached == k + 1,
        };
        if wanted {
            let times_us = attempt.times_us;
            let (start_us, last_step_us) = (times_us[0], times_us[n_reached - 1]);
            selected.push(Selected { person, start_us, last_step_us, n_reached });
        }
    }
    selected
}

#[cfg(test)]
mod tests;
