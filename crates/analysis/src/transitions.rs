//! Which event follows which (the directly-follows graph of process mining).
//!
//! # Semantics
//!
//! Two events of a person are *consecutive* if no counted event of the person lies between them in row
//! order, and at most `gap_us` passes (closed). Both lie in the period. Events of other persons, of
//! excluded rows and outside the period do not exist for this question. Same timestamp: rows keep
//! their order. With `collapse_repeats`, a run of the same event counts as one: only the first of a run
//! is arrived at, only the last is left, and gaps inside a run do not break it.

use rustc_hash::FxHashMap;

use crate::plan::{Period, PlanError, check_duration};
use crate::rows::{Column, Rows};
use crate::stages::Reach;

/// A valid plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransitionPlan {
    gap_us: i64,
    period: Period,
    include: Option<u64>,
    collapse_repeats: bool,
}

impl TransitionPlan {
    /// `include`: only rows with one of these mask bits; `None` = every row, the mask is not read.
    ///
    /// # Errors
    /// [`PlanError`] for a negative gap or a reversed period.
    pub fn new(
        gap_us: i64,
        period: Period,
        include: Option<u64>,
        collapse_repeats: bool,
    ) -> Result<Self, PlanError> {
        check_duration("gap", Some(gap_us))?;
        period.check()?;
        Ok(Self { gap_us, period, include, collapse_repeats })
    }
}

/// Mergeable counts per pair of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransitionState {
    pairs: FxHashMap<(u16, u16), Reach>,
}

/// One pair of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// Event code.
    pub event: u16,
    /// Code of the event that followed.
    pub next: u16,
    /// How often, and for how many people.
    pub reach: Reach,
}

/// Counts whole persons. Needs event, and mask if the plan includes by mask. O(rows).
pub fn fold(rows: Rows<'_>, plan: &TransitionPlan) -> TransitionState {
    rows.check(if plan.include.is_some() { &[Column::Event, Column::Mask] } else { &[Column::Event] });
    // The stamp of the last person seen makes people distinct without a set per pair.
    let mut pairs: FxHashMap<(u16, u16), (Reach, usize)> = FxHashMap::default();
    for (who, own) in rows.persons() {
        let mut previous: Option<(u16, i64)> = None;
        for row in own {
            let (event, time_us) = (rows.event[row], rows.time_us[row]);
            let included = plan.include.is_none_or(|bits| rows.mask[row] & bits != 0);
            if !included || !plan.period.contains(time_us) {
                continue;
            }
            let before = previous.replace((event, time_us));
            let Some((from, from_us)) = before else { continue };
            let repeats = plan.collapse_repeats && from == event;
            if repeats || time_us > from_us.saturating_add(plan.gap_us) {
                continue;
            }
            let (reach, last_who) = pairs.entry((from, event)).or_insert((Reach::default(), usize::MAX));
            reach.events += 1;
            reach.people += u64::from(*last_who != who);
            *last_who = who;
        }
    }
    TransitionState { pairs: pairs.into_iter().map(|(pair, (reach, _))| (pair, reach)).collect() }
}

impl TransitionState {
    /// Joins the counts of two disjoint sets of persons.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (pair, reach) in other.pairs {
            let own = self.pairs.entry(pair).or_default();
            *own = own.merge(reach);
        }
        self
    }

    /// All pairs, most frequent first, then by code.
    pub fn finish(self) -> Vec<Transition> {
        let all = self.pairs.into_iter();
        let mut all: Vec<_> = all.map(|((event, next), reach)| Transition { event, next, reach }).collect();
        all.sort_unstable_by_key(|t| (std::cmp::Reverse(t.reach.events), t.event, t.next));
        all
    }
}

#[cfg(test)]
mod tests;
