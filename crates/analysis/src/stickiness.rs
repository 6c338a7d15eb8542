//! Stickiness: how many intervals (days, say) of each larger one (weeks, months) people are active in.
//!
//! # Semantics
//!
//! A person is active in an interval with a matching row in it. Each interval belongs to the span in
//! which it starts. A span's histogram counts its active people by the number of their active
//! intervals; its *ratio* (DAU/MAU where intervals are days and spans months) is the mean number of
//! people active per interval, over the intervals of the span that have begun at `as_of_us`, divided
//! by the people active in the span. Both come from one histogram, so they cannot disagree.

use crate::activity::intervals;
use crate::plan::{PlanError, check_bounds};
use crate::rows::{Column, Rows};

/// A valid plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StickinessPlan {
    bounds_us: Vec<i64>,
    /// First interval of each span, and the number of intervals at the end.
    spans: Vec<usize>,
    active: Option<u64>,
    as_of_us: i64,
}

impl StickinessPlan {
    /// `bounds_us` cut intervals, `span_bounds_us` spans; both strictly ascending, two or more. Intervals
    /// that start outside all spans are not read, and every span holds at least one.
    ///
    /// # Errors
    /// [`PlanError::Boundaries`].
    pub fn new(
        bounds_us: Vec<i64>,
        span_bounds_us: &[i64],
        active: Option<u64>,
        as_of_us: i64,
    ) -> Result<Self, PlanError> {
        check_bounds(&bounds_us)?;
        check_bounds(span_bounds_us)?;
        if bounds_us.is_empty() || span_bounds_us.is_empty() {
            return Err(PlanError::Boundaries);
        }
        let starts = &bounds_us[..bounds_us.len() - 1];
        let first_of = |&span_us: &i64| starts.partition_point(|&start_us| start_us < span_us);
        let firsts: Vec<usize> = span_bounds_us.iter().map(first_of).collect();
        if firsts.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(PlanError::Boundaries);
        }
        let (from, to) = (firsts[0], firsts[firsts.len() - 1]);
        let spans = firsts.iter().map(|first| first - from).collect();
        Ok(Self { bounds_us: bounds_us[from..=to].to_vec(), spans, active, as_of_us })
    }

    /// Number of spans.
    pub fn n_spans(&self) -> usize {
        self.spans.len() - 1
    }

    fn begun(&self, span: usize) -> usize {
        let begun = self.bounds_us.partition_point(|&bound_us| bound_us <= self.as_of_us);
        begun.clamp(self.spans[span], self.spans[span + 1]) - self.spans[span]
    }
}

/// Mergeable histograms: by span, people by active intervals - 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StickinessState(Vec<Vec<u64>>);

/// One span of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct StickinessSpan {
    /// People active in it.
    pub people: u64,
    /// `by_intervals[n - 1]`: people active in exactly `n` intervals.
    pub by_intervals: Vec<u64>,
    /// Intervals of it that have begun.
    pub n_begun: usize,
    /// Mean people active per interval that has begun, e.g. DAU.
    pub per_interval: Option<f64>,
    /// That by the people of the span, e.g. DAU/MAU.
    pub ratio: Option<f64>,
    /// Whether the span is over.
    pub is_complete: bool,
}

impl StickinessSpan {
    /// People active in `n` intervals or more.
    pub fn at_least(&self, n: usize) -> u64 {
        self.by_intervals.iter().skip(n.saturating_sub(1)).sum()
    }
}

/// Hands every span in which the person is active, with the number of intervals, to `each`.
fn active_spans(
    rows: &Rows<'_>,
    own: std::ops::Range<usize>,
    plan: &StickinessPlan,
    mut each: impl FnMut(usize, usize),
) {
    let (mut span, mut n) = (0, 0);
    intervals(rows, own, &plan.bounds_us, plan.active, plan.as_of_us, |at, _| {
        if at >= plan.spans[span + 1] {
            if n > 0 {
                each(span, n);
            }
            n = 0;
            while at >= plan.spans[span + 1] {
                span += 1;
            }
        }
        n += 1;
    });
    if n > 0 {
        each(span, n);
    }
}

/// Counts whole persons. Needs mask if the plan has bits. O(rows).
pub fn fold(rows: Rows<'_>, plan: &StickinessPlan) -> StickinessState {
    rows.check(if plan.active.is_some() { &[Column::Mask] } else { &[] });
    let mut state = StickinessState::empty(plan);
    for (_, own) in rows.persons() {
        active_spans(&rows, own, plan, |span, n| state.0[span][n - 1] += 1);
    }
    state
}

impl StickinessState {
    /// About how much memory the state takes.
    pub fn size_bytes(&self) -> usize {
        self.0.iter().map(|counts| size_of::<Vec<u64>>() + size_of_val(counts.as_slice())).sum()
    }

    /// The histograms of nobody; neutral in [`StickinessState::merge`].
    pub fn empty(plan: &StickinessPlan) -> Self {
        Self(plan.spans.windows(2).map(|pair| vec![0; pair[1] - pair[0]]).collect())
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

    /// One answer per span.
    pub fn finish(self, plan: &StickinessPlan) -> Vec<StickinessSpan> {
        let span = |(at, by_intervals): (usize, Vec<u64>)| {
            let people: u64 = by_intervals.iter().sum();
            let active: u64 = by_intervals.iter().zip(1..).map(|(people, n)| people * n).sum();
            let n_begun = plan.begun(at);
            let per_interval = (n_begun > 0).then(|| active as f64 / n_begun as f64);
            StickinessSpan {
                people,
                n_begun,
                per_interval,
                ratio: per_interval.filter(|_| people > 0).map(|mean| mean / people as f64),
                is_complete: plan.bounds_us[plan.spans[at + 1]] <= plan.as_of_us,
                by_intervals,
            }
        };
        self.0.into_iter().enumerate().map(span).collect()
    }
}

/// The people active in exactly `n_intervals` of a span: their keys in row order; as many as counted.
/// Needs person and what counting needs.
pub fn select(rows: Rows<'_>, plan: &StickinessPlan, span: usize, n_intervals: usize) -> Vec<u64> {
    rows.check(if plan.active.is_some() { &[Column::Person, Column::Mask] } else { &[Column::Person] });
    let mut selected = Vec::new();
    for (who, own) in rows.persons() {
        active_spans(&rows, own, plan, |at, n| {
            if (at, n) == (span, n_intervals) {
                selected.push(rows.persons[who]);
            }
        });
    }
    selected
}

#[cfg(test)]
mod tests;
