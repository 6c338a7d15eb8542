//! Whole persons → sequences of nodes.

use std::ops::Range;

use super::plan::{Anchor, HIDDEN, MAX_STEPS, PathMode, PathPlan};
use crate::rows::{Column, Rows};

/// The counted part of one sequence.
pub(super) struct Sequence {
    nodes: [u16; MAX_STEPS],
    n_nodes: usize,
    /// Whether it has more nodes than are counted.
    pub goes_on: bool,
    /// Time of the first node in time.
    pub start_us: i64,
    /// Time of the last one counted.
    pub end_us: i64,
}

impl Sequence {
    fn new() -> Self {
        Self { nodes: [HIDDEN; MAX_STEPS], n_nodes: 0, goes_on: false, start_us: 0, end_us: 0 }
    }

    /// The nodes, one or more, by step.
    pub fn nodes(&self) -> &[u16] {
        &self.nodes[..self.n_nodes]
    }

    #[inline]
    fn push(&mut self, node: u16, time_us: i64, plan: &PathPlan) {
        if node == HIDDEN {
            return;
        }
        if self.n_nodes == 0 {
            self.start_us = time_us;
        } else if plan.rules.collapse && self.nodes[self.n_nodes - 1] == node {
            return;
        }
        if self.n_nodes == plan.rules.n_steps {
            self.goes_on = true;
            return;
        }
        self.nodes[self.n_nodes] = node;
        self.n_nodes += 1;
        self.end_us = time_us;
    }

    #[inline]
    fn clear(&mut self) {
        (self.n_nodes, self.goes_on) = (0, false);
    }
}

/// The columns the plan reads are there.
pub(super) fn check(rows: &Rows<'_>, plan: &PathPlan) {
    match plan.rules.mode {
        PathMode::Open { .. } => rows.check(&[Column::Event]),
        _ => rows.check(&[Column::Event, Column::Mask]),
    }
}

/// Hands every sequence of the person whose rows are `own` to `each`. O(rows), no allocation.
pub(super) fn sequences(
    rows: &Rows<'_>,
    own: Range<usize>,
    plan: &PathPlan,
    each: &mut impl FnMut(&Sequence),
) {
    let known = own.start..up_to(rows, own, plan.rules.as_of_us);
    let mut sequence = Sequence::new();
    match plan.rules.mode {
        PathMode::Open { gap_us } => open(rows, in_period(rows, known, plan), plan, gap_us, each),
        PathMode::After { anchor, window_us } => {
            let Some(start) = first(rows, in_period(rows, known.clone(), plan), anchor) else { return };
            let end = up_to(rows, start..known.end, rows.time_us[start].saturating_add(window_us));
            sequence.push(anchor.node, rows.time_us[start], plan);
            (start + 1..end).for_each(|row| sequence.push(node(rows, row, plan), rows.time_us[row], plan));
            each(&sequence);
        }
        PathMode::Before { anchor, window_us } => {
            let anchored = in_period(rows, known.clone(), plan);
            let Some(last) = anchored.rev().find(|&row| rows.mask[row] & anchor.bits != 0) else { return };
            let earliest_us = rows.time_us[last].saturating_sub(window_us);
            sequence.push(anchor.node, rows.time_us[last], plan);
            for row in (known.start..last).rev().take_while(|&row| rows.time_us[row] >= earliest_us) {
                sequence.push(node(rows, row, plan), rows.time_us[row], plan);
            }
            std::mem::swap(&mut sequence.start_us, &mut sequence.end_us);
            each(&sequence);
        }
        PathMode::Between { from, to, window_us } => {
            let Some(start) = first(rows, in_period(rows, known.clone(), plan), from) else { return };
            let end = up_to(rows, start..known.end, rows.time_us[start].saturating_add(window_us));
            let Some(last) = (start + 1..end).rev().find(|&row| rows.mask[row] & to.bits != 0) else {
                return;
            };
            sequence.push(from.node, rows.time_us[start], plan);
            (start + 1..last).for_each(|row| sequence.push(node(rows, row, plan), rows.time_us[row], plan));
            sequence.push(to.node, rows.time_us[last], plan);
            each(&sequence);
        }
    }
}

fn open(rows: &Rows<'_>, own: Range<usize>, plan: &PathPlan, gap_us: i64, each: &mut impl FnMut(&Sequence)) {
    let mut sequence = Sequence::new();
    let mut latest_us = i64::MAX;
    let (times_us, events) = (&rows.time_us[own.clone()], &rows.event[own]);
    for (&time_us, &event) in times_us.iter().zip(events) {
        if time_us > latest_us {
            if sequence.n_nodes > 0 {
                each(&sequence);
            }
            sequence.clear();
        }
        latest_us = time_us.saturating_add(gap_us);
        let node = plan.rules.nodes.get(usize::from(event)).copied().unwrap_or(HIDDEN);
        sequence.push(node, time_us, plan);
    }
    if sequence.n_nodes > 0 {
        each(&sequence);
    }
}

/// The rows that an open path may cut into sessions.
pub(super) fn open_rows(rows: &Rows<'_>, own: Range<usize>, plan: &PathPlan) -> Range<usize> {
    in_period(rows, own.start..up_to(rows, own, plan.rules.as_of_us), plan)
}

fn node(rows: &Rows<'_>, row: usize, plan: &PathPlan) -> u16 {
    plan.rules.nodes.get(usize::from(rows.event[row])).copied().unwrap_or(HIDDEN)
}

fn first(rows: &Rows<'_>, mut own: Range<usize>, anchor: Anchor) -> Option<usize> {
    own.find(|&row| rows.mask[row] & anchor.bits != 0)
}

/// End of the rows up to and including `last_us`. Mostly that is all of them.
fn up_to(rows: &Rows<'_>, own: Range<usize>, last_us: i64) -> usize {
    if rows.time_us[..own.end].last().is_none_or(|&time_us| time_us <= last_us) {
        return own.end;
    }
    own.start + rows.time_us[own].partition_point(|&time_us| time_us <= last_us)
}

fn in_period(rows: &Rows<'_>, own: Range<usize>, plan: &PathPlan) -> Range<usize> {
    let period = plan.rules.period;
    let inside = |row: usize| period.contains(rows.time_us[row]);
    if own.is_empty() || (inside(own.start) && inside(own.end - 1)) {
        return own;
    }
    let times_us = &rows.time_us[own.clone()];
    let from = times_us.partition_point(|&time_us| time_us < period.from_us);
    let to = times_us.partition_point(|&time_us| time_us < period.to_us);
    own.start + from..own.start + to.max(from)
}
