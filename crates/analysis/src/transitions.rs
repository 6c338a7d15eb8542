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

/// Codes below make a table of all pairs, which fits the cache where codes are few; beyond it pairs are hashed.
const DENSE_CODES: usize = 512;

/// Counts of one pair while persons go by.
#[derive(Clone, Copy, Default)]
struct Cell {
    events: u64,
    people: u32,
    /// The last person seen, plus 1: distinct people without a set.
    last: u32,
}

impl Cell {
    /// Without a branch: whether two events are consecutive is a coin toss to the processor.
    #[inline]
    fn add(&mut self, who: usize, counts: bool) {
        let stamp = who as u32 + 1;
        self.events += u64::from(counts);
        self.people += u32::from(counts & (self.last != stamp));
        self.last = if counts { stamp } else { self.last };
    }

    fn reach(self) -> Reach {
        Reach { people: u64::from(self.people), events: self.events }
    }
}

/// Counts whole persons. Needs event, and mask if the plan includes by mask. O(rows).
pub fn fold(rows: Rows<'_>, plan: &TransitionPlan) -> TransitionState {
    rows.check(if plan.include.is_some() { &[Column::Event, Column::Mask] } else { &[Column::Event] });
    let n_codes = rows.event.iter().max().map_or(0, |&largest| usize::from(largest) + 1);
    if n_codes > DENSE_CODES {
        let mut pairs: FxHashMap<(u16, u16), Cell> = FxHashMap::default();
        walk(&rows, plan, |who, from, row, counts| {
            if counts {
                pairs.entry((from, rows.event[row])).or_default().add(who, true);
            }
        });
        return TransitionState {
            pairs: pairs.into_iter().map(|(pair, cell)| (pair, cell.reach())).collect(),
        };
    }
    let mut cells = vec![Cell::default(); n_codes * n_codes];
    walk(&rows, plan, |who, from, row, counts| {
        cells[usize::from(from) * n_codes + usize::from(rows.event[row])].add(who, counts);
    });
    let counted = cells.into_iter().enumerate().filter(|(_, cell)| cell.events > 0);
    let pair = |at: usize| ((at / n_codes) as u16, (at % n_codes) as u16);
    TransitionState { pairs: counted.map(|(at, cell)| (pair(at), cell.reach())).collect() }
}

/// Calls `arrive(person, event before, row, counts)` with each pair of neighbours and whether it is a transition.
#[inline]
fn walk(rows: &Rows<'_>, plan: &TransitionPlan, arrive: impl FnMut(usize, u16, usize, bool)) {
    match plan.include {
        None => walk_included(rows, plan, |_| true, arrive),
        Some(bits) => walk_included(rows, plan, |row| rows.mask[row] & bits != 0, arrive),
    }
}

#[inline]
fn walk_included(
    rows: &Rows<'_>,
    plan: &TransitionPlan,
    is_included: impl Fn(usize) -> bool,
    mut arrive: impl FnMut(usize, u16, usize, bool),
) {
    for (who, own) in rows.persons() {
        let mut counted = own.filter(|&row| is_included(row) && plan.period.contains(rows.time_us[row]));
        let Some(first) = counted.next() else { continue };
        let (mut from, mut from_us) = (rows.event[first], rows.time_us[first]);
        for row in counted {
            let (event, time_us) = (rows.event[row], rows.time_us[row]);
            let repeats = plan.collapse_repeats && from == event;
            arrive(who, from, row, !repeats & (time_us <= from_us.saturating_add(plan.gap_us)));
            (from, from_us) = (event, time_us);
        }
    }
}

/// One person behind a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Person key.
    pub person: u64,
    /// First time the second event followed the first.
    pub first_us: i64,
    /// Last time.
    pub last_us: i64,
    /// How often.
    pub events: u64,
}

/// The people of a transition, in row order; as many as [`fold`] counts. Needs person besides.
pub fn select(rows: Rows<'_>, plan: &TransitionPlan, event: u16, next: u16) -> Vec<Selected> {
    rows.check(&[Column::Person, Column::Event]);
    let mut selected: Vec<Selected> = Vec::new();
    walk(&rows, plan, |who, from, row, counts| {
        if !counts || (from, rows.event[row]) != (event, next) {
            return;
        }
        let (person, time_us) = (rows.persons[who], rows.time_us[row]);
        match selected.last_mut().filter(|last| last.person == person) {
            Some(last) => (last.last_us, last.events) = (time_us, last.events + 1),
            None => selected.push(Selected { person, first_us: time_us, last_us: time_us, events: 1 }),
        }
    });
    selected
}

impl TransitionState {
    /// About how much memory it takes.
    pub fn size_bytes(&self) -> usize {
        self.pairs.len() * size_of::<((u16, u16), Reach)>()
    }

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
