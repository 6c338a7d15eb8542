//! Retention: who comes back, how long after the start.
//!
//! # Semantics
//!
//! * A *start* is a row of the start rule in the period; a *return* is a row of the return rule at or
//!   after the start, in row order. The start row itself is a return if it matches the return rule
//!   (so "day 0" is everybody where both rules are the same).
//! * **Calendar**: the caller's intervals (days, weeks, months of its zone, so that daylight saving and
//!   week starts are the calendar's business). The cohort is the interval of the start, cell `j` spans
//!   the intervals `edges[j]..edges[j + 1]` after it.
//! * **Rolling**: cell `j` spans `[start + edges_us[j], start + edges_us[j + 1])`: 24 hours each, or any
//!   custom brackets. Cohorts are still the intervals in which people start.
//! * **Recurring**: a person joins every cohort they start in. In a calendar the first start inside the
//!   interval counts; rolling, every start has a clock of its own, and a person who returned by any
//!   clock of a cohort returned once. **First time**: only the first start *ever* counts, and only if it
//!   lies in the period.
//! * **On**: a return inside the cell. **On or after**: inside it or later. **Streak**: inside it and
//!   inside every cell before it.
//! * A person *has had* a cell when it was over at `as_of_us`. Shares count only those people, on both
//!   sides, so that young cohorts do not look worse than they are; a cell that not all of the cohort
//!   has had is incomplete. Rows later than `as_of_us` do not exist.
//!
//! The rows must hold each person's whole history: the first start ever is looked for in them.

mod count;
mod plan;
mod walk;

#[cfg(test)]
mod tests;

pub use count::{
    RetentionAnswer, RetentionAverage, RetentionCell, RetentionRow, RetentionState, Selected, Selector, fold,
    select,
};
pub use plan::{Intervals, Measure, RetentionPlan, RetentionRules};
